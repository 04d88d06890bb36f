import {type PrismaClient} from '../db/client.ts';
import {type Action} from './actions.ts';
import {type AdminRole, adminRoleNumbers, adminRoleOf} from './admins.ts';

/** How much each person of a role may give out of an asset, in its minor units; null for as much as they like. */
export type RoleLimit = {
	readonly role: AdminRole;
	readonly assetId: number;
	readonly perCommand: bigint | null;
	readonly perDay: bigint | null;
};

/** Roles that give out value. A viewer gives out none. */
export const givingRoles = ['operator', 'admin'] as const satisfies readonly AdminRole[];

/** A limit that was not changed; the message says why, and what to do. */
export class RoleLimitError extends Error {
	override readonly name = 'RoleLimitError';
}

/** What is to change of a limit: what is left out stays, null lifts it. */
export type LimitChange = {
	readonly role: (typeof givingRoles)[number];
	readonly assetId: number;
	readonly perCommand?: bigint | null;
	readonly perDay?: bigint | null;
};

/** The limits of a merchant, by role and asset. */
export async function listRoleLimits(prisma: PrismaClient, merchantId: number): Promise<RoleLimit[]> {
	const rows = await prisma.roleLimit.findMany({
		where: {merchantId},
		orderBy: [{role: 'asc'}, {assetId: 'asc'}],
		select: {role: true, assetId: true, perCommand: true, perDay: true},
	});
	return rows.map(row => ({...row, role: adminRoleOf(row.role)}));
}

/**
 * Change a limit. It holds for what is given out from then on.
 * @throws {RoleLimitError} when the merchant has an admin, and the action's actor is none
 */
export async function changeRoleLimit(
	prisma: PrismaClient,
	{merchantId, role: actingAs}: Action,
	{role, assetId, perCommand, perDay}: LimitChange,
): Promise<void> {
	const admins = await prisma.admin.count({where: {merchantId, role: adminRoleNumbers.admin}});
	if (admins > 0 && actingAs !== 'admin') {
		throw new RoleLimitError(
			'Only an admin changes limits. Name one with --actor; admins:create makes admins.',
		);
	}

	const key = {merchantId, role: adminRoleNumbers[role], assetId};
	await prisma.$transaction(async tx => {
		const where = {merchantId_role_assetId: key};
		const before = await tx.roleLimit.findUnique({where, select: {perCommand: true, perDay: true}});
		const limit = {
			perCommand: perCommand === undefined ? (before?.perCommand ?? null) : perCommand,
			perDay: perDay === undefined ? (before?.perDay ?? null) : perDay,
		};
		if (limit.perCommand === null && limit.perDay === null) {
			await tx.roleLimit.deleteMany({where: key});
		} else {
			await tx.roleLimit.upsert({where, create: {...key, ...limit}, update: limit});
		}
	});
}
