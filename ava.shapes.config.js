import usual from './ava.config.js';

// `npm run test:shapes`: the ways to deploy it. They need several servers, several processes or other programs, one after the other,
// because each is a load.
export default {
	...usual,
	files: ['dist/test/shapes/**/*.test.js'],
	concurrency: 1,
};
