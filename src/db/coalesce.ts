/** Answers questions with one query for all that wait together; see `coalesce`. */
export type Coalesced<Question, Answer> = (lane: number, question: Question) => Promise<Answer>;

export type CoalesceLimits = {
	/** Questions in one query. */
	readonly batchMax: number;
	/** After this long a query holds up nobody any more: the next one starts beside it. */
	readonly patienceMs: number;
	/** The longest rest after a query that several have shared. */
	readonly restMaxMs: number;
	/** So many who wait are worth a query of their own, whoever else may still come. */
	readonly worthwhile: number;
};

// A query costs Node as much as answering several requests, so where many ask, few queries are worth a wait that is short beside a commit.
const defaults: CoalesceLimits = {batchMax: 256, patienceMs: 50, restMaxMs: 10, worthwhile: 32};

type Waiting<Question, Answer> = {
	readonly question: Question;
	readonly resolve: (answer: Answer) => void;
	readonly reject: (error: unknown) => void;
};

type Lane<Question, Answer> = {
	readonly waiting: Waiting<Question, Answer>[];
	/** While it rests: how many who wait end that, and how. */
	rest?: {readonly enough: number; readonly end: () => void} | undefined;
};

/**
 * Let questions that are asked at the same time share one query: while it runs, later ones gather for the next. A lone one starts at the
 * end of the turn that it was asked in, unless it comes during a rest: after a query that several have shared there is one as long as the
 * query took, so that the busier the database and this process are, the more share the next. It ends early where enough wait, half as many
 * as shared the last query: while those are answered, the database works for these. No answer is kept, and a question is never joined to
 * a query that had begun before it, so every answer is as fresh as that of a query of its own. A query that fails, fails for all that it was asked for.
 *
 * @param ask - answers some questions of one lane (a merchant), in their order
 * @param now - milliseconds that go on evenly
 */
export function coalesce<Question, Answer>(
	ask: (lane: number, questions: readonly Question[]) => Promise<readonly Answer[]>,
	limits: Partial<CoalesceLimits> = {},
	now: () => number = () => performance.now(),
): Coalesced<Question, Answer> {
	const {batchMax, patienceMs, restMaxMs, worthwhile} = {...defaults, ...limits};
	const lanes = new Map<number, Lane<Question, Answer>>();

	/** A lane is in the map while a query holds it; it leaves when nobody waits. */
	const next = (number: number, lane: Lane<Question, Answer>) => {
		const {waiting} = lane;
		if (waiting.length === 0) {
			lanes.delete(number);
			return;
		}

		let isHeld = true;
		const release = () => {
			if (isHeld) {
				isHeld = false;
				lane.rest = undefined;
				clearTimeout(patience);
				clearTimeout(resting);
				next(number, lane);
			}
		};
		const patience = setTimeout(release, patienceMs);
		let resting: NodeJS.Timeout | undefined;
		const batch = waiting.splice(0, batchMax);
		const askedAt = now();
		void answer(batch, questions => ask(number, questions)).then(() => {
			const rest = Math.min(now() - askedAt, restMaxMs);
			const enough = Math.min(batchMax, Math.max(worthwhile, batch.length / 2));
			// Whoever was alone is followed at once.
			if (batch.length === 1 || waiting.length >= enough || rest < 1) {
				release();
			} else if (isHeld) {
				resting = setTimeout(release, rest);
				lane.rest = {enough, end: release};
			}
		});
	};

	return (number, question) =>
		new Promise((resolve, reject) => {
			const lane = lanes.get(number);
			if (lane === undefined) {
				const free = {waiting: [{question, resolve, reject}]};
				lanes.set(number, free);
				process.nextTick(next, number, free);
				return;
			}

			lane.waiting.push({question, resolve, reject});
			if (lane.rest !== undefined && lane.waiting.length >= lane.rest.enough) {
				lane.rest.end();
			}
		});
}

/** Ask, and tell each who waits. Never throws. */
async function answer<Question, Answer>(
	batch: readonly Waiting<Question, Answer>[],
	ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): Promise<void> {
	try {
		const answers = await ask(batch.map(({question}) => question));
		if (answers.length !== batch.length) {
			throw new Error(`A query for ${batch.length} questions brought ${answers.length} answers.`);
		}

		batch.forEach(({resolve}, index) => {
			resolve(answers[index] as Answer);
		});
	} catch (error) {
		batch.forEach(({reject}) => {
			reject(error);
		});
	}
}
