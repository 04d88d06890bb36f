import test from 'ava';
import {
	hashPin,
	makePin,
	openPins,
	pinFromSeed,
	pinLockMs,
	pinMissesMax,
	type Pins,
	pinStateOf,
} from '../../src/cards/pins.ts';
import {openPeppers, type Peppers} from '../../src/cards/peppers.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {connect, openPatient} from '../helpers/interference.ts';
import {noon, openTestLedger, type TestCard, type TestLedger} from '../helpers/ledger.ts';
import {until} from '../helpers/until.ts';

let database: TestDatabase;
let ledger: TestLedger;
let peppers: Peppers;

test.before(async () => {
	database = await openTestDatabase();
	peppers = await openPeppers(database.general.prisma, ['p'.repeat(48)]);
	ledger = await openTestLedger(database);
});

test.after.always(() => database.close());

/** Some cards, the given number of them with a PIN: 1000, 1001 and so on; and a clock of their own. */
async function withCards(countWithPin: number, countWithout = 0) {
	const clock = {now: noon};
	const pins = openPins(database.general.prisma, peppers, () => clock.now);
	const cards = await Promise.all(
		Array.from({length: countWithPin + countWithout}, () => ledger.issue({amount: 1_00n})),
	);
	for (const [index, card] of cards.slice(0, countWithPin).entries()) {
		await pins.set(ledger.merchant.id, card, String(1000 + index));
	}

	return {clock, pins, cards, check: (pin: string | null) => pins.check(ledger.merchant.id, cards, pin)};
}

async function miss(check: (pin: string) => ReturnType<Pins['check']>, times: number): Promise<void> {
	for (let time = 0; time < times; time++) {
		await check('9999');
	}
}

const rowOf = (card: TestCard | undefined) =>
	database.general.prisma.cardPin.findFirstOrThrow({where: {cardId: BigInt(card?.cardId ?? 0)}});

test('a PIN is known by its keyed hash only, which is another one for each card', async t => {
	const {pins, cards} = await withCards(0, 2);
	for (const card of cards) {
		await pins.set(ledger.merchant.id, card, '123456');
	}

	const [one, two] = await Promise.all(cards.map(rowOf));
	t.deepEqual(
		Buffer.from(one?.pinHash ?? []),
		hashPin(cards[0]?.publicId ?? '', '123456', peppers.current.key),
	);
	t.notDeepEqual(one?.pinHash, two?.pinHash);
});

test('the PIN of the card is right, another one is wrong, and spaces around it do not count', async t => {
	const {check} = await withCards(1);

	t.is(await check('1000'), 'right');
	t.is(await check(' 1000 '), 'right');
	t.is(await check('1001'), 'wrong');
	t.is(await check('10000'), 'wrong');
});

test('a card without a PIN has none, whatever is typed', async t => {
	const {check} = await withCards(0, 1);

	t.is(await check(null), 'none');
	t.is(await check('1000'), 'none');
});

test('cards of another merchant have no PIN here', async t => {
	const {pins, cards} = await withCards(1);

	t.is(await pins.check(ledger.merchant.id + 1, cards, '1000'), 'none');
});

test('a missing PIN is wrong, and is no guess', async t => {
	const {check, cards} = await withCards(1);
	for (const missing of [null, '', '  ', null, null, null]) {
		t.is(await check(missing), 'wrong');
	}

	t.is(await check('1000'), 'right');
	t.is((await rowOf(cards[0])).misses, 0);
});

test('four misses leave a card open, the fifth locks it for 15 minutes, and the right PIN is not looked at', async t => {
	const {check, clock} = await withCards(1);
	await miss(check, pinMissesMax - 1);
	t.is(await check('1000'), 'right');

	await miss(check, pinMissesMax - 1);
	t.is(await check('9999'), 'wrong');
	t.is(await check('1000'), 'locked');
	t.is(await check(null), 'locked');
	clock.now += pinLockMs - 1;
	t.is(await check('1000'), 'locked');
	clock.now += 1;
	t.is(await check('1000'), 'right');
});

test('after a lock five misses are free again, not fewer, and the next five lock again', async t => {
	const {check, clock} = await withCards(1);
	await miss(check, pinMissesMax);
	clock.now += pinLockMs;
	await miss(check, pinMissesMax - 1);
	t.is(await check('1000'), 'right');

	await miss(check, pinMissesMax);
	t.is(await check('1000'), 'locked');
});

test('what is guessed while a card is locked does not make the lock longer', async t => {
	const {check, clock} = await withCards(1);
	await miss(check, pinMissesMax);
	clock.now += pinLockMs - 1;
	await miss(check, pinMissesMax);
	clock.now += 1;

	t.is(await check('1000'), 'right');
});

test('guesses that arrive together do not outrun the count: five are wrong, all others find the card locked', async t => {
	const {pins, cards, clock} = await withCards(1);
	// A process asks for what it needs in one query; two processes do not.
	const other = openPins(database.general.prisma, peppers, () => clock.now);
	const verdicts = await Promise.all(
		Array.from({length: 80}, (_, index) =>
			(index % 2 === 0 ? pins : other).check(ledger.merchant.id, cards, String(5000 + index)),
		),
	);

	t.is(verdicts.filter(verdict => verdict === 'wrong').length, pinMissesMax);
	t.is(verdicts.filter(verdict => verdict === 'locked').length, 80 - pinMissesMax);
	t.is(await pins.check(ledger.merchant.id, cards, '1000'), 'locked');
});

test('the right PIN that comes together with the fifth miss finds the card locked', async t => {
	const {check, cards, clock} = await withCards(1);
	const [card] = cards as [TestCard];
	await miss(check, pinMissesMax - 1);
	const patient = await openPatient(t, database.url);
	const pins = openPins(patient.prisma, peppers, () => clock.now);
	const holder = await database.general.pool.connect();
	await holder.query('BEGIN');
	await holder.query(`UPDATE card_pins SET misses = 0, locked_until = $2 WHERE card_id = $1`, [
		card.cardId,
		new Date(noon + pinLockMs),
	]);

	const verdict = pins.check(ledger.merchant.id, cards, '1000');
	await until('it waits to be counted', () => patient.isWaiting(holder));
	await holder.query('COMMIT');
	holder.release();

	t.is(await verdict, 'locked');
});

test('the right PIN many times at once is right each time', async t => {
	const {check} = await withCards(1);

	const verdicts = await Promise.all(Array.from({length: 40}, () => check('1000')));

	t.true(verdicts.every(verdict => verdict === 'right'));
});

test('a wallet opens with the PIN of any of its cards; a miss is a miss for each of them', async t => {
	const {check, cards} = await withCards(2, 1);
	t.is(await check('1001'), 'right');
	t.is(await check('9999'), 'wrong');
	t.is(await check('1000'), 'right');

	// The right one was that of the first card: nobody has proved to know the second one's.
	const [first, second] = await Promise.all(cards.slice(0, 2).map(rowOf));
	t.is(first?.misses, 0);
	t.is(second?.misses, 1);
});

test('a wallet with a locked card is locked', async t => {
	const {pins, cards, check} = await withCards(2);
	await miss(pin => pins.check(ledger.merchant.id, cards.slice(1), pin), pinMissesMax);

	t.is(await check('1000'), 'locked');
	t.is(await pins.check(ledger.merchant.id, cards.slice(0, 1), '1000'), 'right');
});

test('a card that is named twice is one card', async t => {
	const {pins, cards} = await withCards(1);
	const twice = [...cards, ...cards];

	t.is(await pins.check(ledger.merchant.id, twice, '1000'), 'right');
	t.is(await pins.check(ledger.merchant.id, twice, '9999'), 'wrong');
});

test('guesses at one wallet from several sides wait for nobody in a circle', async t => {
	const {pins, cards} = await withCards(6);
	const orders = [cards, cards.toReversed(), cards.slice(3), cards.slice(0, 3).toReversed()];

	await t.notThrowsAsync(
		Promise.all(
			Array.from({length: 60}, (_, index) =>
				pins.check(ledger.merchant.id, orders[index % orders.length] ?? [], '9999'),
			),
		),
	);
});

test('PINs of a wallet are locked in one order, in whichever its cards are named', async t => {
	const {cards} = await withCards(2);
	const patient = await openPatient(t, database.url);
	const pins = openPins(patient.prisma, peppers, () => noon);
	const [first, second] = cards.sort((a, b) => Number(a.cardId) - Number(b.cardId)) as [TestCard, TestCard];
	const somebody = await connect(t, database.url);
	await somebody.query('BEGIN');
	await somebody.query('SELECT FROM card_pins WHERE card_id = $1 FOR UPDATE', [first.cardId]);

	const guess = pins.check(ledger.merchant.id, [second, first], '9999');
	await until('the guess waits', () => patient.isWaiting(somebody));

	await t.notThrowsAsync(
		somebody.query('SELECT FROM card_pins WHERE card_id = $1 FOR UPDATE NOWAIT', [second.cardId]),
	);
	await somebody.query('COMMIT');
	t.is(await guess, 'wrong');
});

test('a new PIN replaces the old one and opens a locked card', async t => {
	const {pins, cards, check} = await withCards(1);
	const [card] = cards as [TestCard];
	await miss(check, pinMissesMax);
	t.is(await check('1000'), 'locked');

	await pins.set(ledger.merchant.id, card, '2222');

	t.is(await check('1000'), 'wrong');
	t.is(await check('2222'), 'right');
});

test('a PIN is four to twelve digits', async t => {
	const {pins, cards, check} = await withCards(0, 1);
	const [card] = cards as [TestCard];
	for (const pin of ['', '123', '1234567890123', '12a4', '12 34', '１２３４', '-1234', '1234\n']) {
		await t.throwsAsync(pins.set(ledger.merchant.id, card, pin), {
			instanceOf: RangeError,
			message: 'A PIN is 4 to 12 digits.',
		});
	}

	for (const pin of ['0123', '012345678901']) {
		await pins.set(ledger.merchant.id, card, pin);
		t.is(await check(pin), 'right');
	}
});

test('PINs under an older pepper are read, as long as it is given', async t => {
	const {cards, check} = await withCards(1);
	const current = {id: ledger.pepperId, key: Buffer.alloc(48, 'n')};
	const rotated = {current, all: [current, ...peppers.all]};
	const pins = openPins(database.general.prisma, rotated, () => noon);

	t.is(await pins.check(ledger.merchant.id, cards, '1000'), 'right');
	const [card] = cards as [TestCard];
	await pins.set(ledger.merchant.id, card, '3333');
	t.is(await pins.check(ledger.merchant.id, cards, '3333'), 'right');
	t.is((await rowOf(card)).pepperId, current.id);
	t.is(await check('3333'), 'wrong');
});

test('the state of a PIN is none, set or locked, until the instant at which the lock ends', async t => {
	const {cards, check, clock} = await withCards(1, 1);
	const [card, other] = cards as [TestCard, TestCard];
	const state = ({cardId}: TestCard) =>
		pinStateOf(database.general.prisma, {merchantId: ledger.merchant.id, cardId}, clock.now);
	t.is(await state(other), 'none');
	t.is(await state(card), 'set');

	await miss(check, pinMissesMax);

	t.is(await state(card), 'locked');
	clock.now += pinLockMs;
	t.is(await state(card), 'set');
});

test('generated PINs are six digits, and differ', t => {
	const made = Array.from({length: 200}, makePin);

	t.true(made.every(pin => /^\d{6}$/.test(pin)));
	t.true(new Set(made).size > 190);
});

test('the PIN of a run follows from its seed and the number of the card', t => {
	const seed = Buffer.alloc(32, 1);
	const made = Array.from({length: 200}, (_, index) => pinFromSeed(seed, index));

	t.true(made.every(pin => /^\d{6}$/.test(pin)));
	t.true(new Set(made).size > 190);
	t.is(made[7], pinFromSeed(Buffer.alloc(32, 1), 7));
	t.not(made[7], pinFromSeed(Buffer.alloc(32, 2), 7));
});
