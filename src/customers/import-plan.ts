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
	const made: string[] = [];
	const additions: {identifier: Identifier; customer: string}[] = [];
	for (const {line, identifiers} of rows) {
		const resolution = resolveCustomer(identifiers, found, profilesOf);
		if (resolution.kind === 'conflict') {
			outcomes.push({line, kind: 'conflict'});
			continue;
		}

		const customer = resolution.kind === 'customer' ? resolution.customerId : `new ${line}`;
		const added = identifiers.filter(one => !found.has(identifierKey(one)));
		for (const identifier of added) {
			additions.push({identifier, customer});
			found.set(identifierKey(identifier), customer);
			if (identifier.kind === 'profile') {
				profilesOf.set(customer, new Set([...(profilesOf.get(customer) ?? []), identifier.value]));
			}
		}

		if (resolution.kind === 'unknown') {
			made.push(customer);
		}

		const kind = resolution.kind === 'unknown' ? 'made' : added.length > 0 ? 'extended' : 'unchanged';
		outcomes.push({line, kind});
	}

	return {outcomes, made, additions};
}
