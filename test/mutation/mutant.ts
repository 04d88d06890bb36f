/*
 * Mutants: this program without one of its guards. A guard that can be taken away without a test noticing will be taken away one day, by
 * somebody who tidies up. `npm run test:mutation` takes each away and shows which test noticed (docs/decisions/0028-mutants.md).
 */

/** Where a mutant is expected to be noticed: files of tests, tried in this order until a test fails. */
type Caught = {
	/** Of a test's title, as ava's `--match` takes it; all tests of the files otherwise. */
	readonly match?: string;
	/** Without the guard something never ends, and that it does not is how the tests notice. */
	readonly hangs?: true;
};

/** A change of one file's text. */
export type SourceMutant = Caught & {
	readonly kind: 'source';
	/** What is taken away, as a few words that nobody else has: `--only` finds it by them. */
	readonly name: string;
	/** From the repository's root. */
	readonly file: string;
	/** What stands in the file, exactly once. */
	readonly text: string;
	/** What stands there instead; code that still runs. */
	readonly instead: string;
	readonly tests: readonly string[];
};

/** A change of the migrated database that tests are run on. */
export type DatabaseMutant = Caught & {
	readonly kind: 'database';
	readonly name: string;
	/** SQL that takes the guard away, run by the superuser in a copy of the template. */
	readonly sql: string;
	readonly tests: readonly string[];
};

export type Mutant = SourceMutant | DatabaseMutant;

type Guard = Pick<SourceMutant, 'text' | 'instead' | 'match' | 'hangs'> & {
	/** Where they are others than those of the file. */
	readonly tests?: readonly string[];
};

/** The guards of a file: by what is taken away, the text that is the guard, and what stands there instead. */
export function guardsOf(
	file: string,
	tests: readonly string[],
	guards: Readonly<Record<string, Guard>>,
): SourceMutant[] {
	return Object.entries(guards).map(([name, guard]) => ({kind: 'source', name, file, tests, ...guard}));
}

/** How often a text stands in another one. */
export function countOf(text: string, part: string): number {
	return text.split(part).length - 1;
}
