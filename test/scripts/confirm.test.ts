import test from 'ava';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// What cannot be undone is asked for at a terminal; a script without one says so by its flags, or is believed.

let server: TestServer;
test.before(async () => {
	server = await openTestServer();
});
test.after.always(() => server.close());

/** Runs a command at a terminal where somebody answers, and gives what was asked. */
async function answering(answer: string, name: string, ...args: string[]) {
	const asked: string[] = [];
	const result = await runHere(server.parts, name, args, question => {
		asked.push(question);
		return Promise.resolve(answer);
	});
	return {...result, asked};
}

const run = (name: string, ...args: string[]) => runHere(server.parts, name, args);

async function newCard(): Promise<string> {
	const {stdout} = await run('cards:issue', '--amount', '50', '--json');
	return String(jsonLines(stdout)[0]?.['id']);
}

const statusOf = async (id: string) => jsonLines((await run('cards:show', '--card', id, '--json')).stdout)[0];
const closing = (id: string) => ['--card', id, '--reason', 'replaced'];

test('a card is closed at a terminal only after a yes, which is told what is given up', async t => {
	const id = await newCard();

	const refused = await answering('n', 'cards:close', ...closing(id));
	t.deepEqual([refused.code, refused.stderr], [1, 'Nothing was done.\n']);
	t.deepEqual(refused.asked, ['Close the card, which gives up 50.00 BRL? This cannot be undone. [y/N] ']);
	t.like(await statusOf(id), {status: 'active', balance: 50});

	t.is((await answering('', 'cards:close', ...closing(id))).code, 1);
	t.is((await answering('Yes', 'cards:close', ...closing(id))).code, 0);
	t.like(await statusOf(id), {status: 'closed', balance: 0});
});

test('nobody is asked with --yes, nor where a card is closed already; without a terminal it is closed', async t => {
	const [first, second] = [await newCard(), await newCard()];

	const sure = await answering('n', 'cards:close', ...closing(first), '--yes');
	const again = await answering('n', 'cards:close', ...closing(first));
	const alone = await run('cards:close', ...closing(second));

	t.deepEqual([sure.code, sure.asked, again.asked, alone.code], [0, [], [], 0]);
	t.like(await statusOf(second), {status: 'closed'});
});

test('a credential is revoked at a terminal only after a yes; scripts revoke it as they always did', async t => {
	const make = async () =>
		String(jsonLines((await run('credentials:create', '--json')).stdout)[0]?.['appKey']);
	const [first, second] = [await make(), await make()];
	const isRevoked = async (appKey: string) =>
		(await server.database.general.prisma.credential.findUniqueOrThrow({where: {appKey}})).revokedAt !== null;

	const refused = await answering('n', 'credentials:revoke', '--app-key', first);
	t.is(refused.code, 1);
	t.deepEqual(refused.asked, [
		`Revoke ${first}? Whoever uses it is refused within 10 seconds. This cannot be undone. [y/N] `,
	]);
	t.false(await isRevoked(first));

	t.is((await answering('y', 'credentials:revoke', '--app-key', first)).code, 0);
	t.is((await run('credentials:revoke', '--app-key', second)).code, 0);
	t.true((await isRevoked(first)) && (await isRevoked(second)));
});

test('what nobody could give back is never done without a yes', async t => {
	const {prisma} = server.database.general;
	const {id} = await prisma.customer.create({data: {merchantId: server.merchant.id}});

	const {code, stderr} = await run('customers:erase', '--customer', String(id), '--reason', 'asked');

	t.deepEqual([code, stderr], [1, 'Nothing was done: it cannot be undone. Give --yes to do it.\n']);
});
