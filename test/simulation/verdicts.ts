import {type AskStep} from './steps.ts';

/** What came back: a status and a body over HTTP, or the exit code and the output of a command. */
export type Heard = {readonly status: number; readonly text: string};

/**
 * What an answer means to whom it was given.
 * - `final`: the answer to this request for ever. `id` names what was done, `same` is what every later answer must repeat, `moved` are cents.
 * - `passing`: refused this time; asked again it may be done.
 * - `open`: neither yes nor no, so nobody knows what became of it.
 * - `wrong`: nobody should ever be answered that.
 */
export type Verdict =
	| {
			readonly kind: 'final';
			readonly isDone: boolean;
			readonly id: string;
			readonly same: string;
			readonly moved: number;
			readonly status?: string;
	  }
	| {readonly kind: 'passing'; readonly why: string}
	| {readonly kind: 'open'; readonly why: string}
	| {readonly kind: 'wrong'; readonly problem: string};

type Body = Readonly<Record<string, unknown>>;

// Refusals of debits and credits that stay the answer to their request (A7).
const remembered = new Set([
	...['currency_mismatch', 'card_closed', 'card_blocked', 'owner_mismatch', 'card_not_yet_valid'],
	...['card_expired', 'card_used', 'not_rechargeable', 'insufficient_balance', 'balance_limit'],
]);
const operationIds = {paySettle: 'settleId', payRefund: 'refundId', payCancel: 'cancellationId'} as const;

/** What this answer to this request means. */
export function verdictOn(step: AskStep, {status, text}: Heard): Verdict {
	// eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the rest are commands.
	switch (step.do) {
		case 'debit':
		case 'credit':
		case 'settle':
		case 'cancel':
			return onHub(step, status, text);
		case 'pay':
		case 'later':
			return onCreate(status, text);
		case 'paySettle':
		case 'payRefund':
		case 'payCancel':
			return onOperation(operationIds[step.do], status, text);
		default:
			return onCommand(step, status, text);
	}
}

/** Cents of an amount in currency units. */
export function centsOf(value: unknown): number {
	return Math.round(Number(value) * 100);
}

function onHub(
	step: Extract<AskStep, {do: 'debit' | 'credit' | 'settle' | 'cancel'}>,
	status: number,
	text: string,
): Verdict {
	const body = parsed(text);
	if (status === 503) {
		return {kind: 'open', why: '503'};
	}

	const isFirst = step.do === 'debit' || step.do === 'credit';
	const id = body?.[isFirst ? 'id' : 'oid'];
	if (status === 200 && typeof id === 'string') {
		const moved = isFirst ? step.cents : centsOf(body?.['value']);
		return {kind: 'final', isDone: true, id, same: text, moved};
	}

	const code = (body?.['error'] as {code?: string} | undefined)?.code ?? '';
	if (status === 422 && isFirst && remembered.has(code)) {
		return {kind: 'final', isDone: false, id: '', same: code, moved: 0};
	}

	// Cards and transactions are named by ids that were answered, so there is no "not found".
	return status === 422
		? {kind: 'passing', why: code}
		: {kind: 'wrong', problem: `${status} ${text.slice(0, 300)}`};
}

/** A create shows the present (A8): what must stay are its ids. */
function onCreate(status: number, text: string): Verdict {
	const body = parsed(text);
	const shown = body?.['status'];
	if (status === 200 && shown === 'undefined' && body?.['code'] === 'waiting') {
		return {kind: 'passing', why: 'waiting'};
	}

	if (status === 503 || (status === 200 && shown === 'undefined')) {
		return {kind: 'open', why: typeof shown === 'string' ? shown : String(status)};
	}

	if (status !== 200 || (shown !== 'approved' && shown !== 'denied')) {
		return {kind: 'wrong', problem: `${status} ${text.slice(0, 300)}`};
	}

	const id = String(body?.['tid']);
	const same = JSON.stringify([body?.['paymentId'], id, body?.['nsu']]);
	return {kind: 'final', isDone: shown === 'approved', id, same, moved: 0, status: shown};
}

function onOperation(member: string, status: number, text: string): Verdict {
	const body = parsed(text);
	const [id, code] = [body?.[member], typeof body?.['code'] === 'string' ? body['code'] : ''];
	if (status === 503 || code === 'overloaded' || code === 'unavailable') {
		return {kind: 'open', why: code};
	}

	if (status === 200 && typeof id === 'string') {
		const moved = member === 'cancellationId' ? 0 : centsOf(body?.['value']);
		return {kind: 'final', isDone: true, id, same: text, moved};
	}

	// A refusal of an operation is a 500 by the protocol, and one that says `internal` is a failure of ours.
	return status === 500 && id === null && code !== 'internal' && code !== ''
		? {kind: 'passing', why: code}
		: {kind: 'wrong', problem: `${status} ${text.slice(0, 300)}`};
}

/** A command under a key prints the same entry whenever it is repeated; what it was refused may be done later. */
function onCommand(step: AskStep, code: number, text: string): Verdict {
	const lines = text.split('\n').filter(line => line.startsWith('{'));
	if (code === 2) {
		return {kind: 'wrong', problem: `The command was used wrongly: ${text.slice(0, 300)}`};
	}

	if (code !== 0) {
		// Its sentence does not say whether it was the database or a rule, and repeating it is safe either way.
		return isTransient(text)
			? {kind: 'open', why: text.trim().slice(0, 120)}
			: {kind: 'passing', why: text.trim().slice(0, 120)};
	}

	const printed = parsed((step.do === 'issue' ? lines[0] : lines.at(-1)) ?? '') ?? {};
	const member = isUnderKey(step) ? (step.do === 'issue' ? 'id' : 'entryId') : '';
	const id = typeof printed[member] === 'string' ? printed[member] : '';
	const moved = printed['moved'] ?? printed['amount'] ?? 0;
	return {kind: 'final', isDone: true, id, same: id, moved: centsOf(moved)};
}

/** Whether repeating a command does what it did before, and not what is left to do by then. */
export function isUnderKey({do: what}: AskStep): boolean {
	return !['block', 'unblock', 'extend', 'jobs', 'undo'].includes(what);
}

/** What a command says when the database was gone, too slow, or somebody killed it. */
function isTransient(text: string): boolean {
	return /database|connection|too busy|in time|killed|interrupted|desk|closed the|transaction|timeout|timed out|ECONN|server/i.test(
		text,
	);
}

function parsed(text: string): Body | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null ? (value as Body) : undefined;
	} catch {
		return undefined;
	}
}
