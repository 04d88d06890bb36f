/** What a gift card provider can do wrong, and the checks that are there to see it. */
export const giftCardFaults = {
	'lets in without credentials': ['G01', 'G41'],
	'says something with 401': ['G01'],
	'looks for the route before the credentials': ['G01', 'G02'],
	'lets in with wrong credentials': ['G02', 'G39', 'G41'],
	'says something with 403': ['G02'],
	'answers 401 to wrong credentials': ['G02'],
	'lets in with the right key alone': ['G03'],
	'lets in with a blank token': ['G03'],
	'reads credentials in one spelling': ['G04'],
	'reads application/json only': ['G05'],
	'does not know addresses with a query': ['G06'],
	'refuses unknown headers': ['G06'],
	'does not know a second slash': ['G07'],
	'answers 404 to unknown codes': ['G08'],
	'lists empty cards': ['G09'],
	'forgets the provider in a search': ['G10'],
	'finds all cards for a code': ['G10'],
	'lists restricted cards of others': ['G11'],
	'needs the unit of a range': ['G12'],
	'ignores the range': ['G12'],
	'sends no REST-Content-Range': ['G13'],
	'counts the range wrong': ['G13'],
	'needs a client in a search': ['G14'],
	'has no transaction link': ['G15'],
	'has another id than the path': ['G15'],
	'answers unknown cards without a body': ['G16'],
	'answers unknown cards with {}': ['G16'],
	'forgets what a card was asked to be': ['G17'],
	'answers a debit without an id': ['G18'],
	'lowers the balance at settlement': ['G18'],
	'ignores request ids': ['G19', 'G45'],
	'answers another value as the first': ['G20'],
	'debits more than there is': ['G21'],
	'answers 500 to refusals': ['G21'],
	'refuses without a body': ['G21', 'G28'],
	'debits expired cards': ['G22'],
	'debits restricted cards for strangers': ['G22'],
	'answers {} for empty lists': ['G23'],
	'answers 404 for empty lists': ['G23'],
	'lists no settlements': ['G24'],
	'takes the value again at settlement': ['G24'],
	'ignores request ids of operations': ['G25', 'G51'],
	'loses refunds': ['G26', 'G35'],
	'counts the same value once': ['G27'],
	'gives back more than the debit': ['G28'],
	'gives nothing back after settlement': ['G29'],
	'keeps cancelled credits': ['G30'],
	'ignores multipleCredits': ['G31'],
	'ignores multipleRedemptions': ['G32'],
	'has an authorization without a value': ['G33'],
	'forgets the requestId of a transaction': ['G34'],
	'gives everything back for a part': ['G35'],
	'looks and writes in two steps': ['G36', 'G50'],
	'remembers only what was received': ['G37', 'G56'],
	'sends balances as text': ['G38'],
	'counts in binary fractions': ['G38'],
	'does what probes ask for': ['G39'],
	'keeps the request ids of probes': ['G39'],
	'knows transactions under any card': ['G40'],
	'reads the body before the credentials': ['G41'],
	'searches in old balances': ['G42'],
	'does not decode ids': ['G43'],
	'sends JSON as HTML': ['G44'],
	'looks at the balance before the request id': ['G45'],
	'counts repeated credits': ['G46'],
	'keeps request ids of all cards together': ['G47'],
	'takes negative amounts': ['G48'],
	'breaks down on broken bodies': ['G48'],
	'knows operations in one case': ['G49'],
	'needs the whole order': ['G49'],
	'remembers request ids when it is done': ['G19', 'G51'],
	'keeps request ids of all kinds together': ['G52'],
	'settles more than the debit': ['G53'],
	'counts a used request id with another value': ['G54'],
	'settles what was cancelled': ['G55'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type GiftCardFault = keyof typeof giftCardFaults;

/**
 * What another provider may do otherwise without being wrong: with vouchers it lists nobody's cards, with loyalty it knows no codes; either is
 * busy now and then, refuses in other words, moves the rest where the whole is cancelled, and makes no cards that have expired.
 */
export const giftCardChoices = ['has vouchers only', 'has loyalty only'] as const;

export type GiftCardChoice = (typeof giftCardChoices)[number];

/** What is planted into a provider. */
export type Planted = GiftCardFault | GiftCardChoice;

/** Whether the provider chooses what it may choose in another way. */
export function choosesOtherwise(has: (planted: Planted) => boolean): boolean {
	return giftCardChoices.some(has);
}
