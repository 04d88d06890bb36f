import {type AskStep, isAsk, type Step} from './steps.ts';
import {type Heard, verdictOn, type Verdict} from './verdicts.ts';

type Final = Extract<Verdict, {kind: 'final'}>;

/** A request, and what was ever answered to it. */
export type Promised = {
	readonly step: AskStep;
	/** Whether it may have reached a service. */
	isSent: boolean;
	/** The first answer that binds for ever. */
	final?: Final;
	/** A refusal that binds nobody, until something final is answered. */
	passing?: string;
	/** Why an attempt is still without an answer; a refusal of another attempt does not tell what became of it. */
	open?: string;
};

/** One sending of a request. */
export type Attempt = {
	/**
	 * Whether an answer that binds had been heard by then. Of two that travel at the same time, the one that came first may be refused (its
	 * payment is not there yet) and be heard last.
	 */
	readonly isRepetition: boolean;
};

/** What a card may have, in cents: one value, unless a clock or an undoing leaves more than one possible. */
export type Range = {readonly low: number; readonly high: number};

export type Promises = {
	/** About to be sent, under its own key. */
	readonly sending: (step: AskStep) => Attempt;
	/** Take in an answer. @returns what is wrong with it, in the light of all that was answered before */
	readonly hear: (step: AskStep, heard: Heard, attempt: Attempt) => string | undefined;
	readonly of: (n: number) => Promised | undefined;
	/** In the order of the steps: nobody knows whether it was done. */
	readonly unanswered: () => Promised[];
	/** Refused, by refusals that bind nobody. */
	readonly refused: () => Promised[];
	/** All is quiet and it was asked once more: what earlier attempts came to is known now. */
	readonly answeredAtLast: (step: AskStep) => void;
	/** What is bound for ever, in the order of the steps. */
	readonly bound: () => Promised[];
	/** What the answered requests leave on a card that was opened with so many cents. Right when nothing is unanswered. */
	readonly balance: (card: number, opened: number) => Range;
};

/** What was promised to whom: every request with its key, and every answer ever received. */
export function openPromises(history: readonly Step[]): Promises {
	const steps = new Map(history.filter(isAsk).map(step => [step.n, step]));
	const promised = new Map<number, Promised>();
	const entry = (step: AskStep): Promised => {
		const known = promised.get(step.n) ?? {step, isSent: false};
		promised.set(step.n, known);
		// A history may grow while it is played.
		steps.set(step.n, step);
		return known;
	};
	const inOrder = () => [...promised.values()].toSorted((a, b) => a.step.n - b.step.n);

	return {
		sending(step) {
			const known = entry(step);
			known.isSent = true;
			return {isRepetition: known.final !== undefined};
		},
		hear(step, heard, attempt) {
			const known = entry(step);
			const verdict = verdictOn(step, heard);
			const problem = problemOf(known, verdict, {...attempt, isCancelled: cancelled(step.n, promised)});
			remember(known, verdict);
			return problem;
		},
		of: n => promised.get(n),
		unanswered: () =>
			inOrder().filter(
				({final, passing, open}) => final === undefined && (passing === undefined || open !== undefined),
			),
		refused: () => inOrder().filter(({final, passing}) => final === undefined && passing !== undefined),
		answeredAtLast(step) {
			delete entry(step).open;
		},
		bound: () => inOrder().filter(({final}) => final !== undefined),
		balance(card, opened) {
			return inOrder().reduce<Range>(
				({low, high}, one) => {
					const effect = effectOf(one, card, {steps, promised});
					return {low: low + effect.low, high: high + effect.high};
				},
				{low: opened, high: opened},
			);
		},
	};
}

function remember(known: Promised, verdict: Verdict): void {
	if (verdict.kind === 'final') {
		known.final =
			known.final?.status === 'approved' ? {...known.final, ...statusOf(verdict)} : (known.final ?? verdict);
		delete known.open;
	} else if (verdict.kind === 'passing') {
		known.passing = verdict.why;
	} else if (verdict.kind === 'open' && known.final === undefined) {
		known.open = verdict.why;
	}
}

/** The status of a payment goes on; its ids stay what they were first. */
function statusOf({status}: Final): {status?: string} {
	return status === undefined ? {} : {status};
}

/** An answer in the light of the first one: what is final stays, but for the status of a payment, which may only go from approved to denied. */
function problemOf(
	{step, final}: Promised,
	verdict: Verdict,
	{isRepetition, isCancelled}: Attempt & {readonly isCancelled: boolean},
): string | undefined {
	const what = `Step ${step.n} (${step.do})`;
	if (verdict.kind === 'wrong') {
		return `${what} was answered what nobody should be: ${verdict.problem}`;
	}

	if (final === undefined || verdict.kind === 'open') {
		return undefined;
	}

	if (verdict.kind === 'passing' && (step.do === 'import' || step.do === 'issue')) {
		// One that was taken back, and codes that nobody can print again because their seed is gone, are refused.
		return undefined;
	}

	if (verdict.kind === 'passing') {
		return isRepetition ? `${what} was answered ${final.same} and is refused now: ${verdict.why}` : undefined;
	}

	if (verdict.same !== final.same) {
		return `${what} was answered ${final.same} and is answered now ${verdict.same}`;
	}

	if (final.status === 'denied' && verdict.status === 'approved') {
		return `${what} was denied and is approved now`;
	}

	return final.status === 'approved' && verdict.status === 'denied' && !isCancelled
		? `${what} was approved and is denied now, though nobody asked to cancel it`
		: undefined;
}

/** Whether somebody asked to cancel a payment; whether that was answered does not matter. */
function cancelled(n: number, promised: ReadonlyMap<number, Promised>): boolean {
	return [...promised.values()].some(({step, isSent}) => step.do === 'payCancel' && step.of === n && isSent);
}

type Known = {
	readonly steps: ReadonlyMap<number, AskStep>;
	readonly promised: ReadonlyMap<number, Promised>;
};

const nothing: Range = {low: 0, high: 0};
const exactly = (cents: number): Range => ({low: cents, high: cents});

/** What one request did to what a card can spend, by its answer. */
function effectOf({step, final, isSent}: Promised, card: number, known: Known): Range {
	if (step.do === 'undo') {
		return isSent ? undone(step.of, card, known) : nothing;
	}

	if (step.do === 'import' && isSent && final === undefined) {
		// A line or two may have been done before it was refused.
		return {low: 0, high: step.cents * step.cards.filter(one => one === card).length};
	}

	if (final?.isDone !== true && step.do !== 'pay') {
		return nothing;
	}

	const moved = final?.moved ?? 0;
	// eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- nothing else moves what a card can spend.
	switch (step.do) {
		case 'debit':
			return step.card === card ? exactly(-step.cents) : nothing;
		case 'credit':
		case 'grant':
			return step.card === card ? exactly(step.cents) : nothing;
		case 'adjust':
			// What is taken is what was there, up to what was asked for.
			return step.card === card ? exactly(moved) : nothing;
		case 'import':
			return exactly(step.cents * step.cards.filter(one => one === card).length);
		case 'cancel':
		case 'holdRelease':
		case 'holdRefund': {
			const first = known.steps.get(step.of);
			const isHere = (first?.do === 'debit' || first?.do === 'credit') && first.card === card;
			return isHere ? exactly(first.do === 'credit' ? -moved : moved) : nothing;
		}

		case 'pay':
			return step.card === card ? exactly(paid(step.n, step.cents, final, known)) : nothing;
		default:
			return nothing;
	}
}

/** What a payment took on the whole: its value, or what was settled of it once it was cancelled, less what was refunded. */
function paid(n: number, cents: number, final: Final | undefined, {promised}: Known): number {
	const done = [...promised.values()].filter(
		({step, final: answer}) => 'of' in step && step.of === n && answer?.isDone === true,
	);
	const sum = (what: AskStep['do']) =>
		done.filter(({step}) => step.do === what).reduce((total, one) => total + (one.final?.moved ?? 0), 0);
	if (final === undefined) {
		return 0;
	}

	const isEnded = final.status === 'denied' || done.some(({step}) => step.do === 'payCancel');
	return sum('payRefund') - (isEnded ? sum('paySettle') : cents);
}

/** An import that somebody takes back: as far as it is still there, so anything between nothing and all of it. */
function undone(of: number, card: number, {steps}: Known): Range {
	const step = steps.get(of);
	return step?.do === 'import' && step.cards.includes(card) ? {low: -step.cents, high: 0} : nothing;
}
