import {readFileSync} from 'node:fs';
import test from 'ava';
import {hookConfigOf, hookStateOf} from '../../../src/vtex/orders/hook-config.ts';

const sample = (name: string) =>
	JSON.parse(
		readFileSync(new URL(`../../fixtures/vtex/orders/${name}.request.json`, import.meta.url), 'utf8'),
	) as unknown;
const url = 'https://monedero.example.com/v1/hooks/orders';
const token = '{{hookToken}}';

test('both hooks are configured as published', t => {
	t.deepEqual<unknown, unknown>(
		hookConfigOf({purpose: 'orders', url, token}),
		sample('hook-config-from-workflow'),
	);
	t.deepEqual<unknown, unknown>(
		hookConfigOf({purpose: 'returns', url, token}),
		sample('hook-config-from-orders'),
	);
});

test('what was configured is as wanted, and the one is not taken for the other', t => {
	const orders = {purpose: 'orders', url, token} as const;
	const returns = {purpose: 'returns', url, token} as const;

	t.is(hookStateOf(hookConfigOf(orders), orders), 'asWanted');
	t.is(hookStateOf(hookConfigOf(returns), returns), 'asWanted');
	t.is(hookStateOf(hookConfigOf(returns), orders), 'changed');
	t.is(
		hookStateOf(
			{...hookConfigOf(returns), filter: {...hookConfigOf(returns).filter, disableSingleFire: false}},
			returns,
		),
		'changed',
	);
});

test('whatever else is answered is no hook', t => {
	for (const answer of [undefined, null, {}, [], '', {hook: null}, {hook: {url: ''}}, {filter: {}}]) {
		t.is(hookStateOf(answer, {purpose: 'orders', url, token}), 'none', JSON.stringify(answer));
	}
});
