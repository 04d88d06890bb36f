import {randomBytes} from 'node:crypto';
import {Skip} from '../check.ts';
import {expectEqual, listOf, objectOf, textMember} from '../expect.ts';
import {type Wire} from '../wire.ts';
import {type Body, cardBody} from './bodies.ts';
import {openHub, type Hub} from './hub.ts';
import {type Money} from './money.ts';

/** A card that the kit has made. */
export type Card = {
	readonly id: string;
	/** Its owner's, of nobody else's card. */
	readonly email: string;
	/** In the clear, where the provider told it when the card was made. */
	readonly code: string | undefined;
};

export type CardWish = {
	/** In minor units; without it, 1000. Nothing is put on a card of 0. */
	readonly funds?: number;
	/** Without it, an owner of its own. */
	readonly email?: string;
	/** Over the body that is sent. */
	readonly members?: Body;
	/** What the bodies are said to be; without it, what VTEX says. */
	readonly mediaType?: string;
};

/** What the checks of the Gift Card Provider Protocol work with. Amounts are in minor units. */
export type Rig = Hub & {
	readonly wire: Wire;
	readonly money: Money;
	/** A real card's redemption code, which the kit was given to search by. */
	readonly givenCode: string | undefined;
	/** Names of the kit's own, of which no two are alike. */
	readonly newEmail: () => string;
	/**
	 * A new card with value on it, made as the protocol makes cards: `POST /giftcards`, then a credit.
	 * @throws Skip where the provider makes none, because a check of its own has said so
	 */
	readonly card: (wish?: CardWish) => Promise<Card>;
	/** The same, whether or not one could be made before. @throws Failure */
	readonly make: (wish: CardWish) => Promise<Card>;
	/** @throws Failure unless the card's balance is so much */
	readonly expectBalance: (cardId: string, minor: number, after: string) => Promise<void>;
};

export const fundsUsual = 1000;

export function openRig(wire: Wire, money: Money, givenCode: string | undefined): Rig {
	const hub = openHub(wire, money);
	const run = randomBytes(4).toString('hex');
	let count = 0;
	/** Why no card can be made; undefined where one can. */
	let obstacle: Promise<string | undefined> | undefined;
	const newEmail = () => `homologation-${run}-${++count}@example.com`;

	const make = async (wish: CardWish): Promise<Card> => {
		const {funds = fundsUsual, email = newEmail(), members = {}, mediaType} = wish;
		const options = mediaType === undefined ? {} : {headers: {'Content-Type': mediaType}};
		const body = cardBody({
			relationName: `homologation-${run}-${++count}`,
			caption: 'Homologation',
			profileId: email,
			currencyCode: money.currency,
			...members,
		});
		const created = objectOf(await hub.post('/giftcards', {body, ...options}), 'to a new card');
		const id = textMember(created, 'id', 'the new card');
		const code = clearCode(created['redemptionCode']);
		if (code !== undefined) {
			wire.keepSecret(code);
		}

		if (funds > 0) {
			// Whether it has an id is looked at elsewhere.
			const credit = {operation: 'Credit', value: money.toWire(funds)};
			objectOf(await hub.transact({id, email}, credit, options), `to a credit of ${money.text(funds)}`);
		}

		return {id, email, code};
	};

	return {
		...hub,
		wire,
		money,
		givenCode,
		newEmail,
		make,
		async card(wish = {}) {
			obstacle ??= make({}).then(
				() => undefined,
				(error: unknown) => (error instanceof Error ? error.message : String(error)),
			);
			const why = await obstacle;
			if (why !== undefined) {
				throw new Skip(
					`It needs a card with value on it, and the provider made none: see G17 (POST /giftcards) and G30 (a credit). ${why}`,
				);
			}

			return make(wish);
		},
		async expectBalance(cardId, minor, after) {
			const balance = await hub.balance(cardId);
			expectEqual(money.text(balance), money.text(minor), `after ${after}, a balance of`);
		},
	};
}

/** A masked code is none. */
function clearCode(code: unknown): string | undefined {
	return typeof code === 'string' && code !== '' && !/[*•█…]/.test(code) ? code : undefined;
}

/** Where a search finds a card: by its code, or by its owner. */
export type Finding = {readonly client?: Body; readonly cart?: Body};

/**
 * How searches find a card of the kit: by its code where it is known, else by its owner.
 * @throws Skip where neither finds it
 */
export async function findingOf(rig: Rig, {id, email, code}: Card): Promise<Finding> {
	const ways: Finding[] = [
		...(code === undefined ? [] : [{cart: {redemptionCode: code}}]),
		{client: {email}},
	];
	for (const way of ways) {
		const found = listOf(await rig.search(way), 'to a search');
		if (found.some(one => one['id'] === id)) {
			return way;
		}
	}

	throw new Skip(
		'It needs a card that a search finds. Of a card that the kit makes, this provider tells no redemption code, and it lists none for its owner.',
	);
}
