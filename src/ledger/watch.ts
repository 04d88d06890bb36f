import {type Outcome} from './batch.ts';
import {type Command} from './commands.ts';
import {type Stages} from './stages.ts';

/** A batch that is durable. */
export type CommittedBatch = {
	readonly merchantId: number;
	readonly commands: readonly Command[];
	/** In the order of the commands. */
	readonly outcomes: readonly Outcome[];
	/** How long the oldest of them had waited for the batch to begin, milliseconds. */
	readonly waitedMs: number;
	/** Absent where the commit does not tell. */
	readonly stages: Stages | undefined;
};

/**
 * Why a batch was not committed as it was: `conflict` runs it again, as does a key that was `taken` meanwhile; of a batch that met somebody's `lock`
 * those commands wait aside; a `failure` has it run in parts, to find the command that causes it.
 */
export const setbacks = ['conflict', 'taken', 'lock', 'failure'] as const;
export type Setback = (typeof setbacks)[number];

/** Who looks on while the writer works. Called once for a batch and never for a command; must not throw. */
export type WriterWatch = {
	readonly committed: (batch: CommittedBatch) => void;
	readonly setBack: (setback: Setback) => void;
};
