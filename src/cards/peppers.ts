import {type Prisma, type PrismaClient} from '../db/client.ts';
import {oneByOne} from '../merchants/starting.ts';
import {hashCode, type Pepper, pepperCheckValue} from './pepper.ts';
import {codeCandidates} from './redemption-code.ts';

/** The peppers of an installation: new codes are hashed with the current one, and codes are looked up under all (B8). */
export type Peppers = {readonly current: Pepper; readonly all: readonly Pepper[]};

/** The configured peppers are not those under which this database's codes were stored: no card would be found. */
export class PepperMismatchError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'PepperMismatchError';
	}
}

/**
 * Recognise the configured peppers by the check values that the database keeps, and record a new one. The first start
 * records all of them.
 * @param keys - CODE_PEPPER as configured, the current one first; at least one
 * @throws {PepperMismatchError} when none is known, or one is missing under which codes are stored (B8)
 */
export async function openPeppers(prisma: PrismaClient, keys: readonly string[]): Promise<Peppers> {
	// As a rule all are known, and many scripts that start at once need not wait for each other.
	const known = (await recognise(prisma, keys)).map(({key, id}) =>
		id === undefined ? undefined : {id, key},
	);
	return peppersOf(known.every(pepper => pepper !== undefined) ? known : await record(prisma, keys));
}

/** All values under which a code may be stored, as somebody typed it; none where it cannot be a code. */
export function codeHashes(
	{all}: Peppers,
	typed: string,
	{foreignCodes}: {readonly foreignCodes: boolean},
): Buffer[] {
	return codeCandidates(typed, foreignCodes).flatMap(candidate =>
		all.map(({key}) => hashCode(candidate, key)),
	);
}

type Given = {
	readonly key: Buffer;
	readonly checkValue: Uint8Array<ArrayBuffer>;
	readonly id: number | undefined;
};

async function recognise(prisma: Prisma.TransactionClient, keys: readonly string[]): Promise<Given[]> {
	const recorded = await prisma.pepper.findMany();
	const given = keys.map(text => {
		const key = Buffer.from(text, 'utf8');
		const checkValue = new Uint8Array(pepperCheckValue(key));
		return {key, checkValue, id: recorded.find(row => isSame(row.checkValue, checkValue))?.id};
	});
	if (recorded.length > 0 && given.every(({id}) => id === undefined)) {
		throw new PepperMismatchError(
			'CODE_PEPPER is not the key under which this database stored its redemption codes. Set it to its old value; to change it, set CODE_PEPPER=new,old.',
		);
	}

	const missing = recorded.map(({id}) => id).filter(id => given.every(one => one.id !== id));
	if (missing.length > 0 && (await areNeeded(prisma, missing))) {
		throw new PepperMismatchError(
			'Cards of this database have codes or PINs under an older CODE_PEPPER that is not given. Add it: CODE_PEPPER=new,old.',
		);
	}

	return given;
}

async function areNeeded(prisma: Prisma.TransactionClient, pepperIds: number[]): Promise<boolean> {
	const where = {pepperId: {in: pepperIds}};
	return (
		(await prisma.card.findFirst({where, select: {id: true}})) !== null ||
		(await prisma.cardPin.findFirst({where, select: {cardId: true}})) !== null
	);
}

/** Record those that are new; of two processes of one new installation that start at once, one does. */
async function record(prisma: PrismaClient, keys: readonly string[]): Promise<Pepper[]> {
	return oneByOne(prisma, 'peppers', async tx => {
		const peppers: Pepper[] = [];
		for (const {key, checkValue, id} of await recognise(tx, keys)) {
			peppers.push({key, id: id ?? (await tx.pepper.create({data: {checkValue}})).id});
		}

		return peppers;
	});
}

function peppersOf(all: readonly Pepper[]): Peppers {
	const [current] = all;
	if (current === undefined) {
		throw new PepperMismatchError('No CODE_PEPPER is given; make one with: openssl rand -base64 48.');
	}

	return {current, all};
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
	return Buffer.compare(a, b) === 0;
}
