import {createHash} from 'node:crypto';
import {ValueRefusedError} from '../cards/value-moves.ts';
import {type Prisma, type PrismaClient} from '../db/client.ts';
import {lockNames} from '../db/named-lock.ts';
import {type Instant, localDate} from '../ledger/calendar.ts';
import {type MerchantAsset} from '../merchants/assets.ts';
import {formatMoney} from '../money/amount.ts';
import {type Action} from './actions.ts';
import {adminRoleNumbers} from './admins.ts';

/** Value that an action is about to give out, once for each asset. */
export type Giving = {
	readonly asset: MerchantAsset;
	/** All of it, in minor units of the asset; above zero. */
	readonly amount: bigint;
	/** What makes it happen once, where something does: a repetition under it counts no second time. */
	readonly once?: string | undefined;
};

type Day = {readonly timeZone: string; readonly now: Instant};

// Somebody who starts several commands at once waits for their reservations, each of which takes milliseconds.
const patienceMs = 10_000;

/**
 * Reserve value before it moves. A person's reservations are made one after the other, so that two commands at once cannot both have
 * what is left of a day.
 * @throws {ValueRefusedError} when the role of the action's actor may not give out as much by one command or in one day
 */
export async function reserveGiving(
	prisma: PrismaClient,
	action: Action,
	{asset, amount, once}: Giving,
	{timeZone, now}: Day,
): Promise<void> {
	const {merchantId, id, actorId} = action;
	const day = localDate(now, timeZone);
	const digest = once === undefined ? null : createHash('sha256').update(once).digest();
	const reserve = async (tx: Prisma.TransactionClient) => {
		await lockNames(tx, [`giving ${merchantId} ${actorId}`], patienceMs);
		const {perCommand, perDay} = await limitOf(tx, action, asset.id);
		if (perCommand !== null && amount > perCommand) {
			throw overCommand(action, asset, amount, perCommand);
		}

		const before = await givenOn(tx, action, {assetId: asset.id, day});
		await tx.$executeRaw`
			INSERT INTO action_values (merchant_id, action_id, asset_id, day, reserved, once)
			VALUES (${merchantId}::int, ${id}::int, ${asset.id}::int, ${day}::date, ${amount}::bigint, ${digest}::bytea)`;
		const after = await givenOn(tx, action, {assetId: asset.id, day});
		// What was accepted before is not refused when it is repeated, although the day is full by now.
		if (perDay !== null && after > perDay && after > before) {
			throw overDay(action, asset, {wished: after - before, before, perDay, timeZone});
		}
	};
	await prisma.$transaction(reserve, {maxWait: patienceMs, timeout: 2 * patienceMs});
}

/** Write how much of it really moved, in minor units: nothing of what was refused, or had been done before under its key. */
export async function settleGiving(
	prisma: PrismaClient,
	{merchantId, id}: Action,
	assetId: number,
	moved: bigint,
): Promise<void> {
	await prisma.$executeRaw`
		UPDATE action_values SET moved = ${moved}::bigint
		WHERE merchant_id = ${merchantId}::int AND action_id = ${id}::int AND asset_id = ${assetId}::int`;
}

type Limit = {readonly perCommand: bigint | null; readonly perDay: bigint | null};

async function limitOf(
	tx: Prisma.TransactionClient,
	{merchantId, role}: Action,
	assetId: number,
): Promise<Limit> {
	const row = await tx.roleLimit.findUnique({
		where: {merchantId_role_assetId: {merchantId, role: adminRoleNumbers[role], assetId}},
		select: {perCommand: true, perDay: true},
	});
	return row ?? {perCommand: null, perDay: null};
}

/**
 * What a person has given out on a day. Several actions under one key are one: together they give out no more than the largest of them
 * had reserved, whether it is known what each of them moved or not.
 */
async function givenOn(
	tx: Prisma.TransactionClient,
	{merchantId, actorId}: Action,
	{assetId, day}: {readonly assetId: number; readonly day: string},
): Promise<bigint> {
	const [{given}] = await tx.$queryRaw<[{given: string}]>`
		SELECT coalesce(sum(given), 0)::text AS given FROM (
			SELECT least(sum(coalesce(v.moved, v.reserved)), max(v.reserved)) AS given
			FROM action_values v JOIN actions a ON a.merchant_id = v.merchant_id AND a.id = v.action_id
			WHERE v.merchant_id = ${merchantId}::int AND v.asset_id = ${assetId}::int AND v.day = ${day}::date
				AND a.actor_id = ${actorId}::int
			GROUP BY coalesce(v.once, int4send(v.action_id))
		) of_keys`;
	return BigInt(given);
}

const nothing =
	'Nothing was moved. roles:list shows the limits; an admin may do it, or change them with roles:limit.';

function overCommand({role}: Action, asset: MerchantAsset, amount: bigint, limit: bigint): ValueRefusedError {
	return new ValueRefusedError(
		`The role ${role} may give out ${formatMoney(limit, asset)} by one command; this is ${formatMoney(amount, asset)}. ${nothing}`,
	);
}

function overDay(
	{role}: Action,
	asset: MerchantAsset,
	{
		wished,
		before,
		perDay,
		timeZone,
	}: {
		readonly wished: bigint;
		readonly before: bigint;
		readonly perDay: bigint;
		readonly timeZone: string;
	},
): ValueRefusedError {
	return new ValueRefusedError(
		`The role ${role} may give out ${formatMoney(perDay, asset)} a day (${timeZone}), of which ${formatMoney(before, asset)} ` +
			`are given out today; this is ${formatMoney(wished, asset)}. ${nothing}`,
	);
}
