import {
	identifiersOf,
	normaliseDocument,
	normaliseEmail,
	normaliseProfileId,
} from '../../src/customers/identity.ts';
import {type ImportRow} from '../../src/customers/import.ts';
import {type CsvRecord} from './csv.ts';

/** What is wrong with a line. It names columns and never values: they are personal data. */
export type LineProblem = {readonly line: number; readonly problem: string};

/** Names of a column → what its cells are. */
const columns = {
	'customer-id': 'id',
	profile: 'id',
	email: 'email',
	'customer-email': 'email',
	document: 'document',
	'customer-document': 'document',
	'corporate-document': 'corporateDocument',
} as const;

type Field = (typeof columns)[keyof typeof columns];

/** What each field must be, to be worth anything, and how to say so. */
const rules: Readonly<
	Record<Field, {readonly read: (text: string) => string | undefined; readonly wanted: string}>
> = {
	id: {read: normaliseProfileId, wanted: 'no profile id of VTEX'},
	email: {read: normaliseEmail, wanted: 'no e-mail address, or an alias of VTEX, which names nobody'},
	document: {
		read: normaliseDocument,
		wanted: 'no document: it has neither digits nor letters, or only zeros',
	},
	corporateDocument: {
		read: normaliseDocument,
		wanted: 'no document: it has neither digits nor letters, or only zeros',
	},
};

/** Where the fields stand in a file. */
export type CustomerColumns = {
	readonly width: number;
	readonly fields: readonly {readonly field: Field; readonly name: string; readonly index: number}[];
};

/**
 * Read the header of a file of customers.
 * @returns the columns, or what is wrong with them
 */
export function customerColumns({line, cells}: CsvRecord): CustomerColumns | LineProblem {
	const names = cells.map(cell => cell.trim().toLowerCase());
	const unknown = names.filter(name => !Object.hasOwn(columns, name));
	if (unknown.length > 0) {
		const listed = unknown.map(name => `"${name.slice(0, 40)}"`).join(', ');
		return {
			line,
			problem: `The header has ${listed}. Columns are ${Object.keys(columns).join(', ')}; leave others out.`,
		};
	}

	const fields = names.map((name, index) => ({field: columns[name as keyof typeof columns], name, index}));
	const twice = fields.find(({field, index}) =>
		fields.some(other => other.field === field && other.index < index),
	);
	return twice === undefined
		? {width: cells.length, fields}
		: {line, problem: `The header names the same thing twice: "${twice.name}".`};
}

/** Read one line of a file of customers. @returns whom it names, or all that is wrong with it */
export function customerRow(
	{width, fields}: CustomerColumns,
	{line, cells}: CsvRecord,
): ImportRow | LineProblem {
	if (cells.length !== width) {
		return {line, problem: `It has ${cells.length} cells, and the header has ${width}.`};
	}

	const given = fields.flatMap(({field, name, index}) => {
		const text = cells[index]?.trim() ?? '';
		return text === '' ? [] : [{field, name, text}];
	});
	const problems = given.flatMap(({field, name, text}) =>
		rules[field].read(text) === undefined ? [`${name} is ${rules[field].wanted}`] : [],
	);
	if (problems.length > 0) {
		return {line, problem: `${problems.join('; ')}.`};
	}

	const identifiers = identifiersOf(Object.fromEntries(given.map(({field, text}) => [field, text])));
	return identifiers.length === 0
		? {line, problem: 'It names nobody: all its cells are empty.'}
		: {line, identifiers};
}
