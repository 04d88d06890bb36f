import test from 'ava';
import {isPublic, publicLookup, type Resolve} from '../../src/callbacks/addresses.ts';

const answering =
	(...addresses: readonly string[]): Resolve =>
	(_host, _options, callback) => {
		callback(
			null,
			addresses.map(address => ({address, family: address.includes(':') ? 6 : 4})),
		);
	};

const lookUp = (resolve: Resolve, all: boolean) =>
	new Promise<unknown>(done => {
		publicLookup(resolve)('name.vtex.com', {all}, (error, address) => {
			done(error?.name ?? address);
		});
	});

test('only addresses of the public internet are public', t => {
	const open = [
		'8.8.8.8',
		'172.15.255.255',
		'172.32.0.0',
		'100.63.0.1',
		'169.253.0.1',
		'2600:1f18::1',
		'2a00:1450::8',
	];
	const closed = [
		...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.0.1', '169.254.169.254', '172.16.0.1'],
		...[
			'172.31.255.255',
			'192.168.0.1',
			'192.0.0.8',
			'198.18.0.1',
			'224.0.0.1',
			'240.0.0.1',
			'255.255.255.255',
		],
		...[
			'::',
			'::1',
			'::ffff:127.0.0.1',
			'::ffff:8.8.8.8',
			'::127.0.0.1',
			'fe80::1',
			'fc00::1',
			'fd12::1',
			'ff02::1',
		],
		...['64:ff9b::7f00:1', '2002:7f00:1::1', '2001::1', '2001:db8::1'],
	];
	t.deepEqual(open.filter(isPublic), open);
	t.deepEqual(closed.filter(isPublic), []);
});

test('a name leads to its public addresses only', async t => {
	const mixed = answering('127.0.0.1', '8.8.8.8', '::1', '2600:1f18::1');
	t.deepEqual(await lookUp(mixed, true), [
		{address: '8.8.8.8', family: 4},
		{address: '2600:1f18::1', family: 6},
	]);
	t.is(await lookUp(mixed, false), '8.8.8.8');
});

test('a name that leads into private networks only is refused', async t => {
	t.is(await lookUp(answering('127.0.0.1', '10.0.0.1'), true), 'PrivateAddressError');
	t.is(await lookUp(answering('::ffff:127.0.0.1'), false), 'PrivateAddressError');
	t.is(await lookUp(answering(), true), 'PrivateAddressError');
});
