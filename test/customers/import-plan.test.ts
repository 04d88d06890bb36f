import test from 'ava';
import fc from 'fast-check';
import {type Identifier, identifierKey} from '../../src/customers/identity.ts';
import {type ImportRow, planImport} from '../../src/customers/import-plan.ts';

const profile = (value: string): Identifier => ({kind: 'profile', value});
const document = (value: string): Identifier => ({kind: 'document', value});
const company = (value: string): Identifier => ({kind: 'document', value, corporate: true});
const email = (value: string): Identifier => ({kind: 'email', value});

const known = {
	found: new Map([
		[identifierKey(email('ana@x')), '1'],
		[identifierKey(profile('p-ana')), '1'],
		[identifierKey(email('bia@x')), '2'],
	]),
	profilesOf: new Map([['1', new Set(['p-ana'])]]),
};

const rowsOf = (...lines: readonly (readonly Identifier[])[]): ImportRow[] =>
	lines.map((identifiers, index) => ({line: index + 2, identifiers}));
const kinds = (...lines: readonly (readonly Identifier[])[]) =>
	planImport(rowsOf(...lines), known).outcomes.map(({kind}) => kind);

test('a line makes a customer, adds to one, or changes nothing', t => {
	const {outcomes, made, additions} = planImport(
		rowsOf([email('cid@x'), document('3')], [email('bia@x'), profile('p-bia')], [email('ana@x')]),
		known,
	);

	t.deepEqual(outcomes, [
		{line: 2, kind: 'made'},
		{line: 3, kind: 'extended'},
		{line: 4, kind: 'unchanged'},
	]);
	t.deepEqual(made, ['new 2']);
	t.deepEqual(additions, [
		{identifier: email('cid@x'), customer: 'new 2'},
		{identifier: document('3'), customer: 'new 2'},
		{identifier: profile('p-bia'), customer: '2'},
	]);
});

test('a line whose identifiers are of two customers is a conflict and adds nothing (A3)', t => {
	const {outcomes, additions} = planImport(
		rowsOf([email('ana@x'), email('bia@x'), document('9')], [profile('p-other'), email('ana@x')]),
		known,
	);

	t.deepEqual(
		outcomes.map(({kind}) => kind),
		['conflict', 'conflict'],
	);
	t.deepEqual(additions, []);
});

test('a line knows those before it: their customers, and their profile ids', t => {
	t.deepEqual(
		kinds(
			[email('cid@x'), document('3')],
			[document('3'), profile('p-cid')],
			[document('3'), profile('p-other')],
			[email('cid@x'), email('ana@x')],
			[email('cid@x'), profile('p-cid'), document('3')],
		),
		['made', 'extended', 'conflict', 'conflict', 'unchanged'],
	);
});

test('a company that has another profile id makes the buyer a new customer, without the company’s document', t => {
	const companies = {
		found: new Map([[identifierKey(document('900')), '3']]),
		profilesOf: new Map([['3', new Set(['p-acme'])]]),
	};
	const {outcomes, additions} = planImport(rowsOf([profile('p-new'), company('900')]), companies);

	t.deepEqual(outcomes, [{line: 2, kind: 'made'}]);
	t.deepEqual(additions, [{identifier: profile('p-new'), customer: 'new 2'}]);
});

test('however a file is cut into chunks the same becomes of every line, and repeated it changes nothing', t => {
	const any = fc.constantFrom(
		...['p-ana', 'p-1', 'p-2'].map(profile),
		...['1', '2'].map(document),
		...['900'].map(company),
		...['ana@x', 'bia@x', 'c@x', 'd@x'].map(email),
	);
	// A request has one profile id at most.
	const line = fc
		.uniqueArray(any, {minLength: 1, maxLength: 3, selector: identifierKey})
		.filter(identifiers => identifiers.filter(({kind}) => kind === 'profile').length <= 1);
	const lines = fc.array(line, {maxLength: 12});
	fc.assert(
		fc.property(lines, fc.integer({min: 1, max: 4}), (wishes, size) => {
			const rows = rowsOf(...wishes);
			const whole = planImport(rows, known);
			let now: typeof known = known;
			const outcomes = [];
			for (let from = 0; from < rows.length; from += size) {
				const plan = planImport(rows.slice(from, from + size), now);
				outcomes.push(...plan.outcomes);
				now = after(now, plan.additions);
			}

			t.deepEqual(outcomes, [...whole.outcomes]);
			t.deepEqual(planImport(rows, now).additions, []);
		}),
	);
});

function after(
	{found, profilesOf}: typeof known,
	additions: ReturnType<typeof planImport>['additions'],
): typeof known {
	const next = {found: new Map(found), profilesOf: new Map(profilesOf)};
	for (const {identifier, customer} of additions) {
		next.found.set(identifierKey(identifier), customer);
		if (identifier.kind === 'profile') {
			next.profilesOf.set(customer, new Set([...(next.profilesOf.get(customer) ?? []), identifier.value]));
		}
	}

	return next;
}
