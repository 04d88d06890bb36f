import {type Place, type SourceFile} from './source-file.ts';

const cardRooms = [
	'merchants',
	'cards',
	'customers',
	'loyalty',
	'callbacks',
	'payments',
	'orders',
	'admins',
	'holds',
	'reconcile',
];
const belowVtex = [...cardRooms, 'ledger', 'money'];
const besideVtex = [...belowVtex, 'db'];
/** Who calls, or is called by, somebody who may trace it. */
const traced = ['trace-context'];

/** Which rooms a room may import, besides itself. Cards and their neighbours see each other; vtex, jobs and reports do not. */
const rooms: ReadonlyMap<string, readonly string[]> = new Map([
	// How work shares the event loop: no business of any room.
	['turns', []],
	// Work that a table remembers: callbacks, and orders to be looked at.
	['errands', []],
	// The headers by which callers say which trace their request belongs to.
	['trace-context', []],
	['money', []],
	['config', []],
	['db', []],
	['ledger', ['money', 'db', 'turns']],
	...cardRooms.map((room): [string, string[]] => [room, ['errands', ...traced, ...besideVtex]]),
	// What browsers are shown; what VTEX calls may end on a page too.
	['pages', besideVtex],
	['vtex', ['pages', ...traced, ...belowVtex]],
	['jobs', besideVtex],
	['reports', besideVtex],
	// Files of many lines, and what was imported with them.
	['bulk', besideVtex],
	['http', ['vtex', 'pages', 'config', 'turns', ...traced, ...besideVtex]],
	// What operators see of a running service. The rooms tell by hooks of their own, and know nothing of who looks on.
	['metrics', ['http', 'jobs', ...besideVtex]],
	['tracing', ['http', ...traced, ...belowVtex]],
	[
		'assemble',
		[
			'metrics',
			'tracing',
			...traced,
			'http',
			'vtex',
			'pages',
			'jobs',
			'reports',
			'config',
			'errands',
			...besideVtex,
		],
	],
	['main', ['assemble', 'http', 'config']],
	['scripts', ['assemble', 'jobs', 'reports', 'bulk', 'config', 'bench', ...belowVtex]],
	// The README prints what the endpoints' contracts say.
	['readme', ['scripts', 'vtex', 'config', 'metrics']],
	// The bench makes a database of its own and fills it past the ledger, so it sees what other scripts do not.
	['bench', ['scripts', 'assemble', 'config', ...besideVtex]],
]);

/** Files that say the same whenever and wherever they run. They import each other and nothing else of ours. */
export const pureFiles = [
	/^src\/money\//,
	/^src\/ledger\/decide\//,
	/^src\/ledger\/(?:books|calendar|card-state|changes|chart|commands|entry|lot-shares|lots|order-state|owner|payment-root|reasons|refusals|terms|wallet-line|worth)\.ts$/,
	/^src\/cards\/(?:pepper|redemption-code)\.ts$/,
	/^src\/customers\/(?:erasable|identity|import-plan|merge-plan|owed)\.ts$/,
	/^src\/callbacks\/(?:backoff|hosts)\.ts$/,
	/^src\/loyalty\/(?:earn|earn-rules|eligible|invoiced|order|program|program-settings|stored-value)\.ts$/,
	/^src\/bulk\/(?:card-row|credit-row|digest-map|line|pace)\.ts$/,
	/^src\/vtex\/orders\/(?:cents|moments|stages|time-zones)\.ts$/,
	/^src\/orders\/backoff\.ts$/,
	/^src\/reconcile\/compare\.ts$/,
];
const purePackages = new Set(['decimal.js', 'node:crypto']);

/** The launcher's first step hands the whole environment to the generator of the database client, before any TypeScript can be loaded. */
const environmentReaders = new Set(['src/config.ts', 'scripts/lib/generate-client.js']);

const isPure = (path: string) => pureFiles.some(pattern => pattern.test(path));

function roomOf(path: string): string {
	if (path.startsWith('scripts/')) {
		return path === 'scripts/readme.ts' ? 'readme' : path.startsWith('scripts/bench/') ? 'bench' : 'scripts';
	}

	const [, room = path] = /^src\/([\w-]+)/.exec(path) ?? [];
	// Rooms of more than one file, for want of a folder.
	return /^(?:config|assemble)(?=-)/.exec(room)?.[0] ?? room;
}

const finding = (path: string, {line, text}: Place, advice: string) =>
	`${path}:${line}: ${text}\n    ${advice}`;

/** Imports between rooms that `rooms` does not allow. */
export function wrongDirections(files: readonly SourceFile[]): string[] {
	return files.flatMap(({path, imports}) => {
		const from = roomOf(path);
		const allowed = rooms.get(from);
		if (allowed === undefined) {
			return [
				`${path}: no room of the architecture is called "${from}". Move the file, or give the room its place in test/helpers/architecture.ts.`,
			];
		}

		return imports.flatMap(one => {
			const to = one.target === undefined ? from : roomOf(one.target);
			return to === from || allowed.includes(to)
				? []
				: [finding(path, one, `${from} may import ${allowed.join(', ') || 'no other room'}; not ${to}.`)];
		});
	});
}

/** What makes a pure file depend on more than its arguments. */
export function impurities(files: readonly SourceFile[]): string[] {
	return files
		.filter(({path}) => isPure(path))
		.flatMap(({path, imports, clocks}) => [
			...imports
				.filter(({specifier, target}) =>
					target === undefined ? !purePackages.has(specifier) : !isPure(target),
				)
				.map(one =>
					finding(
						path,
						one,
						'This file is pure and may import pure files only. Pass what it needs as an argument.',
					),
				),
			...clocks.map(place =>
				finding(path, place, 'This file is pure. Take the time or the random bytes as an argument.'),
			),
		]);
}

/** Imports of `assemble` from elsewhere than main, scripts and the test helpers, and every import of `main`. */
export function wrongRoots(files: readonly SourceFile[]): string[] {
	return files.flatMap(({path, imports}) =>
		imports.flatMap(one => {
			if (one.target === 'src/main.ts') {
				return [
					finding(
						path,
						one,
						'Nobody imports main: it starts the service. Import assemble, or run main as a process.',
					),
				];
			}

			const isAssemble = (file = '') => file.startsWith('src/assemble');
			const mayAssemble = isAssemble(path) || /^(?:src\/main\.ts$|scripts\/|test\/helpers\/)/.test(path);
			return isAssemble(one.target) && !mayAssemble
				? [
						finding(
							path,
							one,
							'Only main, scripts and test/helpers import assemble. Take the part you need as an argument.',
						),
					]
				: [];
		}),
	);
}

/** Reads of `process.env` anywhere but in the configuration. */
export function environmentReads(files: readonly SourceFile[]): string[] {
	return files
		.filter(({path}) => !environmentReaders.has(path))
		.flatMap(({path, environment}) =>
			environment.map(place =>
				finding(path, place, 'Only src/config.ts reads process.env. Take the value from the configuration.'),
			),
		);
}

/** One finding per import that closes a circle of files; imports of types count, because they tie files together all the same. */
export function cycles(files: readonly SourceFile[]): string[] {
	const byPath = new Map(files.map(file => [file.path, file]));
	const done = new Set<string>();
	const found: string[] = [];
	const follow = (file: SourceFile, trail: readonly string[]): void => {
		const here = [...trail, file.path];
		for (const one of file.imports) {
			const next = byPath.get(one.target ?? '');
			if (next !== undefined && here.includes(next.path)) {
				const circle = [...here.slice(here.indexOf(next.path)), next.path].join(' → ');
				found.push(
					finding(
						file.path,
						one,
						`This closes a circle: ${circle}. Move what they share to a file of its own.`,
					),
				);
			} else if (next !== undefined && !done.has(next.path)) {
				follow(next, here);
			}
		}

		done.add(file.path);
	};
	for (const file of files) {
		if (!done.has(file.path)) {
			follow(file, []);
		}
	}

	return found;
}
