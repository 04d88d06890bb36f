import {type Check, Failure} from '../check.ts';
import {described, expectEqual, expectThat, objectMember, objectOf, textMember} from '../expect.ts';
import {cardBody} from './bodies.ts';
import {cardPath} from './hub.ts';
import {expectRefused} from './refusals.ts';
import {type Rig} from './rig.ts';

/** What VTEX allows the card's page while a shopper waits at the payment step. */
const cardMsMax = 1500;
const timesMeasured = 5;

const unknownIds = [
	'0'.repeat(32),
	'homologation-nothing',
	'3b1abc17-988e-4a14-8b7f-31fc6a5b955c_24',
	'somebody@example.com_1',
	'x'.repeat(500),
];

const flags = {restrictedToOwner: true, multipleRedemptions: false, multipleCredits: false};

export const cardChecks: readonly Check<Rig>[] = [
	{
		id: 'G15',
		title: 'A card answers within 1.5 seconds and shows id, balance, transaction.href and transactions.href',
		why: 'After 1.5 seconds Checkout tells the shopper that the card is invalid. Old and new documents name the link differently, and the card cannot be used without the one that is looked for.',
		async run(rig) {
			const card = await rig.card();
			const tookMs: number[] = [];
			for (let time = 0; time < timesMeasured; time++) {
				const answer = await rig.get(cardPath(card.id));
				const shown = objectOf(answer, 'for a card');
				expectEqual(shown['id'], card.id, 'the id of the path,');
				rig.money.fromWire(shown['balance'], 'balance of the card');
				for (const name of ['transaction', 'transactions']) {
					textMember(objectMember(shown, name, 'the card'), 'href', `${name} of the card`);
				}

				tookMs.push(answer.ms);
			}

			// The one in the middle: a network has its moments.
			const usual = tookMs.sort((a, b) => a - b)[Math.floor(timesMeasured / 2)] ?? 0;
			expectThat(usual < cardMsMax, `a card within ${cardMsMax} ms`, `${Math.round(usual)} ms`);
		},
	},
	{
		id: 'G16',
		title: 'A card that nobody knows is refused with a JSON body',
		why: 'The Hub turns a refusal without content into "Cannot access a disposed object" (KI-1286257), and a 200 with nothing in it into a card without a balance.',
		async run(rig) {
			for (const id of unknownIds) {
				expectRefused(await rig.get(cardPath(id)), `GET ${cardPath(id.slice(0, 40))}, which is no card`);
			}
		},
	},
	{
		id: 'G17',
		title: 'A new card has an id and a balance of 0, and keeps what was asked of it',
		why: 'Refunds into store credit and merchants make cards through the Hub. What is lost here is lost for good: there is no call that changes a card.',
		async run(rig) {
			const asked = {
				...flags,
				relationName: `homologation-${rig.newEmail()}`,
				caption: 'Homologation of a card',
				currencyCode: rig.money.currency,
			};
			const body = cardBody({...asked, profileId: rig.newEmail()});
			const created = objectOf(await rig.post('/giftcards', {body}), 'to POST /giftcards');
			const id = textMember(created, 'id', 'the new card');
			const code = created['redemptionCode'];
			rig.wire.keepSecret(typeof code === 'string' ? code : '');
			const shown = objectOf(await rig.get(cardPath(id)), 'for the new card');
			expectEqual(shown['id'], id, 'the id of the new card,');
			await rig.expectBalance(id, 0, 'its creation');
			// The protocol shows the flags in the answer to the creation only, so that they need not be told later.
			for (const [name, value] of Object.entries(asked)) {
				for (const told of [created, shown]) {
					expectEqual(told[name] ?? value, value, `${name} as it was asked for,`);
				}
			}

			const echoed = Object.keys(asked).filter(name => name in created);
			expectThat(
				echoed.length > 0,
				'the new card with what was asked of it',
				described({status: 200, text: JSON.stringify(created)}),
			);
		},
	},
	{
		id: 'G43',
		title: 'A card id in an address is decoded once',
		why: "VTEX's own card ids hold e-mail addresses, so it writes @ as %40. A provider that does not decode it knows none of its cards.",
		async run(rig) {
			const card = await rig.card({funds: 0});
			const [first = 0] = Buffer.from(card.id);
			const encoded = `%${first.toString(16).toUpperCase().padStart(2, '0')}${encodeURIComponent(card.id.slice(1))}`;
			const shown = objectOf(
				await rig.get(`/giftcards/${encoded}`),
				'for a card whose id is percent-encoded',
			);
			expectEqual(shown['id'], card.id, 'the decoded id,');
		},
	},
	{
		id: 'G44',
		title: 'What has a body says that it is application/json',
		why: 'That is what VTEX documents for answers, whatever it says that it accepts; a page of HTML or plain text is read as none.',
		async run(rig) {
			const card = await rig.card({funds: 0});
			const answers = [
				await rig.get(cardPath(card.id)),
				await rig.search({}),
				await rig.get(cardPath('homologation-nothing')),
				await rig.get(cardPath(card.id), {headers: {Accept: 'application/json'}}),
			];
			for (const {headers, status, text} of answers) {
				const type = headers['content-type'] ?? '';
				if (!/^application\/(?:json|[\w.+-]+\+json)\b/i.test(type)) {
					throw new Failure(
						'Content-Type: application/json',
						`${type === '' ? 'none' : type}, with ${described({status, text})}`,
					);
				}
			}
		},
	},
];
