import test from 'ava';
import {
	cycles,
	environmentReads,
	impurities,
	pureFiles,
	wrongDirections,
	wrongRoots,
} from './helpers/architecture.ts';
import {readSource, readSources} from './helpers/source-file.ts';

const source = readSources('src');
const sourceAndScripts = [...source, ...readSources('scripts')];
const everything = [...sourceAndScripts, ...readSources('test')];

test('imports go down the rooms: main, assemble, http, vtex, cards and customers, ledger, money', t => {
	t.deepEqual(wrongDirections(sourceAndScripts), []);
});

test('money, decisions and the other pure files know no database, no clock and no chance', t => {
	t.deepEqual(impurities(source), []);
});

test('every pure file named here exists, so that renaming one does not free it', t => {
	for (const pattern of pureFiles) {
		const names = /\(\?:([\w|-]+)\)/.exec(pattern.source)?.[1]?.split('|') ?? [];
		const matched = source.filter(({path}) => pattern.test(path));
		t.true(matched.length >= Math.max(names.length, 1), `${pattern.source} matches ${matched.length} files`);
	}
});

test('only main, scripts and the test helpers import assemble, and nobody imports main', t => {
	t.deepEqual(wrongRoots(everything), []);
});

test('only the configuration reads the environment', t => {
	t.deepEqual(environmentReads(sourceAndScripts), []);
});

test('no files of src import each other in a circle', t => {
	t.deepEqual(cycles(source), []);
});

// The rules themselves, tried on files that break them.

const directionOf = (path: string, target: string) =>
	wrongDirections([readSource(path, `import {x} from '${target}';`)]);

for (const [path, target] of [
	['src/money/a.ts', '../ledger/entry.ts'],
	['src/money/a.ts', '../db/client.ts'],
	['src/db/a.ts', '../money/asset.ts'],
	['src/ledger/a.ts', '../cards/issue.ts'],
	['src/ledger/decide/a.ts', '../../customers/identity.ts'],
	['src/cards/a.ts', '../vtex/giftcards/contracts.ts'],
	['src/vtex/giftcards/a.ts', '../../http/app.ts'],
	['src/vtex/giftcards/a.ts', '../../db/client.ts'],
	['src/vtex/giftcards/a.ts', '../../jobs/loop.ts'],
	['src/jobs/a.ts', '../vtex/authenticate.ts'],
	['src/reports/a.ts', '../jobs/loop.ts'],
	['src/http/a.ts', '../assemble.ts'],
	['src/assemble.ts', './main.ts'],
	['src/cards/a.ts', '../config.ts'],
	['src/main.ts', './db/client.ts'],
	['src/cards/a.ts', '../../scripts/issue.ts'],
	['src/cards/a.ts', '../../test/helpers/database.ts'],
	['scripts/issue.ts', '../src/db/client.ts'],
	['scripts/issue.ts', '../src/http/app.ts'],
	['src/utils/a.ts', '../money/asset.ts'],
] as const) {
	test(`${path} must not import ${target}`, t => {
		t.is(directionOf(path, target).length, 1);
	});
}

for (const [path, target] of [
	['src/main.ts', './assemble.ts'],
	['src/main.ts', './config.ts'],
	['src/assemble.ts', './db/client.ts'],
	['src/http/app.ts', '../vtex/giftcards/settle.ts'],
	['src/vtex/giftcards/a.ts', '../../ledger/writer.ts'],
	['src/cards/a.ts', '../customers/identity.ts'],
	['src/cards/a.ts', '../db/client.ts'],
	['src/ledger/store/a.ts', '../../db/generated/client.ts'],
	['src/jobs/a.ts', '../db/client.ts'],
	['scripts/issue.ts', '../src/assemble.ts'],
	['scripts/issue.ts', '../src/cards/issue.ts'],
	['scripts/bench/a.ts', '../../src/db/embedded.ts'],
	['src/config.ts', './config-variables.ts'],
	['src/money/a.ts', 'decimal.js'],
] as const) {
	test(`${path} may import ${target}`, t => {
		t.deepEqual(directionOf(path, target), []);
	});
}

test('a finding names the file, the line, the import and what to do', t => {
	const file = readSource('src/money/a.ts', "\n\nimport {\n\tprisma,\n} from '../db/client.ts';\n");

	t.deepEqual(wrongDirections([file]), [
		"src/money/a.ts:3: import { prisma, } from '../db/client.ts';\n    money may import no other room; not db.",
	]);
});

for (const statement of [
	"import '../db/client.ts';",
	"import {type Prisma} from '../db/client.ts';",
	"import type {Prisma} from '../db/client.ts';",
	"export * from '../db/client.ts';",
	"const client = await import('../db/client.ts');",
	"type Client = import('../db/client.ts').Client;",
]) {
	test(`an import is seen when it is written as ${statement}`, t => {
		t.is(wrongDirections([readSource('src/money/a.ts', statement)]).length, 1);
	});
}

for (const statement of [
	'const now = new Date();',
	'const now = new Date;',
	'const now = Date.now();',
	'const clock = Date.now;',
	'const now = Date();',
	'const now = performance.now();',
	'const id = Math.random();',
	'const id = randomUUID();',
	'setTimeout(later, 5);',
	"import {setTimeout as wait} from 'node:timers/promises';",
	"import {performance} from 'node:perf_hooks';",
	"import {readFileSync} from 'node:fs';",
	"import {Client} from 'pg';",
	"import {prisma} from '../../db/client.ts';",
	"import {write} from '../store/write.ts';",
]) {
	test(`a pure file must not say ${statement}, and a file of the shell may`, t => {
		t.is(impurities([readSource('src/ledger/decide/a.ts', statement)]).length, 1);
		t.deepEqual(impurities([readSource('src/ledger/writer.ts', statement)]), []);
	});
}

test('a pure file may make dates from what it is given, hash, and import other pure files', t => {
	const text = `
		import {createHash} from 'node:crypto';
		import {type Lot} from '../lots.ts';
		// Date.now() and new Date() are named in comments only,
		const words = "or in texts, as Date.now() and new Date() are here";
		const end = new Date(now);
		const utc = Date.UTC(2027, 0, 1);
	`;

	t.deepEqual(impurities([readSource('src/ledger/decide/a.ts', text)]), []);
});

test('assemble is for main, scripts and test helpers; main is for nobody', t => {
	const importing = (path: string, target: string) =>
		wrongRoots([readSource(path, `import {x} from '${target}';`)]).length;

	t.is(importing('src/main.ts', './assemble.ts'), 0);
	t.is(importing('scripts/issue.ts', '../src/assemble.ts'), 0);
	t.is(importing('test/helpers/server.ts', '../../src/assemble.ts'), 0);
	t.is(importing('test/journeys/refund.test.ts', '../../src/assemble.ts'), 1);
	t.is(importing('src/http/app.ts', '../assemble.ts'), 1);
	t.is(importing('test/helpers/server.ts', '../../src/main.ts'), 1);
	t.is(importing('scripts/issue.ts', '../src/main.ts'), 1);
});

for (const statement of [
	'const port = process.env.PORT;',
	"const port = process.env['PORT'];",
	'const all = {...process.env};',
	"const all = process['env'];",
	'const {env} = process;',
	"import {env} from 'node:process';",
]) {
	test(`only src/config.ts may say ${statement}`, t => {
		t.is(environmentReads([readSource('src/http/app.ts', statement)]).length, 1);
		t.deepEqual(environmentReads([readSource('src/config.ts', statement)]), []);
		t.deepEqual(environmentReads([readSource('src/http/app.ts', `// ${statement}`)]), []);
	});
}

test('a circle is found through any number of files, and named once', t => {
	const file = (name: string, ...targets: readonly string[]) =>
		readSource(`src/${name}.ts`, targets.map(target => `import {type X} from './${target}.ts';`).join('\n'));

	t.deepEqual(cycles([file('a', 'b', 'c'), file('b', 'c'), file('c')]), []);
	t.is(cycles([file('a', 'a')]).length, 1);
	const found = cycles([file('z', 'a'), file('a', 'b'), file('b', 'c'), file('c', 'a')]);
	t.is(found.length, 1);
	t.regex(found[0] ?? '', /^src\/c\.ts:1: .*\n.* src\/a\.ts → src\/b\.ts → src\/c\.ts → src\/a\.ts\./);
});
