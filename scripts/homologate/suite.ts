import {type Flags, type Values} from '../lib/command.ts';
import {type Check, type Protocol} from './check.ts';
import {type Wire} from './wire.ts';

/** What the kit was told, as every protocol's checks see it. */
export type Settings = {
	/** The provider's service URL, as it is registered at VTEX. */
	readonly url: string;
	readonly appKey: string;
	readonly appToken: string;
	/** ISO 4217. */
	readonly currency: string;
	/** In place of what the protocol allows. */
	readonly timeoutMs?: number;
	/** The suite's own flags, as they were typed. */
	readonly values: Values;
	/** Aborted when the kit is to end at once. */
	readonly signal: AbortSignal;
};

/** What a protocol's checks work with while they run. `Rig` is theirs alone; the wire is whose exchanges are reported. */
export type Opened<Rig> = {
	readonly rig: Rig;
	readonly wire: Wire;
	readonly close: () => Promise<void>;
};

/** A check without what it does. */
export type Rule = Omit<Check<unknown>, 'run'>;

/** A protocol's checks, whatever they work with. */
export type Suite = {
	readonly protocol: Protocol;
	/** `Gift cards`. */
	readonly title: string;
	readonly flags: Flags;
	/** In the order in which they run and are reported. */
	readonly rules: readonly Rule[];
	readonly open: (settings: Settings) => Promise<OpenSuite>;
};

export type OpenSuite = {
	readonly wire: Wire;
	readonly run: (id: string) => Promise<void>;
	readonly close: () => Promise<void>;
};

/** Put a protocol's checks together. They run one after another, by id. */
export function defineSuite<Rig>({
	checks,
	open,
	...about
}: Pick<Suite, 'protocol' | 'title' | 'flags'> & {
	readonly checks: readonly Check<Rig>[];
	/** @throws UsageError for flags that cannot be */
	readonly open: (settings: Settings) => Promise<Opened<Rig>>;
}): Suite {
	const sorted = checks.toSorted((a, b) => (a.id < b.id ? -1 : 1));
	return {
		...about,
		rules: sorted,
		async open(settings) {
			const {rig, wire, close} = await open(settings);
			return {
				wire,
				close,
				async run(id) {
					await sorted.find(check => check.id === id)?.run(rig);
				},
			};
		},
	};
}
