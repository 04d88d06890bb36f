import process from 'node:process';
import {openParts} from '../src/assemble.ts';
import {commandLine} from '../src/config-command-line.ts';
import {openBooks} from './demo/books.ts';
import {openGateway} from './demo/gateway.ts';
import {openHub} from './demo/hub.ts';
import {openStage} from './demo/stage.ts';
import {tellStory} from './demo/story.ts';
import {openThrowAway} from './demo/throw-away.ts';
import {openPrint} from './lib/print.ts';

const help = `Usage: ${commandLine('demo')}

A simulated VTEX checkout pays with a gift card: search, debit, a repeated debit, a settlement, a refund. Then the same card pays
as a private label: a payment, repeated, partly settled, partly refunded, the rest cancelled. The statement and the audit end it.
It happens on the real service over a database of its own, both started for this and removed at the end. Nothing that you have
set up is touched. Every step is checked; the exit code is 1 when one does not do what it should.
`;

const print = openPrint(process, false);
const args = process.argv.slice(2);
if (args.includes('--help')) {
	process.stdout.write(help);
} else if (args.length > 0) {
	print.note(`The demo takes no "${args[0] ?? ''}". Help: ${commandLine('demo', '--help')}`);
	process.exitCode = 2;
} else {
	process.exitCode = await runDemo();
}

/** Returns the exit code. */
async function runDemo(): Promise<0 | 1> {
	const stopping = new AbortController();
	for (const name of ['SIGINT', 'SIGTERM'] as const) {
		process.on(name, () => {
			// npm hands on the signal that the terminal has sent already, so it may come twice.
			if (!stopping.signal.aborted) {
				print.note('\nRemoving the throw-away service.');
				stopping.abort();
			}
		});
	}

	try {
		const steps = await demonstrate(stopping.signal);
		print.line(
			print.styled(
				'green',
				`\n${steps} steps, each as it should be. The service and its database are removed.`,
			),
		);
		return 0;
	} catch (error) {
		if (!stopping.signal.aborted) {
			print.note(`\n${print.styled('red', '✘')} ${error instanceof Error ? error.message : String(error)}`);
		}

		return 1;
	}
}

async function demonstrate(signal: AbortSignal): Promise<number> {
	print.line(print.styled('bold', 'Monedero: one card pays at a VTEX checkout, in both of its protocols'));
	print.line('A service and a database are started for this, and removed at the end.');
	print.line('In the bar: █ can be spent, ▒ is held for an order, · has been spent.');
	const stage = openStage(print);
	const service = await openThrowAway(signal);
	try {
		const parts = await openParts(service.config, {
			purpose: 'script',
			log: {info: quiet, warn: quiet, error: quiet},
		});
		try {
			const world = {
				openHub: (options: object) => openHub({...service.registration, ...options}),
				openGateway: (options: object) => openGateway({...service.registration, ...options}),
				openBooks: (cardId: string) => openBooks(parts, cardId),
				command: service.command,
			};
			await Promise.race([tellStory(stage, world), aborted(signal)]);
			return stage.steps();
		} finally {
			await parts.close();
		}
	} finally {
		await service.remove();
	}
}

/** What goes wrong is seen in the story. */
function quiet(): void {
	// Nothing to do.
}

async function aborted(signal: AbortSignal): Promise<never> {
	signal.throwIfAborted();
	return new Promise((_resolve, reject) => {
		signal.addEventListener('abort', () => {
			reject(new Error('Stopped.'));
		});
	});
}
