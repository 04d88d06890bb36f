import test from 'ava';
import {beginAction, endAction, type ExitCode} from '../../src/admins/actions.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {createMerchant} from '../../src/merchants/merchant.ts';
import {readBacklog} from '../../src/metrics/backlog.ts';
import {makeClock} from '../helpers/clock.ts';
import {withDatabase} from '../helpers/database.ts';

test('what an audit of all found wrong stays known until another one of all finds nothing', async t => {
	const {prisma} = (await withDatabase(t)).general;
	const clock = makeClock();
	const settings = {timeZone: 'America/Sao_Paulo', currency: 'BRL', sandbox: false};
	// Without --merchant, a command stands in the trail of the first merchant.
	const all = await createMerchant(prisma, {name: 'first', ...settings});
	const second = await createMerchant(prisma, {name: 'second', ...settings});
	const ended = async ({id: merchantId}: {readonly id: number}, exitCode: ExitCode) => {
		const actor = await actorId(prisma, merchantId, 'person', 'ana');
		const action = {merchantId, actorId: actor, actorName: 'ana', command: 'ledger:audit', arguments: {}};
		await endAction(prisma, await beginAction(prisma, action, clock.now()), exitCode, clock.now());
		const {audits} = await readBacklog(prisma, clock.now());
		const at = clock.now() / 1000;
		clock.advance(60_000);
		t.deepEqual(
			audits.map(audit => audit.at),
			[at],
		);
		return audits.map(({isOk}) => isOk);
	};

	t.deepEqual(await ended(second, 0), [true]);
	t.deepEqual(await ended(all, 1), [false]);
	t.deepEqual(await ended(second, 0), [false]);
	t.deepEqual(await ended(all, 0), [true]);
	t.deepEqual(await ended(second, 1), [false]);
	t.deepEqual(await ended(all, 0), [true]);
});
