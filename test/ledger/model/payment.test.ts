import test from 'ava';
import fc from 'fast-check';
import {type Outcome} from '../../../src/ledger/batch.ts';
import {type CommandOfPayment} from '../../../src/ledger/commands.ts';
import {cancel, conclude, pay, refund, settle} from '../../helpers/payment-commands.ts';
import {auditBooks, checkBooks, fingerprintOf} from './checks.ts';
import {issueOf, type MemoryLedger, openMemoryLedger} from './memory.ts';
import {fixed, holds, takeTime} from './runs.ts';

/*
 * One payment over three cards, told to the books and to a reference that knows only sums. VTEX repeats, reorders and forgets:
 * so does the story, and every key comes up more than once.
 */

const place = {actorId: 1, assetId: 1};
const cardIds = ['1', '2', '3'];

type Step = {
	readonly do: 'pay' | 'wait' | 'conclude' | 'decline' | 'settle' | 'cancel' | 'refund';
	readonly amount: number;
	readonly key: number;
	/** The payment is looked up before the command, or it was long ago. */
	readonly isFresh: boolean;
};

const steps = fc.array(
	fc.record<Step>({
		do: fc.oneof(
			{weight: 2, arbitrary: fc.constantFrom<Step['do']>('pay', 'wait', 'conclude', 'decline', 'cancel')},
			{weight: 5, arbitrary: fc.constantFrom<Step['do']>('settle', 'refund')},
		),
		amount: fc.integer({min: 1, max: 60}),
		key: fc.integer({min: 1, max: 9}),
		isFresh: fc.boolean(),
	}),
	{maxLength: 25},
);
const stories = fc.record({
	cards: fc.tuple(
		fc.integer({min: 1, max: 40}),
		fc.integer({min: 1, max: 40}),
		fc.integer({min: 1, max: 40}),
	),
	value: fc.oneof(fc.integer({min: 1, max: 30}), fc.integer({min: 1, max: 130})),
	steps,
});
type Story = typeof stories extends fc.Arbitrary<infer T> ? T : never;

/** What a payment is to somebody who only counts. */
type Reference = {
	status: 'new' | 'pending' | 'approved' | 'denied' | 'cancelled';
	isCreated: boolean;
	isCancelled: boolean;
	hasHold: boolean;
	held: number;
	captured: number;
	refunded: number;
	readonly remembered: Map<string, string>;
};

const newReference = (): Reference => ({
	status: 'new',
	isCreated: false,
	isCancelled: false,
	hasHold: false,
	held: 0,
	captured: 0,
	refunded: 0,
	remembered: new Map(),
});

/** What a step must answer, as text: what moved, or a refusal. */
function expected(reference: Reference, step: Step, story: Story, knowsHold: boolean): string {
	const total = story.cards.reduce((sum, amount) => sum + amount, 0);
	const open = (): string => {
		const isEnough = story.value <= total;
		reference.status = isEnough ? 'approved' : 'denied';
		reference.hasHold = isEnough;
		reference.held = isEnough ? story.value : 0;
		return isEnough ? String(story.value) : 'insufficientBalance';
	};
	switch (step.do) {
		case 'pay':
		case 'wait':
			if (reference.status !== 'new') {
				return reference.status === 'cancelled' ? 'paymentCancelled' : 'never';
			}

			reference.isCreated = true;
			if (step.do === 'pay') {
				return open();
			}

			reference.status = 'pending';
			return '0';
		case 'conclude':
		case 'decline':
			return concluded(reference, step.do === 'conclude' ? open : () => 'declined');
		case 'cancel':
			return cancelled(reference, knowsHold);
		case 'settle':
		case 'refund': {
			if (reference.status !== 'approved' || !knowsHold) {
				return reference.status === 'approved' ? 'paymentChanged' : 'paymentNotApproved';
			}

			const left = step.do === 'settle' ? reference.held : reference.captured - reference.refunded;
			const moved = Math.min(step.amount, left);
			reference[step.do === 'settle' ? 'captured' : 'refunded'] += moved;
			reference.held -= step.do === 'settle' ? moved : 0;
			return moved === 0 ? 'exceedsHold' : String(moved);
		}
	}
}

function concluded(reference: Reference, end: () => string): string {
	switch (reference.status) {
		case 'pending': {
			const answer = end();
			reference.status = answer === 'declined' ? 'denied' : reference.status;
			reference.remembered.set('denied for', answer);
			return answer;
		}

		case 'approved':
			return '0';
		case 'denied':
			return reference.remembered.get('denied for') ?? 'insufficientBalance';
		case 'cancelled':
			return 'paymentCancelled';
		case 'new':
			return 'paymentNotApproved';
	}
}

function cancelled(reference: Reference, knowsHold: boolean): string {
	if (reference.isCancelled) {
		return '0';
	}

	if (!knowsHold || (reference.hasHold && reference.held === 0)) {
		return knowsHold ? 'paymentSettled' : 'paymentChanged';
	}

	const moved = reference.held;
	reference.held = 0;
	reference.isCancelled = true;
	if (reference.status !== 'denied' && reference.captured === 0) {
		reference.status = 'cancelled';
	}

	return String(moved);
}

/** A repeated create is told what became of the payment since; one that met a tombstone is decided again, and denied again. */
function repeatedCreate(reference: Reference, story: Story): string | undefined {
	if (!reference.isCreated) {
		return undefined;
	}

	return reference.status === 'denied'
		? (reference.remembered.get('denied for') ?? 'insufficientBalance')
		: String(reference.hasHold ? story.value : 0);
}

const unremembered = ['paymentChanged', 'paymentNotApproved', 'paymentSettled', 'exceedsHold'];

function commandOf(step: Step, value: bigint, holdId: string | null): CommandOfPayment {
	const target = {paymentId: 'p', cardIds, holdId};
	switch (step.do) {
		case 'pay':
			return pay(place, 'p', cardIds, value);
		case 'wait':
			return pay(place, 'p', [], value, {plan: {kind: 'wait'}});
		case 'conclude':
			return conclude(place, 'p', cardIds, value);
		case 'decline':
			return conclude(place, 'p', [], value, {plan: {kind: 'refuse', refusal: 'declined'}});
		case 'cancel':
			return cancel(place, target, String(step.key));
		case 'settle':
			return settle(place, target, BigInt(step.amount), String(step.key));
		case 'refund':
			return refund(place, target, BigInt(step.amount), String(step.key));
	}
}

const wordOf = (outcome: Outcome) => (outcome.kind === 'done' ? String(outcome.moved) : outcome.refusal);

type Play = {readonly ledger: MemoryLedger; readonly reference: Reference; readonly words: string[]};

function play(story: Story): Play {
	const ledger = openMemoryLedger();
	for (const [index, amount] of story.cards.entries()) {
		const kind = {amount, singleUse: false, restricted: false, rechargeable: true};
		ledger.submit(issueOf(String(index + 1), {...kind, startsInDays: -1, lastsDays: null}));
	}

	const stage: Play = {ledger, reference: newReference(), words: []};
	for (const step of story.steps) {
		perform(stage, story, step);
	}

	auditBooks(ledger.books);
	return stage;
}

function perform({ledger, reference, words}: Play, story: Story, step: Step): void {
	const hold = ledger.books.payments.get('p')?.holdId ?? null;
	const command = commandOf(step, BigInt(story.value), step.isFresh ? hold : null);
	const name = command.key === null ? 'create' : `${command.key.space} ${command.key.key}`;
	const before = fingerprintOf(ledger);
	const known = command.key === null ? repeatedCreate(reference, story) : reference.remembered.get(name);
	const wanted = known ?? expected(reference, step, story, step.isFresh || hold === null);
	const outcome = ledger.submit(command);
	words.push(`${step.do} ${wordOf(outcome)}`);
	if (wordOf(outcome) !== wanted || outcome.isReplay !== (known !== undefined)) {
		throw new Error(`${name} answers ${wordOf(outcome)} and should answer ${wanted}.`);
	}

	if (known !== undefined && fingerprintOf(ledger) !== before) {
		throw new Error(`${name} was repeated and changed something.`);
	}

	if (command.key !== null && !unremembered.includes(wanted)) {
		reference.remembered.set(name, wanted);
	}

	checkBooks(ledger.books);
	checkSums(ledger, reference, story);
}

/** What is held, spent and left adds up to what was there, and is what the reference counted. */
function checkSums({books}: MemoryLedger, reference: Reference, {cards}: Story): void {
	const all = [...books.cards.values()];
	const total = (amounts: readonly bigint[]) => Number(amounts.reduce((sum, amount) => sum + amount, 0n));
	const held = total(all.map(card => card.held));
	const available = total(all.map(card => card.available));
	const spent = reference.captured - reference.refunded;
	const payment = books.payments.get('p');
	const isSame =
		held === reference.held &&
		available + held + spent === cards.reduce((sum, amount) => sum + amount, 0) &&
		(payment?.status ?? 'new') === reference.status &&
		((payment?.cancellationId ?? null) !== null) === reference.isCancelled;
	if (!isSame) {
		throw new Error(`The books hold ${held} with ${available} available; ${JSON.stringify(reference)}.`);
	}
}

test('whatever happens to a payment over several cards, no more moves than its value, and sums add up', async t => {
	await holds(
		t,
		fc.property(stories, story => {
			play(story);
		}),
	);
});

test('what was paid comes back to each card exactly, however it was settled, refunded and cancelled before', async t => {
	await holds(
		t,
		fc.property(stories, story => {
			const stage = play(story);
			const key = 1000;
			perform(stage, story, {do: 'cancel', amount: 1, key, isFresh: true});
			for (let left = 999; left > 0; left -= 100) {
				perform(stage, story, {do: 'refund', amount: 60, key: key + left, isFresh: true});
			}

			// What waits or is open is cancelled now; a payment that was never created is a tombstone.
			const {books} = stage.ledger;
			const lots = [...books.cards.values()].flatMap(card => [...card.lots.values()]);
			if (!lots.every(({issued, remaining, held}) => remaining === issued && held === 0n)) {
				throw new Error('Some lot did not get back what it gave.');
			}
		}),
	);
});

// A model that only ever sees refusals proves little.
test('the stories reach every verb with effect and every refusal of a payment', async t => {
	await takeTime(t);
	const seen = new Set<string>();
	for (const story of fc.sample(stories, {...fixed, numRuns: 600})) {
		for (const word of play(story).words) {
			seen.add(word.replace(/\d+$/, amount => (amount === '0' ? 'nothing' : 'something')));
		}
	}

	for (const word of [
		...['pay something', 'pay insufficientBalance', 'pay paymentCancelled', 'wait nothing'],
		...[
			'conclude something',
			'conclude insufficientBalance',
			'conclude nothing',
			'conclude paymentCancelled',
		],
		...['conclude paymentNotApproved', 'decline declined', 'decline nothing'],
		...['settle something', 'settle exceedsHold', 'settle paymentChanged', 'settle paymentNotApproved'],
		...['refund something', 'refund exceedsHold', 'refund paymentChanged', 'refund paymentNotApproved'],
		...['cancel something', 'cancel nothing', 'cancel paymentSettled', 'cancel paymentChanged'],
	]) {
		t.true(seen.has(word), word);
	}
});
