import usual from './ava.config.js';

// `npm run test:package`: what `npm pack` makes, installed into an empty folder. It asks the registry, and takes minutes.
export default {...usual, files: ['dist/test/package/**/*.test.js'], concurrency: 1};
