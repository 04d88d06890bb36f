import {type Identifier, identifierKey} from '../customers/identity.ts';
import {type ImportOutcome, type ImportRow, planImport} from '../customers/import-plan.ts';
import {type KnownCustomers} from '../customers/customers.ts';
import {DigestMap, type Pair, shortDigest} from './digest-map.ts';

/**
 * What the lines of a file that were looked at would add to the customers who are known, so that each line is checked as if those before
 * it had been imported. A million of them are some tens of megabytes.
 */
export class NotedCustomers {
	readonly #owners = new DigestMap();
	readonly #profiles = new DigestMap();
	#hasProfiles = false;

	/**
	 * Look what some lines would do, and note it.
	 * @param known - what the database knows of all their identifiers
	 * @returns what becomes of each line, and whose it is: a customer's number, or `new 7` of line 7; nobody's in a conflict
	 */
	plan(
		rows: readonly ImportRow[],
		known: KnownCustomers,
	): {readonly outcomes: readonly ImportOutcome[]; readonly additions: number} {
		const found = new Map(known.found);
		const profilesOf = new Map(known.profilesOf);
		for (const {identifiers} of rows) {
			for (const identifier of identifiers) {
				this.#recall(identifier, found);
			}
		}

		// Most files name their customers by e-mail or document.
		if (this.#hasProfiles) {
			this.#recallProfiles(rows, found, profilesOf);
		}

		const {outcomes, additions} = planImport(rows, {found, profilesOf});
		for (const {identifier, customer} of additions) {
			this.#owners.set(identifierKey(identifier), pairOf(customer));
			if (identifier.kind === 'profile') {
				this.#profiles.set(customer, [1, shortDigest(identifier.value)]);
				this.#hasProfiles = true;
			}
		}

		return {outcomes, additions: additions.length};
	}

	#recall(identifier: Identifier, found: Map<string, string>): void {
		const key = identifierKey(identifier);
		const owner = found.has(key) ? undefined : this.#owners.get(key);
		if (owner !== undefined) {
			found.set(key, nameOf(owner));
		}
	}

	/** Of a profile id that a line before gave to somebody, only a digest is kept: enough to say whether another line means the same. */
	#recallProfiles(
		rows: readonly ImportRow[],
		found: ReadonlyMap<string, string>,
		profilesOf: Map<string, ReadonlySet<string>>,
	): void {
		for (const {identifiers} of rows) {
			const presented = identifiers.find(({kind}) => kind === 'profile')?.value ?? '';
			for (const customer of new Set(identifiers.map(one => found.get(identifierKey(one)) ?? ''))) {
				const noted = this.#profiles.get(customer);
				const profile = noted?.[1] === shortDigest(presented) ? presented : 'another';
				if (noted !== undefined) {
					profilesOf.set(customer, new Set([...(profilesOf.get(customer) ?? []), profile]));
				}
			}
		}
	}
}

const half = 2 ** 32;
const isNew = 2 ** 31;

function pairOf(customer: string): Pair {
	const number = Number(customer.replace('new ', ''));
	return [Math.floor(number / half) + (customer.startsWith('new ') ? isNew : 0), number % half];
}

function nameOf([high, low]: Pair): string {
	return high >= isNew ? `new ${(high - isNew) * half + low}` : String(high * half + low);
}
