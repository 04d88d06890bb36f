import {type Check} from '../check.ts';
import {transactionBody} from './bodies.ts';
import {cardPath} from './hub.ts';
import {expectRefused} from './refusals.ts';
import {type Rig} from './rig.ts';

/* What must be refused, and what only looks as if it had to be. */

export const bodyChecks: readonly Check<Rig>[] = [
	{
		id: 'G48',
		title:
			'Amounts that are none, and bodies that cannot be read, are refused with a JSON body and move nothing',
		why: 'A negative debit is a credit, and a 500 is taken for a provider that is down: VTEX sends the request again for days.',
		async run(rig) {
			const card = await rig.card();
			const path = `${cardPath(card.id)}/transactions`;
			for (const value of [0, -rig.money.toWire(100), null, 'much', {}, true]) {
				const answer = await rig.transact(card, {value});
				expectRefused(answer, `a debit of ${JSON.stringify(value)}`);
			}

			for (const rawBody of [
				'{"operation": "Debit", "value": 1',
				'null',
				'[]',
				'"x"',
				'operation=Debit&value=1',
			]) {
				expectRefused(await rig.post(path, {rawBody}), `the body ${rawBody}`);
			}

			expectRefused(
				await rig.transact(card, {operation: 'Steal', value: 1}),
				'an operation that there is not',
			);
			await rig.expectBalance(card.id, 1000, 'refused debits');
		},
	},
	{
		id: 'G49',
		title: 'A debit is taken with what VTEX leaves out, sends as null, writes in lower case or adds',
		why: 'Old and new parts of VTEX fill the body differently; a strict reader loses sales.',
		async run(rig) {
			const card = await rig.card();
			const whole = transactionBody(card.email, {});
			const orderInfo = whole['orderInfo'] as object;
			const variants = [
				{operation: 'debit'},
				{redemptionCode: null, redemptionToken: null},
				{description: '', redemptionCode: ''},
				{orderInfo: {...orderInfo, sequence: '5006128', shipping: null}},
				{nobodyKnows: {deep: [1, null]}, description: 'Ünïcode ✓ "quoted" <b>'},
				{paymentRelatedSellerInfo: {seller: '1', sellerOrderId: 'v500', sellerSequence: '1', value: 1}},
			];
			let left = 1000;
			for (const members of variants) {
				await rig.debit(card, 10, members);
				left -= 10;
				await rig.expectBalance(card.id, left, `a debit with ${JSON.stringify(members).slice(0, 60)}`);
			}
		},
	},
];
