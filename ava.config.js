export default {
	// What `npm test` has compiled.
	files: ['dist/test/**/*.test.js'],
	nodeArguments: ['--enable-source-maps'],
	workerThreads: false,
	// More than processors: a file often waits for the database, or for a process that it has started.
	concurrency: 4,
	timeout: '2m',
};
