import {type ExecutionContext} from 'ava';
import {prepareDatabase, type PrismaClient} from '../../src/db/client.ts';
import {audit, type AuditOptions, type AuditReport} from '../../src/ledger/audit.ts';
import {type Capture, handKey, type HandVerb, type Undo} from '../../src/ledger/commands.ts';
import {cancel, conclude, opening, pay, refund, rootOf, settle} from './payment-commands.ts';
import {advanceSnapshots} from '../../src/ledger/snapshot.ts';
import {openTestDatabase, patienceMs} from './database.ts';
import {sealAll} from './seals.ts';
import {earn} from './loyalty.ts';
import {
	adjust,
	authorize,
	capture,
	close,
	credit,
	day,
	expire,
	extend,
	noon,
	openTestLedger,
	type TestLedger,
	transfer,
	undo,
} from './ledger.ts';

/** After whatever happened the books are right: the cheapest strong test there is. */
export async function assertAuditClean(
	t: ExecutionContext<never> | ExecutionContext,
	{general}: {readonly general: {readonly prisma: PrismaClient}},
): Promise<void> {
	const {checks} = await audit(general.prisma);
	t.deepEqual(
		checks.filter(({ok}) => !ok),
		[],
	);
}

/** Every verb, full and partial, with refusals, repetitions, value restored to expired lots, and a hold left open. */
export async function bookHealthyTraffic(ledger: TestLedger): Promise<void> {
	const done = async (command: Parameters<TestLedger['submit']>[0]) => {
		const outcome = await ledger.submit(command);
		if (outcome.kind === 'refused') {
			throw new Error(`${command.verb} was refused: ${outcome.refusal}`);
		}

		return outcome.id;
	};

	const card = await ledger.issue({amount: 50_00n, expiresAt: noon + 10 * day});
	const credited = await done(credit(ledger, card, 15_00n, 'k1'));
	const spent = await done(authorize(ledger, card, 60_00n, 'r1'));
	await done(capture(ledger, card, spent, 40_00n, 's1'));
	await done(undo(ledger, card, spent, 60_00n, 'c1'));
	await done(undo(ledger, card, credited, 5_00n, 'c2'));
	await ledger.submit(authorize(ledger, card, 999_00n, 'r2'));
	await ledger.submit(authorize(ledger, card, 60_00n, 'r1'));

	const late = await done(authorize(ledger, card, 20_00n, 'r3'));
	await done(capture(ledger, card, late, 12_00n, 's1'));
	const single = await ledger.issue({amount: 30_00n, singleUse: true, origin: 'fundingPromotional'});
	await done(authorize(ledger, single, 10_00n, 'r1'));
	const closing = await ledger.issue({amount: 7_00n});
	await done(close(ledger, closing));

	ledger.clock.now = noon + 11 * day;
	await done(expire(ledger, card));
	await done(undo(ledger, card, late, 10_00n, 'c3'));
	await done(authorize(ledger, card, 6_00n, 'r4'));
	await bookHealthyPayments(ledger, done);
	await bookHealthyMovements(ledger, done);
	await bookHealthyOrders(ledger, done);
	await bookHealthyMending(ledger, done);
}

/** What a person captured, released and refunded, of a debit and of a payment. */
async function bookHealthyMending(
	ledger: TestLedger,
	done: (command: Parameters<TestLedger['submit']>[0]) => Promise<string>,
): Promise<void> {
	const card = await ledger.issue({amount: 90_00n});
	const debit = await done(authorize(ledger, card, 30_00n, 'h1'));
	const byHand = (verb: HandVerb) => ({key: handKey(debit, verb, 'k')});
	await done({...(capture(ledger, card, debit, 10_00n, '') as Capture), ...byHand('capture'), byHand: true});
	await done({...(undo(ledger, card, debit, 0n, '') as Undo), ...byHand('release'), byHand: 'release'});
	await done({...(undo(ledger, card, debit, 4_00n, '') as Undo), ...byHand('refund'), byHand: 'refund'});
	const cardIds = [card.cardId];
	const paid = {
		cardIds,
		paymentId: 'by hand',
		holdId: await done(pay(ledger, 'by hand', cardIds, 20_00n)),
	};
	const ofPayment = (verb: HandVerb) =>
		({key: handKey(rootOf('by hand').tid, verb, 'p'), byHand: true}) as const;
	await done({...settle(ledger, paid, 8_00n, ''), ...ofPayment('capture')});
	await done({...cancel(ledger, paid, ''), ...ofPayment('release')});
	await done({...refund(ledger, paid, 0n, ''), ...ofPayment('refund')});
}

/**
 * Orders that earn, earn more and give back, before and after it was spent, with both policies, and a payment with points of which three
 * are worth two cents.
 */
async function bookHealthyOrders(
	ledger: TestLedger,
	done: (command: Parameters<TestLedger['submit']>[0]) => Promise<string>,
): Promise<void> {
	const program = await ledger.openProgram({rate: {numerator: 2n, denominator: 3n}});
	const place = {...ledger, assetId: program.assetId};
	const wallet = await program.openWallet();
	const expiresAt = ledger.clock.now + 5 * day;
	await done(earn(place, wallet, {version: 1, target: 1000n}, {expiresAt}));
	await done(earn(place, wallet, {version: 2, target: 1500n}));
	const cardIds = [wallet.cardId];
	const presented = {presented: []};
	const paid = {
		cardIds,
		paymentId: 'points',
		holdId: await done(pay(ledger, 'points', cardIds, 5_00n, presented)),
	};
	await done(settle(ledger, paid, 3_34n, 's'));
	await done(earn(place, wallet, {version: 3, target: 0n}));
	await done(earn(place, wallet, {order: 'second', version: 1, target: 100n}));
	await done(refund(ledger, paid, 1_11n, 'r'));

	const owing = await program.openWallet();
	await done(earn(place, owing, {order: 'third', version: 1, target: 600n}));
	await done(earn(place, owing, {order: 'third', version: 2, target: 700n}));
	const spent = {cardIds: [owing.cardId], paymentId: 'owed'};
	const hold = await done(pay(ledger, 'owed', spent.cardIds, 4_00n));
	await done(earn(place, owing, {order: 'third', version: 3, target: 50n}, {clawback: 'owed'}));
	await done(settle(ledger, {...spent, holdId: hold}, 1_00n, 's'));
	await done(cancel(ledger, {...spent, holdId: hold}, 'c'));
	await done(earn(place, owing, {order: 'third', version: 2, target: 700n}));

	const expiring = await program.openWallet();
	await done(earn(place, expiring, {order: 'fourth', version: 1, target: 90n}, {expiresAt}));
	ledger.clock.now = expiresAt + day;
	await done(expire(ledger, expiring));
	await done(earn(place, expiring, {order: 'fourth', version: 2, target: 0n}));
	await done(earn(place, null, {order: 'fifth', version: 1, target: 0n}));
	await done(earn(place, expiring, {order: 'sixth', version: 1, target: 10n}));
}

/** Value that moves from card to card, in parts and as a whole, with a hold that stays behind, and corrections both ways. */
async function bookHealthyMovements(
	ledger: TestLedger,
	done: (command: Parameters<TestLedger['submit']>[0]) => Promise<string>,
): Promise<void> {
	const from = await ledger.issue({amount: 50_00n, expiresAt: ledger.clock.now + 20 * day});
	const to = await ledger.issue({amount: 1_00n});
	const held = await done(authorize(ledger, from, 5_00n, 'r1'));
	await done(transfer(ledger, from, to, 20_00n, 't1'));
	await done(undo(ledger, from, held, 2_00n, 'c1'));
	await done(adjust(ledger, from, 4_00n, 'a1', ledger.clock.now + 5 * day));
	await done(transfer(ledger, from, to, 0n, 't2'));
	await done(transfer(ledger, to, from, 10_00n, 't3'));
	await done(adjust(ledger, to, -6_00n, 'a2'));
	await ledger.submit(transfer(ledger, from, from, 1_00n, 't4'));
	await ledger.submit(adjust(ledger, to, -999_00n, 'a3'));
	await bookHealthyExtensions(ledger, done);
}

/** Cards that last longer: one with value in two lots and some of it held, and one that is empty. */
async function bookHealthyExtensions(
	ledger: TestLedger,
	done: (command: Parameters<TestLedger['submit']>[0]) => Promise<string>,
): Promise<void> {
	const expiresAt = ledger.clock.now + 5 * day;
	const card = await ledger.issue({amount: 12_00n, expiresAt});
	await done(adjust(ledger, card, 3_00n, 'a1', ledger.clock.now + 2 * day));
	await done(authorize(ledger, card, 2_00n, 'r1'));
	await done(extend(ledger, card, expiresAt + 20 * day, 'e1'));
	await ledger.submit(extend(ledger, card, expiresAt + 20 * day, 'e2'));
	const empty = await ledger.issue({amount: 5_00n, expiresAt});
	await done(adjust(ledger, empty, -5_00n, 'a1'));
	await done(extend(ledger, empty, expiresAt + 20 * day, 'e1'));
}

/** Payments of every outcome: settled in part, open, cancelled, denied, verified only, concluded, and a tombstone. */
async function bookHealthyPayments(
	ledger: TestLedger,
	done: (command: Parameters<TestLedger['submit']>[0]) => Promise<string>,
): Promise<void> {
	const cards = [await ledger.issue({amount: 30_00n}), await ledger.issue({amount: 60_00n})];
	const cardIds = cards.map(({cardId}) => cardId);
	const at = (paymentId: string, holdId: string | null) => ({paymentId, cardIds, holdId});

	const settled = at('settled', await done(pay(ledger, 'settled', cardIds, 50_00n)));
	await done(settle(ledger, settled, 30_00n, 's'));
	await done(cancel(ledger, settled, 'c'));
	await done(cancel(ledger, settled, 'c again'));
	await done(refund(ledger, settled, 10_00n, 'r'));
	await done(pay(ledger, 'open', cardIds, 12_00n, {opening: {...opening, holdUntil: noon + 90 * day}}));
	const over = at('over', await done(pay(ledger, 'over', cardIds, 5_00n)));
	await done(cancel(ledger, over, 'c'));
	await ledger.submit(pay(ledger, 'denied', cardIds, 999_00n));
	await done(pay(ledger, 'verified', [], 1_00n, {plan: {kind: 'verify'}}));
	await done(pay(ledger, 'concluded', [], 2_00n, {plan: {kind: 'wait'}}));
	await done(conclude(ledger, 'concluded', cardIds, 2_00n));
	await done(cancel(ledger, at('tombstone', null), 'of a tombstone'));
	await ledger.submit(pay(ledger, 'tombstone', cardIds, 1_00n));
}

/** Snapshots that have every entry: the horizon is held back while transactions of other tests last. */
export async function takeWholeSnapshot(prisma: PrismaClient, merchantId: number): Promise<void> {
	for (let isBehind = true; isBehind;) {
		await advanceSnapshots(prisma, merchantId);
		const [tail] = await prisma.$queryRaw<[{isBehind: boolean}]>`
			SELECT EXISTS (
				SELECT FROM entries e JOIN house_horizons h USING (merchant_id)
				WHERE h.merchant_id = ${merchantId}::int AND e.incarnation = h.incarnation AND e.xid::text::bigint >= h.horizon
			) AS "isBehind"`;
		({isBehind} = tail);
	}
}

/** A database with the books of two healthy merchants, to be damaged. */
export async function openHealthyBooks(): Promise<HealthyBooks> {
	const database = await openTestDatabase();
	for (const name of ['shop', 'other shop']) {
		const ledger = await openTestLedger(database, name);
		await bookHealthyTraffic(ledger);
		await takeWholeSnapshot(database.general.prisma, ledger.merchant.id);
		await sealAll(database, ledger.merchant.id);
	}

	await Promise.all([database.general.close(), database.writer.close()]);
	// One connection for all damage: a session's first look at a hundred tables costs more than the audit.
	const superuser = prepareDatabase(database.superuserUrl, {purpose: 'general', poolMax: 1, patienceMs});
	return {
		superuserUrl: database.superuserUrl,
		auditDamaged: async (statements, options) => auditAndUndo(superuser.prisma, statements, options),
		async close() {
			await superuser.close();
			await database.close();
		},
	};
}

export type HealthyBooks = {
	readonly superuserUrl: string;
	/**
	 * What the audit says after some statements were run by a superuser, with triggers and foreign keys off. They are undone, so that the next
	 * one finds healthy books.
	 */
	readonly auditDamaged: (statements: readonly string[], options?: AuditOptions) => Promise<AuditReport>;
	readonly close: () => Promise<void>;
};

async function auditAndUndo(
	prisma: PrismaClient,
	statements: readonly string[],
	options?: AuditOptions,
): Promise<AuditReport> {
	let report: AuditReport | undefined;
	const undo = new Error('Nothing of it is to stay.');
	const damaging = prisma.$transaction(
		async tx => {
			await damage(async sql => tx.$executeRawUnsafe(sql), statements);
			const inside = {$transaction: async (work: (own: typeof tx) => Promise<unknown>) => work(tx)};
			report = await audit(inside as unknown as PrismaClient, options);
			throw undo;
		},
		{isolationLevel: 'RepeatableRead', timeout: patienceMs, maxWait: patienceMs},
	);
	await damaging.catch((error: unknown) => {
		if (error !== undo) {
			throw error;
		}
	});
	if (report === undefined) {
		throw new Error('The audit said nothing.');
	}

	return report;
}

/** The same by an audit of several connections, which is why the damage stays. */
export async function auditDamagedForGood(
	{superuserUrl}: HealthyBooks,
	statements: readonly string[],
	{poolMax, ...options}: AuditOptions & {readonly poolMax: number},
): Promise<AuditReport> {
	const general = prepareDatabase(superuserUrl, {purpose: 'general', poolMax, patienceMs});
	try {
		await general.prisma.$transaction(async tx => damage(async sql => tx.$executeRawUnsafe(sql), statements));
		return await audit(general.prisma, options);
	} finally {
		await general.close();
	}
}

async function damage(
	execute: (sql: string) => Promise<number>,
	statements: readonly string[],
): Promise<void> {
	await execute('SET LOCAL session_replication_role = replica');
	for (const statement of statements) {
		const rows = await execute(statement);
		if (rows === 0 && !statement.startsWith('ALTER')) {
			throw new Error(`This damages nothing: ${statement}`);
		}
	}

	await execute('SET LOCAL session_replication_role = DEFAULT');
}
