import {readFileSync, writeFileSync} from 'node:fs';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {type Suite} from './suite.ts';
import {suites} from './suites.ts';

/** Where the checks are explained to those who use the kit. */
export const rulesFile = fileURLToPath(new URL('../../docs/homologation.md', import.meta.url));

/** The page's text with what it says of the checks anew, between `<!-- generated: PROTOCOL -->` and `<!-- end -->`. */
export function withRules(text: string): string {
	return suites.reduce((written, suite) => {
		const place = new RegExp(`(<!-- generated: ${suite.protocol} -->\n)[^]*?(<!-- end -->)`);
		if (!place.test(written)) {
			throw new Error(`docs/homologation.md has no place for ${suite.protocol}.`);
		}

		return written.replace(
			place,
			(_all, begin: string, end: string) => `${begin}\n${rulesOf(suite)}\n\n${end}`,
		);
	}, text);
}

/** Each check under a heading that reports can link to. */
function rulesOf({rules}: Suite): string {
	return rules
		.map(
			({id, title, why}) =>
				`<a id="${id.toLowerCase()}"></a>\n\n### ${id}: ${asText(title)}\n\n${asText(why)}`,
		)
		.join('\n\n');
}

/** What Markdown would take for its own. */
function asText(text: string): string {
	return text.replaceAll(/[\\`*_[\]<>]/g, String.raw`\$&`).replaceAll(/https?:\/\/\S+\w/g, '`$&`');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	writeFileSync(rulesFile, withRules(readFileSync(rulesFile, 'utf8')));
}
