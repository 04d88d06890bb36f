/** A statement of a migration that a service of the version before, still running, or its traffic would not bear. */
export type Breach = {readonly statement: string; readonly why: string};

type Rule = {
	readonly pattern: RegExp;
	readonly why: string;
	/** Only where the table was there before: nobody uses one that the migration itself has made. */
	readonly ofOldTables?: true;
};

// Names may be quoted or belong to a schema.
const table = String.raw`(?:IF EXISTS\s+)?(?:ONLY\s+)?(?:\w+\.)?"?(\w+)"?`;

const rules: readonly Rule[] = [
	{
		pattern: /^DROP\s+(?:TABLE|VIEW|FUNCTION|TYPE|SEQUENCE|SCHEMA)\b/i,
		why: 'the version before may still use it: drop it one release after nothing uses it',
	},
	{
		pattern: new RegExp(
			String.raw`^ALTER\s+TABLE\s+${table}[\s\S]*\bDROP\s+(?:COLUMN\b|(?!CONSTRAINT\b|EXPRESSION\b|DEFAULT\b|NOT\b|IDENTITY\b)\w)`,
			'i',
		),
		why: 'the version before reads and writes the column: drop it one release after nothing uses it',
		ofOldTables: true,
	},
	{
		pattern: /^ALTER\s[\s\S]*\bRENAME\b/i,
		why: 'the version before knows the old name: add the new one, and drop the old one a release later',
	},
	{
		pattern: new RegExp(
			String.raw`^ALTER\s+TABLE\s+${table}[\s\S]*\bALTER\s+(?:COLUMN\s+)?"?\w+"?\s+(?:SET\s+DATA\s+)?TYPE\b`,
			'i',
		),
		why: 'it writes the whole table anew while nobody may read it: add a column of the new type',
		ofOldTables: true,
	},
	{
		pattern: new RegExp(String.raw`^ALTER\s+TABLE\s+${table}[\s\S]*\bSET\s+NOT\s+NULL\b`, 'i'),
		why: 'the version before writes rows without it, and the table is read as a whole: one release later, after a CHECK that was validated',
		ofOldTables: true,
	},
	{
		pattern: new RegExp(
			String.raw`^ALTER\s+TABLE\s+${table}[\s\S]*\bADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?!CONSTRAINT\b)"?\w+"?\s(?:(?!,\s*(?:ADD|ALTER|DROP)\b)(?!\bDEFAULT\b)[\s\S])*?\bNOT\s+NULL\b(?!(?:(?!,\s*(?:ADD|ALTER|DROP)\b)[\s\S])*\bDEFAULT\b)`,
			'i',
		),
		why: 'the version before writes rows without the column: let it be null, or give it a default that is a constant',
		ofOldTables: true,
	},
	{
		pattern: new RegExp(
			String.raw`^ALTER\s+TABLE\s+${table}[\s\S]*\bADD\s+CONSTRAINT\s+"?\w+"?\s+(?:CHECK|FOREIGN\s+KEY)(?:(?!,\s*(?:ADD|ALTER|DROP)\b)(?!\bNOT\s+VALID\b)[\s\S])*(?:,\s*(?:ADD|ALTER|DROP)\b|$)`,
			'i',
		),
		why: 'the table is read as a whole while nobody may write it: add it NOT VALID',
		ofOldTables: true,
	},
	{
		pattern: new RegExp(
			String.raw`^ALTER\s+TABLE\s+${table}[\s\S]*\bADD\s+(?:CONSTRAINT\s+"?\w+"?\s+)?(?:UNIQUE|PRIMARY\s+KEY|EXCLUDE)\b(?!\s+USING\s+INDEX)`,
			'i',
		),
		why: 'its index is built while nobody may write the table: build the index first, and add it USING INDEX',
		ofOldTables: true,
	},
	{
		pattern: new RegExp(
			String.raw`^CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!IF\s+NOT\s+EXISTS\b)(?:"?\w+"?\s+)?ON\s+${table}`,
			'i',
		),
		why: 'nobody may write the table while it is built: say IF NOT EXISTS, so that it can be built beforehand CONCURRENTLY, and put that statement into the changelog',
		ofOldTables: true,
	},
	{
		pattern: new RegExp(String.raw`^(?:UPDATE|DELETE\s+FROM)\s+${table}`, 'i'),
		why: 'its rows stay locked until all migrations are done: let a job do it in chunks',
		ofOldTables: true,
	},
	{
		pattern: /^(?:TRUNCATE|CLUSTER|REINDEX|LOCK|VACUUM\s+FULL)\b/i,
		why: 'nobody may use the table meanwhile',
	},
];

// `-- upgrade: why this is safe all the same`, in the lines before a statement.
const exemption = /^\s*--\s*upgrade:\s*\S/m;

/**
 * What of a migration breaks the rule of docs/decisions/0033-upgrades.md: a service of the version before runs on while it is applied and
 * afterwards. A statement below a comment `-- upgrade: why this is safe` is let through.
 * @param script - the SQL of one migration
 * @param tablesBefore - those that earlier migrations have made
 */
export function breachesOf(script: string, tablesBefore: ReadonlySet<string>): Breach[] {
	return statementsOf(script)
		.filter(({comments}) => !exemption.test(comments))
		.flatMap(({statement}) =>
			rules
				.filter(({pattern, ofOldTables}) => {
					const name = pattern.exec(statement)?.[1];
					return ofOldTables === true ? tablesBefore.has(name ?? '') : pattern.test(statement);
				})
				.map(({why}) => ({statement, why})),
		);
}

/** The tables that a migration makes. */
export function tablesMadeBy(script: string): string[] {
	return statementsOf(script).flatMap(
		({statement}) =>
			/^CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:\w+\.)?"?(\w+)"?/i.exec(statement)?.[1] ?? [],
	);
}

type Statement = {
	/** Without comments, and with nothing between quotes or dollars. */
	readonly statement: string;
	readonly comments: string;
};

/** Texts, bodies and comments hold semicolons and words that are no statements. */
function statementsOf(script: string): Statement[] {
	const token = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$|;/g;
	const found: Statement[] = [];
	let [statement, comments, from] = ['', '', 0];
	for (const match of [...script.matchAll(token), {0: ';', index: script.length}]) {
		statement += script.slice(from, match.index);
		from = match.index + match[0].length;
		if (match[0] === ';') {
			found.push({statement: statement.trim().replace(/\s+/g, ' '), comments});
			[statement, comments] = ['', ''];
		} else if (match[0].startsWith('-') || match[0].startsWith('/')) {
			comments += `${match[0]}\n`;
		} else {
			statement += "''";
		}
	}

	return found.filter(one => one.statement !== '');
}
