import test from 'ava';
import {type Result} from '../../scripts/homologate/check.ts';
import {giftCards} from '../../scripts/homologate/giftcards/suite.ts';
import {runSuite} from '../../scripts/homologate/run.ts';
import {type TestContext} from '../helpers/test-context.ts';
import {type GiftCardFault, giftCardFaults, type Planted} from './giftcards-faults.ts';
import {openGiftCardProvider} from './giftcards-provider.ts';

async function resultsFor(
	t: TestContext,
	planted?: Planted,
	only?: readonly string[],
): Promise<readonly Result[]> {
	const provider = await openGiftCardProvider(t, planted);
	const settings = {...provider, currency: 'BRL', values: {}, signal: new AbortController().signal};
	return runSuite(giftCards, settings, {only: only && new Set(only)});
}

test('a sound provider passes every check, and none is skipped', async t => {
	const results = await resultsFor(t);

	t.deepEqual(
		results.filter(({outcome}) => outcome !== 'passed').map(result => ({...result, exchanges: []})),
		[],
	);
	t.is(results.length, giftCards.rules.length);
});

for (const [choice, skipped] of [
	['has vouchers only', ['G11', 'G12', 'G13']],
	['has loyalty only', ['G10']],
] as const) {
	test(`a sound provider that ${choice} passes, too, and what it does not have is skipped with a reason`, async t => {
		const results = await resultsFor(t, choice);

		t.deepEqual(
			results.filter(({outcome}) => outcome === 'failed').map(result => ({...result, exchanges: []})),
			[],
		);
		const skips = results.flatMap(result => (result.outcome === 'skipped' ? [result] : []));
		t.deepEqual(
			skips.map(({id}) => id),
			[...skipped],
		);
		t.true(skips.every(({reason}) => /lists no cards for their owner|--code CODE/.test(reason)));
	});
}

test('a code that the kit is given is what it searches by, and no report has it', async t => {
	const {url, appKey, appToken} = await openGiftCardProvider(t);
	const headers = {'X-PROVIDER-API-AppKey': appKey, 'X-PROVIDER-API-AppToken': appToken};
	const post = async (path: string, body: object) => {
		const response = await fetch(url + path, {method: 'POST', headers, body: JSON.stringify(body)});
		return (await response.json()) as {id: string; redemptionCode: string};
	};
	const {id, redemptionCode: code} = await post('/giftcards', {relationName: 'real'});
	await post(`/giftcards/${id}/transactions`, {operation: 'Credit', value: 5, requestId: '1'});
	const settings = {url, appKey, appToken, currency: 'BRL', signal: new AbortController().signal};

	const run = async (values: Readonly<Record<string, string>>) =>
		runSuite(giftCards, {...settings, values}, {only: new Set(['G10'])});

	const [passed] = await run({code});
	t.is(passed?.outcome, 'passed');
	t.is(passed?.exchanges.length, 1);
	t.true(passed?.exchanges[0]?.answer.includes(id));
	t.false(JSON.stringify(passed).includes(code));
	t.like((await run({code: 'NOBODY-KNOWS-IT'}))[0], {outcome: 'failed', got: '200 and []'});
});

for (const [fault, ids] of Object.entries(giftCardFaults)) {
	test(`a provider that ${fault} fails ${ids.join(' and ')}`, async t => {
		const results = await resultsFor(t, fault as GiftCardFault, ids);

		t.deepEqual(
			results.map(({id, outcome}) => [id, outcome]),
			[...ids].sort().map(id => [id, 'failed']),
		);
	});
}

test('there is a fault for every check', t => {
	const caught = new Set<string>(Object.values(giftCardFaults).flat());

	t.deepEqual(
		giftCards.rules.map(({id}) => id).filter(id => !caught.has(id)),
		[],
	);
});
