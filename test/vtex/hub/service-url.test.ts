import test from 'ava';
import {serviceUrlProblems} from '../../../src/vtex/hub/service-url.ts';

const weights = (address: string, isSimulated = false) =>
	serviceUrlProblems(address, {isSimulated}).map(({weight}) => weight);

for (const right of [
	'https://cards.example.com/v1',
	'https://cards.example.com.br/api/giftcard',
	'https://xn--bcher-kva.example.com/v1',
]) {
	test(`${right} does`, t => {
		t.deepEqual(serviceUrlProblems(right, {isSimulated: false}), []);
	});
}

for (const [wrong, problem] of [
	['http://cards.example.com/v1', /not https/],
	['https://93.184.216.34/v1', /IP address/],
	['https://0x5db8d822/v1', /IP address/],
	['https://[2606:2800:220:1::1]/v1', /IP address/],
	['https://localhost/v1', /internet does not know/],
	['https://cards/v1', /internet does not know/],
	['https://cards.local/v1', /internet does not know/],
	['https://cards.internal/v1', /internet does not know/],
	['https://ana:secret@cards.example.com/v1', /user or a password/],
	['https://cards.example.com/v1?a=b', /query or a fragment/],
	['https://cards.example.com/v1#', /query or a fragment/],
	['https://cards.example.com', /no path/],
	['https://cards.example.com/', /no path/],
	['https://cards.example.com/v1/', /ends in a slash/],
	['ftp://cards.example.com/v1', /no address/],
	['cards.example.com/v1', /no address/],
	['https://cards.example.com/v 1', /no address/],
	['', /no address/],
] as const) {
	test(`${wrong} does not: ${problem.source}`, t => {
		const [found, ...more] = serviceUrlProblems(wrong, {isSimulated: false});

		t.deepEqual(more, []);
		t.is(found?.weight, 'failed');
		t.regex(found?.problem ?? '', problem);
		t.regex(found?.advice ?? '', /^[A-Z].*\.$/);
		t.notRegex(`${found?.problem ?? ''}${found?.advice ?? ''}`, /secret/);
	});
}

test('a port of its own may work', t => {
	t.deepEqual(weights('https://cards.example.com:8443/v1'), ['warning']);
});

test('every problem is told at once', t => {
	t.deepEqual(weights('http://127.0.0.1:3000/'), ['failed', 'failed', 'failed', 'warning']);
});

test('where VTEX is simulated on this machine, what only the internet asks for is a warning', t => {
	t.deepEqual(weights('http://127.0.0.1:3000/v1', true), ['warning', 'warning', 'warning']);
	t.deepEqual(weights('https://cards.example.com/v1/', true), ['failed']);
});
