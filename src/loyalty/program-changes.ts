import {type Prisma, type PrismaClient} from '../db/client.ts';
import {lockNames} from '../db/named-lock.ts';
import {type Instant} from '../ledger/calendar.ts';
import {assetNumbers} from '../merchants/assets.ts';
import {type Asset, pointsAsset} from '../money/asset.ts';
import {type Rate} from '../money/convert.ts';
import {type Program, type ProgramSettings} from './program.ts';
import {columnsOf, readPrograms} from './program-rows.ts';
import {problemOf} from './program-settings.ts';
import {programNamed} from './programs.ts';

/** A rate to be added: what one minor unit of the points is worth in minor units of the currency. */
export type NewRate = {
	/** Of the merchant's asset. */
	readonly currencyId: number;
	readonly rate: Rate;
	/** Now, where it is left out. */
	readonly from?: Instant | undefined;
};

export type NewProgram = {
	readonly asset: {readonly code: string; readonly scale: number};
	readonly settings: ProgramSettings;
	readonly rates: readonly NewRate[];
};

export type ProgramChanges = {
	/** What is left out stays. */
	readonly settings: Partial<ProgramSettings>;
	readonly rates: readonly NewRate[];
};

/** What was asked of a program cannot be; the message says what to do. Nothing was changed. */
export class ProgramRefusedError extends Error {
	override readonly name = 'ProgramRefusedError';
}

/**
 * Make a program, and its points.
 *
 * @param clock - asked once nobody else changes programs of the merchant
 * @throws ProgramRefusedError for settings that nobody could use, and for a name or points that are taken; RangeError for a code that
 * cannot be that of points
 */
export async function createProgram(
	prisma: PrismaClient,
	merchantId: number,
	{asset, settings, rates}: NewProgram,
	clock: () => Instant,
): Promise<Program> {
	const points = pointsAsset(asset.code, asset.scale);
	check(settings, points);
	return oneAtATime(prisma, merchantId, async tx => {
		const programs = await readPrograms(tx, merchantId);
		refuseTaken(programs, settings.name);
		const assetId = await makePoints(tx, merchantId, points, programs);
		const data = {...columnsOf(settings), merchantId, assetId};
		const {id} = await tx.program.create({data, select: {id: true}});
		await addRates(tx, {merchantId, id, rates: [], name: settings.name}, rates, clock());
		return readOne(tx, merchantId, id);
	});
}

/**
 * Change what is given of a program, and add rates to it. Rates stay as they are: from its instant on a new one takes over (decision 17).
 * Of two changes at once none is lost.
 *
 * @param name - of the program; without one the merchant's only one
 * @param clock - asked once nobody else changes programs of the merchant
 * @throws UnknownProgramError; ProgramRefusedError for settings that nobody could use, and for a rate that would begin in the past or
 * where another one begins
 */
export async function updateProgram(
	prisma: PrismaClient,
	merchantId: number,
	name: string | undefined,
	{settings, rates}: ProgramChanges,
	clock: () => Instant,
): Promise<Program> {
	return oneAtATime(prisma, merchantId, async tx => {
		const programs = await readPrograms(tx, merchantId);
		const program = programNamed(programs, name);
		const changed = {...program, ...settings};
		check(changed, program.asset);
		if (changed.name !== program.name) {
			refuseTaken(programs, changed.name);
		}

		const {id} = program;
		const where = {merchantId_id: {merchantId, id}};
		await tx.program.update({where, data: columnsOf(changed), select: {id: true}});
		await addRates(tx, {merchantId, ...program}, rates, clock());
		return readOne(tx, merchantId, id);
	});
}

// People wait for each other here, and what they do takes milliseconds.
const patienceMs = 5000;

/** Changes are few, and each is judged by what the one before it has left. */
async function oneAtATime<Result>(
	prisma: PrismaClient,
	merchantId: number,
	work: (tx: Prisma.TransactionClient) => Promise<Result>,
): Promise<Result> {
	return prisma.$transaction(
		async tx => {
			await lockNames(tx, [`programs ${merchantId}`], patienceMs);
			return work(tx);
		},
		{maxWait: patienceMs, timeout: 3 * patienceMs},
	);
}

function check(settings: ProgramSettings, asset: Asset): void {
	const problem = problemOf(settings, asset);
	if (problem !== undefined) {
		throw new ProgramRefusedError(problem);
	}
}

function refuseTaken(programs: readonly Program[], name: string): void {
	if (programs.some(program => program.name === name)) {
		throw new ProgramRefusedError(
			`There is a loyalty program "${name}" already. programs:update changes it; a new one needs another name.`,
		);
	}
}

/** Points belong to one program: two would give them two rates. */
async function makePoints(
	tx: Prisma.TransactionClient,
	merchantId: number,
	{code, scale}: Asset,
	programs: readonly Program[],
): Promise<number> {
	const owner = programs.find(({asset}) => asset.code === code);
	if (owner !== undefined) {
		throw new ProgramRefusedError(
			`${code} are the points of "${owner.name}" already. Choose another code for the new ones.`,
		);
	}

	const taken = await tx.asset.findUnique({where: {merchantId_code: {merchantId, code}}});
	if (taken !== null) {
		throw new ProgramRefusedError(`${code} is the code of something else already. Choose another one.`);
	}

	const data = {merchantId, code, scale, kind: assetNumbers.points};
	return (await tx.asset.create({data, select: {id: true}})).id;
}

async function addRates(
	tx: Prisma.TransactionClient,
	{merchantId, id, name, rates}: Pick<Program, 'id' | 'name' | 'rates'> & {readonly merchantId: number},
	added: readonly NewRate[],
	now: Instant,
): Promise<void> {
	for (const {currencyId, rate, from} of added) {
		const begins = rates.filter(known => known.currencyId === currencyId).map(known => known.from);
		if (from !== undefined && from < now) {
			throw new ProgramRefusedError(
				'What points were worth in the past was told to shoppers. Let a new rate begin now or later.',
			);
		}

		if (from !== undefined && begins.includes(from)) {
			throw new ProgramRefusedError(
				`"${name}" has a rate of this currency from ${new Date(from).toISOString()} already, and rates are never changed. Let the new one begin a little later.`,
			);
		}

		await tx.programRate.create({
			data: {
				...{merchantId, programId: id, currencyId, ...rate},
				effectiveFrom: new Date(from ?? firstFree(begins, now)),
			},
		});
	}
}

/** The instant at which nothing begins yet: of two rates "from now on" in one millisecond the later one must take over. */
function firstFree(begins: readonly Instant[], now: Instant): Instant {
	return begins.includes(now) ? firstFree(begins, now + 1) : now;
}

async function readOne(tx: Prisma.TransactionClient, merchantId: number, id: number): Promise<Program> {
	const [program] = await readPrograms(tx, merchantId, id);
	if (program === undefined) {
		throw new Error('A program is gone that was there a moment ago.');
	}

	return program;
}
