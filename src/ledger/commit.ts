import {type SqlClient} from '../db/client.ts';
import {type MerchantClock, type Outcome, runBatch} from './batch.ts';
import {type Instant} from './calendar.ts';
import {type Command} from './commands.ts';
import {MoreCardsError} from './lock-and-load.ts';
import {type Stages, Stopwatch} from './stages.ts';

/** Commands of one merchant that are decided and written together. */
export type Batch = {
	readonly merchant: MerchantClock;
	readonly commands: readonly Command[];
};

/**
 * Decide and write a batch in one transaction. The outcomes, in the order of the commands, are durable when they are told.
 * @param onStages - told how long the stages took, before the outcomes are
 * @throws errors of the database, for the whole batch
 */
export type Commit = (batch: Batch, onStages?: (stages: Stages) => void) => Promise<Outcome[]>;

export type CommitTools = {
	readonly prisma: SqlClient;
	readonly clock: () => Instant;
	readonly newId: () => string;
};

/** Commits in the thread that asks. */
export function commitHere({prisma, clock, newId}: CommitTools): Commit {
	return async ({merchant, commands}, onStages) => {
		const stopwatch = new Stopwatch();
		const tools = {merchant, clock, newId, stopwatch};
		for (let further: readonly string[] = []; ;) {
			try {
				const outcomes = await prisma.$transaction(tx => runBatch(tx, tools, commands, further));
				stopwatch.lap('commit');
				onStages?.(stopwatch.stages);
				return outcomes;
			} catch (error) {
				if (!(error instanceof MoreCardsError)) {
					throw error;
				}

				// A line of merged wallets ends, and each round finds at least the next of it.
				further = [...further, ...error.cardIds];
			}
		}
	};
}

// Up to this a batch is done before the way to another thread and back would have paid.
const smallBatch = 8;

/**
 * Commits small batches here, for a lone checkout's sake, and larger ones there; small ones too where this thread has more to do than
 * them, and would keep the database waiting for its next statement. One lane never has two batches under way.
 * @param underWay - commands that this thread is to answer, those of the batch among them
 */
export function commitBySize(here: Commit, there: Commit, underWay: () => number): Commit {
	return (batch, onStages) => (underWay() <= smallBatch ? here : there)(batch, onStages);
}
