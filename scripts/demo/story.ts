import {commandLine} from '../../src/config-command-line.ts';
import {type AuditReport} from '../../src/ledger/audit.ts';
import {AnswerLostError, newPaymentId, type Operation, type Transaction} from './hub.ts';
import {payAsPrivateLabel} from './payment-act.ts';
import {amountOf, issued, look, type Scene, short, tellCall, type World} from './scene.ts';
import {expect, type Stage} from './stage.ts';

export {type World} from './scene.ts';

/** What the order takes of the card, and what becomes of that. */
const [debited, settled, returned] = ['60.00', '30.00', '40.00'] as const;
const order = {orderId: 'v1700000store-01', email: 'shopper@example.com'};

/**
 * A checkout pays with a gift card; half of the order is settled, and a part of it comes back. Then the same card pays another
 * order, as a private label. Every step is checked: what was answered, what stands on the card, and what the books got.
 * @throws StoryError when something is not as it should be; whatever the calls and commands throw
 */
export async function tellStory(stage: Stage, world: World): Promise<void> {
	const scene = await issueCard(stage, world);
	await refuseImpostor(scene);
	await findCard(scene);
	const transaction = await placeOrder(scene);
	await settleHalf(scene, transaction);
	await returnGoods(scene, transaction);
	await payAsPrivateLabel(scene);
	await readStatement(scene);
	await proveBooks(scene);
}

async function issueCard(stage: Stage, world: World): Promise<Scene> {
	stage.step(`The store issues a gift card of ${issued} BRL.`);
	const args = ['--amount', issued, '--currency', 'BRL'];
	const [card = {}] = jsonLines<{id?: string; redemptionCode?: string}>(
		await world.command('cards:issue', ...args, '--json'),
	);
	const {id = '', redemptionCode: code = ''} = card;
	stage.call('store → Monedero', typed('cards:issue', args.join(' ')), code);
	let isNextDebitLost = false;
	const hub = world.openHub({
		onCall: call => {
			tellCall(stage, call);
		},
		mishap({method, path}) {
			const isLost = isNextDebitLost && method === 'POST' && path.endsWith('/transactions');
			isNextDebitLost &&= !isLost;
			return isLost ? 'answer lost' : undefined;
		},
	});
	const scene: Scene = {
		stage,
		world,
		hub,
		gateway: world.openGateway({
			onCall: call => {
				tellCall(stage, call);
			},
		}),
		eye: world.openHub({}),
		books: await world.openBooks(id),
		card: {id, code},
		loseNextDebit() {
			isNextDebitLost = true;
		},
	};
	await look(scene, {balance: issued, held: '0.00', entries: ['issue']});
	return scene;
}

async function refuseImpostor(scene: Scene): Promise<void> {
	scene.stage.step('Now and then VTEX tries wrong credentials, to see whether they are refused.');
	const {status, text} = await scene.hub.verify();
	expect('The status', status, 403);
	expect('The body', text, '');
}

async function findCard(scene: Scene): Promise<void> {
	const {stage, hub, card} = scene;
	stage.step('At the checkout a shopper types the code: VTEX searches for the card, and reads it.');
	const found = await hub.search({code: card.code});
	expect('The cards found', found.map(({id}) => id).join(), card.id);
	expect('The balance found', amountOf(scene, found[0]?.balance), issued);
	const read = await hub.card(card.id);
	expect('The balance read', amountOf(scene, read.balance), issued);
	await look(scene, {balance: issued, held: '0.00', entries: []});
}

async function placeOrder(scene: Scene): Promise<Transaction & {readonly paymentId: string}> {
	const {stage, hub, card, loseNextDebit} = scene;
	const paymentId = newPaymentId();
	const debit = () =>
		hub.debit(card.id, {value: Number(debited), requestId: paymentId, code: card.code, ...order});

	stage.step(`The order is placed: ${debited} BRL are debited, and the answer gets lost on its way back.`);
	loseNextDebit();
	const lost = await debit().catch((error: unknown) => error);
	expect(
		'The debit',
		lost instanceof AnswerLostError ? 'without an answer' : 'answered',
		'without an answer',
	);
	await look(scene, {balance: '40.00', held: debited, entries: ['authorize']});

	stage.step('VTEX cannot know that, and sends the same debit again; once more, to be sure.');
	const transaction = await debit();
	const repeated = await debit();
	const listed = await hub.transactions(card.id);
	expect('The id of the repeated debit', repeated.id, transaction.id);
	expect('The transactions of the card', listed.map(({id}) => id).join(), transaction.id);
	stage.remark(`the same transaction each time: ${short(transaction.id)}`);
	await look(scene, {balance: '40.00', held: debited, entries: []});
	return {...transaction, paymentId};
}

async function settleHalf(
	scene: Scene,
	transaction: Transaction & {readonly paymentId: string},
): Promise<void> {
	const {stage, hub} = scene;
	const {paymentId} = transaction;

	stage.step(`Half of the order is invoiced: the Gateway settles ${settled} BRL.`);
	const first = await hub.settle(transaction, Number(settled), paymentId);
	expect('The settled value', amountOf(scene, first.sent?.value), settled);
	await look(scene, {balance: '40.00', held: '30.00', entries: ['capture']});

	stage.step(
		'The Gateway settles once more. The Hub adds up what is listed, finds enough, and sends nothing.',
	);
	const second = await hub.settle(transaction, Number(settled), paymentId);
	expect('The settlements listed', oids(second.listed), first.sent?.oid);
	expect('What the Hub sent', second.sent, undefined);
	await look(scene, {balance: '40.00', held: '30.00', entries: []});
}

async function returnGoods(
	scene: Scene,
	transaction: Transaction & {readonly paymentId: string},
): Promise<void> {
	const {stage, hub} = scene;
	stage.step(
		`${returned} BRL go back: what was not settled, then a part of what was. One call, two entries.`,
	);
	const {sent} = await hub.cancel(transaction, Number(returned), transaction.paymentId);
	expect('The cancelled value', amountOf(scene, sent?.value), returned);
	await look(scene, {balance: '80.00', held: '0.00', entries: ['release', 'refund']});
}

async function readStatement({stage, world, card}: Scene): Promise<void> {
	stage.step("The card's statement.");
	const statement = await world.command('cards:statement', '--card', card.id);
	stage.quote(statement);
	expect('Its end', /\d+ entries, .*$/m.exec(statement)?.[0], '9 entries, 60.00 BRL available.');
}

async function proveBooks({stage, world}: Scene): Promise<void> {
	stage.step('The audit proves the books from the journal up: every entry, balance, lot, hold and command.');
	const [report] = jsonLines<AuditReport>(await world.command('ledger:audit', '--json'));
	const checks = report?.checks ?? [];
	const rows = checks.reduce((sum, {checked}) => sum + checked, 0);
	const findings = checks.reduce((sum, {found}) => sum + found, 0);
	stage.call('store → Monedero', typed('ledger:audit'), `${findings} findings`);
	stage.remark(`${checks.length} checks over ${rows} rows`);
	expect('The audit', report?.ok, true);
}

function oids(operations: readonly Operation[]): string {
	return operations.map(({oid}) => oid).join();
}

function jsonLines<Value>(text: string): Value[] {
	return text
		.split('\n')
		.filter(line => line !== '')
		.map(line => JSON.parse(line) as Value);
}

/** A command as it is typed by a person, whom npm's own lines do not disturb. */
function typed(name: string, args = ''): string {
	return commandLine(name, args).replace(' --silent', '');
}
