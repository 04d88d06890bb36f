import test from 'ava';
import {type Command, type Credit, noNote, scriptScope} from '../../../src/ledger/commands.ts';
import {assertAuditClean} from '../../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../../helpers/database.ts';
import {beforeStatements, isWrite} from '../../helpers/interference.ts';
import {
	authorize,
	close,
	day,
	noon,
	openTestLedger,
	type TestCard,
	type TestLedger,
	words,
} from '../../helpers/ledger.ts';

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

type Place = {
	readonly ledger: TestLedger;
	readonly cards: readonly TestCard[];
	readonly runId: number | undefined;
};

async function openPlace(name: string, runId: number | undefined): Promise<Place> {
	const ledger = await openTestLedger(database, name);
	const cards = [await ledger.issue(), await ledger.issue(), await ledger.issue()];
	return {ledger, cards, runId};
}

const given = (
	{ledger, cards, runId}: Place,
	card: number,
	amount: bigint,
	{key, ...rest}: Partial<Omit<Credit, 'key'>> & {readonly key: string},
): Command => ({
	verb: 'credit',
	key: {scope: scriptScope, space: 'grant', key},
	cardId: cards[card]?.cardId ?? '',
	assetId: ledger.assetId,
	amount,
	origin: 'fundingCourtesy',
	grant: {spendableFrom: noon, expiresAt: null, balanceMax: null},
	actorId: ledger.actorId,
	note: {...noNote, reason: 'summer', reasonCode: 'campaign'},
	runId,
	...rest,
});

const idsOfTest = '00000000-0000-7000-8000-';

/** Submit commands as one batch. @returns what became of them, and the statements that wrote */
async function submit({ledger}: Place, commands: readonly Command[]) {
	const written: string[] = [];
	let ids = 0;
	const writer = ledger.openWriter(
		{},
		{
			// The same ids for the same commands.
			newId: () => `${idsOfTest}${String(++ids).padStart(12, '0')}`,
			prisma: beforeStatements(database.writer.prisma, sql => {
				if (isWrite(sql)) {
					written.push(sql);
				}

				return undefined;
			}),
		},
	);
	const outcomes = await Promise.all(commands.map(async command => ledger.submit(command, writer)));
	return {outcomes: words(outcomes), written};
}

const tables = ['cards', 'lots', 'entries', 'postings', 'lot_movements', 'entry_notes', 'commands'];

/** The cards of a merchant and all that was written for its test, as text that is the same for equal stories. */
async function rowsOf({ledger, cards}: Place): Promise<Record<string, string[]>> {
	const rows: Record<string, string[]> = {};
	for (const table of tables) {
		const found = await database.general.prisma.$queryRawUnsafe<{row: string}[]>(
			`SELECT (to_jsonb(t) - '{merchant_id,xid,created_at,run_id,public_id,code_hash,pepper_id}'::text[])::text AS row FROM ${table} t
			WHERE merchant_id = ${ledger.merchant.id}`,
		);
		rows[table] = found
			.map(({row}) => nameless(row, {ledger, cards}))
			.filter(row => table === 'cards' || row.includes(idsOfTest))
			.toSorted();
	}

	return rows;
}

function nameless(row: string, {ledger, cards}: Pick<Place, 'ledger' | 'cards'>): string {
	let text = row
		.replace(`"asset_id": ${ledger.assetId}`, '"asset_id": 1')
		.replace(`"actor_id": ${ledger.actorId}`, '"actor_id": 1');
	for (const [index, {cardId}] of cards.entries()) {
		text = text
			.replace(`"card_id": ${cardId},`, `"card_id": "${index}",`)
			.replace(`"id": ${cardId},`, `"id": "${index}",`);
	}

	return text;
}

const nobody: TestCard = {cardId: '', publicId: ''};

const story = (place: Place): Command[] => [
	given(place, 0, 5n, {key: 'alone'}),
	given(place, 0, 10n, {key: 'plain'}),
	given(place, 1, 20n, {key: 'of a "quoted\\" key, {with} NULL'}),
	given(place, 0, 30n, {key: 'the same card again', origin: 'fundingPromotional'}),
	given(place, 2, 40n, {
		key: 'NULL',
		grant: {spendableFrom: noon + day, expiresAt: noon + 9 * day, balanceMax: 50_000n},
	}),
	given(place, 2, 50n, {
		key: 'why',
		note: {...noNote, orderId: 'v1', reason: 'it\'s "broken"', reasonCode: null},
	}),
];

test('what an import gives is written in one list, and is what any other credit would be', async t => {
	const [imported, other] = [await openPlace('imported', 7), await openPlace('other', undefined)];

	const [bulk, plain] = [await submit(imported, story(imported)), await submit(other, story(other))];

	t.deepEqual(bulk.outcomes, ['5', '10', '20', '30', '40', '50']);
	t.deepEqual(plain.outcomes, bulk.outcomes);
	t.true(bulk.written.every(sql => sql.includes('WITH credits AS')));
	t.false(plain.written.some(sql => sql.includes('credits AS')));
	t.deepEqual(await rowsOf(imported), await rowsOf(other));
	const runs = await database.general.prisma.$queryRaw<{run: number | null; count: number}[]>`
		SELECT run_id AS run, count(*)::int AS count FROM commands
		WHERE merchant_id = ${imported.ledger.merchant.id} AND space = 13 GROUP BY run_id`;
	t.deepEqual(runs, [{run: 7, count: 6}]);
	await assertAuditClean(t, database);
});

test('an import whose lines have all in common is written without repeating it', async t => {
	const place = await openPlace('in common', 8);

	const {written} = await submit(
		place,
		[1n, 2n, 3n].map(amount => given(place, Number(amount) - 1, amount, {key: `line ${amount}`})),
	);

	// Ids, cards, amounts, balances, versions and keys; and eight columns of the cards.
	t.deepEqual(
		written.map(sql => sql.split('unnest(').length - 1),
		[14],
	);
	await assertAuditClean(t, database);
});

for (const [what, further] of [
	[
		'a line that is refused for good',
		place =>
			given(place, 1, 1n, {
				key: 'too much',
				grant: {spendableFrom: noon, expiresAt: noon - day, balanceMax: null},
			}),
	],
	['a card that is closed', place => close(place.ledger, place.cards[2] ?? nobody)],
	['a debit', place => authorize(place.ledger, place.cards[1] ?? nobody, 7n, 'debit')],
	["a credit of nobody's import", place => ({...given(place, 1, 7n, {key: 'granted'}), runId: undefined})],
	['a credit of which nothing was said', place => ({...given(place, 1, 7n, {key: 'silent'}), note: noNote})],
] as const satisfies readonly (readonly [string, (place: Place) => Command])[]) {
	test(`a batch of an import with ${what} is written as any other`, async t => {
		const place = await openPlace(what, 9);
		const commands = [
			given(place, 0, 1n, {key: 'first'}),
			given(place, 1, 2n, {key: 'second'}),
			further(place),
		];

		const {outcomes, written} = await submit(place, commands);

		t.deepEqual(outcomes.slice(0, 2), ['1', '2']);
		t.false(written.at(-1)?.includes('credits AS'));
		await assertAuditClean(t, database);
	});
}
