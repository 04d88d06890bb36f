import {randomBytes} from 'node:crypto';
import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {openSeed, sealSeed} from './run-seed.ts';

/** The same key with other parameters, a date that has passed, a key that cannot be stored. Nothing was issued. */
export class IssueRefusedError extends Error {
	override readonly name = 'IssueRefusedError';
}

/** What must be the same when a run is repeated, by the name of the flag that says it. Surrogate ids only (B9). */
export type RunParameters = Readonly<Record<string, string | number | boolean | null>>;

/** The parameter that says for whom a run is, by number. */
export const ownerParameter = 'owner-…';

/** How the stored parameters of a run say for whom it is: a piece of JSON, to be found and replaced when the customer becomes another. */
export function storedOwner(customerId: string): string {
	return `"${ownerParameter}":"${ownerText(customerId)}"`;
}

/** The value of that parameter. */
export function ownerText(customerId: string): string {
	return `customer ${customerId}`;
}

/** A run of `cards:issue` under a key. */
export type IssueRun = {
	/** When its first attempt began; its cards are emitted then, whenever they are made. */
	readonly begunAt: Instant;
	/** Codes, PINs and ids derive from it (A15). Null a day after the run was completed: they are nobody's to print any more. */
	readonly seed: Buffer | null;
};

export type RunBeginning = {
	readonly merchantId: number;
	readonly key: string;
	readonly count: number;
	readonly parameters: RunParameters;
	readonly secretsKey: string;
	readonly now: Instant;
	/** Asked before a run begins that was never begun before; what it throws refuses the run. */
	readonly check: () => void;
};

const keyLengthMax = 200;
const seedBytes = 32;

/**
 * Begin a run, or find the one that was begun under this key. Of two that begin it at once, both get the same.
 * @throws {IssueRefusedError} when the key names a run with other parameters
 */
export async function beginIssueRun(prisma: PrismaClient, beginning: RunBeginning): Promise<IssueRun> {
	const {merchantId, key, count, parameters, secretsKey, now, check} = beginning;
	if (key.length > keyLengthMax || /\p{Cc}/u.test(key)) {
		throw new IssueRefusedError(`A run's key is plain text of at most ${keyLengthMax} characters.`);
	}

	const owner = `${merchantId}/${key}`;
	const where = {merchantId_key: {merchantId, key}};
	let row = await prisma.issueRun.findUnique({where});
	if (row === null) {
		check();
		const seed = new Uint8Array(sealSeed(randomBytes(seedBytes), secretsKey, owner));
		const data = {
			merchantId,
			key,
			parameters: JSON.stringify(parameters),
			count,
			seed,
			createdAt: new Date(now),
		};
		await prisma.issueRun.createMany({data, skipDuplicates: true});
		row = await prisma.issueRun.findUniqueOrThrow({where});
	}

	refuseOthers(
		key,
		{...(JSON.parse(row.parameters) as RunParameters), count: row.count},
		{...parameters, count},
	);
	return {
		begunAt: row.createdAt.getTime(),
		seed: row.seed === null ? null : openSeed(row.seed, secretsKey, owner),
	};
}

/** Note that all cards of a run exist. A day later its seed is destroyed by a job. */
export async function completeIssueRun(
	prisma: PrismaClient,
	merchantId: number,
	key: string,
	now: Instant,
): Promise<void> {
	await prisma.issueRun.updateMany({
		where: {merchantId, key, completedAt: null},
		data: {completedAt: new Date(now)},
	});
}

function refuseOthers(key: string, before: RunParameters, now: RunParameters): void {
	const differences = Object.keys(now)
		.filter(name => (before[name] ?? false) !== (now[name] ?? false))
		.map(name => `--${name} was ${shown(before[name])} and is now ${shown(now[name])}`);
	if (differences.length > 0) {
		throw new IssueRefusedError(
			`The key "${key}" belongs to another run: ${differences.join('; ')}. ` +
				'Repeat that run with the flags it had, or take another key for this one.',
		);
	}
}

function shown(value: string | number | boolean | null | undefined): string {
	return value === null || value === undefined || value === false
		? 'absent'
		: value === true
			? 'given'
			: String(value);
}
