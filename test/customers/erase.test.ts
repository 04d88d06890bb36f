import test from 'ava';
import {closeCard} from '../../src/cards/close.ts';
import {openWallet} from '../../src/cards/open-wallet.ts';
import {findCustomer, findOrCreateCustomer} from '../../src/customers/customers.ts';
import {type Erasure, eraseCustomer, ErasureRefusedError} from '../../src/customers/erase.ts';
import {identifiersOf} from '../../src/customers/identity.ts';
import {showCustomer} from '../../src/customers/show.ts';
import {reasonNumbers} from '../../src/ledger/reasons.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {connect, openPatient} from '../helpers/interference.ts';
import {until} from '../helpers/until.ts';
import {dayMs, openShop, type Shop, type ShopCard} from '../payments/shop.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());
test.afterEach(t => assertAuditClean(t, database));

const prisma = () => database.general.prisma;

/** Somebody of a test's own: what names them is nobody else's. */
type Person = {readonly id: string; readonly document: string; readonly email: string};

let persons = 0;
const personOf = (name: string): Person => ({
	id: `profile-of-${name}`,
	document: `9990000${++persons}77`,
	email: `${name}@erased.example`,
});
const wordsOf = ({id, document, email}: Person) => [id, document, email];
const named = (person: Person) => identifiersOf(person);

const customerOf = async ({merchant}: Shop, person: Person) => {
	const found = await findCustomer(prisma(), merchant.id, named(person));
	return found.kind === 'customer' ? found.customerId : found.kind;
};

async function erase(shop: Shop, wish: Partial<Erasure> & {readonly customerId: string}, by = prisma()) {
	const {writer, clock, merchant} = shop;
	return eraseCustomer({prisma: by, writer, clock: clock.now}, merchant, {
		actorId: await actorId(prisma(), merchant.id, 'person', 'tester'),
		reason: 'ticket 812',
		isForfeited: false,
		...wish,
	});
}

const refused = {instanceOf: ErasureRefusedError};

/** Columns that name somebody, as `table.column`. */
async function columnsNaming(words: readonly string[]): Promise<string[]> {
	const found = await Promise.all(
		(await textColumns()).map(async column => {
			const [table, name] = column.split('.') as [string, string];
			const [row] = await prisma().$queryRawUnsafe<[{count: number}]>(
				`SELECT count(*)::int AS count FROM ${table} WHERE ${name}::text ILIKE ANY ($1::text[])`,
				words.map(word => `%${word}%`),
			);
			return row.count > 0 ? [column] : [];
		}),
	);
	return found.flat();
}

async function textColumns(): Promise<string[]> {
	const rows = await prisma().$queryRaw<{name: string}[]>`
		SELECT table_name || '.' || column_name AS name FROM information_schema.columns
		WHERE table_schema = 'public' AND data_type IN ('text', 'jsonb', 'json', 'character varying') AND table_name <> '_prisma_migrations'
		ORDER BY 1`;
	return rows.map(({name}) => name);
}

/** What an erasure empties, where it is the customer's. */
const erasedColumns = [
	'callbacks.problem',
	'card_changes.reason',
	'cards.caption',
	'cards.relation_name',
	'customer_changes.reason',
	'customer_identifiers.value',
	'entry_notes.description',
	'entry_notes.order_id',
	'entry_notes.reason',
	'entry_notes.request_id',
	'holds.description',
	'holds.order_id',
	'holds.request_id',
	'issue_runs.parameters',
	'payment_requests.particulars',
	'payment_requests.request_id',
	'payments.callback_url',
	'payments.order_id',
	'payments.particulars',
	'payments.reference',
	'payments.return_url',
	'payments.transaction_id',
];

/** What stays, and why it may (docs/decisions/0018-what-erasing-keeps.md). */
const keptColumns: Readonly<Record<string, string>> = {
	'actions.arguments': 'without secrets and without what names a customer, which tests of the trail show',
	'actions.command': 'the name of a command of ours',
	'actors.name': 'of who works in the shop, not of who shops there',
	'admins.name': 'of who works in the shop',
	'assets.code': 'a currency',
	'cards.code_last4': 'the end of a random code',
	'commands.key': 'makes a request happen once; append-only',
	'credentials.app_key': 'of a program',
	'guess_limits.key': 'a keyed hash, and gone within an hour',
	'issue_runs.key': 'makes a run happen once',
	'import_runs.name': 'of a file of the shop',
	'merchants.currency': 'of the shop',
	'merchants.name': 'of the shop',
	'merchants.time_zone': 'of the shop',
	'order_bookings.order_id': 'makes an order earn once; says what it earned and not who it was',
	'order_hooks.problem': 'of the shop',
	'order_hooks.url': 'of the shop',
	'order_looks.at_least': 'a time',
	'order_looks.order_id': 'makes an order be looked at once at a time; says nothing of it',
	'order_looks.outcome': 'one of a few words of ours',
	'order_looks.problem': 'a sentence of ours',
	'orders.applied_version': 'a time',
	'orders.order_id': 'makes an order earn once',
	'payments.method': 'a way of paying',
	'payments.payment_id': 'makes a payment happen once; a random number of VTEX',
	'payment_requests.payment_id': 'the same number',
	'callbacks.payment_id': 'the same number',
	'programs.caption': 'of the shop',
	'programs.earn_rules': 'of the shop',
	'programs.name': 'of the shop',
	'sign_ups.admin_name': 'of who works in the shop',
	'sign_ups.application_id': 'of VTEX',
	'sign_ups.return_url': 'of VTEX',
	'vtex_keys.account': 'of the shop',
	'vtex_keys.app_key': 'of a program',
	'vtex_keys.url': 'of the shop',
};

test('every text column of the database is emptied by an erasure, or says why it stays', async t => {
	t.deepEqual(await textColumns(), [...erasedColumns, ...Object.keys(keptColumns)].toSorted());
});

/**
 * A customer of some years, about whom everything says who it is: two cards, payments by wallet and by code, a debit of the gift card
 * side, corrections, a former self, and a run of cards.
 */
async function liveThrough(
	shop: Shop,
	person: Person,
): Promise<{readonly customerId: string; readonly cards: readonly [ShopCard, ShopCard]}> {
	const {merchant, operate, create, writer} = shop;
	const says = `said of ${person.email}, ${person.document} and ${person.id}`;
	const first = await shop.issue({owner: person, amount: 40_00n, pin: '4711'});
	const second = await shop.issue({owner: person, amount: 100_00n});
	const customerId = await customerOf(shop, person);

	const [byWallet, byCode] = [`wallet of ${customerId}`, `code of ${customerId}`];
	const about = {
		...{orderId: says, reference: says, transactionId: says, particulars: JSON.stringify({says})},
		...{
			callbackUrl: `https://store.example/${person.email}`,
			returnUrl: `https://store.example/${person.email}`,
		},
	};
	await create({...about, paymentId: byCode, code: first.code, pin: '4711', amountText: '1.00'});
	await create({...about, paymentId: byWallet, way: 'wallet', buyer: named(person), amountText: '50.00'});
	const operation = {requestId: 'o', particulars: JSON.stringify({says})};
	await operate('settle', {...operation, paymentId: byWallet, amountText: '50.00'});
	await operate('refund', {...operation, paymentId: byWallet, amountText: '5.00'});
	await operate('cancel', {...operation, paymentId: byCode});

	const actor = await actorId(prisma(), merchant.id, 'person', 'tester');
	const {assetId} = await prisma().card.findFirstOrThrow({where: {publicId: first.publicId}});
	const note = {orderId: says, requestId: says, description: says, reason: says, reasonCode: null};
	const common = {cardId: second.cardId, actorId: actor, assetId, amount: 1_00n, note};
	const debit = {...common, verb: 'authorize', source: 'giftCard', presented: []} as const;
	const held = await writer.submit(merchant, {
		...debit,
		key: {scope: second.publicId, space: 'transaction', key: 'd'},
	});
	const operationId = held.kind === 'done' ? held.id : '';
	await writer.submit(merchant, {
		...common,
		verb: 'undo',
		operationId,
		key: {scope: operationId, space: 'undo', key: 'u'},
	});
	const coded = {...note, reasonCode: 'correction'} as const;
	const correction = {...common, verb: 'adjust', expiresAt: null, note: coded} as const;
	await writer.submit(merchant, {
		...correction,
		key: {scope: second.publicId, space: 'adjustment', key: 'a'},
	});

	const at = new Date();
	const here = {merchantId: merchant.id};
	await prisma().card.updateMany({
		where: {...here, ownerId: BigInt(customerId)},
		data: {caption: says, relationName: says},
	});
	await prisma().cardChange.create({
		data: {
			...{...here, cardId: BigInt(first.cardId), kind: 1, at, actorId: actor},
			...{reason: says, reasonCode: reasonNumbers.stolen},
		},
	});
	const {id: otherId} = await prisma().customer.create({data: {...here, mergedInto: BigInt(customerId)}});
	await prisma().customerChange.create({
		data: {...here, customerId: BigInt(customerId), otherId, kind: 1, at, actorId: actor, reason: says},
	});
	await prisma().issueRun.create({
		data: {
			...{...here, key: `run of ${customerId}`, count: 1, createdAt: at, seed: new Uint8Array(32)},
			parameters: JSON.stringify({'owner-…': `customer ${customerId}`, caption: says}),
		},
	});
	await prisma().paymentRequest.updateMany({where: {...here, paymentId: byWallet}, data: {requestId: says}});
	await prisma().callback.create({
		data: {
			...{...here, paymentId: byWallet, status: 2, nextAt: at, until: at, createdAt: at, deliveredAt: at},
			problem: says,
		},
	});
	return {customerId, cards: [first, second]};
}

test.serial('what names a customer is gone everywhere, and nothing of anybody else', async t => {
	const shop = await openShop(database);
	const [ana, bia] = [personOf('ana'), personOf('bia')];
	const {customerId, cards} = await liveThrough(shop, ana);
	await liveThrough(shop, bia);
	t.deepEqual(await columnsNaming(wordsOf(ana)), erasedColumns);
	t.is(await prisma().cardPin.count({where: {cardId: BigInt(cards[0].cardId)}}), 1);

	const erased = await erase(shop, {customerId, isForfeited: true});

	t.deepEqual(await columnsNaming(wordsOf(ana)), []);
	t.deepEqual(await columnsNaming(wordsOf(bia)), erasedColumns);
	t.deepEqual([...erased.forfeited.values()], [96_00n]);
	t.is(erased.closedCards, 2);
	t.is(await prisma().cardPin.count({where: {cardId: BigInt(cards[0].cardId)}}), 0);
	t.deepEqual(await shop.balance(cards[0]), [0n, 0n]);
	const run = await prisma().issueRun.findFirstOrThrow({where: {key: `run of ${customerId}`}});
	t.is(run.seed, null);
});

test.serial('a reason code names nobody and stays, without anything that was said beside it', async t => {
	const shop = await openShop(database);
	const eva = personOf('eva');
	const {customerId, cards} = await liveThrough(shop, eva);

	await erase(shop, {customerId, isForfeited: true, reasonCode: 'request'});

	const where = {merchantId: shop.merchant.id};
	const notes = await prisma().entryNote.findMany({where, orderBy: {entryId: 'asc'}});
	t.deepEqual(
		notes.map(({reasonCode, reason}) => [reasonCode, reason]),
		[[reasonNumbers.correction, null], ...cards.map(() => [reasonNumbers.request, 'ticket 812'])],
	);
	t.like(notes[0], {orderId: null, requestId: null, description: null});
	const changes = await prisma().cardChange.findMany({where, orderBy: {kind: 'asc'}});
	t.deepEqual(
		changes.map(({reasonCode, reason}) => [reasonCode, reason]),
		[[reasonNumbers.stolen, ''], ...cards.map(() => [reasonNumbers.request, 'ticket 812'])],
	);
	const view = await showCustomer(prisma(), shop.merchant.id, customerId, shop.clock.now());
	t.like(view?.changes[0], {kind: 'erase', reason: 'ticket 812', reasonCode: 'request'});
});

test.serial('whoever comes again under the old e-mail is a new customer, without the old cards', async t => {
	const shop = await openShop(database);
	const cid = personOf('cid');
	await shop.issue({owner: cid, amount: 5_00n});
	const customerId = await customerOf(shop, cid);
	const former = await shop.issue({owner: cid, amount: 5_00n});

	await erase(shop, {customerId, isForfeited: true});

	t.is(await customerOf(shop, cid), 'unknown');
	const pay = {way: 'wallet', buyer: named(cid), amountText: '1.00'} as const;
	t.like(await shop.create({paymentId: 'p1', ...pay}), {status: 'denied'});
	t.like(await shop.create({paymentId: 'p2', code: former.code, amountText: '1.00'}), {status: 'denied'});
	const again = await findOrCreateCustomer(prisma(), shop.merchant.id, named(cid));
	t.not(again, customerId);
	t.like(await showCustomer(prisma(), shop.merchant.id, again, shop.clock.now()), {
		cards: [],
		erasedAt: null,
	});
	const view = await showCustomer(prisma(), shop.merchant.id, customerId, shop.clock.now());
	t.like(view, {identifiers: [], cards: [], emptyCards: 2, erasedAt: shop.clock.now()});
	t.like(view?.changes[0], {kind: 'erase', actor: 'tester', reason: 'ticket 812'});
});

test.serial(
	'value must be given up by name; what is past its date need not, and goes to breakage',
	async t => {
		const shop = await openShop(database);
		const dora = personOf('dora');
		const soon = await shop.issue({owner: dora, amount: 5_00n, expiresInDays: 1});
		const {publicId} = await shop.issue({owner: dora, amount: 1_00n, expiresInDays: 3});
		const customerId = await customerOf(shop, dora);

		await t.throwsAsync(erase(shop, {customerId}), {...refused, message: /Value remains.*--forfeit/});

		t.is(await customerOf(shop, dora), customerId);
		t.deepEqual(await shop.balance(soon), [5_00n, 0n]);
		shop.clock.advance(2 * dayMs);
		t.deepEqual([...(await erase(shop, {customerId, isForfeited: true})).forfeited.values()], [1_00n]);
		const totals = await prisma().$queryRaw<{account: number; amount: bigint}[]>`
		SELECT account, sum(amount)::bigint AS amount FROM postings WHERE merchant_id = ${shop.merchant.id} AND account IN (30, 40)
		GROUP BY account ORDER BY account`;
		t.deepEqual(totals, [
			{account: 30, amount: 5_00n},
			{account: 40, amount: 1_00n},
		]);
		const card = await prisma().card.findFirstOrThrow({where: {publicId}, select: {cardChanges: true}});
		t.deepEqual(
			card.cardChanges.map(({reason}) => reason),
			['ticket 812'],
		);
	},
);

async function decline({merchant, payments}: Shop, paymentId: string): Promise<void> {
	const payment = await payments.find(merchant.id, paymentId);
	if (payment === undefined) {
		throw new Error('The test needs its payment.');
	}

	await payments.decline({payment, merchant});
}

test.serial('nobody is erased while something is held, a payment waits, or a callback', async t => {
	const shop = await openShop(database);
	const eva = personOf('eva');
	await shop.issue({owner: eva, amount: 50_00n, pin: '4711'});
	const customerId = await customerOf(shop, eva);
	const give = async (message: RegExp) =>
		t.throwsAsync(erase(shop, {customerId, isForfeited: true}), {...refused, message});
	const wish = {buyer: named(eva), amountText: '20.00'};

	await shop.create({...wish, paymentId: 'p1', way: 'wallet'});
	await give(/Something is held/);
	await shop.operate('settle', {paymentId: 'p1', amountText: '20.00'});

	await shop.create({...wish, paymentId: 'p2', way: 'confirmed'});
	await give(/A payment waits/);
	await decline(shop, 'p2');
	await give(/A callback waits/);
	await prisma().callback.updateMany({where: {paymentId: 'p2'}, data: {status: 2, deliveredAt: new Date()}});

	t.is((await erase(shop, {customerId, isForfeited: true})).isReplay, false);
});

test.serial('a reason that says who it was is refused, since it is kept', async t => {
	const shop = await openShop(database);
	const fay = personOf('fay');
	const customerId = await findOrCreateCustomer(prisma(), shop.merchant.id, named(fay));

	await t.throwsAsync(erase(shop, {customerId, reason: `asked by ${fay.email.toUpperCase()}`}), {
		...refused,
		message: /without their e-mail/,
	});

	t.is(await customerOf(shop, fay), customerId);
});

test.serial(
	'repeated it changes nothing; of two at once one erases, and what was begun is finished by repeating',
	async t => {
		const shop = await openShop(database);
		const gil = personOf('gil');
		const [one] = [
			await shop.issue({owner: gil, amount: 5_00n}),
			await shop.issue({owner: gil, amount: 6_00n}),
		];
		const customerId = await customerOf(shop, gil);
		// As after a crash between two cards.
		await closeCard(shop.writer, shop.merchant, {...one, actorId: 1, reason: 'ticket 812'}).catch(
			() => undefined,
		);

		const results = await Promise.allSettled(
			[1, 2].map(async () => erase(shop, {customerId, isForfeited: true})),
		);
		const again = await erase(shop, {customerId});

		t.true(results.some(({status}) => status === 'fulfilled'));
		t.like(again, {isReplay: true, closedCards: 0, erasedAt: shop.clock.now()});
		t.is(await prisma().customerChange.count({where: {customerId: BigInt(customerId)}}), 1);
	},
);

test.serial('the former selves of a customer and their wallets are erased too', async t => {
	const shop = await openShop(database);
	const {id: merchantId} = shop.merchant;
	const [hal, hall] = [personOf('hal'), personOf('hall')];
	const former = await findOrCreateCustomer(prisma(), merchantId, named(hall));
	const asset =
		(await prisma().asset.findFirst({where: {merchantId}})) ??
		(await prisma().asset.create({data: {merchantId, code: 'BRL', scale: 2, kind: 1}}));
	const wish = {assetId: asset.id, caption: 'Points of hall', now: shop.clock.now()};
	const wallet = await openWallet(prisma(), merchantId, {...wish, customerId: former});
	const customerId = await findOrCreateCustomer(prisma(), merchantId, named(hal));
	await prisma().customerIdentifier.updateMany({
		where: {customerId: BigInt(former)},
		data: {customerId: BigInt(customerId)},
	});
	await prisma().customer.update({
		where: {merchantId_id: {merchantId, id: BigInt(former)}},
		data: {mergedInto: BigInt(customerId)},
	});

	await erase(shop, {customerId: former});

	const rows = await prisma().customer.findMany({where: {merchantId}});
	t.true(rows.every(({erasedAt}) => erasedAt !== null));
	t.like(await prisma().card.findFirst({where: {publicId: wallet.publicId}}), {status: 3, caption: null});
	t.deepEqual(await columnsNaming([...wordsOf(hal), ...wordsOf(hall)]), []);
});

test.serial(
	'a card that arrives while the customer is being erased stops it, and the erased get none',
	async t => {
		const shop = await openShop(database);
		const ida = personOf('ida');
		const customerId = await findOrCreateCustomer(prisma(), shop.merchant.id, named(ida));
		let isFirst = true;
		const writer = {
			...shop.writer,
			async submit(...args: Parameters<Shop['writer']['submit']>) {
				if (isFirst) {
					isFirst = false;
					await shop.issue({owner: ida, amount: 1_00n});
				}

				return shop.writer.submit(...args);
			},
		};
		await shop.issue({owner: ida, amount: 1_00n});

		await t.throwsAsync(erase({...shop, writer}, {customerId, isForfeited: true}), {
			...refused,
			message: /Repeat the command/,
		});
		await erase(shop, {customerId, isForfeited: true});

		await t.throwsAsync(
			prisma().card.updateMany({where: {merchantId: shop.merchant.id}, data: {ownerId: BigInt(customerId)}}),
		);
	},
);

test.serial('a customer who is just becoming another is not erased', async t => {
	const shop = await openShop(database);
	const {merchant} = shop;
	const [person, other] = [personOf('becoming'), personOf('other')];
	const customerId = await findOrCreateCustomer(prisma(), merchant.id, named(person));
	const intoId = await findOrCreateCustomer(prisma(), merchant.id, named(other));
	const merging = await connect(t, database.url);
	await merging.query('BEGIN');
	await merging.query('UPDATE customers SET merged_into = $1 WHERE id = $2', [intoId, customerId]);

	const patient = await openPatient(t, database.url);
	const erasing = erase(shop, {customerId}, patient.prisma);
	erasing.catch(() => undefined);
	await until('the erasure waits', () => patient.isWaiting(merging));
	await merging.query('COMMIT');

	await t.throwsAsync(erasing, {...refused, message: /merged or erased/});
	t.is(await prisma().customer.count({where: {merchantId: merchant.id, erasedAt: {not: null}}}), 0);
});
