import {type PrismaClient} from '../db/client.ts';
import {bytesArray, plainArray} from '../ledger/store/arrays.ts';
import {type Peppers} from './peppers.ts';
import {hashPin, isPin, type StoredPin} from './pins.ts';

/** A card of a run, by its id, a UUID, and the PIN that the run's seed has for it. */
export type SeededPin = {readonly publicId: string; readonly pin: string};

// In the order of the rows, so that two processes with the same run never wait for each other.
const insertSql = `INSERT INTO card_pins (merchant_id, card_id, pepper_id, pin_hash)
	SELECT c.merchant_id, c.id, $2::smallint, v.pin_hash
	FROM unnest($3::uuid[], $4::bytea[]) AS v (public_id, pin_hash)
	JOIN cards c ON c.merchant_id = $1::int AND c.public_id = v.public_id
	ORDER BY c.id ON CONFLICT DO NOTHING`;

const readSql = `SELECT json_agg(json_build_array(c.public_id, p.pepper_id, encode(p.pin_hash, 'hex')))::text AS pins
	FROM cards c JOIN card_pins p ON p.merchant_id = c.merchant_id AND p.card_id = c.id
	WHERE c.merchant_id = $1::int AND c.public_id = ANY ($2::uuid[])`;

type Row = [publicId: string, pepperId: number, hash: string];

/**
 * Give issued cards the PINs of their run; those that have one keep it. Doing it again changes nothing.
 * @returns the PIN of each card, in their order; null where somebody has changed it since, and the run does not know it
 */
export async function writeSeededPins(
	{prisma, peppers}: {readonly prisma: PrismaClient; readonly peppers: Peppers},
	merchantId: number,
	cards: readonly SeededPin[],
): Promise<(string | null)[]> {
	const {current} = peppers;
	const publicIds = plainArray(cards.map(({publicId}) => publicId));
	const hashes = cards.map(({publicId, pin}) => hashPin(publicId, pin, current.key));
	await prisma.$executeRawUnsafe(insertSql, merchantId, current.id, publicIds, bytesArray(hashes));
	const [row] = await prisma.$queryRawUnsafe<[{pins: string | null}]>(readSql, merchantId, publicIds);
	const stored = new Map(
		(JSON.parse(row.pins ?? '[]') as Row[]).map(([publicId, pepperId, hash]) => [
			publicId,
			{pepperId, hash: Buffer.from(hash, 'hex')} satisfies StoredPin,
		]),
	);
	return cards.map(({publicId, pin}) => {
		const found = stored.get(publicId);
		return found !== undefined && isPin(peppers, found, publicId, pin) ? pin : null;
	});
}
