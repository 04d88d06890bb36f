import {type PrismaClient} from '../db/client.ts';
import {lockNames} from '../db/named-lock.ts';
import {type Pepper, pepperCheckValue} from './pepper.ts';

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
	return prisma.$transaction(async tx => {
		// Two processes of one new installation may start at once.
		await lockNames(tx, ['peppers']);
		const recorded = await tx.pepper.findMany();
		const all: Pepper[] = [];
		const given = keys.map(text => {
			const key = Buffer.from(text, 'utf8');
			const checkValue = new Uint8Array(pepperCheckValue(key));
			return {key, checkValue, known: recorded.find(row => isSame(row.checkValue, checkValue))};
		});
		if (recorded.length > 0 && given.every(({known}) => known === undefined)) {
			throw new PepperMismatchError(
				'CODE_PEPPER is not the key under which this database stored its redemption codes. Set it to its old value; to change it, set CODE_PEPPER=new,old.',
			);
		}

		const missing = recorded.filter(({id}) => !given.some(({known}) => known?.id === id)).map(({id}) => id);
		if (
			missing.length > 0 &&
			(await tx.card.findFirst({where: {pepperId: {in: missing}}, select: {id: true}}))
		) {
			throw new PepperMismatchError(
				'Cards of this database have codes under an older CODE_PEPPER that is not given. Add it: CODE_PEPPER=new,old.',
			);
		}

		for (const {key, checkValue, known} of given) {
			const {id} = known ?? (await tx.pepper.create({data: {checkValue}}));
			all.push({id, key});
		}

		const [current] = all;
		if (current === undefined) {
			throw new PepperMismatchError('No CODE_PEPPER is given; make one with: openssl rand -base64 48.');
		}

		return {current, all};
	});
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
	return Buffer.compare(a, b) === 0;
}
