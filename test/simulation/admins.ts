import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {type Shop} from './shoppers.ts';
import {type AdminStep} from './steps.ts';
import {dateIn} from './store.ts';
import {type Heard} from './verdicts.ts';

type Command = readonly [name: string, ...args: string[]];

const said = ['--reason', 'simulated'] as const;

/**
 * The command of a step, under the step's own key; the same every time.
 * @returns undefined while the hold that it is about was never answered
 */
export function commandOf(step: AdminStep, {world, store, promises}: Shop): Command | undefined {
	const key = ['--key', `step-${step.n}`] as const;
	const card = 'card' in step ? ['--card', store[step.card]?.id ?? ''] : [];
	switch (step.do) {
		case 'grant':
			return ['credits:grant', ...card, '--amount', money(step.cents), '--currency', 'BRL', ...said, ...key];
		case 'adjust':
			return ['cards:adjust', ...card, `--amount=${money(step.cents)}`, ...said, ...key];
		case 'issue':
			return ['cards:issue', '--amount', money(step.cents), '--currency', 'BRL', ...key];
		case 'block':
			return ['cards:block', ...card, ...said];
		case 'unblock':
			return ['cards:unblock', ...card, ...said];
		case 'extend':
			return ['cards:extend', ...card, '--expires', dateIn(400), ...said];
		case 'import':
			return ['credits:import', importFile(step, world.folder, store), ...said, '--run', `run-${step.n}`];
		case 'undo':
			return ['credits:undo', '--run', `run-${step.of}`, '--partial', '--yes', ...said];
		case 'jobs':
			return ['jobs:run'];
		case 'holdCapture':
		case 'holdRelease':
		case 'holdRefund': {
			const {step: held, final} = promises.of(step.of) ?? {};
			const verb = {holdCapture: 'capture', holdRelease: 'release', holdRefund: 'refund'}[step.do];
			return held?.do === 'debit' && final?.isDone === true
				? [`holds:${verb}`, '--hold', final.id, '--amount', money(step.cents), ...said, ...key, '--yes']
				: undefined;
		}
	}
}

/** Each line with a key of its own, so that a file that is imported again gives nothing twice. */
function importFile(
	{n, cards, cents}: Extract<AdminStep, {do: 'import'}>,
	folder: string,
	store: Shop['store'],
): string {
	const lines = cards.map((card, line) => `line-${n}-${line},${store[card]?.id ?? ''},${money(cents)},BRL`);
	const file = path.join(folder, `import-${n}.csv`);
	writeFileSync(file, `${['key,card,amount,currency', ...lines].join('\n')}\n`);
	return file;
}

function money(cents: number): string {
	return (cents / 100).toFixed(2);
}

/** Run the command of a step once. @returns what is wrong with what it printed */
export async function askDesk(step: AdminStep, shop: Shop): Promise<string | undefined> {
	const command = commandOf(step, shop);
	if (command === undefined) {
		return undefined;
	}

	const [name, ...args] = command;
	const sent = shop.promises.sending(step);
	const heard = await shop.world.desk().run(name, [...args, '--actor', 'simulator', '--json']);
	return shop.promises.hear(step, heard ?? gone, sent);
}

const gone: Heard = {status: 1, text: 'The desk was killed.'};
