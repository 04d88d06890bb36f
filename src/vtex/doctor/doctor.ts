import {lookup as resolveByDns} from 'node:dns';
import {publicLookup} from '../../callbacks/addresses.ts';
import {addressChecks} from './address-checks.ts';
import {answerChecks} from './answer-checks.ts';
import {type Check, type Diagnosis, type Instruments, type KeyRing, type Patient} from './check.ts';
import {examine} from './examine.ts';
import {keyChecks} from './key-checks.ts';
import {paceChecks} from './pace-checks.ts';

/** What VTEX would find. Nothing is changed anywhere. */
export type Doctor = {
	/** Reach an address as VTEX would, one check after the other. */
	readonly address: (patient: Patient) => AsyncIterable<Diagnosis>;
	/** Try what the keys of the store's account may do, and how we stand in its Hub. */
	readonly keys: (ring: KeyRing) => AsyncIterable<Diagnosis>;
};

/** The checks of an address, in the order in which one needs the other. */
export const checksOfAddress: readonly Check[] = [...addressChecks, ...answerChecks, ...paceChecks];

const timeoutMs = 15_000;
const laps = 7;

export function openDoctor({
	resolve = resolveByDns,
	lookup = publicLookup(resolve),
	...over
}: Partial<Instruments> = {}): Doctor {
	const instruments: Instruments = {
		...{timeoutMs, laps, resolve, lookup, ca: undefined},
		now: Date.now,
		tick: () => performance.now(),
		...over,
	};
	return {
		address: patient => examine(checksOfAddress, patient, instruments),
		keys: ring =>
			examine(
				keyChecks(ring),
				{serviceUrl: ring.serviceUrl, isSimulated: false, keys: undefined},
				instruments,
			),
	};
}
