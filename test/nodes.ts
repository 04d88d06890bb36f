import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import {type Counts} from './helpers/ava-summary.ts';

// `npm run test:nodes`: the tests under every major version of Node that is supported, from the npm packages that carry its program:
// `npm run test:nodes -- --versions 22,26 test/db/client.test.ts`. Without files it runs those that the version of Node may matter to, and
// the programs.

const supported = ['20', '22', '24', '26'];
const core = [
	'test/db/*.test.ts',
	'test/http/*.test.ts',
	'test/ledger/*.test.ts',
	'test/cards/*.test.ts',
	'test/payments/*.test.ts',
	'test/conformance/*.test.ts',
	'test/journeys/*.test.ts',
	'test/operations/*.test.ts',
	'test/scripts/{journey,csv,cards-import}.test.ts',
];

const programs = ['--config', 'ava.programs.config.js'];

type Summary = Counts & {readonly node: string};

const [flag, list = '', ...rest] = process.argv.slice(2);
const versions = flag === '--versions' ? list.split(',') : supported;
const files = flag === '--versions' ? rest : process.argv.slice(2);
const platform = process.platform === 'win32' ? 'win' : process.platform;
const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-nodes-'));

try {
	for (const version of versions) {
		for (const names of files.length === 0 ? [core, programs] : [files]) {
			const {node, passed, failed, warnings} = await runUnder(version, names);
			process.stdout.write(`Node ${node}: ${passed} passed, ${failed} failed\n`);
			for (const warning of warnings) {
				process.stdout.write(`  warned: ${warning}\n`);
			}

			process.exitCode = failed === 0 ? (process.exitCode ?? 0) : 1;
		}
	}
} finally {
	rmSync(folder, {recursive: true});
}

/** Run test files under the newest release of a major version, and show what it said when one has failed. */
async function runUnder(version: string, names: readonly string[]): Promise<Summary & {warnings: string[]}> {
	const summary = path.join(folder, `${version}.json`);
	const program = ['node', 'scripts/lib/launch.js', 'test/run.ts', ...names];
	const child = spawn(
		'npm',
		[
			'exec',
			'--yes',
			'--loglevel=error',
			`--package=node-${platform}-${process.arch}@${version}`,
			'--',
			...program,
		],
		{env: {...process.env, TEST_SUMMARY_FILE: summary}, stdio: ['ignore', 'pipe', 'pipe']},
	);
	const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
	const counts = readSummary(summary, version);
	if (counts.failed > 0) {
		process.stdout.write(`${said}\n${complained}\n`);
	}

	// What a newer Node will not bear any more, each said once.
	const warnings = [
		...`${said}\n${complained}`.matchAll(/\(node:\d+\) (.*(?:Deprecat|Experimental|Warning).*)/g),
	];
	return {...counts, warnings: [...new Set(warnings.map(([, warning = '']) => warning))]};
}

/** A run that wrote nothing has not even begun; one under another Node has shown nothing. */
function readSummary(file: string, version: string): Summary {
	try {
		const summary = JSON.parse(readFileSync(file, 'utf8')) as Summary;
		return `${summary.node}.`.startsWith(`v${version}.`) ? summary : {...summary, failed: summary.failed + 1};
	} catch {
		return {node: version, passed: 0, failed: 1};
	}
}
