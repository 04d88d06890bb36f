import {type Check, Failure} from '../check.ts';
import {described, expectThat} from '../expect.ts';
import {type Answer} from '../wire.ts';
import {expectDone, expectRefused, movedBy, paymentOf} from './answers.ts';
import {blankCards, type Body, cardOf, newId} from './bodies.ts';
import {createdBy} from './gateway.ts';
import {knownMethods, takesCard} from './offer.ts';
import {testCards} from './options.ts';
import {decided, type PaymentsRig, value} from './rig.ts';
import {isCreateError} from './shapes.ts';

/** What VTEX sends in more than one form, or leaves out (Payment Provider Protocol, 5.1 and 19). */
export const toleranceChecks: readonly Check<PaymentsRig>[] = [
	{
		id: 'P24',
		title: 'The value "29,90" is 29.90, and instalments may be the text "0"',
		why: "VTEX's guide sends both as texts with a decimal comma. Who reads 2990 charges a hundredfold, who reads 29 loses the cents.",
		async run(rig) {
			const {text, amount} = hasCents(rig.options.currency)
				? {text: '29,90', amount: 29.9}
				: {text: '29', amount: 29};
			// Without this, what is wrong is not the number.
			await rig.approved();
			const asked = await rig.body({value: text, installments: '0'});
			const first = await rig.gateway.create(asked);
			if (first.status === 400 && isCreateError({members: first.json, status: 400})) {
				return;
			}

			const payment = paymentOf((await lastOf(rig, asked, first)) ?? first, `to the value "${text}"`);
			expectThat(
				payment.status === 'approved',
				`"${text}" approved, or a 400 with "status": "error"`,
				payment.answer,
			);
			const created = {...createdBy(asked, payment.members), value: amount};
			const moved = movedBy(
				await rig.gateway.settle(created, amount * 100),
				'settlements',
				`to ${amount * 100}`,
			);
			expectThat(
				moved === 0 || moved === amount,
				`at most ${amount} settled of a payment of "${text}"`,
				`${moved}`,
			);
			if (moved === 0) {
				expectDone(
					await rig.gateway.settle(created, amount),
					'settlements',
					amount,
					`to a payment of "${text}"`,
				);
			}
		},
	},
	{
		id: 'P25',
		title: 'A payment without a card is understood, whether card is null, absent or full of nulls and "null"',
		why: 'VTEX sends all of these for invoices, Pix and wallets. A provider that stumbles over the card answers an error to every such order.',
		async run(rig) {
			const {method, methods} = await rig.offer();
			const paymentMethod = methods.find(one => !takesCard(one)) ?? method;
			for (const [name, card] of blankCards) {
				const answer = await rig.gateway.create(await rig.body({paymentMethod, card}));
				paymentOf(answer, `to a create for ${paymentMethod} with a card that is ${name}`);
			}
		},
	},
	{
		id: 'P26',
		title: 'A settlement needs no authorizationId, a refund no tid',
		why: "VTEX's test suite leaves them out, and so does its guide. The paymentId says all.",
		async run({approved, gateway}) {
			const payment = await approved();
			const settlement = await gateway.settle(payment, value, {authorizationId: undefined});
			const {id: settleId} = expectDone(
				settlement,
				'settlements',
				value,
				'to a settlement without authorizationId',
			);
			const refund = await gateway.refund(payment, value, {
				settleId,
				tid: undefined,
				authorizationId: undefined,
			});
			expectDone(refund, 'refunds', value, 'to a refund without tid');
		},
	},
	{
		id: 'P27',
		title: 'A method that the manifest does not have is denied, or answered as an error in the form for it',
		why: 'A store may keep a condition for a method that was withdrawn. A page of HTML, or an approval, is no answer to that.',
		async run(rig) {
			const {methods} = await rig.offer();
			const offered = new Set(methods.map(one => one.toLowerCase()));
			const paymentMethod = knownMethods.findLast(one => !offered.has(one.toLowerCase())) ?? 'Barter';
			const answer = await rig.gateway.create(await rig.body({paymentMethod}));
			const isError = isCreateError({members: answer.json, status: answer.status});
			const isDenied = answer.status === 200 && paymentOf(answer).status === 'denied';
			expectThat(
				isDenied || (isError && answer.status === 400),
				`200 and "denied", or 400 and {"status":"error","code":"…","message":"…"}, to the method ${paymentMethod}`,
				answer,
			);
		},
	},
	{
		id: 'P43',
		title: 'A payment that only verifies a card holds nothing',
		why: 'VTEX asks so when a shopper stores a card. Nothing was bought, and what is charged then nobody gives back.',
		async run(rig) {
			const asked = await rig.body({verificationOnly: true});
			const answer = await rig.gateway.create(asked);
			if (isCreateError({members: answer.json, status: answer.status})) {
				return;
			}

			const payment = paymentOf(answer, 'to a create with verificationOnly');
			if (payment.status === 'approved') {
				const created = createdBy(asked, payment.members);
				expectRefused(
					await rig.gateway.settle(created, value),
					'settlements',
					'to a settlement of what was only verified',
				);
			}
		},
	},
	{
		id: 'P50',
		title: 'What may be missing may be missing, and what is not known is ignored',
		why: 'Guests have no profile, companies no document, and VTEX adds members without telling. None of it is a reason to lose a sale.',
		async run(rig) {
			// Without this, what is wrong is not what is missing.
			await rig.approved();
			for (const [name, members] of sparseBodies(await rig.body())) {
				const asked = await rig.body(members);
				const first = await rig.gateway.create(asked);
				const answer = (await lastOf(rig, asked, first)) ?? first;
				const isApproved = answer.status === 200 && paymentOf(answer).status === 'approved';
				if (!isApproved) {
					throw new Failure(`a create with ${name} to be approved as any other`, described(answer));
				}
			}
		},
	},
	{
		id: 'P52',
		title: 'No answer repeats the number of the card',
		why: "VTEX logs answers, and merchants read the logs. A card's number in them is a breach of PCI DSS, a gift card's is the money itself.",
		async run(rig) {
			// An error to everything repeats nothing either.
			await rig.approved();
			const {code, pin} = rig.options;
			const cards = code === undefined ? Object.values(testCards) : [code];
			for (const number of cards) {
				await rig.gateway.create(await rig.body({card: cardOf(number, pin ?? null)}));
			}

			const telling = rig.seen.find(({answer}) => cards.some(number => answer.text.includes(number)));
			expectThat(
				telling === undefined,
				'no card number in an answer',
				`one in the answer to ${telling?.call ?? ''}`,
			);
		},
	},
];

/** The answer when the payment waits no longer, where this provider decides every payment later. */
async function lastOf(rig: PaymentsRig, asked: Body, first: Answer): Promise<Answer | undefined> {
	return rig.options.isLater && first.status === 200 ? decided(rig, asked) : undefined;
}

function hasCents(currency: string): boolean {
	const {maximumFractionDigits = 2} = new Intl.NumberFormat('en', {
		style: 'currency',
		currency,
	}).resolvedOptions();
	return maximumFractionDigits > 0;
}

/** Bodies as guests, companies and a VTEX of tomorrow make them. */
function sparseBodies({miniCart, card}: Body): readonly (readonly [name: string, members: Body])[] {
	const cart = miniCart as {readonly buyer: Body};
	const bare = {...(card ?? {}), document: undefined};
	const noOne = {id: null, document: null, documentType: null, phone: null, createdDate: null};
	return [
		['a buyer without profile and document', {miniCart: {...cart, buyer: {...cart.buyer, ...noOne}}}],
		[
			'no document in the card, and without optional members',
			{...missing, ...(card === null ? {} : {card: bare})},
		],
		[
			'members that nobody knows',
			{[`future${newId()}`]: {nested: [1, null, 'ü']}, miniCart: {...cart, gift: true}},
		],
	];
}

const missing: Body = Object.fromEntries(
	[
		...['verificationOnly', 'referenceValue', 'installmentsInterestRate', 'installmentsValue', 'ipAddress'],
		...['recipients', 'merchantSettings', 'connectorMetadata', 'sandBoxMode', 'totalCartValue'],
		'inboundRequestsUrl',
	].map(name => [name, undefined]),
);
