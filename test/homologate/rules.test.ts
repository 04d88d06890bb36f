import {readFileSync} from 'node:fs';
import test from 'ava';
import {ruleLink} from '../../scripts/homologate/report.ts';
import {rulesFile, withRules} from '../../scripts/homologate/rules.ts';
import {suites} from '../../scripts/homologate/suites.ts';
import {readSources} from '../helpers/source-file.ts';

const page = readFileSync(rulesFile, 'utf8');
const rules = suites.flatMap(suite => suite.rules);

test('docs/homologation.md says of each check what the kit says; `node scripts/lib/launch.js scripts/homologate/rules.ts` writes it anew', t => {
	t.is(page, withRules(page));
});

test('each check has a number of its own, and a place that reports link to', t => {
	t.is(new Set(rules.map(({id}) => id)).size, rules.length);
	for (const {id} of rules) {
		const [file, anchor = ''] = ruleLink(id).split('#');
		t.is(file, 'docs/homologation.md');
		t.is(page.split(`<a id="${anchor}"></a>`).length, 2, id);
	}
});

test('every rule of the protocol that this project has written down is a check', t => {
	const numbers = Array.from({length: 40}, (_one, index) => `G${String(index + 1).padStart(2, '0')}`);
	const ids = new Set(rules.map(({id}) => id));

	t.deepEqual(
		numbers.filter(id => !ids.has(id)),
		[],
	);
});

test('titles are sentences without an end, reasons are sentences with one', t => {
	for (const {id, title, why} of rules) {
		t.regex(title, /^[A-Z].*[^.]$/, id);
		t.regex(why, /^[A-Z].*[.]$/, id);
	}
});

test('the kit knows nothing of Monedero: no file of it imports one of src, a database or a configuration', t => {
	const ours = /^scripts\/(?:homologate|lib)\//;
	const foreign = readSources('scripts/homologate').flatMap(({path, imports}) =>
		imports
			.filter(({specifier, target}) => !ours.test(target ?? '') && !/^(?:node:|eta$)/.test(specifier))
			.map(({specifier}) => `${path}: ${specifier}`),
	);

	t.deepEqual(foreign, []);
});
