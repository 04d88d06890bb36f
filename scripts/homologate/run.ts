import {Failure, type Result, Skip} from './check.ts';
import {type OpenSuite, type Rule, type Settings, type Suite} from './suite.ts';
import {NoAnswer} from './wire.ts';

type RunOptions = {
	/** Ids of the checks that shall run; all without it. */
	readonly only?: ReadonlySet<string> | undefined;
	/** Told of each result as soon as it is there. */
	readonly onResult?: (result: Result) => void;
};

/**
 * Run a protocol's checks against a provider, one after another. Whatever the provider does becomes a result; when the signal of the
 * settings is aborted, what has not ended counts as skipped.
 * @throws UsageError for flags that cannot be
 */
export async function runSuite(
	suite: Suite,
	settings: Settings,
	{only, onResult}: RunOptions = {},
): Promise<readonly Result[]> {
	const open = await suite.open(settings);
	const results: Result[] = [];
	let silences = 0;
	try {
		for (const rule of suite.rules.filter(({id}) => only?.has(id) ?? true)) {
			const isTried = silences < silencesMax && !settings.signal.aborted;
			const tried = isTried ? await resultOf(rule, suite, open, settings.signal) : undefined;
			const result = tried?.result ?? notTried(rule, suite, settings.signal);
			silences = tried?.isSilent === true ? silences + 1 : result.outcome === 'skipped' ? silences : 0;
			results.push(result);
			onResult?.(result);
		}
	} finally {
		await open.close();
	}

	return results;
}

// Who has not answered so many checks in a row, at seconds each, will not answer the next fifty either.
const silencesMax = 3;

function notTried({id, title, why}: Rule, {protocol}: Suite, {aborted}: AbortSignal): Result {
	const reason = aborted ? stoppedReason : `Not tried: ${silencesMax} checks in a row had no answer at all.`;
	return {protocol, id, title, why, ms: 0, exchanges: [], outcome: 'skipped', reason};
}

async function resultOf(
	{id, title, why}: Rule,
	{protocol}: Suite,
	{wire, run}: OpenSuite,
	signal: AbortSignal,
): Promise<{readonly result: Result; readonly isSilent: boolean}> {
	const mark = wire.mark();
	const startedAt = performance.now();
	const {error} = await run(id).then(
		() => ({error: undefined}),
		(thrown: unknown) => ({error: thrown ?? new Error('nothing')}),
	);
	const about = {
		...{protocol, id, title, why},
		ms: performance.now() - startedAt,
		exchanges: wire.exchangesSince(mark),
	};
	return {result: {...about, ...outcomeOf(error, wire.hide, signal)}, isSilent: error instanceof NoAnswer};
}

type Outcome =
	| {readonly outcome: 'passed'}
	| {readonly outcome: 'failed'; readonly expected: string; readonly got: string}
	| {readonly outcome: 'skipped'; readonly reason: string};

const stoppedReason = 'Not tried: the kit was stopped.';

/** @param error - what a check threw; undefined for nothing */
function outcomeOf(error: unknown, hide: (text: string) => string, {aborted}: AbortSignal): Outcome {
	if (error === undefined) {
		return {outcome: 'passed'};
	}

	if (aborted) {
		return {outcome: 'skipped', reason: stoppedReason};
	}

	if (error instanceof Skip) {
		return {outcome: 'skipped', reason: hide(error.message)};
	}

	const {expected, got} = error instanceof Failure ? error : unforeseen(error);
	return {outcome: 'failed', expected: hide(expected), got: hide(got)};
}

/** An answer that no check was written for is not what VTEX would understand either. */
function unforeseen(error: unknown): {readonly expected: string; readonly got: string} {
	const message = error instanceof Error ? error.message : String(error);
	return {expected: 'an answer that VTEX can read', got: `something that led to this: ${message}`};
}
