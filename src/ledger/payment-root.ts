/** What all commands of a payment meet at (A1). `tid` is derived from the payment's id and is their keys' scope. */
export type PaymentRoot = {readonly paymentId: string; readonly tid: string};

/** How a payment pays; `sandbox` payments are made by the homologation selectors. */
export type PaymentWay = 'code' | 'wallet' | 'confirmed' | 'sandbox';
