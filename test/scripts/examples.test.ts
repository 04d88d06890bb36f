import test, {type ExecutionContext} from 'ava';
import {commands} from '../../scripts/lib/commands.ts';
import {widthMax} from '../../scripts/lib/help.ts';
import {openStage, type Performed, sceneOf, type Stage} from '../helpers/examples.ts';

/*
 * The examples of `--help` are promises: each is run, in a shop that has what they name (test/helpers/examples.ts), and held to what
 * every command promises of what it prints.
 */

const together = commands.filter(command => sceneOf(command).isAlone !== true);

let stage: Stage;
test.before(async () => {
	stage = await openStage(together);
});
test.after.always(() => stage.close());

/** Commands whose examples have nothing to change in the shop. */
// It restores an embedded database, which the shop has not.
// And what is removed from the Hub is at VTEX.
const idle = new Set<string>(['db:restore', 'vtex:unregister']);

for (const command of commands) {
	test.serial(`the examples of ${command.name} do what they say`, async t => {
		const isAlone = sceneOf(command).isAlone === true;
		const own = isAlone ? await openStage([command]) : stage;
		try {
			const performed: Performed[] = [];
			for (const example of command.examples) {
				const done = await own.perform(command, example);
				check(t, `${command.name} ${example}`, done);
				performed.push(done);
			}

			const hasToChange = performed.some(({mayChange}) => mayChange) && !idle.has(command.name);
			t.is(
				performed.some(({changed}) => changed.length > 0),
				hasToChange,
				'What is declared to change something changes something, in one example at least.',
			);
		} finally {
			if (isAlone) {
				await own.close();
			}
		}
	});
}

function check(t: ExecutionContext, typed: string, done: Performed): void {
	const {code, stdout, stderr, expected, mayChange, changed} = done;
	const said = `${typed}\n${stdout}${stderr}`;
	t.is(code, expected, said);
	if (!mayChange) {
		t.deepEqual(changed, [], `${said}It is declared to change nothing.`);
	}

	if (!/ --(?:json|csv)\b/.test(typed)) {
		const lines = stdout.split('\n');
		t.deepEqual(
			// Prose breaks where the terminal does; what stands in columns would be torn.
			lines.filter(line => line.length > widthMax && / {2}/.test(line)),
			[],
			said,
		);
		t.deepEqual(bareAmounts(lines), [], said);
		t.deepEqual(bareTimes(lines), [], said);
	}
}

/** Amounts without a currency: it stands beside them, or is named in a line above. */
function bareAmounts(lines: readonly string[]): string[] {
	const currency = /\b(?:BRL|USD|PTS)\b/;
	const heading = /amounts in (?:BRL|USD|PTS)\b/;
	return lines.filter(
		(line, index) =>
			/(?<![\w.:-])-?\d[\d,]*\.\d{2}(?![\w.:-])/.test(line) &&
			!currency.test(line) &&
			!lines.slice(0, index).some(above => heading.test(above)),
	);
}

/** Times of a day in an output that names no time zone. */
function bareTimes(lines: readonly string[]): string[] {
	const isZoned = lines.some(line => line.includes('America/Sao_Paulo'));
	return isZoned ? [] : lines.filter(line => /\d{4}-\d{2}-\d{2} \d{2}:\d{2}/.test(line));
}
