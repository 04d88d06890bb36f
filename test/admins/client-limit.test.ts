import test from 'ava';
import {networkOf, openClientLimit} from '../../src/admins/client-limit.ts';

test('a client may do it so often and no more; another one does not feel it', async t => {
	const limit = openClientLimit({times: 2, seconds: 60});

	t.is(await limit.take('192.0.2.1'), undefined);
	t.is(await limit.take('192.0.2.1'), undefined);
	const seconds = await limit.take('192.0.2.1');
	t.true(seconds !== undefined && seconds > 0 && seconds <= 60);
	t.is(await limit.take('192.0.2.2'), undefined);
});

test('what is given back may be taken once more', async t => {
	const limit = openClientLimit({times: 1, seconds: 60});
	await limit.take('192.0.2.1');

	await limit.giveBack('192.0.2.1');

	t.is(await limit.take('192.0.2.1'), undefined);
	t.not(await limit.take('192.0.2.1'), undefined);
});

for (const [address, network] of [
	['192.0.2.1', '192.0.2.1'],
	['::ffff:192.0.2.1', '192.0.2.1'],
	['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
	['2001:DB8:1:2::6', '2001:db8:1:2'],
	['2001:db8::6', '2001:db8:0:0'],
	['fe80::1%eth0', 'fe80:0:0:0'],
	['::1', '0:0:0:0'],
	['', ''],
] as const) {
	test(`${address === '' ? 'no address' : address} counts as ${network === '' ? 'one client' : network}`, t => {
		t.is(networkOf(address), network);
	});
}
