import test from 'ava';
import {giftCards} from '../../scripts/homologate/giftcards/suite.ts';
import {runSuite} from '../../scripts/homologate/run.ts';
import {makeClock} from '../helpers/clock.ts';
import {withServer} from '../helpers/server.ts';

test('our own service passes every check of the kit, and none is skipped', async t => {
	const {url, appKey, appToken} = await withServer(t, {clock: makeClock(Date.now())});
	const signal = new AbortController().signal;

	const results = await runSuite(giftCards, {
		url,
		appKey,
		appToken,
		currency: 'BRL',
		values: {},
		signal,
		timeoutMs: 60_000,
	});

	t.deepEqual(
		results.filter(({outcome}) => outcome !== 'passed').map(result => ({...result, exchanges: []})),
		[],
	);
	t.is(results.length, giftCards.rules.length);
});
