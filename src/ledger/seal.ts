import {type Prisma, type PrismaClient} from '../db/client.ts';
import {tryLockName} from '../db/named-lock.ts';
import {type Instant} from './calendar.ts';
import {openIncarnation} from './incarnation.ts';
import {prepareForBlocks, readBlock} from './seal/block.ts';
import {beginning, noHash, sealHash, type SealHead} from './seal/canonical.ts';
import {marksOf} from './seal/marks.ts';
import {firstStride, placesAfter} from './seal/places.ts';
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
	let stride = firstStride;
	if (incarnation === null) {
		return {...done, isTaken: false, isBarred: true};
	}

	for (;;) {
		await rest?.(signal);
		await prisma.$queryRawUnsafe('SELECT summarize_commands()');
		const step = await prisma.$transaction(
			async tx => sealSome(tx, {merchantId, incarnation, clock, signal, blockMax, stride}),
			{timeout: timeoutMs, maxWait: 5000},
		);
		if (step === undefined) {
			const head = headOf(await lastSeal(prisma, merchantId));
			return {...done, head, isTaken: true, isBarred: false};
		}

		stride = step.stride;
		done = {seals: done.seals + step.seals, entries: done.entries + step.entries, head: step.head};
		if (!step.hasMore || signal?.aborted === true) {
			return {...done, isTaken: false, isBarred: false};
		}
	}
}

type Task = Required<Omit<SealOptions, 'signal' | 'rest'>> &
	Pick<SealOptions, 'signal'> & {
		readonly merchantId: number;
		readonly incarnation: number;
		readonly stride: bigint;
	};

type Step = {
	readonly seals: number;
	readonly entries: number;
	readonly head: string | undefined;
	readonly hasMore: boolean;
	readonly stride: bigint;
};

/** Some seals in one transaction; undefined where somebody else makes them. */
async function sealSome(tx: Prisma.TransactionClient, task: Task): Promise<Step | undefined> {
	const {merchantId, incarnation, blockMax, signal} = task;
	if (!(await tryLockName(tx, `seals ${merchantId}`))) {
		return undefined;
	}

	await prepareForBlocks(tx);
	const last = await lastSeal(tx, merchantId);
	let [from, previous, number] = [last?.to ?? beginning, last?.hash ?? noHash, last?.number ?? 0];
	const most = sealsPerTransaction * blockMax;
	const {places, stride} = await placesAfter(tx, {
		...{merchantId, incarnation, after: from, most, stride: task.stride},
	});
	const sealedAt = task.clock();
	let entries = 0;
	let seals = 0;
	while (entries < places.length && signal?.aborted !== true) {
		const block = places.slice(entries, entries + blockMax);
		const to = block.at(-1) ?? from;
		number++;
		previous = await insertSeal(tx, {
			...{merchantId, number, previous, from, to, entries: block.length, sealedAt},
		});
		from = to;
		entries += block.length;
		seals++;
	}

	const head = headOf(number === 0 ? undefined : {number, hash: previous});
	return {seals, entries, head, hasMore: places.length === most, stride};
}

function headOf(seal: {readonly number: number; readonly hash: string} | undefined): string | undefined {
	return seal && `${seal.number}:${seal.hash}`;
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
