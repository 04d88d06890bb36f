import {type CallbackStatus, callbackStatuses} from '../src/callbacks/outbox.ts';
import {listCallbacks} from '../src/callbacks/operate.ts';
import {printCallbacks} from './lib/callback-output.ts';
import {defineCommand} from './lib/command.ts';
import {runAsScript} from './lib/run-command.ts';

const limit = 1000;

export const callbacksList = defineCommand({
	name: 'callbacks:list',
	summary: 'List what VTEX is told about payments that were decided later, newest first.',
	details: [
		'waiting: it is tried, or tried again, at the time shown. delivered: VTEX took it. given-up: it is not tried any more; the problem says why.',
	],
	flags: {
		status: {
			type: 'text',
			choices: Object.keys(callbackStatuses) as CallbackStatus[],
			description: 'Only those.',
		},
	},
	changes: false,
	examples: ['', '--status given-up', '--status waiting --json'],
	async run(context, {status}) {
		const {parts, merchant, print} = context;
		const callbacks = await listCallbacks(parts.prisma, merchant.id, {status, limit});
		printCallbacks(context, callbacks);
		if (callbacks.length === 0) {
			print.line(`${merchant.name} has no ${status === undefined ? '' : `${status} `}callbacks.`);
		}

		if (callbacks.length === limit) {
			print.note(`These are the newest ${limit}; there may be more.`);
		}
	},
});

await runAsScript(import.meta.url, callbacksList);
