import test from 'ava';
import {type HostRules, mayCall, mayReturn, targetOf} from '../../src/callbacks/hosts.ts';

const strict: HostRules = {extraHosts: [], isSandbox: false};
const sandbox: HostRules = {extraHosts: [], isSandbox: true};
const configured: HostRules = {
	extraHosts: ['pay.example.com', '*.example.org', 'box.example.net:8443', '127.0.0.1:9000', 'localhost'],
	isSandbox: false,
};

const allowed = (rules: HostRules, urls: readonly string[]) => urls.filter(url => mayCall(url, rules));

const vtex = [
	'https://acme.vtexpayments.com.br/api/pvt/payment-provider/transactions/A/payments/B/callback?accountName=acme&X-VTEX-signature=R*123',
	'https://a.b.vtexpayments.com.br',
	'https://acme.vtexcommercestable.com.br/x',
	'https://work--acme.myvtex.com/checkout/#/payment',
	'https://api.vtex.com/?a=1',
	'https://api.vtex.com.br:443?a=1',
	'HTTPS://ACME.VTEXPAYMENTS.COM.BR/X',
];

test('addresses below the domains of VTEX may be called and returned to, by https on its own port', t => {
	t.deepEqual(allowed(strict, vtex), vtex);
	t.true(vtex.every(url => mayReturn(url, strict)));
});

test('what only looks like VTEX may not be called', t => {
	const others = [
		'http://acme.vtexpayments.com.br/x',
		'https://vtexpayments.com.br/x',
		'https://acme.vtexpayments.com.br:8443/x',
		'https://acmevtexpayments.com.br/x',
		'https://acme.vtexpayments.com.br.example.com/x',
		'https://acme.vtexpayments.com.br./x',
		'https://acme..vtexpayments.com.br/x',
		'https://-.vtexpayments.com.br/x',
		'https://user@acme.vtexpayments.com.br/x',
		'https://user:word@acme.vtexpayments.com.br/x',
		'https://example.com\\@acme.vtexpayments.com.br/x',
		'https://example.com#.vtexpayments.com.br/x',
		'https://example.com?.vtexpayments.com.br/x',
		'https://example.com/.vtexpayments.com.br/x',
		'https://exämple.vtexpayments.com.br/x',
		'https:acme.vtexpayments.com.br/x',
		'https:///acme.vtexpayments.com.br/x',
		'//acme.vtexpayments.com.br/x',
		'javascript://acme.vtexpayments.com.br/%0Aalert(1)',
		'ftp://acme.vtexpayments.com.br/x',
		'https://acme.vtexpayments.com.br/a b',
		'https://acme.vtexpayments.com.br/a\r\nX-Header: 1',
		' https://acme.vtexpayments.com.br/x',
		`https://acme.vtexpayments.com.br/${'x'.repeat(4096)}`,
		'',
	];
	t.deepEqual(allowed(strict, others), []);
	t.deepEqual(
		others.filter(url => mayReturn(url, strict)),
		[],
	);
});

test('this machine and private networks may not be called, however they are written', t => {
	const near = [
		...['http://127.0.0.1/x', 'https://127.0.0.1/x', 'http://localhost:3000/x', 'https://10.0.0.1/x'],
		...[
			'https://169.254.169.254/latest/meta-data',
			'https://[::1]/x',
			'https://0x7f000001/x',
			'https://2130706433/',
		],
	];
	t.deepEqual(allowed(strict, near), []);
});

test('a sandbox may use this machine on every port, and nothing else that others may not', t => {
	const near = [
		'http://127.0.0.1/x',
		'http://127.0.0.1:4567/x?y',
		'http://localhost:3000/x',
		'https://localhost/x',
	];
	const far = [
		'http://127.0.0.2/x',
		'http://10.0.0.1/x',
		'https://example.com/x',
		'http://acme.vtexpayments.com.br/x',
	];
	t.deepEqual(allowed(sandbox, [...near, ...far]), near);
});

test('what is configured may be called on its port: by https, and without it on this machine only', t => {
	const yes = [
		...['https://pay.example.com/x', 'https://PAY.example.com:443/x', 'https://a.b.example.org/x'],
		...[
			'https://box.example.net:8443/x',
			'http://127.0.0.1:9000/x',
			'http://localhost/x',
			'https://localhost/x',
		],
	];
	const no = [
		...['http://pay.example.com/x', 'https://pay.example.com:8443/x', 'https://x.pay.example.com/x'],
		...['https://example.org/x', 'https://box.example.net/x', 'http://box.example.net:8443/x'],
		...['http://127.0.0.1:9001/x', 'http://localhost:9000/x'],
	];
	t.deepEqual(allowed(configured, [...yes, ...no]), yes);
});

test('an address that may not be called is refused with what to do, and without its query', t => {
	const refused = targetOf('https://pay.example.net:8443/x?X-VTEX-signature=secret', strict);
	t.true('problem' in refused);
	const problem = 'problem' in refused ? refused.problem : '';
	t.regex(problem, /add pay\.example\.net:8443 to CALLBACK_HOSTS/);
	t.false(problem.includes('secret'));
});

test('our keys go to the payments gateway of VTEX and to what is configured, not where accounts serve what they like', t => {
	const takesKeys = (url: string, rules: HostRules) => {
		const target = targetOf(url, rules);
		return 'takesKeys' in target && target.takesKeys;
	};
	t.true(takesKeys('https://acme.vtexpayments.com.br/x', strict));
	t.true(takesKeys('https://pay.example.com/x', configured));
	t.true(takesKeys('http://127.0.0.1:4567/x', sandbox));
	t.false(takesKeys('https://work--acme.myvtex.com/_v/x', strict));
	t.false(takesKeys('https://acme.vtexcommercestable.com.br/x', strict));
});
