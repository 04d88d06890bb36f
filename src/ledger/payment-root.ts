/** The root that all commands of a payment lock first (A1). `tid` is derived from the payment's id and is their keys' scope. */
export type PaymentRoot = {readonly paymentId: string; readonly tid: string};

/** How a payment pays; `sandbox` payments are made by the homologation selectors. */
export type PaymentWay = 'code' | 'wallet' | 'confirmed' | 'sandbox';
