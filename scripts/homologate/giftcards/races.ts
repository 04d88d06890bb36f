import {type Check} from '../check.ts';
import {described, expectEqual, expectThat, objectOf} from '../expect.ts';
import {type Answer} from '../wire.ts';
import {newRequestId} from './bodies.ts';
import {sumOf} from './hub.ts';
import {type Rig} from './rig.ts';

const atOnce = 20;

function times(count: number, make: () => Promise<Answer>): Promise<Answer[]> {
	return Promise.all(Array.from({length: count}, make));
}

/** Who is busy with the first may turn the others away; whoever is answered is told the same. */
function expectOneId(answers: readonly Answer[], member: string, what: string): string {
	const done = answers.filter(({status}) => status === 200);
	const ids = new Set(done.map(answer => objectOf(answer)[member]));
	const isOne = ids.size === 1;
	expectThat(isOne, `one ${member} for ${atOnce} ${what} at once`, isOne ? '' : idsText(answers, ids));
	expectThat(answers.every(isNoBreakdown), `no 5xx to ${what} at once`, firstBreakdown(answers));
	return String([...ids][0]);
}

function idsText(answers: readonly Answer[], ids: ReadonlySet<unknown>): string {
	const [first] = answers;
	return ids.size > 1 ? `${ids.size} different ones` : first === undefined ? 'none' : described(first);
}

/** 503 is "come back", and anything below is an answer. */
const isNoBreakdown = ({status}: Answer) => status < 500 || status === 503;

function firstBreakdown(answers: readonly Answer[]): string {
	const broken = answers.find(answer => !isNoBreakdown(answer));
	return broken === undefined ? 'none' : described(broken);
}

export const raceChecks: readonly Check<Rig>[] = [
	{
		id: 'G19',
		title: 'The same requestId again answers the same id and moves nothing, also 20 times at once',
		why: 'A debit whose answer was late is sent again under its requestId, sometimes while the first is still at work. Each one that counts takes the money once more.',
		async run(rig) {
			const card = await rig.card();
			const requestId = newRequestId();
			const id = await rig.debit(card, 300, {requestId});
			const again = await rig.debit(card, 300, {requestId, redemptionCode: null});
			expectEqual(again, id, 'the id of the first answer,');
			await rig.expectBalance(card.id, 700, 'a repeated debit');

			const members = {value: rig.money.toWire(100), requestId: newRequestId()};
			const answers = await times(atOnce, () => rig.transact(card, members));
			const one = expectOneId(answers, 'id', 'debits with one requestId');
			await rig.expectBalance(card.id, 600, `${atOnce} debits with one requestId at once`);
			expectEqual(await rig.debit(card, 100, members), one, 'afterwards, the same id');
		},
	},
	{
		id: 'G36',
		title: 'Settlements and cancellations that race never move more than the debit',
		why: 'VTEX settles and cancels from different places. What both of them get is paid twice.',
		async run(rig) {
			for (let round = 0; round < 3; round++) {
				const card = await rig.card();
				const id = await rig.debit(card, 1000);
				const answers = await Promise.all([
					...Array.from({length: 8}, () => rig.operate('settlements', card, id, 200)),
					...Array.from({length: 8}, () => rig.operate('cancellations', card, id, 200)),
					rig.operate('settlements', card, id, 1000),
				]);
				expectThat(answers.every(isNoBreakdown), 'no 5xx to a race', firstBreakdown(answers));
				const settled = sumOf(await rig.listed('settlements', card, id));
				const cancelled = sumOf(await rig.listed('cancellations', card, id));
				for (const [what, sum] of Object.entries({settled, cancelled})) {
					const {text} = rig.money;
					expectThat(sum <= 1000, `at most ${text(1000)} ${what} of a debit of that`, text(sum));
				}

				await rig.expectBalance(card.id, cancelled, `a race with ${rig.money.text(cancelled)} cancelled`);
			}
		},
	},
	{
		id: 'G50',
		title: 'Debits that race never spend more than the card has',
		why: 'Two browser tabs, one card. Between looking at the balance and lowering it there is room for a second purchase, unless somebody has closed it.',
		async run(rig) {
			const card = await rig.card();
			const value = rig.money.toWire(300);
			const answers = await times(atOnce, () => rig.transact(card, {value}));
			expectThat(answers.every(isNoBreakdown), 'no 5xx to debits that race', firstBreakdown(answers));
			const taken = answers.filter(({status}) => status === 200).length;
			const {text} = rig.money;
			expectThat(taken <= 3, `at most 3 debits of ${text(300)} on ${text(1000)}`, `${taken} accepted`);
			expectThat(taken > 0, `a debit of ${text(300)} on ${text(1000)}`, described(answers[0] ?? nothing));
			await rig.expectBalance(card.id, 1000 - taken * 300, `${taken} debits that were accepted`);
		},
	},
	{
		id: 'G51',
		title: 'One cancellation, sent 20 times at once, gives the value back once',
		why: 'It is the race that pays out: every one that counts is money for nothing.',
		async run(rig) {
			const card = await rig.card();
			const id = await rig.debit(card, 1000);
			const requestId = newRequestId();
			const answers = await times(atOnce, () => rig.operate('cancellations', card, id, 50, requestId));
			expectOneId(answers, 'oid', 'cancellations with one requestId');
			const listed = await rig.listed('cancellations', card, id);
			expectEqual(listed.length, 1, 'cancellations listed:');
			await rig.expectBalance(card.id, 50, `${atOnce} times one cancellation at once`);
		},
	},
];

const nothing = {status: 0, text: ''};
