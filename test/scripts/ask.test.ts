import {PassThrough} from 'node:stream';
import test from 'ava';
import {askOn} from '../../scripts/lib/ask.ts';
import {until} from '../helpers/until.ts';

function ask(isTerminal = false) {
	const [input, output] = [new PassThrough(), new PassThrough()];
	// What readline asks of a terminal.
	Object.assign(output, {isTTY: isTerminal});
	Object.assign(input, {setRawMode: () => input});
	let shown = '';
	output.on('data', (chunk: Buffer) => (shown += chunk.toString()));
	return {input, answer: askOn({input, output}, 'Sure? '), shown: () => shown};
}

test('a question is answered by the line that is typed', async t => {
	const {input, answer, shown} = ask();
	input.write('yes\n');

	t.is(await answer, 'yes');
	t.is(shown(), 'Sure? ');
});

test('Ctrl-C at a question is no answer, and does not leave the command waiting', async t => {
	const {input, answer, shown} = ask(true);
	await until('the question is shown', () => shown().includes('Sure? '));
	input.write('y\u0003');

	t.is(await answer, '');
});

test('Ctrl-D at a question, or the end of what is typed, is no answer', async t => {
	const {input, answer, shown} = ask();
	await until('the question is shown', () => shown() !== '');
	input.end();

	t.is(await answer, '');
});
