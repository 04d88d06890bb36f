import {setImmediate as nextTurn} from 'node:timers/promises';
import {type ExecutionContext} from 'ava';
import fc from 'fast-check';

/*
 * How many sequences each property of the model is told, and which ones: MODEL_RUNS, a hundred unless it is said otherwise, and
 * MODEL_SEED, the same ones every time unless it is another number or `random`.
 */

/** What is the same in every run, whatever the environment says: for what a test needs to have seen. */
export const fixed = {seed: 20_260_615, numRuns: 100} as const;

const numRuns = countOf(process.env['MODEL_RUNS'], fixed.numRuns);
const seed =
	process.env['MODEL_SEED'] === 'random'
		? Math.floor(Math.random() * 2 ** 31)
		: countOf(process.env['MODEL_SEED'], fixed.seed);

function countOf(text: string | undefined, usual: number): number {
	if (text === undefined || text === '') {
		return usual;
	}

	if (!/^\d{1,10}$/.test(text)) {
		throw new RangeError(
			`MODEL_RUNS and MODEL_SEED are whole numbers, and a seed may be random; not ${text}.`,
		);
	}

	return Number(text);
}

// Longer than any number of sequences that somebody waits for: a slow machine is no failure.
const patienceMs = 7 * 86_400_000;

/** Let the runner hear that a test takes as long as it takes, before its sequences keep this thread busy. */
export async function takeTime(t: ExecutionContext): Promise<void> {
	t.timeout(patienceMs);
	await nextTurn();
}

/**
 * Hold a property against as many sequences as are asked for.
 * @throws {Error} with the smallest sequence found for which it does not hold, and the seed and path to tell it again
 */
export async function holds<Value>(t: ExecutionContext, property: fc.IRawProperty<Value>): Promise<void> {
	t.log(`MODEL_RUNS=${numRuns} MODEL_SEED=${seed}`);
	await takeTime(t);
	await fc.assert(property, {seed, numRuns, includeErrorInReport: true});
	t.pass();
}
