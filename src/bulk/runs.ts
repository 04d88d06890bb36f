import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';

/** What a run imports → the number that stands for it in the database. */
export const runKinds = {credits: 1, cards: 2} as const;

export type RunKind = keyof typeof runKinds;

/** A file that was begun to be imported. */
export type ImportRun = {
	readonly id: number;
	readonly name: string;
	readonly begunAt: Instant;
	/** When its last line was done; null while it is interrupted. */
	readonly completedAt: Instant | null;
	/** When it was begun to be taken back. */
	readonly undoneAt: Instant | null;
};

/** Which run is meant: that of a name, or without one that of the file. */
export type RunWish = {
	readonly kind: RunKind;
	readonly name: string | undefined;
	/** SHA-256 of the file. */
	readonly digest: Buffer;
};

/** A run that cannot be begun or gone on with. The message says why, and what to do. */
export class RunRefusedError extends Error {
	override readonly name = 'RunRefusedError';
}

const nameLengthMax = 200;

const columns = {
	id: true,
	name: true,
	kind: true,
	digest: true,
	begunAt: true,
	completedAt: true,
	undoneAt: true,
};

/**
 * The run of a name or a file, if it was begun before.
 * @throws {RunRefusedError} when the name is another file's, the file has another name already, or the run was taken back
 */
export async function findRun(
	prisma: PrismaClient,
	merchantId: number,
	{kind, name, digest}: RunWish,
): Promise<ImportRun | undefined> {
	refuseName(name);
	const rows = await prisma.importRun.findMany({
		select: columns,
		where: {merchantId, OR: [{digest: new Uint8Array(digest)}, ...(name === undefined ? [] : [{name}])]},
		orderBy: {id: 'asc'},
	});
	const named = rows.find(row => row.name === (name ?? defaultName(kind, digest)));
	if (named !== undefined && (named.kind !== runKinds[kind] || !digest.equals(named.digest))) {
		throw new RunRefusedError(
			`The run "${named.name}" imported another file. Give this one a --run name of its own, or none.`,
		);
	}

	const ofFile = rows.filter(row => row.kind === runKinds[kind] && digest.equals(row.digest));
	// What was taken back may be imported anew, under a name that says so.
	const standing = ofFile.find(row => row.undoneAt === null);
	if (name !== undefined && named === undefined && standing !== undefined) {
		throw new RunRefusedError(
			`This file is the run "${standing.name}" already. Leave --run out to go on with it; to give everything once more, change the file.`,
		);
	}

	const found = named ?? (name === undefined ? (standing ?? ofFile.at(-1)) : undefined);
	if (found === undefined) {
		return undefined;
	}

	const run = runOf(found);
	refuseUndone(run);
	return run;
}

/**
 * Begin a run, or find it. Of two that begin it at once, both get the same.
 * @param rows - lines with something to do, at least one
 * @throws {RunRefusedError} as `findRun`
 */
export async function beginRun(
	prisma: PrismaClient,
	merchantId: number,
	wish: RunWish & {readonly rows: number; readonly actorId: number; readonly now: Instant},
): Promise<ImportRun> {
	const known = await findRun(prisma, merchantId, wish);
	if (known !== undefined) {
		return known;
	}

	const {kind, name, digest, rows, actorId, now} = wish;
	await prisma.importRun.createMany({
		data: {
			merchantId,
			name: name ?? defaultName(kind, digest),
			kind: runKinds[kind],
			digest: new Uint8Array(digest),
			rows,
			actorId,
			begunAt: new Date(now),
		},
		skipDuplicates: true,
	});
	const begun = await findRun(prisma, merchantId, wish);
	if (begun === undefined) {
		throw new Error('The run that was just begun is not there.');
	}

	return begun;
}

/** Note that every line of a run was done. */
export async function completeRun(
	prisma: PrismaClient,
	merchantId: number,
	id: number,
	now: Instant,
): Promise<void> {
	await prisma.importRun.updateMany({
		where: {merchantId, id, completedAt: null},
		data: {completedAt: new Date(now)},
	});
}

/**
 * Look whether a run still goes on.
 * @throws {RunRefusedError} when somebody has begun to take it back meanwhile
 */
export async function checkStanding(prisma: PrismaClient, merchantId: number, id: number): Promise<void> {
	const where = {merchantId_id: {merchantId, id}};
	refuseUndone(runOf(await prisma.importRun.findUniqueOrThrow({select: columns, where})));
}

/** What a file is called that nobody gave a name. */
function defaultName(kind: RunKind, digest: Buffer): string {
	return `${kind}-${digest.toString('hex').slice(0, 16)}`;
}

function refuseName(name: string | undefined): void {
	if (name !== undefined && (name === '' || name.length > nameLengthMax || /\p{Cc}/u.test(name))) {
		throw new RunRefusedError(`The name of a run is plain text of at most ${nameLengthMax} characters.`);
	}
}

function refuseUndone({name, undoneAt}: ImportRun): void {
	if (undoneAt !== null) {
		throw new RunRefusedError(
			`The run "${name}" was taken back, and nothing more of it is imported. To give it all the same, name a new run by --run.`,
		);
	}
}

type Row = {
	readonly id: number;
	readonly name: string;
	readonly begunAt: Date;
	readonly completedAt: Date | null;
	readonly undoneAt: Date | null;
};

function runOf({id, name, begunAt, completedAt, undoneAt}: Row): ImportRun {
	return {
		id,
		name,
		begunAt: begunAt.getTime(),
		completedAt: completedAt?.getTime() ?? null,
		undoneAt: undoneAt?.getTime() ?? null,
	};
}
