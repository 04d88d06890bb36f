// What the packages inside our programs want to be said of them. Plain JavaScript, because it comes before anything that has to be compiled.

import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {root} from './sources.js';

// They ask for their notice to be kept and for nothing else. Whoever adds another one has read it.
const known = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'BlueOak-1.0.0']);

/**
 * The text of THIRD-PARTY-NOTICES: every package of which something is in a bundle, by its name, with its licence.
 * Throws for a licence that nobody has looked at.
 */
export function noticesOf(metafile) {
	const packages = foldersIn(metafile).map(readPackage);
	const unknown = packages.filter(({license}) => !known.has(license));
	if (unknown.length > 0) {
		const list = unknown.map(({name, license}) => `${name} (${license})`).join(', ');
		throw new Error(
			`Nobody has looked at the licence of ${list} yet. Read it, then add it to scripts/lib/notices.js.`,
		);
	}

	const intro = `Monedero's programs contain these ${packages.length} packages, each under its own licence.\n`;
	return [intro, ...packages.sort((a, b) => (a.name < b.name ? -1 : 1)).map(notice)].join(
		`\n${'-'.repeat(78)}\n\n`,
	);
}

/** The folders of the packages, from the repository's root. */
function foldersIn({outputs}) {
	const files = Object.values(outputs).flatMap(({inputs}) =>
		Object.entries(inputs).flatMap(([file, {bytesInOutput}]) => (bytesInOutput > 0 ? [file] : [])),
	);
	const folders = files.map(file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0]);
	return [...new Set(folders.filter(folder => folder !== undefined))];
}

function readPackage(folder) {
	const absolute = path.join(root, folder);
	const {name, version, license, author} = JSON.parse(
		readFileSync(path.join(absolute, 'package.json'), 'utf8'),
	);
	const texts = readdirSync(absolute)
		.filter(file => /^(?:licen[cs]e|copying|notice)\b/i.test(file))
		.sort()
		.map(file => readFileSync(path.join(absolute, file), 'utf8').trim());
	return {name, version, license: license ?? 'without a licence', author: author?.name ?? author, texts};
}

function notice({name, version, license, author, texts}) {
	const by = author === undefined ? '' : `, by ${author}`;
	return `${[`${name} ${version} (${license}${texts.length === 0 ? by : ''})`, ...texts].join('\n\n')}\n`;
}
