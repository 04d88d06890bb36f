export default {
	// What `npm test` has compiled. A browser or a pooler is not something that everybody has, and some shapes of a deployment take minutes:
	// `npm run test:browser`, `npm run test:shapes`, `npm run test:package`.
	files: ['dist/test/**/*.test.js', '!dist/test/browser/**', '!dist/test/shapes/**', '!dist/test/package/**'],
	nodeArguments: ['--enable-source-maps'],
	workerThreads: false,
	// More than processors: a file often waits for the database, or for a process that it has started.
	concurrency: 4,
	// Without a single result. A slow machine may need minutes for the longest tests.
	timeout: '5m',
};
