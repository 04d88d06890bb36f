import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import {type Counts} from '../helpers/ava-summary.ts';
import {clusterVariable} from '../helpers/cluster.ts';
import {temporaryFolder} from '../helpers/embedded.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What VTEX does from end to end, over both protocols, and a storm of it through two services. */
export const journeys = [
	'test/journeys/purchases.test.ts',
	'test/journeys/payments-and-gift-cards.test.ts',
	'test/journeys/points.test.ts',
	'test/journeys/orders.test.ts',
	'test/concurrency/*.test.ts',
];

/** Run files of `npm test` in another environment, and show what they said when one has failed. */
export async function passes(
	t: ExecutionContext,
	env: Readonly<Record<string, string>>,
	files: readonly string[],
): Promise<void> {
	const summary = path.join(temporaryFolder(t), 'summary.json');
	const child = spawn(process.execPath, ['scripts/lib/launch.js', 'test/run.ts', ...files], {
		cwd: root,
		env: {...process.env, [clusterVariable]: undefined, TEST_SUMMARY_FILE: summary, ...env},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	t.teardown(() => child.kill('SIGTERM'));
	const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
	if (child.exitCode === null) {
		await once(child, 'exit');
	}

	t.is(child.exitCode, 0, `${said.slice(-5000)}\n${complained.slice(-5000)}`);
	const {passed, failed} = JSON.parse(readFileSync(summary, 'utf8')) as Counts;
	t.is(failed, 0);
	t.true(passed > 0);
	t.log(`${passed} tests passed`);
}
