import test from 'ava';
import fc from 'fast-check';
import {creditColumns, creditRow, type CreditTerms} from '../../src/bulk/credit-row.ts';
import {columnsOf} from '../../src/bulk/line.ts';
import {reasonCodes} from '../../src/ledger/reasons.ts';
import {formatAmount} from '../../src/money/amount.ts';
import {currency} from '../../src/money/asset.ts';

const terms: CreditTerms = {
	...{timeZone: 'America/Sao_Paulo', now: Date.UTC(2026, 2, 10), currency: 'BRL', reason: 'sorry'},
	funding: 'courtesy',
	programOf: () => ({problem: 'There is no loyalty program'}),
};

/** A line with these cells, below a header that names them in this order. */
function read(cells: Readonly<Record<string, string>>, given = terms) {
	const columns = columnsOf({line: 1, cells: Object.keys(cells)}, creditColumns);
	if ('problem' in columns) {
		throw new Error(columns.problem);
	}

	return creditRow(columns, {line: 2, cells: Object.values(cells)}, given);
}

test('any amount of any currency is read as it is written, with a dot or a comma', t => {
	const codes = fc.constantFrom('BRL', 'CLP', 'KWD');
	fc.assert(
		fc.property(
			codes,
			fc.bigInt({min: 1n, max: 10n ** 15n}),
			fc.constantFrom('.', ','),
			(code, units, mark) => {
				const asset = currency(code);
				const text = formatAmount(units, asset);
				// One mark before three digits could be a thousands mark, which is refused where it cannot be told (C2).
				fc.pre(asset.scale !== 3);
				const row = read({'customer-email': 'a@b.example', amount: text.replace('.', mark), currency: code});
				return !('problem' in row) && row.amount === units && row.asset.code === code;
			},
		),
	);
	t.pass();
});

test('columns may stand in any order, and cells may be padded', t => {
	const cells = {
		key: ' k ',
		'customer-document': '390.533.447-05 ',
		amount: ' 1.50',
		reason: '',
		expires: '',
	};
	fc.assert(
		fc.property(fc.shuffledSubarray(Object.entries(cells), {minLength: 5}), entries => {
			const row = read(Object.fromEntries(entries));
			return !('problem' in row) && row.key === 'k' && row.amount === 150n && row.reason === 'sorry';
		}),
	);
	t.pass();
});

test('all that is wrong with a line is told at once, as one sentence that names no value', t => {
	const row = read({
		'customer-email': 'nobody',
		amount: '0',
		currency: 'ZZZ',
		funding: 'gift',
		key: 'a\u0007',
	});

	t.deepEqual(row, {
		line: 2,
		problem:
			'Customer-email names nobody; currency is no code in use, such as BRL; funding is none of courtesy, promotional, sold, migrated; ' +
			'key is no plain text of at most 512 characters.',
	});
});

test('a reason code is one of the list, of the line or of the whole file', t => {
	const row = (code: string, given = terms) =>
		read({'customer-email': 'a@b.example', amount: '1', 'reason-code': code}, given);

	t.like(row('Courtesy'), {reasonCode: 'courtesy'});
	t.like(row(''), {reasonCode: undefined});
	t.like(row('', {...terms, reasonCode: 'campaign'}), {reasonCode: 'campaign'});
	t.like(row('lost', {...terms, reasonCode: 'campaign'}), {reasonCode: 'lost'});
	t.like(row('curtesy'), {problem: `Reason-code is none of ${reasonCodes.join(', ')}.`});
});

test('a day in the past is refused, today is not', t => {
	const at = (expires: string) => read({'customer-email': 'a@b.example', amount: '1', expires});

	t.true('problem' in at('2026-03-08'));
	t.like(at('2026-03-09'), {expiresAt: Date.UTC(2026, 2, 10, 3)});
});
