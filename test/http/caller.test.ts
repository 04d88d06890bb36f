import test from 'ava';
import {knowCaller} from '../../src/http/caller.ts';
import {type Context} from '../../src/http/state.ts';
import {type Caller} from '../../src/merchants/credential-check.ts';

// What stands behind it refuses a call without a caller too; this guard is looked at by itself.

const pair = {'x-vtex-api-appkey': 'key', 'x-vtex-api-apptoken': 'token'};

for (const [what, headers, caller, expected] of [
	['no credentials', {}, undefined, [0, 401]],
	['wrong credentials', pair, undefined, [0, 403]],
	['right credentials', pair, {appKey: 'key'} as Caller, [1, 200]],
] as const) {
	test(`a request with ${what} ${expected[0] === 0 ? 'goes no further' : 'goes on'}`, async t => {
		const ctx = {req: {headers}, state: {}, status: 200} as unknown as Context;
		let passed = 0;

		await knowCaller({check: () => Promise.resolve(caller)})(ctx, () => {
			passed++;
			return Promise.resolve();
		});

		t.deepEqual([passed, ctx.status], [...expected]);
		t.is(ctx.state.caller, caller);
	});
}
