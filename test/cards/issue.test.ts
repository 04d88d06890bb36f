import test from 'ava';
import {
	issueCountMax,
	type IssuedCard,
	issueCards,
	type IssueRequest,
	type IssueTools,
} from '../../src/cards/issue.ts';
import {IssueRefusedError} from '../../src/cards/issue-run.ts';
import {hashCode} from '../../src/cards/pepper.ts';
import {openPins} from '../../src/cards/pins.ts';
import {hasValidCheckCharacter} from '../../src/cards/redemption-code.ts';
import {openConnection} from '../../src/db/client.ts';
import {OverloadedError, type Writer} from '../../src/ledger/writer.ts';
import {becomeOther} from '../helpers/customers.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {authorize, day, noon, openTestLedger, type TestLedger} from '../helpers/ledger.ts';

let database: TestDatabase;
let ledger: TestLedger;
let tools: IssueTools;

test.before(async () => {
	database = await openTestDatabase();
	ledger = await openTestLedger(database);
	const pepper = {id: ledger.pepperId, key: Buffer.alloc(32, 7)};
	tools = {
		prisma: database.general.prisma,
		writer: ledger.writer,
		peppers: {current: pepper, all: [pepper]},
		secretsKey: 's'.repeat(48),
		clock: () => noon,
	};
});

test.after.always(() => database.close());

type Wish = Partial<Omit<IssueRequest, 'card'>> & Partial<IssueRequest['card']>;

function wish(
	key: string,
	{count = 3, amount = 50_00n, origin = 'fundingSold', withPin = false, ...card}: Wish = {},
): IssueRequest {
	return {
		key,
		count,
		amount,
		asset: {id: ledger.assetId, code: 'BRL', scale: 2, kind: 'money'},
		origin,
		card: {
			expiresAt: noon + day,
			ownerId: null,
			restricted: false,
			singleUse: false,
			rechargeable: true,
			caption: null,
			relationName: null,
			...card,
		},
		withPin,
		actorId: ledger.actorId,
	};
}

/** Issue, and gather the cards. `after` is told after each chunk. */
async function issue(
	request: IssueRequest,
	{by = tools, signal, after}: {by?: IssueTools; signal?: AbortSignal; after?: () => void} = {},
) {
	const cards: IssuedCard[] = [];
	const onChunk = (chunk: readonly IssuedCard[]) => {
		cards.push(...chunk);
		after?.();
	};
	const result = await issueCards(by, ledger.merchant, request, {onChunk, ...(signal && {signal})});
	return {cards, result};
}

const secretsOf = (cards: readonly IssuedCard[]) => cards.map(({publicId, code}) => ({publicId, code}));
const countCards = (runKey: string) =>
	database.general.prisma.command.count({where: {key: {startsWith: `${runKey}:`}}});

test('each card of a run is funded, and its code is found by its hash only', async t => {
	const {cards, result} = await issue(
		wish('plain', {caption: 'Hello', singleUse: true, rechargeable: false}),
	);

	t.deepEqual(result, {issued: 3, repeated: 0, isComplete: true});
	for (const {publicId, code, balance} of cards) {
		const row = await database.general.prisma.card.findFirstOrThrow({
			where: {publicId},
			include: {lots: true},
		});
		t.true(hasValidCheckCharacter(code ?? ''));
		t.deepEqual(Buffer.from(row.codeHash ?? []), hashCode(code ?? '', tools.peppers.current.key));
		t.is(row.codeLast4, code?.slice(-4) ?? '');
		t.like(row, {available: 50_00n, caption: 'Hello', singleUse: true, rechargeable: false});
		t.like(row.lots[0], {issued: 50_00n, remaining: 50_00n, origin: 10, expiresAt: new Date(noon + day)});
		t.is(balance, 50_00n);
	}

	t.is(new Set(cards.map(({publicId}) => publicId)).size, 3);
	t.is(new Set(cards.map(({code}) => code)).size, 3);
});

test('a run that was stopped prints the same cards and codes when it is repeated, and issues each card once (A15)', async t => {
	const stopping = new AbortController();
	const request = wish('stopped', {count: 1200});

	const first = await issue(request, {
		signal: stopping.signal,
		after: () => {
			stopping.abort();
		},
	});
	const second = await issue(request);
	const third = await issue(request);

	t.is(first.cards.length, 500);
	t.deepEqual(first.result, {issued: 500, repeated: 0, isComplete: false});
	t.deepEqual(second.result, {issued: 700, repeated: 500, isComplete: true});
	t.deepEqual(third.result, {issued: 0, repeated: 1200, isComplete: true});
	t.deepEqual(secretsOf(second.cards).slice(0, 500), secretsOf(first.cards));
	t.deepEqual(secretsOf(third.cards), secretsOf(second.cards));
	t.is(await countCards('stopped'), 1200);
});

test.serial(
	'two processes that run the same key at once issue every card once, and print the same',
	async t => {
		const other = {...tools, writer: ledger.openWriter()};
		const holder = await openConnection(database.ownerUrl, 'holder');
		await holder.query('BEGIN; LOCK TABLE commands IN SHARE MODE');

		const both = Promise.all([
			issue(wish('twice', {count: 40})),
			issue(wish('twice', {count: 40}), {by: other}),
		]);
		// Both have looked whether the first card is remembered, and are about to write it.
		await untilWaiting(2);
		await holder.query('COMMIT');
		await holder.end();
		const [one, two] = await both;

		t.deepEqual(secretsOf(one.cards), secretsOf(two.cards));
		t.is(await countCards('twice'), 40);
		const ids = one.cards.map(({publicId}) => publicId);
		t.is(await database.general.prisma.card.count({where: {publicId: {in: ids}}}), 40);
	},
);

/** Until so many connections wait for a lock, or have given up to do so. */
async function untilWaiting(count: number): Promise<void> {
	for (const end = performance.now() + 2000; performance.now() < end;) {
		const {rows} = await database.general.pool.query<{waiting: number}>(
			`SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
		);
		if ((rows[0]?.waiting ?? 0) >= count) {
			return;
		}
	}
}

test('a repeated run shows what is left of a card, not what it was issued with (B10)', async t => {
	const {cards} = await issue(wish('spent', {count: 1}));
	const publicId = cards[0]?.publicId ?? '';
	const {id} = await database.general.prisma.card.findFirstOrThrow({where: {publicId}});
	await ledger.submit(authorize(ledger, {cardId: String(id), publicId}, 20_00n, 'order'));

	const again = await issue(wish('spent', {count: 1}));

	t.is(again.cards[0]?.balance, 30_00n);
});

for (const [what, change] of Object.entries({
	amount: {amount: 50_01n},
	count: {count: 4},
	expires: {expiresAt: noon + 2 * day},
	funding: {origin: 'fundingCourtesy'},
	'single-use': {singleUse: true},
	caption: {caption: 'other'},
	pin: {withPin: true},
} satisfies Record<string, Wish>)) {
	test(`another --${what} under a used key is refused and said`, async t => {
		await issue(wish(`key of ${what}`));

		await t.throwsAsync(issue(wish(`key of ${what}`, change)), {
			instanceOf: IssueRefusedError,
			message: new RegExp(`belongs to another run: --${what} was .* Repeat that run`),
		});
		t.is(await countCards(`key of ${what}`), 3);
	});
}

test('when the seed of a completed run was destroyed its cards are printed without codes, and nothing is issued', async t => {
	const {cards} = await issue(wish('old'));
	await database.general.prisma.issueRun.updateMany({where: {key: 'old'}, data: {seed: null}});

	const again = await issue(wish('old'));

	t.deepEqual(again.result, {issued: 0, repeated: 3, isComplete: true});
	t.deepEqual(
		again.cards.map(({publicId, codeLast4, code}) => ({publicId, codeLast4, code})),
		cards.map(({publicId, codeLast4}) => ({publicId, codeLast4, code: null})),
	);
});

test('a run that is repeated later was completed when it was, so that its seed is destroyed in time', async t => {
	await issue(wish('repeated later', {expiresAt: null}));
	await issue(wish('repeated later', {expiresAt: null}), {by: {...tools, clock: () => noon + day}});

	const run = await database.general.prisma.issueRun.findFirstOrThrow({where: {key: 'repeated later'}});
	t.deepEqual(run.completedAt, new Date(noon));
});

test('the seed lies encrypted: another SECRETS_KEY cannot go on with a run, and does nothing', async t => {
	await issue(wish('sealed'));

	await t.throwsAsync(issue(wish('sealed'), {by: {...tools, secretsKey: 'x'.repeat(48)}}), {
		message: /SECRETS_KEY with which it was begun/,
	});
});

test('a seed opens under its own run only', async t => {
	const {prisma} = database.general;
	await issue(wish('mine'));
	await issue(wish('yours'));
	const {seed} = await prisma.issueRun.findFirstOrThrow({where: {key: 'mine'}});
	await prisma.issueRun.updateMany({where: {key: 'yours'}, data: {seed}});

	await t.throwsAsync(issue(wish('yours')), {message: /cannot be decrypted/});
});

const pinsOf = (cards: readonly IssuedCard[]) => cards.map(({pin}) => pin);
const openRunPins = () => openPins(database.general.prisma, tools.peppers, tools.clock);

async function checkPin(card: IssuedCard | undefined, pin: string | null) {
	const publicId = card?.publicId ?? '';
	const {id} = await database.general.prisma.card.findFirstOrThrow({where: {publicId}});
	return openRunPins().check(ledger.merchant.id, [{cardId: String(id), publicId}], pin);
}

test('each card of a run with PINs has one of its own, and the others have none', async t => {
	const {cards} = await issue(wish('pins', {withPin: true}));
	const {cards: without} = await issue(wish('no pins'));

	for (const card of cards) {
		t.regex(card.pin ?? '', /^\d{6}$/);
		t.is(await checkPin(card, card.pin), 'right');
	}

	t.is(new Set(pinsOf(cards)).size, 3);
	t.deepEqual(pinsOf(without), [null, null, null]);
	t.is(await checkPin(without[0], '1234'), 'none');
});

test('a run that was cut off between its cards and their PINs has all of them after it is repeated (A15)', async t => {
	const request = wish('pins cut off', {withPin: true});
	const {cards} = await issue(request);
	await database.general.prisma.cardPin.deleteMany({where: {card: {publicId: cards[0]?.publicId ?? ''}}});

	const again = await issue(request);

	t.deepEqual(again.result, {issued: 0, repeated: 3, isComplete: true});
	t.deepEqual(pinsOf(again.cards), pinsOf(cards));
	for (const card of cards) {
		t.is(await checkPin(card, card.pin), 'right');
	}
});

test('two processes that run the same key with PINs at once print the same PINs', async t => {
	const request = wish('pins twice', {withPin: true, count: 40});
	const other = {...tools, writer: ledger.openWriter()};

	const [one, two] = await Promise.all([issue(request), issue(request, {by: other})]);

	t.deepEqual(pinsOf(one.cards), pinsOf(two.cards));
	t.true(pinsOf(one.cards).every(pin => pin !== null));
});

test('a repeated run leaves a PIN that was changed since as it is, and does not claim to know it', async t => {
	const request = wish('pins changed', {withPin: true});
	const {cards} = await issue(request);
	const [first] = cards as [IssuedCard];
	const {id} = await database.general.prisma.card.findFirstOrThrow({where: {publicId: first.publicId}});
	await openRunPins().set(ledger.merchant.id, {...first, cardId: String(id)}, '4321');

	const again = await issue(request);

	t.deepEqual(pinsOf(again.cards), [null, ...pinsOf(cards).slice(1)]);
	t.is(await checkPin(first, '4321'), 'right');
});

test("when the seed of a run was destroyed its PINs are nobody's to print, and still right", async t => {
	const {cards} = await issue(wish('pins old', {withPin: true}));
	await database.general.prisma.issueRun.updateMany({where: {key: 'pins old'}, data: {seed: null}});

	const again = await issue(wish('pins old', {withPin: true}));

	t.deepEqual(pinsOf(again.cards), [null, null, null]);
	t.is(await checkPin(cards[0], cards[0]?.pin ?? ''), 'right');
});

test('a run that was begun before there were PINs goes on', async t => {
	const {prisma} = database.general;
	await issue(wish('before pins'));
	const {parameters} = await prisma.issueRun.findFirstOrThrow({where: {key: 'before pins'}});
	const before = parameters.replace(',"pin":false', '');
	await prisma.issueRun.updateMany({where: {key: 'before pins'}, data: {parameters: before}});

	t.not(before, parameters);
	t.is((await issue(wish('before pins'))).result.repeated, 3);
	await t.throwsAsync(issue(wish('before pins', {withPin: true})), {
		message: /--pin was absent and is now given/,
	});
});

test('cards are valid until the instant of their date: a past one is refused, except for migrated cards', async t => {
	await t.throwsAsync(issue(wish('past', {expiresAt: noon})), {
		instanceOf: IssueRefusedError,
		message: /expired/,
	});
	const migrated = await issue(wish('migrated', {expiresAt: noon, origin: 'fundingMigrated'}));
	const justValid = await issue(wish('valid', {expiresAt: noon + 1}));

	t.deepEqual(
		migrated.cards.map(({balance}) => balance),
		[0n, 0n, 0n],
	);
	t.is(justValid.cards[0]?.balance, 50_00n);
	t.is(await database.general.prisma.issueRun.count({where: {key: 'past'}}), 0);
});

test('a run that was begun in time is finished after its date has passed', async t => {
	const stopping = new AbortController();
	const request = wish('over midnight', {count: 600});
	await issue(request, {
		signal: stopping.signal,
		after: () => {
			stopping.abort();
		},
	});

	const {result} = await issue(request, {by: {...tools, clock: () => noon + 2 * day}});

	t.deepEqual(result, {issued: 100, repeated: 500, isComplete: true});
});

test('a run of more cards than a run may have is refused', async t => {
	await t.throwsAsync(issue(wish('many', {count: issueCountMax + 1})), {message: /at most 1,000,000 cards/});
	t.is(await database.general.prisma.issueRun.count({where: {key: 'many'}}), 0);
});

test('a key may be long, but not longer than its cards can be remembered under', async t => {
	await t.notThrowsAsync(issue(wish('k'.repeat(200), {count: 1})));
	await t.throwsAsync(issue(wish('k'.repeat(201), {count: 1})), {message: /at most 200 characters/});
});

test('a database that is too busy for a moment does not end a run, and no card is issued twice', async t => {
	let refusals = 3;
	const busy: Writer = {
		...ledger.writer,
		submit(...args) {
			return refusals-- > 0 ? Promise.reject(new OverloadedError('busy')) : ledger.writer.submit(...args);
		},
	};

	const {result, cards} = await issue(wish('busy', {count: 5}), {by: {...tools, writer: busy}});

	t.deepEqual(result, {issued: 5, repeated: 0, isComplete: true});
	t.is(cards.length, 5);
	t.is(await countCards('busy'), 5);
});

test('what fails for another reason ends the run; repeating it issues what is missing', async t => {
	let submitted = 0;
	const broken: Writer = {
		...ledger.writer,
		submit(...args) {
			return ++submitted === 2 ? Promise.reject(new Error('broken')) : ledger.writer.submit(...args);
		},
	};

	await t.throwsAsync(issue(wish('broken'), {by: {...tools, writer: broken}}), {message: 'broken'});
	const {result} = await issue(wish('broken'));

	t.deepEqual(result, {issued: 1, repeated: 2, isComplete: true});
});

test('a run whose owner becomes another customer goes on for the other', async t => {
	const {prisma} = database.general;
	const merchantId = ledger.merchant.id;
	const [from, into] = [
		await prisma.customer.create({data: {merchantId}}),
		await prisma.customer.create({data: {merchantId}}),
	].map(({id}) => String(id)) as [string, string];
	let isFirst = true;

	const result = await issueCards(tools, ledger.merchant, wish('merging', {count: 501, ownerId: from}), {
		async onChunk() {
			if (isFirst) {
				isFirst = false;
				await becomeOther(prisma, from, into);
			}
		},
	});

	t.deepEqual(result, {issued: 501, repeated: 0, isComplete: true});
	t.is(await prisma.card.count({where: {ownerId: BigInt(into)}}), 501);
});
