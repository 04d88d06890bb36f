import {type Prisma, type PrismaClient} from '../db/client.ts';
import {tryLockName} from '../db/named-lock.ts';
import {type Instant} from './calendar.ts';
import {oldestRunning, openIncarnation} from './incarnation.ts';
import {place, prepareForBlocks, readBlock} from './seal/block.ts';
import {beginning, noHash, type Position, sealHash, type SealHead} from './seal/canonical.ts';
import {marksOf} from './seal/marks.ts';
import {lastSeal} from './seal/read.ts';

/*
 * Seals are made afterwards, of entries below the transaction-id horizon of (incarnation, xid): nothing is ever added below it (rules B5),
 * so what is sealed is final, and a debit pays nothing. Each seal's hash covers that of the one before: who changes an entry
 * and every seal after it has another head than the one that was kept elsewhere.
 */

/** What became of a merchant's seals. */
export type Sealing = {
	/** How many seals were made, and of how many entries. */
	readonly seals: number;
	readonly entries: number;
	/** `number:hash` of the last one that is there, whoever made it; undefined while there is none. */
	readonly head: string | undefined;
	/** Another process makes the merchant's seals just now. */
	readonly isTaken: boolean;
	/** Whether the role may not know which server this is: then nobody knows whether an entry is final, and nothing is sealed. */
	readonly isBarred: boolean;
};

export type SealOptions = {
	/** Asked for each transaction: a run may take long. */
	readonly clock: () => Instant;
	readonly signal?: AbortSignal | undefined;
	/** Awaited before each transaction, which seals a few thousand entries. */
	readonly rest?: ((signal?: AbortSignal) => Promise<void>) | undefined;
	/** Most entries of a seal. */
	readonly blockMax?: number;
};

// Read back as a whole when it is verified: some hundred kilobytes.
const usualBlockMax = 1000;
// The first run of a large installation has thousands; while a transaction lasts, what it might see is not tidied up after the others, and
// the work gives way to nobody.
const sealsPerTransaction = 5;
const timeoutMs = 30 * 60_000;

/**
 * Seal what a merchant's journal got since its last seal. Safe beside whoever does the same, and beside any traffic; nobody waits for it.
 */
export async function sealEntries(
	prisma: PrismaClient,
	merchantId: number,
	{clock, signal, rest, blockMax = usualBlockMax}: SealOptions,
): Promise<Sealing> {
	const incarnation = await openIncarnation(prisma);
	let done = {seals: 0, entries: 0, head: undefined as string | undefined};
	if (incarnation === null) {
		return {...done, isTaken: false, isBarred: true};
	}

	for (;;) {
		await rest?.(signal);
		await prisma.$queryRawUnsafe('SELECT summarize_commands()');
		const step = await prisma.$transaction(
			async tx => sealSome(tx, {merchantId, incarnation, clock, signal, blockMax}),
			{timeout: timeoutMs, maxWait: 5000},
		);
		if (step === undefined) {
			const head = headOf(await lastSeal(prisma, merchantId));
			return {...done, head, isTaken: true, isBarred: false};
		}

		done = {seals: done.seals + step.seals, entries: done.entries + step.entries, head: step.head};
		if (!step.hasMore || signal?.aborted === true) {
			return {...done, isTaken: false, isBarred: false};
		}
	}
}

type Task = Required<Omit<SealOptions, 'signal' | 'rest'>> &
	Pick<SealOptions, 'signal'> & {readonly merchantId: number; readonly incarnation: number};

type Step = {
	readonly seals: number;
	readonly entries: number;
	readonly head: string | undefined;
	readonly hasMore: boolean;
};

/** Some seals in one transaction; undefined where somebody else makes them. */
async function sealSome(tx: Prisma.TransactionClient, task: Task): Promise<Step | undefined> {
	const {merchantId, blockMax, signal} = task;
	if (!(await tryLockName(tx, `seals ${merchantId}`))) {
		return undefined;
	}

	await prepareForBlocks(tx);
	const last = await lastSeal(tx, merchantId);
	let [to, previous, number] = [last?.to ?? beginning, last?.hash ?? noHash, last?.number ?? 0];
	let seals = 0;
	let entries = 0;
	const blocks = await openBlocks(tx, task, to);
	const sealedAt = task.clock();
	let hasMore = true;
	while (seals < sealsPerTransaction && signal?.aborted !== true) {
		const end = await blocks.next();
		if (end === undefined) {
			hasMore = false;
			break;
		}

		const head = {merchantId, number: number + 1, previous, from: to, ...end, sealedAt};
		previous = await insertSeal(tx, head);
		[to, number] = [end.to, number + 1];
		[seals, entries] = [seals + 1, entries + end.entries];
		hasMore = end.entries === blockMax;
		if (!hasMore) {
			break;
		}
	}

	return {seals, entries, head: headOf(number === 0 ? undefined : {number, hash: previous}), hasMore};
}

function headOf(seal: {readonly number: number; readonly hash: string} | undefined): string | undefined {
	return seal && `${seal.number}:${seal.hash}`;
}

type End = {readonly to: Position; readonly entries: number};

/**
 * Where blocks end that begin after a place and lie below the horizon. The horizon is read first: whatever is below it has ended by then, and
 * every later statement sees all of it.
 */
async function openBlocks(
	tx: Prisma.TransactionClient,
	{merchantId, incarnation, blockMax}: Task,
	after: Position,
): Promise<{readonly next: () => Promise<End | undefined>}> {
	const [{horizon}] = await tx.$queryRawUnsafe<[{horizon: bigint}]>(`SELECT ${oldestRunning} AS horizon`);
	// What may be new is found by the summaries of the numbers; after a restore, when there is another incarnation, once from all of history.
	const isSameIncarnation = after.incarnation === incarnation;
	await tx.$executeRawUnsafe(
		`DECLARE unsealed NO SCROLL CURSOR FOR
		SELECT e.incarnation, e.xid::text AS xid, e.id AS "entryId" FROM entries e
		WHERE e.merchant_id = $1::int AND ${place} > ($2::smallint, $3::bigint, $4::uuid)
			AND ${
				isSameIncarnation
					? 'e.incarnation = $5::smallint AND e.xid::text::bigint >= $3::bigint AND e.xid::text::bigint < $6::bigint'
					: '(e.incarnation < $5::smallint OR (e.incarnation = $5::smallint AND e.xid::text::bigint < $6::bigint))'
			}
		ORDER BY e.incarnation, e.xid::text::bigint, e.id`,
		merchantId,
		after.incarnation,
		after.xid,
		after.entryId,
		incarnation,
		horizon,
	);
	return {
		async next() {
			const places = await tx.$queryRawUnsafe<Position[]>(`FETCH ${blockMax} FROM unsealed`);
			const to = places.at(-1);
			return to === undefined ? undefined : {to, entries: places.length};
		},
	};
}

/** Read a block, and write its seal. @returns its hash */
async function insertSeal(tx: Prisma.TransactionClient, head: SealHead): Promise<string> {
	const {merchantId, number, previous, from, to, sealedAt} = head;
	const entries = await readBlock(tx, merchantId, from, to);
	if (entries.length !== head.entries) {
		throw new Error(
			`Seal ${number} was to have ${head.entries} entries, and ${entries.length} were found. Nothing was sealed.`,
		);
	}

	const hash = sealHash(head, entries);
	await tx.$executeRawUnsafe(
		`INSERT INTO seals (merchant_id, number, from_incarnation, from_xid, from_entry, to_incarnation, to_xid, to_entry, entries,
			previous, hash, marks, sealed_at)
		VALUES ($1::int, $2::int, $3::smallint, $4::bigint, $5::uuid, $6::smallint, $7::bigint, $8::uuid, $9::int,
			decode($10, 'hex'), decode($11, 'hex'), $12::bytea, $13::timestamptz)`,
		merchantId,
		number,
		from.incarnation,
		from.xid,
		from.entryId,
		to.incarnation,
		to.xid,
		to.entryId,
		entries.length,
		previous,
		hash,
		marksOf(entries),
		new Date(sealedAt).toISOString(),
	);
	return hash;
}
