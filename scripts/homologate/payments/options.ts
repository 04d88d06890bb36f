/** How a provider of payments is to be tried. */
export type PaymentsOptions = {
	/** Its service URL, as it is registered at VTEX. */
	readonly url: string;
	/** Payment method to pay with, as the manifest spells it; without it, the first that takes a card number. */
	readonly method?: string | undefined;
	/** Number of a real card that pays, for a provider without VTEX's test cards. What it is charged goes back after each check. */
	readonly code?: string | undefined;
	readonly pin?: string | undefined;
	/** ISO 4217. */
	readonly currency: string;
	/** The method takes no card number: payments wait for a shopper, and the provider's sandbox approves them by itself. */
	readonly isLater: boolean;
	/** Address at which the provider reaches this machine, for a provider that is elsewhere. */
	readonly callbackUrl?: string | undefined;
	/** Port on 127.0.0.1 on which callbacks are awaited; without it a free one. */
	readonly callbackPort?: number | undefined;
	/** How long a callback, and a payment that is decided later, is waited for. */
	readonly callbackSeconds: number;
	/** Where the sign-up leads a browser back to; the authorization code is put behind it. */
	readonly signUpReturnUrl?: string | undefined;
	/** Code that a person was given by the sign-up. */
	readonly signUpCode?: string | undefined;
	/** What VTEX's test suite allows an answer. */
	readonly answerMs?: number | undefined;
	/** Aborted when nothing is to be waited for any more. */
	readonly signal?: AbortSignal | undefined;
	/** Lets some time pass. */
	readonly pause?: ((ms: number) => Promise<void>) | undefined;
};

/** The card numbers by which VTEX's test suite says what is to happen (homologation of the Payment Provider Protocol). */
export const testCards = {
	approve: '4444333322221111',
	deny: '4444333322221112',
	approveLater: '4222222222222224',
	denyLater: '4222222222222225',
} as const;

/** VTEX's test suite accepts no later answer; in stores the Gateway waits for 20 s (Payment Provider Protocol, 1). */
export const suiteAnswerMs = 5000;
