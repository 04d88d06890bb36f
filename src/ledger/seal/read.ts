import {type Prisma} from '../../db/client.ts';
import {ms} from '../store/rows.ts';
import {type SealHead} from './canonical.ts';

/** A seal as it is stored; its hash is 64 hexadecimal digits. */
export type Seal = SealHead & {readonly hash: string};

type Row = [
	...[merchantId: number, number: number, previous: string],
	...[fromIncarnation: number, fromXid: string, fromEntry: string],
	...[toIncarnation: number, toXid: string, toEntry: string],
	...[entries: number, sealedAt: number, hash: string],
];

const columns = `json_build_array(merchant_id, number, encode(previous, 'hex'), from_incarnation, from_xid::text, from_entry,
	to_incarnation, to_xid::text, to_entry, entries, ${ms('sealed_at')}, encode(hash, 'hex'))::text AS seal`;

function sealOf(text: string): Seal {
	const [merchantId, number, previous, fromIncarnation, fromXid, fromEntry, ...rest] = JSON.parse(
		text,
	) as Row;
	const [toIncarnation, toXid, toEntry, entries, sealedAt, hash] = rest;
	return {
		...{merchantId, number, previous, entries, sealedAt, hash},
		from: {incarnation: fromIncarnation, xid: fromXid, entryId: fromEntry},
		to: {incarnation: toIncarnation, xid: toXid, entryId: toEntry},
	};
}

/** The last seal of a merchant; undefined while there is none. */
export async function lastSeal(tx: Prisma.TransactionClient, merchantId: number): Promise<Seal | undefined> {
	const [row] = await tx.$queryRawUnsafe<{seal: string}[]>(
		`SELECT ${columns} FROM seals WHERE merchant_id = $1::int ORDER BY number DESC LIMIT 1`,
		merchantId,
	);
	return row === undefined ? undefined : sealOf(row.seal);
}

/** The seal of a number, if there is one. */
export async function findSeal(
	tx: Prisma.TransactionClient,
	merchantId: number,
	number: number,
): Promise<Seal | undefined> {
	const [row] = await tx.$queryRawUnsafe<{seal: string}[]>(
		`SELECT ${columns} FROM seals WHERE merchant_id = $1::int AND number = $2::int`,
		merchantId,
		number,
	);
	return row === undefined ? undefined : sealOf(row.seal);
}

/** The next seal after a number, with its marks. */
export async function nextSeal(
	tx: Prisma.TransactionClient,
	merchantId: number,
	number: number,
): Promise<{readonly seal: Seal; readonly marks: Uint8Array} | undefined> {
	const [row] = await tx.$queryRawUnsafe<{seal: string; marks: Uint8Array}[]>(
		`SELECT ${columns}, marks FROM seals WHERE merchant_id = $1::int AND number > $2::int ORDER BY number LIMIT 1`,
		merchantId,
		number,
	);
	return row === undefined ? undefined : {seal: sealOf(row.seal), marks: row.marks};
}
