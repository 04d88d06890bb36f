/* What a check of the kit is, and what it may say. Knows no protocol, no service of ours and no database: strangers' providers are looked at too. */

export type Protocol = 'giftcards' | 'payments';

/** One thing that VTEX does and that a provider has to stand. `Rig` is what the checks of a protocol work with. */
export type Check<Rig> = {
	/** As it is quoted: `G07`. */
	readonly id: string;
	/** What a sound provider does, as a sentence. */
	readonly title: string;
	/** What goes wrong in a store whose provider does not. */
	readonly why: string;
	/** @throws Failure for an answer that VTEX would stumble over, Skip where it cannot be tried; anything else thrown counts as a failure too */
	readonly run: (rig: Rig) => Promise<void>;
};

/** The provider does something else than it should. Neither text may hold a credential, a code or a PIN. */
export class Failure extends Error {
	override readonly name = 'Failure';
	/** What should have come, as the rest of a sentence: `200 and an empty list`. */
	readonly expected: string;
	/** What came: `200 and {}`. */
	readonly got: string;

	constructor(expected: string, got: string) {
		super(`Expected ${expected}; got ${got}.`);
		this.expected = expected;
		this.got = got;
	}
}

/** The check could not be tried, and why: a sentence that says what to give the kit so that it can be. */
export class Skip extends Error {
	override readonly name = 'Skip';
}

/** One request that a check made, as the reports show it; credentials, codes and PINs are blacked out. */
export type Exchange = {
	readonly request: string;
	readonly answer: string;
	readonly ms: number;
};

/** What became of a check. */
export type Result = {
	readonly protocol: Protocol;
	readonly id: string;
	readonly title: string;
	readonly why: string;
	readonly ms: number;
	readonly exchanges: readonly Exchange[];
} & (
	| {readonly outcome: 'passed'}
	| {readonly outcome: 'failed'; readonly expected: string; readonly got: string}
	| {readonly outcome: 'skipped'; readonly reason: string}
);
