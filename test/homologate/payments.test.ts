import {setTimeout as delay} from 'node:timers/promises';
import test from 'ava';
import {type Result} from '../../scripts/homologate/check.ts';
import {type Values} from '../../scripts/lib/command.ts';
import {paymentChecks, paymentFlags, paymentsSuite} from '../../scripts/homologate/payments/suite.ts';
import {runSuite} from '../../scripts/homologate/run.ts';
import {type PaymentChoice, paymentChoices, type PaymentFault, paymentFaults} from './payments-faults.ts';
import {openSmallProvider, slowMs} from './payments-provider.ts';

/** The kit's seconds are hundredths here. */
const suite = paymentsSuite(ms => delay(ms / 25));
const faults = Object.entries(paymentFaults) as [PaymentFault, readonly string[]][];

type Wish = {
	readonly traits?: readonly (PaymentFault | PaymentChoice)[];
	readonly only?: readonly string[];
	readonly values?: Values;
};

/** What the kit says of the small provider. */
async function homologate({traits = [], only, values = {}}: Wish): Promise<readonly Result[]> {
	const provider = await openSmallProvider(traits);
	const {url, appKey, appToken, authorizationCode} = provider;
	try {
		const settings = {
			...{url, appKey, appToken, currency: 'BRL', signal: new AbortController().signal},
			...(traits.includes('slow answers') && {timeoutMs: slowMs / 2}),
			values: {'callback-seconds': 20, 'sign-up-code': authorizationCode, ...values},
		};
		return await runSuite(suite, settings, {only: only === undefined ? undefined : new Set(only)});
	} finally {
		await provider.close();
	}
}

/** Those that failed, and why. */
const failed = (results: readonly Result[]) =>
	results.flatMap(result =>
		result.outcome === 'failed' ? [`${result.id}: ${result.expected}; got ${result.got}`] : [],
	);
const idsOf = (results: readonly Result[], outcome: Result['outcome']) =>
	results.filter(result => result.outcome === outcome).map(({id}) => id);

test.serial('a sound provider passes every check, and none is skipped', async t => {
	const results = await homologate({});

	t.deepEqual(failed(results), []);
	t.deepEqual(idsOf(results, 'skipped'), []);
	t.is(results.length, paymentChecks.length);
});

for (const choices of [
	Object.keys(paymentChoices).filter((_, place) => place % 2 === 0),
	Object.keys(paymentChoices).filter((_, place) => place % 2 === 1),
] as PaymentChoice[][]) {
	test.serial(`as sound: ${choices.join('; ')}`, async t => {
		const values = choices.includes('no sign-up') ? {'sign-up-code': undefined} : {};
		const results = await homologate({traits: choices, values});

		t.deepEqual(failed(results), []);
		// Who wins a race is chance, and only who settles is asked for a refund.
		const skipped = idsOf(results, 'skipped').filter(id => id !== 'P44');
		t.deepEqual(skipped, choices.flatMap(choice => paymentChoices[choice]).toSorted());
	});
}

test.serial('a provider that decides every payment later passes all that can be tried with it', async t => {
	const results = await homologate({values: {later: true, method: 'BankInvoice'}});

	t.deepEqual(failed(results), []);
	t.deepEqual(idsOf(results, 'skipped'), ['P02', 'P05', 'P08', 'P36']);
});

for (const [fault, ids] of faults) {
	test.serial(`${fault}: caught by ${ids.join(', ')}`, async t => {
		const results = await homologate({traits: [fault], only: ids});

		t.deepEqual(idsOf(results, 'failed'), [...ids].sort(), failed(results).join('\n'));
	});
}

test('every check catches some fault, and no two checks have the same id', t => {
	const caught = new Set<string>(faults.flatMap(([, ids]) => ids));
	const ids = paymentChecks.map(({id}) => id);

	t.deepEqual(
		ids.filter(id => !caught.has(id)),
		[],
	);
	t.is(new Set(ids).size, ids.length);
});

test('checks and flags say what they are in whole sentences', t => {
	for (const {id, title, why} of paymentChecks) {
		t.regex(id, /^P\d\d$/);
		t.notRegex(title, /\.$/, id);
		t.regex(why, /^[A-Z].*\.$/, id);
	}

	for (const [name, {description}] of Object.entries(paymentFlags)) {
		t.regex(description, /^[A-Z]/, name);
	}
});
