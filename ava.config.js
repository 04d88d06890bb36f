// What takes longest, or waits most for others, comes first: begun last, it would be waited for alone.
const longest = [
	'ledger/model/database',
	'scripts/examples',
	'loyalty/book-order',
	'ledger/audit-damage',
	'admins/admins',
	'journeys/loyalty',
	'concurrency/mixed-storm',
].map(name => `/test/${name}.test.js`);

function placeOf(file) {
	const place = longest.findIndex(name => file.replaceAll('\\', '/').endsWith(name));
	return place === -1 ? longest.length : place;
}

export default {
	// What `npm test` has compiled. Whole programs that are started and killed take a quarter of the time of all the rest, a browser or a pooler is
	// not something that everybody has, and some shapes of a deployment take minutes: `npm run test:programs`, `test:browser`, `test:shapes`,
	// `test:package`.
	files: [
		'dist/test/**/*.test.js',
		...['programs', 'browser', 'shapes', 'package'].map(suite => `!dist/test/${suite}/**`),
	],
	// Room for what tests throw away at once: the young heap is collected half as often.
	nodeArguments: ['--enable-source-maps', '--max-semi-space-size=32'],
	workerThreads: false,
	// More than processors: a file often waits for the database, or for a process that it has started.
	concurrency: 4,
	sortTestFiles: (a, b) => placeOf(a) - placeOf(b) || a.localeCompare(b),
	// Without a single result. A slow machine may need minutes for the longest tests.
	timeout: '5m',
};
