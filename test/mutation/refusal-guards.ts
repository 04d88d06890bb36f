import path from 'node:path';
import {sourcesIn, textOf} from './files.ts';
import {type SourceMutant} from './mutant.ts';

/*
 * Most guards of the ledger have one form: `if (condition) { return refuse('why'); }`. These are found in the sources and not listed, so that
 * a refusal that is written tomorrow has its mutant tomorrow.
 */

const folder = 'src/ledger/decide';
const refusing = /\bif \(((?:[^{};]|\{\})*?)\) \{\n\s*return (?:refuse\(.*\)|'[a-zA-Z]+');/g;

/** Where the tests of a decision are, besides those of its own name and those of the order in which refusals come. */
const testsOf: Readonly<Record<string, readonly string[]>> = {
	reserve: ['decide/authorize', 'decide/single-use', 'decide/points'],
	undo: ['decide/undo-hold', 'decide/undo-credit'],
	index: ['decide/undo-credit', 'decide/capture', 'decide/transfer'],
	'payment-operations': ['decide/payment-operations', 'decide/pay'],
	earn: ['decide/earn', 'decide/clawback', 'earn'],
	merge: ['decide/points', 'merge'],
	transfer: ['decide/transfer', 'decide/points'],
};
/** Whatever no example shows, the stories of the models do. */
const stories = ['model/memory', 'model/payment', 'model/wallets'];

/** What is there for the types, and would be refused as the same without it. */
const equivalent = new Set(['reserve refuses: insufficientBalance']);

/** A mutant for each condition under which a decision refuses: it never refuses for that reason there. */
export function refusalGuards(): SourceMutant[] {
	return sourcesIn(folder)
		.flatMap(mutantsOf)
		.filter(({name}) => !equivalent.has(name));
}

function mutantsOf(file: string): SourceMutant[] {
	const source = textOf(file);
	const name = path.basename(file, '.ts');
	const tests = [...(testsOf[name] ?? [`decide/${name}`]), 'decide/precedence', ...stories].map(
		test => `test/ledger/${test}.test.ts`,
	);
	const seen = new Map<string, number>();
	return [...source.matchAll(refusing)].map(({0: text, 1: condition = '', index}) => {
		const refusal = /'(\w+)'/.exec(text.slice(text.lastIndexOf('return')))?.[1] ?? 'what another one says';
		const count = (seen.get(refusal) ?? 0) + 1;
		seen.set(refusal, count);
		// From the line's beginning on, and as many lines before as make it unlike any other of the file.
		const whole = uniqueFrom(source, index, text);
		return {
			kind: 'source',
			name: `${name} refuses: ${refusal}${count > 1 ? ` (${count})` : ''}`,
			file,
			text: whole,
			instead: whole.slice(0, -text.length) + text.replace(condition, () => `false && (${condition})`),
			tests,
		};
	});
}

function uniqueFrom(source: string, index: number, text: string): string {
	let start = index;
	while (start > 0 && source.indexOf(source.slice(start, index + text.length)) !== start) {
		start = source.lastIndexOf('\n', start - 1);
	}

	let whole = source.slice(start, index + text.length);
	while (start > 0 && source.includes(whole, start + 1)) {
		start = source.lastIndexOf('\n', start - 1);
		whole = source.slice(start, index + text.length);
	}

	return whole;
}
