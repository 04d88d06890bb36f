import {type Prisma, type PrismaClient} from '../db/client.ts';
import {place, prepareForBlocks, readBlock} from './seal/block.ts';
import {beginning, columnsOf, forms, noHash, type Position, sealHash} from './seal/canonical.ts';
import {type Alteration, alterations, marksOf, readMarks} from './seal/marks.ts';
import {findSeal, nextSeal, type Seal} from './seal/read.ts';

/** A head that was kept elsewhere: which seal it was, and its hash, 64 hexadecimal digits. */
export type Head = {readonly number: number; readonly hash: string};

/** What is not as it was sealed: a sentence, the table, and the ids of the row. No personal data. */
export type SealFinding = {
	readonly problem: string;
	readonly table: string;
	readonly seal: number;
} & Readonly<Record<string, string | number>>;

/** What the seals of one merchant say about its journal. */
export type Verification = {
	readonly ok: boolean;
	/** `number:hash` of the last seal, to be kept elsewhere; null while there is none. */
	readonly head: string | null;
	/** How many seals and entries were replayed. */
	readonly seals: number;
	readonly entries: number;
	/** How many entries are not sealed yet. */
	readonly unsealed: number;
	/** The first of what was found, in the order of the seals; nothing after `findingsMax` of them was looked at. */
	readonly findings: readonly SealFinding[];
};

export type VerifyOptions = {
	/** Begin after this seal, which must be there with this hash. */
	readonly from?: Head | undefined;
	/** A seal that must be there with this hash, while everything is replayed. */
	readonly kept?: Head | undefined;
	readonly signal?: AbortSignal | undefined;
};

/** Whoever has more findings than these needs a backup, not a list. */
export const findingsMax = 20;
const timeoutMs = 12 * 3_600_000;

/**
 * Replay a merchant's seals over its journal, from the first or a given one on, in one moment beside live traffic. It reads a block at a time.
 * @param prisma - of the general database
 */
export async function verifySeals(
	prisma: PrismaClient,
	merchantId: number,
	options: VerifyOptions = {},
): Promise<Verification> {
	return prisma.$transaction(
		async tx => {
			await tx.$executeRawUnsafe('SET TRANSACTION READ ONLY');
			await prepareForBlocks(tx);
			return replay(tx, merchantId, options);
		},
		{isolationLevel: 'RepeatableRead', timeout: timeoutMs, maxWait: 5000},
	);
}

async function replay(
	tx: Prisma.TransactionClient,
	merchantId: number,
	{from, kept, signal}: VerifyOptions,
): Promise<Verification> {
	const findings: SealFinding[] = [];
	for (const head of [from, kept]) {
		findings.push(
			...(head === undefined ? [] : keptProblems(head, await findSeal(tx, merchantId, head.number))),
		);
	}

	let last = from === undefined ? undefined : await findSeal(tx, merchantId, from.number);
	let seals = 0;
	let entries = 0;
	const begin = last?.number ?? from?.number ?? 0;
	for (let number = begin; findings.length < findingsMax; seals++) {
		signal?.throwIfAborted();
		const next = await nextSeal(tx, merchantId, number);
		if (next === undefined) {
			break;
		}

		// After a head that is not there nothing is known of what came before.
		const isKnown = last !== undefined || number === 0;
		const links = isKnown ? linkProblems(next.seal, last) : [];
		// Rows of other entries than those that were sealed would tell nothing.
		const isPlaced = !isKnown || isSamePlace(next.seal.from, last?.to ?? beginning);
		findings.push(...links, ...(isPlaced ? await blockProblems(tx, next) : []));
		last = next.seal;
		({number} = last);
		entries += last.entries;
	}

	return {
		ok: findings.length === 0,
		head: last === undefined ? null : `${last.number}:${last.hash}`,
		seals,
		entries,
		unsealed: await countAfter(tx, merchantId, last?.to ?? beginning),
		findings: findings.slice(0, findingsMax),
	};
}

function keptProblems({number, hash}: Head, seal: Seal | undefined): SealFinding[] {
	const problem =
		seal === undefined
			? `There is no seal ${number}, and its hash was kept: seals were removed, or this is an older copy.`
			: seal.hash === hash
				? undefined
				: `Seal ${number} has another hash than the one that was kept: it was made again, for another history.`;
	return problem === undefined ? [] : [{problem, table: 'seals', seal: number}];
}

/** Whether a seal goes on where the one before it ends. */
function linkProblems({number, previous, from}: Seal, last: Seal | undefined): SealFinding[] {
	const of = {table: 'seals', seal: number};
	const expected = (last?.number ?? 0) + 1;
	if (number !== expected) {
		const gone = expected === number - 1 ? `Seal ${expected} is` : `Seals ${expected} to ${number - 1} are`;
		return [{problem: `${gone} gone, before this one.`, ...of}];
	}

	const isLinked = previous === (last?.hash ?? noHash) && isSamePlace(from, last?.to ?? beginning);
	return isLinked ? [] : [{problem: 'It does not follow from the seal before it.', ...of}];
}

function isSamePlace(a: Position, b: Position): boolean {
	return a.incarnation === b.incarnation && a.xid === b.xid && a.entryId === b.entryId;
}

/** Whether the rows that a seal is about are those that were sealed. */
async function blockProblems(
	tx: Prisma.TransactionClient,
	{seal, marks}: {readonly seal: Seal; readonly marks: Uint8Array},
): Promise<SealFinding[]> {
	const {number} = seal;
	const entries = await readBlock(tx, seal.merchantId, seal.from, seal.to);
	const isRight = sealHash(seal, entries) === seal.hash;
	const hasRightMarks = marksOf(entries).equals(marks);
	if (isRight && hasRightMarks) {
		return [];
	}

	const of = {table: 'seals', seal: number};
	if (isRight) {
		return [{problem: 'Its marks were changed; what it seals was not.', ...of}];
	}

	const marked = readMarks(marks);
	if (marked === undefined) {
		return [{problem: 'Its marks were changed, and what it seals is not what was sealed.', ...of}];
	}

	const following = await findSeal(tx, seal.merchantId, number + 1);
	if (marked.at(-1)?.id !== seal.to.entryId || (following && !isSamePlace(following.from, seal.to))) {
		return [{problem: 'Where it ends was changed, or where the next one begins.', ...of}];
	}

	const altered = alterations(marked, entries).slice(0, findingsMax);
	return altered.length > 0
		? altered.map(one => findingOf(one, number))
		: [{problem: 'It was changed itself, or together with a row and the mark of that.', ...of}];
}

const words = {
	changed: 'is not as it was sealed',
	added: 'was not there when its time was sealed',
	gone: 'is gone',
};

function findingOf({table, entryId, what, line}: Alteration, seal: number): SealFinding {
	if (line === undefined) {
		const noun = table === 'entries' ? 'The entry' : `A ${forms[table].word} of the entry`;
		return {problem: `${noun} ${words[what]}.`, table, seal, entry: entryId};
	}

	const columns = columnsOf(table, line);
	const names = table === 'entries' ? [] : forms[table].names;
	const rest = Object.entries(columns).filter(
		([name]) => !names.includes(name) && !['merchant_id', 'entry_id', 'id'].includes(name),
	);
	const now = rest.map(([name, value]) => `${name} ${value}`).join(', ');
	const ids = names.map(name => [name, columns[name] ?? ''] as const);
	const verb = what === 'changed' ? 'It' : `This ${forms[table].word}`;
	return {
		problem: `${verb} ${words[what]}. It says now: ${now}.`,
		table,
		seal,
		entry: entryId,
		...Object.fromEntries(ids),
	};
}

async function countAfter(
	tx: Prisma.TransactionClient,
	merchantId: number,
	{incarnation, xid, entryId}: Position,
): Promise<number> {
	const [{count}] = await tx.$queryRawUnsafe<[{count: number}]>(
		`SELECT count(*)::float8 AS count FROM entries e
		WHERE e.merchant_id = $1::int AND e.incarnation >= $2::smallint AND ${place} > ($2::smallint, $3::bigint, $4::uuid)`,
		merchantId,
		incarnation,
		xid,
		entryId,
	);
	return count;
}
