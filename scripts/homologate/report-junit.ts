import {type Exchange, type Result} from './check.ts';
import {countsOf, type Report, resultsOf, ruleLink} from './report.ts';

/** The report as CI servers read it: JUnit's XML, a suite for each protocol and a case for each check. */
export function junitReport(report: Report): string {
	const suites = report.parts.map(({protocol, title, results}) => {
		const cases = results.map(result => caseOf(result, `homologation.${protocol}`));
		const about = {name: title, ...totals(results), timestamp: report.startedAt.toISOString().slice(0, 19)};
		return `  ${tag('testsuite', about, `\n${cases.join('')}  `)}\n`;
	});
	const about = {name: `Homologation of ${report.url}`, ...totals(resultsOf(report))};
	return `<?xml version="1.0" encoding="UTF-8"?>\n${tag('testsuites', about, `\n${suites.join('')}`)}\n`;
}

function totals(results: readonly Result[]): Record<string, string> {
	const {failed, skipped} = countsOf(results);
	const ms = results.reduce((sum, result) => sum + result.ms, 0);
	return {
		tests: String(results.length),
		failures: String(failed),
		errors: '0',
		skipped: String(skipped),
		time: seconds(ms),
	};
}

function caseOf(result: Result, classname: string): string {
	const about = {classname, name: `${result.id}: ${result.title}`, time: seconds(result.ms)};
	const content = contentOf(result);
	return `    ${tag('testcase', about, content === undefined ? '' : `\n      ${content}\n    `)}\n`;
}

function contentOf(result: Result): string | undefined {
	switch (result.outcome) {
		case 'passed':
			return undefined;
		case 'skipped':
			return tag('skipped', {message: result.reason}, '');
		case 'failed': {
			const message = `Expected ${result.expected}; got ${result.got}.`;
			const lines = [
				message,
				result.why,
				`Rule: ${ruleLink(result.id)}`,
				...result.exchanges.map(exchangeText),
			];
			return tag('failure', {message, type: 'HomologationFailure'}, escaped(lines.join('\n\n')));
		}
	}
}

function exchangeText({request, answer, ms}: Exchange): string {
	return `${request}\n\n${answer}\n(${Math.round(ms)} ms)`;
}

function seconds(ms: number): string {
	return (ms / 1000).toFixed(3);
}

/** @param content - XML already */
function tag(name: string, attributes: Readonly<Record<string, string>>, content: string): string {
	const said = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
	return content === '' ? `<${name}${said.join('')}/>` : `<${name}${said.join('')}>${content}</${name}>`;
}

const entities: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&apos;',
};

/** Text for XML 1.0, in which most control characters and lone surrogates must not stand, not even escaped. */
function escaped(text: string): string {
	return (
		Buffer.from(text)
			.toString()
			// eslint-disable-next-line no-control-regex -- these are what has to go
			.replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD')
			.replaceAll(/[&<>"']/g, sign => entities[sign] ?? sign)
	);
}
