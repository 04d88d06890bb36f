import usual from './ava.config.js';

// `npm run test:browser`: what is looked at in a real Chromium, which has to be installed.
export default {...usual, files: ['dist/test/browser/**/*.test.js'], concurrency: 2};
