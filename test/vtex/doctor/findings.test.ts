import test from 'ava';
import {certificateFinding} from '../../../src/vtex/doctor/address-checks.ts';
import {clockFinding, paceFinding} from '../../../src/vtex/doctor/pace-checks.ts';

const isWhole = {isWhole: true};

for (const [durations, outcome] of [
	[[1500, 1500, 1500], 'passed'],
	[[100, 100, 1501], 'warning'],
	[[100, 1501, 1501], 'failed'],
	[[100, 100, 5000], 'warning'],
	[[100, 100, 5001], 'failed'],
	[[7], 'passed'],
	[[1501], 'failed'],
] as const) {
	test(`calls of ${durations.join(', ')} ms are ${outcome}`, t => {
		t.is(paceFinding(durations, isWhole).outcome, outcome);
	});
}

test('the median and the slowest call are told, in whole milliseconds', t => {
	t.regex(
		paceFinding([30.4, 10, 20.6], isWhole).found,
		/Of 3 calls, .* median took 21 ms and the slowest 30 ms\.$/,
	);
});

const noon = Date.UTC(2026, 4, 20, 12);
for (const [at, outcome, found] of [
	[noon, 'passed', /To the second/],
	// Dates have whole seconds, and are of any moment of the exchange.
	[noon - 999, 'passed', /To the second/],
	[noon + 400, 'passed', /To the second/],
	[noon + 10_000, 'passed', /Within 10 s/],
	[noon + 31_000, 'warning', /31 s ahead/],
	[noon - 61_000, 'warning', /60 s behind/],
	[Number.NaN, 'warning', /no Date/],
] as const) {
	test(`a clock that says ${Number.isNaN(at) ? 'nothing' : new Date(at).toISOString()} at noon: ${found.source}`, t => {
		const finding = clockFinding(at, noon, noon + 400);

		t.is(finding.outcome, outcome);
		t.regex(finding.found, found);
	});
}

const day = 86_400_000;
for (const [days, outcome] of [
	[14, 'passed'],
	[13.99, 'warning'],
	[1, 'warning'],
] as const) {
	test(`a certificate with ${days} days left is ${outcome}`, t => {
		const handshake = {protocol: 'TLSv1.3', distrust: null, validTo: noon + days * day};

		t.is(certificateFinding(handshake, noon).outcome, outcome);
	});
}

for (const distrust of ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_HAS_EXPIRED', 'A_NEW_ONE']) {
	test(`a certificate that is not trusted for ${distrust} is told, with what to do`, t => {
		const finding = certificateFinding({protocol: 'TLSv1.3', distrust, validTo: noon}, noon);

		t.is(finding.outcome, 'failed');
		t.regex(finding.advice ?? '', /^[A-Z].*\.$/);
	});
}
