import usual from './ava.config.js';

// What waits longest for others comes first.
const longest = ['import-interrupted', 'durability', 'embedded-home', 'start', 'embedded'];

function placeOf(file) {
	const place = longest.findIndex(name => file.replaceAll('\\', '/').endsWith(`/${name}.test.js`));
	return place === -1 ? longest.length : place;
}

// `npm run test:programs`: programs as processes of their own. They are started with a database of theirs, stopped, killed and started again.
export default {
	...usual,
	files: ['dist/test/programs/**/*.test.js'],
	sortTestFiles: (a, b) => placeOf(a) - placeOf(b) || a.localeCompare(b),
};
