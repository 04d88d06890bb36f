import {widthMax, wrapped} from '../lib/help.ts';
import {type Print, type Style} from '../lib/print.ts';
import {type Exchange, type Result} from './check.ts';
import {countsOf, countsText, type Report, resultsOf, ruleLink} from './report.ts';

/* The list that is printed while the checks run, and its end. */

const marks: Readonly<Record<Result['outcome'], readonly [mark: string, style: Style]>> = {
	passed: ['✔', 'green'],
	failed: ['✘', 'red'],
	skipped: ['–', 'yellow'],
};

/** Under the title of a check. */
const indent = 9;
const labelWidth = 10;

/** One check, as soon as it is over; a failure with what was expected, what came, and why that matters. */
export function printResult({line, styled}: Print, result: Result, isVerbose: boolean): void {
	const [mark, style] = marks[result.outcome];
	const title = wrapped(clean(result.title), indent);
	line(
		`  ${styled(style, mark)} ${result.id}  ${result.outcome === 'passed' ? title : styled('bold', title)}`,
	);
	for (const [label, text] of particularsOf(result)) {
		const column = indent + labelWidth;
		line(`${' '.repeat(indent)}${styled('dim', label.padEnd(labelWidth))}${wrapped(clean(text), column)}`);
	}

	if (isVerbose && result.outcome === 'failed') {
		result.exchanges.forEach(exchange => {
			line(exchangeText(exchange));
		});
	}
}

function particularsOf(result: Result): readonly (readonly [label: string, text: string])[] {
	switch (result.outcome) {
		case 'passed':
			return [];
		case 'skipped':
			return [['skipped', result.reason]];
		case 'failed':
			return [
				['expected', result.expected],
				['got', result.got],
				['why', result.why],
				['rule', ruleLink(result.id)],
			];
	}
}

function exchangeText({request, answer, ms}: Exchange): string {
	const shifted = (text: string, mark: string) =>
		text
			.split('\n')
			.map(one => `${' '.repeat(indent)}${mark} ${clean(one)}`.trimEnd())
			.join('\n');
	return `\n${shifted(request, '>')}\n${shifted(`${answer}  (${Math.round(ms)} ms)`, '<')}`;
}

/** What a provider sends may command a terminal. */
function clean(text: string): string {
	return text.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD');
}

/** The last line, and what remains to be said. */
export function printEnd({line, styled}: Print, report: Report): void {
	const {passed, failed, skipped} = countsOf(resultsOf(report));
	const style: Style = failed > 0 ? 'red' : 'green';
	const time = `${(report.ms / 1000).toFixed(1)} s`;
	line();
	line(styled(style, `${countsText({passed, failed, skipped})} in ${time}.`));
	if (report.isStopped) {
		line('It was stopped before all checks had run.');
	}
}

/** The heading of a protocol's results. */
export function printTitle({line, styled}: Print, title: string, url: string): void {
	line(styled('bold', clean(`${title} · ${url}`).slice(0, widthMax)));
	line();
}
