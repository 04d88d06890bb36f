import test from 'ava';
import fc from 'fast-check';
import {
	differenceOf,
	type Here,
	isInFlight,
	type Kind,
	type There,
	unknownHere,
	unknownThere,
} from '../../src/reconcile/compare.ts';

/*
 * A history is played on both sides at once, as the protocols do it; where nothing is lost both agree. One thing that is lost, added or
 * misread is found as what it is.
 */

type Step = {readonly verb: 'capture' | 'cancel'; readonly share: number};

/** Both sides of one payment, and how VTEX moves them: what it settles and refunds is what we are asked. */
class Sides {
	readonly authorized: bigint;
	captured = 0n;
	refunds: bigint[] = [];
	here: {captured: bigint; refunded: bigint; released: bigint} = {captured: 0n, refunded: 0n, released: 0n};
	isOver = false;

	constructor(authorized: bigint) {
		this.authorized = authorized;
	}

	get held(): bigint {
		return this.authorized - this.here.captured - this.here.released;
	}

	get refunded(): bigint {
		return this.refunds.reduce((sum, one) => sum + one, 0n);
	}

	capture(amount: bigint): void {
		this.captured += amount;
		this.here.captured += amount;
	}

	refund(amount: bigint): void {
		this.refunds.push(amount);
		this.here.refunded += amount;
	}

	/** VTEX ends the payment and has what is left released. */
	end(): void {
		this.here.released += this.held;
		this.isOver = true;
	}

	there(isInvoiced = this.captured > 0n): There {
		const {authorized, captured, refunds, isOver} = this;
		return {authorized, captured, refunds, isOver, isInvoiced};
	}

	side(): Here {
		const {authorized, here, held} = this;
		return {authorized, captured: here.captured, refunded: here.refunded, held};
	}
}

// Odd cents, so that no two amounts differ by a factor of ten by chance; `played` sees to the rest.
const amounts = fc.bigInt({min: 1001n, max: 99_999_999n});
const history = fc.record({
	authorized: amounts,
	steps: fc.array(
		fc.record({
			verb: fc.constantFrom<Step['verb']>('capture', 'cancel'),
			share: fc.integer({min: 1, max: 100}),
		}),
		{maxLength: 6},
	),
	isEnded: fc.boolean(),
});

function played({
	authorized,
	steps,
	isEnded,
}: {
	authorized: bigint;
	steps: readonly Step[];
	isEnded: boolean;
}): Sides {
	const sides = new Sides(authorized);
	for (const {verb, share} of steps) {
		const left = verb === 'capture' ? sides.held : sides.captured - sides.refunded;
		const amount = (left * BigInt(share)) / 100n;
		if (amount > 0n) {
			sides[verb === 'capture' ? 'capture' : 'refund'](amount);
		}
	}

	if (isEnded) {
		sides.end();
	}

	return sides;
}

/** Amounts that are exactly ten or a hundred times another are taken for misread, whatever happened. */
function isMisread(there: There, here: Here): boolean {
	const refunded = there.refunds.reduce((sum, one) => sum + one, 0n);
	const pairs = [
		[there.captured, here.captured],
		[refunded, here.refunded],
	] as const;
	return pairs.some(
		([a, b]) => a > 0n && b > 0n && [10n, 100n].some(factor => a === b * factor || b === a * factor),
	);
}

test('a history in which nothing is lost has no difference, at any moment of it', t => {
	fc.assert(
		fc.property(history, given => {
			const sides = played(given);
			t.is(differenceOf(sides.there(), sides.side()), undefined);
		}),
	);
});

test('a settlement that VTEX took for failed, captured and refunded here, is no difference', t => {
	const there: There = {authorized: 30_00n, captured: 0n, refunds: [], isOver: true, isInvoiced: false};

	t.is(differenceOf(there, {authorized: 30_00n, captured: 30_00n, refunded: 30_00n, held: 0n}), undefined);
});

/** What is planted, and what must come of it: the amount that is missing, and whether a command mends it. */
type Plant = {
	readonly kind: Kind;
	readonly plant: (sides: Sides, amount: bigint) => void;
	readonly needs: (sides: Sides, amount: bigint) => boolean;
	readonly remedy: string | null;
};

const plants: readonly Plant[] = [
	{
		...{kind: 'captured-there', remedy: 'capture'},
		needs: (sides, amount) => sides.held >= amount,
		plant(sides, amount) {
			sides.captured += amount;
		},
	},
	{
		...{kind: 'captured-here', remedy: 'refund'},
		needs: (sides, amount) => sides.held >= amount,
		plant(sides, amount) {
			sides.here.captured += amount;
			sides.end();
		},
	},
	{
		...{kind: 'captured-here', remedy: null},
		needs: (sides, amount) => sides.held >= amount && !sides.isOver,
		plant(sides, amount) {
			sides.here.captured += amount;
		},
	},
	{
		...{kind: 'refund-owed', remedy: 'refund'},
		needs: (sides, amount) => sides.captured - sides.refunded >= amount && !sides.refunds.includes(amount),
		plant(sides, amount) {
			sides.refunds.push(amount);
		},
	},
	{
		...{kind: 'refund-repeated', remedy: 'refund'},
		needs: (sides, amount) => sides.captured - sides.refunded >= 2n * amount,
		plant(sides, amount) {
			sides.refund(amount);
			sides.refunds.push(amount);
		},
	},
	{
		...{kind: 'refunded-here', remedy: null},
		needs: (sides, amount) => sides.captured - sides.refunded >= amount,
		plant(sides, amount) {
			sides.here.refunded += amount;
		},
	},
];

for (const {kind, plant, needs, remedy} of plants) {
	test(`one ${kind} that is planted in any history is found as that, with its amount and ${remedy ?? 'no'} remedy`, t => {
		fc.assert(
			fc.property(history, amounts, (given, wish) => {
				const sides = played(given);
				const amount = (wish % (sides.authorized / 2n)) + 1n;
				fc.pre(needs(sides, amount));
				plant(sides, amount);
				const [there, here] = [sides.there(), sides.side()];
				fc.pre(!isMisread(there, here));
				t.like(differenceOf(there, here), {kind, amount, remedy});
			}),
		);
	});
}

test('what VTEX has ended and is still held is found, and released only where no invoice says that it was sold', t => {
	fc.assert(
		fc.property(history, fc.boolean(), (given, isInvoiced) => {
			const sides = played({...given, isEnded: false});
			fc.pre(sides.held > 0n);
			sides.isOver = true;
			const remedy = isInvoiced && sides.captured === 0n ? null : 'release';
			t.like(differenceOf(sides.there(isInvoiced), sides.side()), {
				...{kind: 'closed-there', amount: sides.held, remedy},
			});
		}),
	);
});

test('what was released here while VTEX counts on it is found, and no command is offered', t => {
	fc.assert(
		fc.property(amounts, authorized => {
			const sides = new Sides(authorized);
			sides.here.released = authorized;
			t.like(differenceOf(sides.there(), sides.side()), {kind: 'released-here', remedy: null});
		}),
	);
});

test('amounts that differ by a factor of ten or a hundred are a mixed-up unit, whatever else differs', t => {
	fc.assert(
		fc.property(history, fc.constantFrom(10n, 100n), fc.boolean(), (given, factor, isHere) => {
			const sides = played(given);
			const [there, here] = [sides.there(), sides.side()];
			const difference = isHere
				? differenceOf(there, {...here, authorized: here.authorized * factor})
				: differenceOf({...there, authorized: there.authorized * factor}, here);
			t.like(difference, {kind: 'unit-mixed-up', remedy: null});
		}),
	);
});

test('another amount for the payment is a finding that no command mends', t => {
	fc.assert(
		fc.property(history, amounts, (given, more) => {
			const sides = played(given);
			const there = {...sides.there(), authorized: sides.authorized + more};
			fc.pre(more !== sides.authorized * 9n && more !== sides.authorized * 99n);
			t.like(differenceOf(there, sides.side()), {kind: 'amount-differs', amount: more, remedy: null});
		}),
	);
});

test('what was captured there and is not held here any more is found, but not mended by a command', t => {
	const there: There = {authorized: 30_00n, captured: 30_00n, refunds: [], isOver: true, isInvoiced: true};
	const here: Here = {authorized: 30_00n, captured: 0n, refunded: 0n, held: 0n};

	t.like(differenceOf(there, here), {kind: 'captured-there', amount: 30_00n, remedy: null});
});

test('a payment that only VTEX knows is a finding unless it ended with nothing paid', t => {
	const open: There = {authorized: 30_00n, captured: 0n, refunds: [], isOver: false, isInvoiced: false};

	t.like(unknownHere(open), {kind: 'unknown-here', amount: 30_00n, remedy: null});
	t.like(unknownHere({...open, captured: 30_00n, refunds: [10_00n], isOver: true}), {amount: 20_00n});
	t.is(unknownHere({...open, isOver: true}), undefined);
	t.is(unknownHere({...open, captured: 30_00n, refunds: [30_00n], isOver: true}), undefined);
});

test('a hold that only we know is released if nothing of it was captured, and is nothing once it is over', t => {
	const here: Here = {authorized: 30_00n, captured: 0n, refunded: 0n, held: 30_00n};

	t.like(unknownThere(here, 'order'), {kind: 'unknown-there', amount: 30_00n, remedy: 'release'});
	t.like(unknownThere(here, 'canceled'), {remedy: 'release'});
	t.like(unknownThere(here, 'payment'), {remedy: null});
	t.like(unknownThere(here, 'unnamed'), {remedy: null});
	t.like(unknownThere({...here, captured: 10_00n, held: 20_00n}, 'order'), {amount: 30_00n, remedy: null});
	t.is(unknownThere({...here, held: 0n}, 'order'), undefined);
	t.is(unknownThere({...here, captured: 30_00n, refunded: 30_00n, held: 0n}, 'order'), undefined);
});

test('a difference is in flight to the last millisecond of its time', t => {
	t.true(isInFlight(1000, 1000 + 59, 60));
	t.false(isInFlight(1000, 1000 + 60, 60));
});
