import {type Check, Failure, Skip} from '../check.ts';
import {
	described,
	expectEqual,
	expectThat,
	listOf,
	type Members,
	objectMember,
	textMember,
} from '../expect.ts';
import {type Answer} from '../wire.ts';
import {findingOf, type Finding, type Rig} from './rig.ts';

const unknownCodes = [
	'AAAA-BBBB-CCCC-DDDD',
	'homologation',
	'6037990000000000.0123456789abcdef',
	'çódigo ?&/%',
	'X'.repeat(255),
];

const emptyBodies = [
	'{}',
	'{"client": null, "cart": null}',
	'{"client": {"id": null, "email": null, "document": null}, "cart": {"redemptionCode": null, "items": null}}',
	'{"client": {"id": "", "email": "", "document": ""}, "cart": {"redemptionCode": "", "relationName": null, "items": []}}',
	'{"client": {"id": ""}, "cart": {"grandTotal": 182.55, "discounts": -20.5, "shipping": 0.1, "taxes": 0, "itemsTotal": 202.95, "items": [{"productId": "1", "id": "1", "refId": null, "name": null, "price": 202.95, "quantity": 1, "priceTags": ["DISCOUNT"]}]}}',
];

const listedIds = (answer: Answer) => listOf(answer, 'to a search').map(({id}) => id);

/** Three cards of one owner, and their ids in the order in which they are listed. */
async function threeOfOne(rig: Rig): Promise<{client: {email: string}; ids: readonly unknown[]}> {
	const client = {email: rig.newEmail()};
	for (const funds of [100, 200, 300]) {
		await rig.card({...client, funds});
	}

	const ids = listedIds(await rig.search({client}));
	if (ids.length === 0) {
		throw new Skip(listsNone);
	}

	expectEqual(ids.length, 3, 'of an owner with three cards a list of');
	return {client, ids};
}

const listsNone =
	'This provider lists no cards for their owner, as one of vouchers only need not; nothing is left to be looked at.';

/** What a search for one card answers about it. */
async function foundBy(rig: Rig, finding: Finding): Promise<readonly Members[]> {
	return listOf(await rig.search(finding), 'to a search');
}

export const searchChecks: readonly Check<Rig>[] = [
	{
		id: 'G08',
		title: 'A search by a code that nobody knows is answered 200 and []',
		why: 'Checkout asks with whatever a shopper types. Anything but an empty list is shown as an error of the whole gift card system (KI-584102).',
		async run(rig) {
			for (const redemptionCode of unknownCodes) {
				const client = {email: rig.newEmail()};
				const answer = await rig.search({client, cart: {redemptionCode}});
				const found = listOf(answer, 'to a search by an unknown code');
				expectThat(found.length === 0, '200 and [] to a search by an unknown code', answer);
			}
		},
	},
	{
		id: 'G09',
		title: 'A card with nothing left is not listed',
		why: 'A balance of 0 in a search can break the payment step, and leaves the banner "log in to see your credits" on the page for ever (KI-1356257).',
		async run(rig) {
			const card = await rig.card();
			const finding = await findingOf(rig, card);
			await rig.debit(card, 999);
			expectEqual((await foundBy(rig, finding)).length, 1, 'with something left, a list of');
			await rig.debit(card, 1);
			const answer = await rig.search(finding);
			expectThat(listOf(answer).length === 0, '200 and [] for a card with nothing left', answer);
		},
	},
	{
		id: 'G10',
		title: 'A search by the exact code finds one card, with id, provider, balance and _self.href',
		why: 'Checkout shows what it finds here and uses the id in every later address; without one of these members the card cannot be chosen.',
		async run(rig) {
			const code = await knownCode(rig);
			const answer = await rig.search({cart: {redemptionCode: code}});
			const found = listOf(answer, 'to a search by the exact code');
			const [card] = found;
			if (card === undefined || found.length !== 1) {
				throw new Failure('exactly one card for the exact code', described(answer));
			}

			textMember(card, 'id', 'the card that was found');
			textMember(card, 'provider', 'the card that was found');
			rig.money.fromWire(card['balance'], 'balance of the card that was found');
			textMember(objectMember(card, '_self', 'the card that was found'), 'href', '_self of the card');
		},
	},
	{
		id: 'G11',
		title: "A search by customer lists the customer's cards, and nobody else's restricted ones",
		why: 'Whoever sees a card that only its owner may use can see what a stranger has, and tries to pay with it in vain.',
		async run(rig) {
			const own = await rig.card();
			const foreign = await rig.card({members: {restrictedToOwner: true}});
			const ids = listedIds(await rig.search({client: {email: own.email}}));
			const stranger = listedIds(await rig.search({client: {email: rig.newEmail()}}));
			const nobody = listedIds(await rig.search({}));
			for (const [who, listed] of [
				['another customer', ids],
				['a stranger', stranger],
				['nobody', nobody],
			] as const) {
				expectThat(
					!listed.includes(foreign.id),
					`somebody's restricted card not to be listed for ${who}`,
					'it',
				);
			}

			if (ids.length === 0) {
				throw new Skip(listsNone);
			}

			expectThat(ids.includes(own.id), "the customer's own card in the list", `${ids.length} others`);
			const listed = listedIds(await rig.search({client: {email: foreign.email}}));
			expectThat(
				listed.includes(foreign.id),
				'a restricted card in the list of its owner',
				`${listed.length} others`,
			);
		},
	},
	{
		id: 'G12',
		title: 'REST-Range is read in every spelling, honoured, and passed over when it is nonsense',
		why: 'Checkout asks for the first ten (KI-770337), clients leave the unit out or name another, and a refused range is an empty wallet to the shopper.',
		async run(rig) {
			for (const range of ['resources=0-9', '0-9', 'giftcard=0-9', 'garbage', 'resources=9-0']) {
				listOf(
					await rig.search({}, {headers: {'REST-Range': range}}),
					`to a search with REST-Range: ${range}`,
				);
			}

			const {client, ids} = await threeOfOne(rig);
			for (const [range, wanted] of [
				['resources=0-9', ids],
				['0-9', ids],
				['giftcard=0-9', ids],
				['garbage', ids],
				['resources=0-1', ids.slice(0, 2)],
				['0-0', ids.slice(0, 1)],
				['resources=1-9', ids.slice(1)],
			] as const) {
				const listed = listedIds(await rig.search({client}, {headers: {'REST-Range': range}}));
				expectEqual(listed.join(), wanted.join(), `with REST-Range: ${range} these cards:`);
			}
		},
	},
	{
		id: 'G13',
		title: 'REST-Content-Range is always there and agrees with what is listed',
		why: 'An official page called it mandatory, and clients that page through cards stop or loop without it.',
		async run(rig) {
			expectRange(await rig.search({}), 0);
			const {client} = await threeOfOne(rig);
			expectRange(await rig.search({client}), 3);
			expectRange(await rig.search({client}, {headers: {'REST-Range': 'resources=0-1'}}), 3);
		},
	},
	{
		id: 'G14',
		title: 'A search with nulls, absent members, decimals and negative amounts is answered 200 and a list',
		why: 'Anonymous carts have no client, older parts of VTEX send null and leave members out, and discounts come with either sign.',
		async run(rig) {
			for (const rawBody of emptyBodies) {
				listOf(await rig.post('/giftcards/_search', {rawBody}), `to the search ${rawBody}`);
			}
		},
	},
	{
		id: 'G42',
		title: 'A search and the card itself tell the same balance',
		why: 'Checkout compares the two when the shopper picks a card.',
		async run(rig) {
			const card = await rig.card();
			const finding = await findingOf(rig, card);
			await rig.debit(card, 333);
			const [found] = (await foundBy(rig, finding)).filter(({id}) => id === card.id);
			const balance = rig.money.fromWire(found?.['balance'], 'balance of the card that was found');
			expectEqual(rig.money.text(balance), rig.money.text(667), 'in the search, a balance of');
			await rig.expectBalance(card.id, 667, 'a debit');
		},
	},
];

/** @throws Skip where none is known */
async function knownCode(rig: Rig): Promise<string> {
	const code = rig.givenCode ?? (await rig.card()).code;
	if (code === undefined) {
		throw new Skip(
			'It needs a redemption code, and this provider tells none when it makes a card. Name one of a card with value on it: --code CODE.',
		);
	}

	return code;
}

const rangePattern = /^\s*(?:\w+[ =])?\s*(\d+)\s*-\s*(\d+)\s*\/\s*(\d+)\s*$/;

/** Providers in production count one too many at the end; nothing of VTEX's minds that. */
function expectRange(answer: Answer, total: number): void {
	const listed = listOf(answer, 'to a search').length;
	const text = String(answer.headers['rest-content-range'] ?? '');
	const [from, to, said] = (rangePattern.exec(text)?.slice(1) ?? []).map(Number);
	if (from === undefined || to === undefined || said === undefined) {
		throw new Failure('a header REST-Content-Range: resources FROM-TO/TOTAL', text === '' ? 'none' : text);
	}

	const width = to - from + 1;
	const agrees = listed === 0 ? said === 0 : width === listed || width === listed + 1;
	const isRight = agrees && said === total;
	expectThat(isRight, `a REST-Content-Range of ${listed} cards listed of ${total}`, text);
}
