import {type Identifier, identifierKey, resolveCustomer} from './identity.ts';

/** A line of a file that names one customer: at least one identifier, as `identifiersOf` gives them. */
export type ImportRow = {readonly line: number; readonly identifiers: readonly Identifier[]};

/**
 * What becomes of a line. `made`: a customer nobody knew; `extended`: one who is known by part of it; `conflict`: its identifiers
 * belong to different customers, or to one with another profile id (A3), and nothing is done.
 */
export type ImportOutcome = {
	readonly line: number;
	readonly kind: 'made' | 'extended' | 'unchanged' | 'conflict';
};

export type ImportPlan = {
	readonly outcomes: readonly ImportOutcome[];
	/** Whose each line is, in the same order: a customer's number, or a name of `made`; nobody's in a conflict. */
	readonly owners: readonly (string | undefined)[];
	/** Names for customers to be made, until they have numbers: `new 7` of line 7. */
	readonly made: readonly string[];
	/** Identifiers that are new, and whose they become: a customer's number, or a name of `made`. */
	readonly additions: readonly {readonly identifier: Identifier; readonly customer: string}[];
};

/**
 * Decide what some lines do, one after the other: each knows what those before it have added, exactly as if it came alone.
 * @param known - who has which of all their identifiers (by `identifierKey`), and the profile ids of those customers
 */
export function planImport(
	rows: readonly ImportRow[],
	known: {
		readonly found: ReadonlyMap<string, string>;
		readonly profilesOf: ReadonlyMap<string, ReadonlySet<string>>;
	},
): ImportPlan {
	const found = new Map(known.found);
	const profilesOf = new Map(known.profilesOf);
	const outcomes: ImportOutcome[] = [];
	const owners: (string | undefined)[] = [];
	const made: string[] = [];
	const additions: {identifier: Identifier; customer: string}[] = [];
	for (const {line, identifiers} of rows) {
		const resolution = resolveCustomer(identifiers, found, profilesOf);
		if (resolution.kind === 'conflict') {
			outcomes.push({line, kind: 'conflict'});
			owners.push(undefined);
			continue;
		}

		const customer = resolution.kind === 'customer' ? resolution.customerId : `new ${line}`;
		const before = additions.length;
		for (const identifier of identifiers) {
			const key = identifierKey(identifier);
			if (found.has(key)) {
				continue;
			}

			additions.push({identifier, customer});
			found.set(key, customer);
			if (identifier.kind === 'profile') {
				profilesOf.set(customer, new Set([...(profilesOf.get(customer) ?? []), identifier.value]));
			}
		}

		if (resolution.kind === 'unknown') {
			made.push(customer);
		}

		const isAdded = additions.length > before;
		outcomes.push({line, kind: resolution.kind === 'unknown' ? 'made' : isAdded ? 'extended' : 'unchanged'});
		owners.push(customer);
	}

	return {outcomes, owners, made, additions};
}
