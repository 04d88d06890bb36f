import {fork} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';

/** A part of the bench in a process of its own, so that it neither waits for nor slows down the others' event loop. */
export type Child = {
	readonly pid: number;
	/** One question at a time. Rejects with the child's own message when it failed, or when it ended. */
	readonly ask: <Answer>(question: unknown) => Promise<Answer>;
	readonly stop: () => Promise<void>;
};

const launch = fileURLToPath(new URL('../lib/launch.js', import.meta.url));

type Reply = {readonly answer?: unknown; readonly failure?: string};

/** Starts a module of this folder that calls `answerParent`. */
export function startChild(file: string): Child {
	const child = fork(launch, [fileURLToPath(new URL(file, import.meta.url))], {
		serialization: 'advanced',
		// Ctrl-C reaches the bench only; it then stops its children in order.
		detached: true,
	});
	const ended = once(child, 'exit');

	return {
		pid: child.pid ?? 0,
		async ask<Answer>(question: unknown) {
			const replied = once(child, 'message') as Promise<[Reply]>;
			child.send(question as object);
			const [reply] = await Promise.race([
				replied,
				ended.then(([code]) => [{failure: `${file} ended with exit code ${String(code)}.`}] as const),
			]);
			if (reply.failure !== undefined) {
				throw new Error(reply.failure);
			}

			return reply.answer as Answer;
		},
		async stop() {
			if (child.connected) {
				child.disconnect();
			}

			await ended;
		},
	};
}

/** The child's side: answers each question of the parent, and ends when the parent is gone. */
export function answerParent(answer: (question: unknown) => Promise<unknown>): void {
	const reply = async (question: unknown): Promise<Reply> => {
		try {
			return {answer: await answer(question)};
		} catch (error) {
			return {failure: error instanceof Error ? (error.stack ?? error.message) : String(error)};
		}
	};

	process.on('message', message => {
		void reply(message).then(outcome => process.send?.(outcome));
	});
	process.on('disconnect', () => process.exit());
}
