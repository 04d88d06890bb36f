import {type ExecutionContext} from 'ava';
import {type PrismaClient} from '../../src/db/client.ts';
import {audit} from '../../src/ledger/audit.ts';

/** After whatever happened the books are right: the cheapest strong test there is. */
export async function assertAuditClean(
	t: ExecutionContext<never> | ExecutionContext,
	{general}: {readonly general: {readonly prisma: PrismaClient}},
): Promise<void> {
	const {checks} = await audit(general.prisma);
	const damaged = checks.filter(({ok}) => !ok);
	t.deepEqual(damaged, []);
}
