import {type LookupFunction} from 'node:net';
import {type Resolve} from '../../callbacks/addresses.ts';
import {type KeyPurpose, type VtexAccess} from '../../merchants/vtex-keys.ts';
import {type ProviderKeys} from '../hub/contracts.ts';
import {type Hub} from '../hub/client.ts';
import {type RequestLimits} from '../orders/request.ts';

/** `failed` would not work with VTEX; a `warning` may; `skipped` could not be tried. */
export type Outcome = 'passed' | 'warning' | 'failed' | 'skipped';

/** What a check found. */
export type Finding = {
	readonly outcome: Outcome;
	/** What there is, in a sentence or a few. */
	readonly found: string;
	/** What to do about it. */
	readonly advice?: string;
};

/** A finding with the check that it is of. */
export type Diagnosis = Finding & {readonly id: string; readonly title: string};

/** What is looked at. */
export type Patient = {
	/** As it is, or would be, registered. */
	readonly serviceUrl: string;
	/** VTEX is simulated on this machine, so nothing has to be reachable from the internet. */
	readonly isSimulated: boolean;
	/** A pair that should be taken, where one is at hand. */
	readonly keys: ProviderKeys | undefined;
};

/** With what it is looked at. */
export type Instruments = {
	/** For one exchange. VTEX's own client waits as long (Gift Card Provider Protocol, 6). */
	readonly timeoutMs: number;
	/** How many requests tell how fast it is. */
	readonly laps: number;
	/** How the system resolves names. */
	readonly resolve: Resolve;
	/** Where connections go; by default to the public addresses of a name, and nowhere else. */
	readonly lookup: LookupFunction;
	/** Authorities to be trusted in place of those that Node knows, in PEM. */
	readonly ca: string | undefined;
	/** In milliseconds. */
	readonly now: () => number;
	/** Rises steadily, in milliseconds. */
	readonly tick: () => number;
};

/** One question, as data. */
export type Check = {
	/** For scripts. */
	readonly id: string;
	/** What is asked, for people. */
	readonly title: string;
	/** Checks without whose passing this one cannot be tried, or must not be. */
	readonly needs?: readonly string[];
	readonly run: (patient: Patient, instruments: Instruments) => Finding | Promise<Finding>;
};

/** What the store's keys are tried on. */
export type KeyRing = {
	readonly hub: Hub;
	readonly limits: RequestLimits;
	readonly providerId: string;
	readonly serviceUrl: string;
	/** The pairs that the merchant has, by what they are for. */
	readonly accesses: readonly (readonly [KeyPurpose, VtexAccess])[];
};

export const passed = (found: string): Finding => ({outcome: 'passed', found});
export const warning = (found: string, advice: string): Finding => ({outcome: 'warning', found, advice});
export const failed = (found: string, advice: string): Finding => ({outcome: 'failed', found, advice});
export const skipped = (found: string): Finding => ({outcome: 'skipped', found});
