import test from 'ava';
import {AdminError, type Admins, createAdmin, openAdmins} from '../../src/admins/admins.ts';
import {type Clock, makeClock} from '../helpers/clock.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {newMerchant} from '../helpers/merchant.ts';

let database: TestDatabase;
// One after the other: only so many passwords are checked at once.
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());

const password = 'correct horse battery';
const address = '192.0.2.1';
let count = 0;

/** An admin of this test's own, and a way to try passwords. */
async function withAdmin(clock: Clock = makeClock()) {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const {name} = await createAdmin(prisma, merchant, {name: `ana${++count}`, password});
	const admins = openAdmins(prisma);
	const tryIt = async (typed: string, on: Admins = admins) =>
		(await on.check({name, password: typed, address}, new Date(clock.now()))).kind;
	return {name, merchant, admins, tryIt, clock};
}

test.serial('an admin is known by name and password, with role and merchant', async t => {
	const {name, merchant, admins} = await withAdmin();

	const known = await admins.check({name: ` ${name} `, password, address}, new Date());

	t.deepEqual(known, {kind: 'known', admin: {name, role: 'admin', merchant}});
});

test.serial('a password that is not given is generated, and is nowhere to be found afterwards', async t => {
	const {prisma, pool} = database.general;
	const merchant = await newMerchant(prisma);

	const made = await createAdmin(prisma, merchant, {name: 'generated', role: 'viewer'});

	t.like(made, {name: 'generated', role: 'viewer'});
	t.regex(made.password, /^[\w-]{20}$/);
	const {rows} = await pool.query('SELECT * FROM admins');
	t.false(JSON.stringify(rows).includes(made.password));
	const known = await openAdmins(prisma).check({...made, address}, new Date());
	t.like(known, {kind: 'known', admin: {role: 'viewer'}});
});

test.serial(
	'five wrong passwords in a row lock an admin for fifteen minutes, and the right one does not help meanwhile',
	async t => {
		const {tryIt, clock} = await withAdmin();

		for (let miss = 1; miss <= 4; miss++) {
			t.is(await tryIt('wrong password'), 'wrong');
		}

		t.is(await tryIt(password), 'known', 'four are forgiven');
		for (let miss = 1; miss <= 5; miss++) {
			t.is(await tryIt('wrong password'), 'wrong');
		}

		t.is(await tryIt(password), 'wrong');
		clock.advance(15 * 60_000 - 1);
		t.is(await tryIt(password), 'wrong');
		clock.advance(1);
		t.is(await tryIt(password), 'known');
	},
);

test.serial('after a lock has passed five more may be tried, and not six', async t => {
	const {tryIt, clock} = await withAdmin();
	const missFiveTimes = async () => {
		for (let miss = 1; miss <= 5; miss++) {
			await tryIt('wrong password');
		}
	};
	await missFiveTimes();
	clock.advance(15 * 60_000);

	await missFiveTimes();

	t.is(await tryIt(password), 'wrong');
});

test.serial('of many guesses at once, in two processes, five are looked at', async t => {
	const {prisma} = database.general;
	const {name, admins, tryIt} = await withAdmin();
	const second = openAdmins(prisma);

	const guesses = Array.from({length: 20}, (_, index) =>
		tryIt('wrong password', index % 2 === 0 ? admins : second),
	);
	t.true((await Promise.all(guesses)).every(kind => kind === 'wrong'));

	t.like(await prisma.admin.findUnique({where: {name}}), {misses: 5});
	t.is(await tryIt(password), 'wrong');
});

test.serial('an unknown name and one that nobody can have are answered as a wrong password is', async t => {
	const {admins} = await withAdmin();

	for (const name of ['nobody', '', '\0', 'x'.repeat(65)]) {
		t.deepEqual(await admins.check({name, password, address}, new Date()), {kind: 'wrong'});
	}
});

test.serial('a name is taken across merchants, and the first admin stays as it was', async t => {
	const {prisma} = database.general;
	const {name, tryIt} = await withAdmin();
	const other = await newMerchant(prisma);

	await t.throwsAsync(createAdmin(prisma, other, {name}), {instanceOf: AdminError});

	t.is(await tryIt(password), 'known');
});

test.serial(
	'names and passwords that could not be typed or are too short are refused, those at the edge are taken',
	async t => {
		const {prisma} = database.general;
		const merchant = await newMerchant(prisma);
		const refused = [
			{name: ''},
			{name: 'a\nb'},
			{name: '<b>'},
			{name: 'x'.repeat(65)},
			{name: 'short', password: 'x'.repeat(11)},
			{name: 'long', password: 'x'.repeat(201)},
		];
		for (const given of refused) {
			const error = await t.throwsAsync(createAdmin(prisma, merchant, given), {instanceOf: AdminError});
			t.false(given.password !== undefined && error.message.includes(given.password));
		}

		const taken = [
			{name: 'x'.repeat(64)},
			{name: 'J'},
			{name: 'joão.da-silva+1@loja.example'},
			{name: 'Ana María'},
			{name: 'twelve', password: 'x'.repeat(12)},
			{name: 'two hundred', password: 'x'.repeat(200)},
		];
		for (const given of taken) {
			const {name, password: made} = await createAdmin(prisma, merchant, given);
			const {kind} = await openAdmins(prisma).check({name, password: made, address}, new Date());
			t.is(kind, 'known', given.name);
		}
	},
);
