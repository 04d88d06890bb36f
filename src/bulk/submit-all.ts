import {setTimeout as delay} from 'node:timers/promises';
import {type MerchantClock, type Outcome} from '../ledger/batch.ts';
import {type Command} from '../ledger/commands.ts';
import {OverloadedError, type Writer} from '../ledger/writer.ts';

/** What became of a command; an error that is its own. */
export type Submitted = Outcome | {readonly kind: 'failed'; readonly error: unknown};

// Commands for which the database was too busy are tried so often, with growing pauses in between.
const attemptsMax = 8;
const pauseMs = 250;

/**
 * Submit commands that have keys, and try those again for which the database was too busy: their keys make it safe.
 * @returns what became of each, in their order; a command that failed by itself has harmed nobody else
 * @throws {OverloadedError} when the database stays too busy
 */
export async function submitAll(
	writer: Pick<Writer, 'submit'>,
	merchant: MerchantClock,
	commands: readonly Command[],
): Promise<Submitted[]> {
	const results: Submitted[] = [];
	let open = commands.map((command, index) => ({command, index}));
	for (let attempt = 1; open.length > 0; attempt++) {
		let busy: OverloadedError | undefined;
		const again: typeof open = [];
		await Promise.all(
			open.map(async ({command, index}) => {
				try {
					results[index] = await writer.submit(merchant, command);
				} catch (error) {
					if (error instanceof OverloadedError) {
						busy = error;
						again.push({command, index});
					} else {
						results[index] = {kind: 'failed', error};
					}
				}
			}),
		);
		if (busy !== undefined && attempt === attemptsMax) {
			throw busy;
		}

		open = again.toSorted((a, b) => a.index - b.index);
		await (open.length > 0 ? delay(pauseMs * 2 ** attempt) : undefined);
	}

	return results;
}
