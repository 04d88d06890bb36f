/** Answers questions with one query for all that wait together; see `coalesce`. */
export type Coalesced<Question, Answer> = (lane: number, question: Question) => Promise<Answer>;

export type CoalesceLimits = {
	/** Questions in one query. */
	readonly batchMax: number;
	/** After this long a query holds up nobody any more: the next one starts beside it. */
	readonly patienceMs: number;
	/** The longest rest after a query that several have shared. */
	readonly restMaxMs: number;
};

// A query costs Node as much as answering several requests, so where many ask, few queries are worth a wait that is short beside a commit.
const defaults: CoalesceLimits = {batchMax: 256, patienceMs: 50, restMaxMs: 10};

type Waiting<Question, Answer> = {
	readonly question: Question;
	readonly resolve: (answer: Answer) => void;
	readonly reject: (error: unknown) => void;
};

/**
 * Let questions that are asked at the same time share one query: while it runs, later ones gather for the next, and a
 * lone one starts at once, unless it comes during a rest: after a query that several have shared there is one as long as the query took, so
 * that the busier the database and this process are, the more share the next. No answer is kept, and a question is never joined to a query that had begun before it, so
 * every answer is as fresh as that of a query of its own. A query that fails, fails for all that it was asked for.
 *
 * @param ask - answers some questions of one lane (a merchant), in their order
 * @param now - milliseconds that go on evenly
 */
export function coalesce<Question, Answer>(
	ask: (lane: number, questions: readonly Question[]) => Promise<readonly Answer[]>,
	limits: Partial<CoalesceLimits> = {},
	now: () => number = () => performance.now(),
): Coalesced<Question, Answer> {
	const {batchMax, patienceMs, restMaxMs} = {...defaults, ...limits};
	const lanes = new Map<number, Waiting<Question, Answer>[]>();

	/** A lane is in the map while a query holds it; it leaves when nobody waits. */
	const next = (lane: number, waiting: Waiting<Question, Answer>[]) => {
		if (waiting.length === 0) {
			lanes.delete(lane);
			return;
		}

		let isHeld = true;
		const release = () => {
			if (isHeld) {
				isHeld = false;
				clearTimeout(patience);
				next(lane, waiting);
			}
		};
		const patience = setTimeout(release, patienceMs);
		const batch = waiting.splice(0, batchMax);
		const askedAt = now();
		void answer(batch, questions => ask(lane, questions)).then(() => {
			const rest = Math.min(now() - askedAt, restMaxMs);
			// Whoever was alone is followed at once, and so is a query in which there was no room.
			if (batch.length === 1 || waiting.length >= batchMax || rest < 1) {
				release();
			} else {
				setTimeout(release, rest);
			}
		});
	};

	return (lane, question) =>
		new Promise((resolve, reject) => {
			const waiting = lanes.get(lane);
			if (waiting === undefined) {
				const alone = [{question, resolve, reject}];
				lanes.set(lane, alone);
				next(lane, alone);
			} else {
				waiting.push({question, resolve, reject});
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
