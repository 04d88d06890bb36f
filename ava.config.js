export default {
	// What `npm test` has compiled. A browser is not something that everybody has: `npm run test:browser`.
	files: ['dist/test/**/*.test.js', '!dist/test/browser/**'],
	nodeArguments: ['--enable-source-maps'],
	workerThreads: false,
	// More than processors: a file often waits for the database, or for a process that it has started.
	concurrency: 4,
	// Without a single result. A slow machine may need minutes for the longest tests.
	timeout: '5m',
};
