import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type AdminRole, adminRoleNumbers, adminRoleOf} from './admins.ts';

/** A command that is about to run, as the audit trail remembers it. */
export type NewAction = {
	readonly merchantId: number;
	/** The row of the person, and the name by which that person may be an admin, as it is stored. */
	readonly actorId: number;
	readonly actorName: string;
	/** `cards:issue` */
	readonly command: string;
	/** By flag, without secrets and without what names a customer. */
	readonly arguments: Readonly<Record<string, unknown>>;
};

/** An action that is under way: its number in the merchant's trail, and as which its actor acts. */
export type Action = {
	readonly merchantId: number;
	readonly id: number;
	readonly actorId: number;
	readonly role: AdminRole;
};

/** How a command ended, as its exit code: done, refused or failed, wrong usage. */
export type ExitCode = 0 | 1 | 2;

/**
 * Write an action into the trail, before it does anything. Somebody who is no admin of the merchant acts as an operator: a shop
 * without admins works as one without roles.
 */
export async function beginAction(prisma: PrismaClient, action: NewAction, now: Instant): Promise<Action> {
	const {merchantId, actorId, actorName, command} = action;
	const [row] = await prisma.$queryRaw<[{id: number; role: number}]>`
		INSERT INTO actions (merchant_id, actor_id, role, command, arguments, begun_at)
		VALUES (${merchantId}::int, ${actorId}::int,
			coalesce((SELECT role FROM admins WHERE merchant_id = ${merchantId}::int AND name = ${actorName}),
				${adminRoleNumbers.operator}::smallint),
			${command}, ${JSON.stringify(action.arguments)}::jsonb, ${new Date(now)}::timestamptz)
		RETURNING id, role`;
	return {merchantId, id: row.id, actorId, role: adminRoleOf(row.role)};
}

/** Write how it ended. One that is never written, because the process was killed, is shown as not ended. */
export async function endAction(
	prisma: PrismaClient,
	{merchantId, id}: Action,
	exitCode: ExitCode,
	now: Instant,
): Promise<void> {
	await prisma.$executeRaw`
		UPDATE actions SET ended_at = ${new Date(now)}::timestamptz, exit_code = ${exitCode}::smallint
		WHERE merchant_id = ${merchantId}::int AND id = ${id}::int`;
}
