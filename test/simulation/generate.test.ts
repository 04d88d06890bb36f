import test from 'ava';
import {generate} from './generate.ts';
import {faultNames, historyText, isAsk, parseHistory} from './steps.ts';

const wish = {seed: 5, steps: 600, services: 2, faults: faultNames};

test('a seed makes one history, whoever asks for it', t => {
	t.is(historyText(generate(wish)), historyText(generate(wish)));
	t.not(historyText(generate(wish)), historyText(generate({...wish, seed: 6})));
});

test('a history has as many requests as were wished for, numbers them by their places and ends with a check', t => {
	const history = generate(wish);
	t.is(history.filter(step => step.do !== 'fault' && step.do !== 'check').length, 600);
	t.deepEqual(
		history.map(({n}) => n),
		history.map((_, place) => place),
	);
	t.is(history.at(-1)?.do, 'check');
});

test('over some seeds every fault and every kind of request comes up', t => {
	const all = [1, 2, 3, 4, 5].flatMap(seed => generate({...wish, seed}));
	const faults = new Set(all.flatMap(step => (step.do === 'fault' ? [step.fault] : [])));
	t.deepEqual([...faults].toSorted(), [...faultNames].toSorted());
	const asked = new Set(all.filter(isAsk).map(step => step.do));
	t.is(asked.size, 21, [...asked].join(' '));
});

test('what follows a purchase names a step of the right kind that stands before it', t => {
	const history = generate(wish);
	for (const step of history.filter(isAsk)) {
		if ('of' in step) {
			const first = history[step.of];
			t.true(first !== undefined && step.of < step.n, JSON.stringify(step));
			t.true(['debit', 'credit', 'pay', 'import'].includes(first?.do ?? ''), JSON.stringify(first));
		}
	}
});

test('without faults nothing goes wrong', t => {
	t.false(generate({...wish, faults: []}).some(step => step.do === 'fault'));
});

test('a history is read again as it was written, and a line that is no step is named', t => {
	const history = generate({...wish, steps: 60});
	t.deepEqual(parseHistory(historyText(history)), history);
	t.throws(() => parseHistory('{"n":0,"do":"check"}\n{"n":'), {message: /^Line 2 /});
});
