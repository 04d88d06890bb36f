// What takes longest, or waits most for others, comes first: begun last, it would be waited for alone.
const longest = [
	'ledger/model/database',
	'operations/durability',
	'db/embedded-home',
	'ledger/audit-damage',
	'db/embedded',
	'loyalty/book-order',
	'scripts/examples',
	'scripts/import-interrupted',
	'operations/start',
	'demo',
	'db/launch',
	'admins/admins',
	'journeys/loyalty',
	'concurrency/mixed-storm',
].map(name => `/test/${name}.test.js`);

function placeOf(file) {
	const place = longest.findIndex(name => file.replaceAll('\\', '/').endsWith(name));
	return place === -1 ? longest.length : place;
}

export default {
	// What `npm test` has compiled. A browser or a pooler is not something that everybody has, and some shapes of a deployment take minutes:
	// `npm run test:browser`, `npm run test:shapes`, `npm run test:package`.
	files: ['dist/test/**/*.test.js', '!dist/test/browser/**', '!dist/test/shapes/**', '!dist/test/package/**'],
	nodeArguments: ['--enable-source-maps'],
	workerThreads: false,
	// More than processors: a file often waits for the database, or for a process that it has started.
	concurrency: 5,
	sortTestFiles: (a, b) => placeOf(a) - placeOf(b) || a.localeCompare(b),
	// Without a single result. A slow machine may need minutes for the longest tests.
	timeout: '5m',
};
