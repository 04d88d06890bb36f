import {uuidOf} from '../cards/public-id.ts';
import {type PrismaClient} from '../db/client.ts';
import {type ListedHold} from '../holds/hold.ts';
import {type HoldWish, listHolds} from '../holds/list.ts';
import {type Instant} from '../ledger/calendar.ts';
import {groupOf, matched, type OwnPayment, type Purchase} from './purchase.ts';

export type Place = {readonly prisma: PrismaClient; readonly merchantId: number};

/** Some of our holds, by what VTEX calls them. */
export type Holds = {
	readonly all: readonly ListedHold[];
	readonly ofGroup: (groupId: string) => readonly ListedHold[];
};

export function holdsBy(all: readonly ListedHold[]): Holds {
	const groups = new Map<string, ListedHold[]>();
	for (const hold of all.filter(({orderId}) => orderId !== null)) {
		const groupId = groupOf(hold.orderId ?? '');
		const group = groups.get(groupId) ?? [];
		groups.set(groupId, group);
		group.push(hold);
	}

	return {all, ofGroup: groupId => groups.get(groupId) ?? []};
}

/** An order is made and paid within minutes, whichever comes first. A hold that lies further away is looked up by itself. */
const marginMs = 3_600_000;

/** Our holds of a time and an hour around it, as the time moves on: all that there are are read once, and those that are past are dropped. */
export type HoldWindow = {
	/** Move on to a later time. @returns the holds around it */
	readonly moveTo: (from: Instant, to: Instant) => Promise<Holds>;
};

export function openHoldWindow(place: Place, from: Instant, to: Instant): HoldWindow {
	const all = listHolds(place, {all: true, since: from - marginMs, before: to + marginMs});
	let kept: ListedHold[] = [];
	let isAtEnd = false;
	return {
		async moveTo(begin, end) {
			kept = kept.filter(({openedAt}) => openedAt >= begin - marginMs);
			// Ids follow the time, give or take the length of a batch.
			while (!isAtEnd && (kept.at(-1)?.openedAt ?? 0) < end + marginMs) {
				const next = await all.next();
				if (next.done === true) {
					isAtEnd = true;
				} else {
					kept.push(next.value);
				}
			}

			return holdsBy(kept);
		},
	};
}

export async function holdsOf(place: Place, wish: HoldWish): Promise<ListedHold[]> {
	const holds: ListedHold[] = [];
	for await (const hold of listHolds(place, wish)) {
		holds.push(hold);
	}

	return holds;
}

/**
 * All our holds for a purchase: those at hand under its name, those of its payments by their ids, and where a payment by gift card has none among
 * them, those along the history of its card.
 */
export async function holdsFor(place: Place, purchase: Purchase, near: Holds): Promise<ListedHold[]> {
	const names = namesOf(purchase);
	const found = new Map([...names].flatMap(near.ofGroup).map(hold => [hold.id, hold]));
	const add = (holds: readonly ListedHold[]) => {
		holds.forEach(hold => found.set(hold.id, hold));
	};
	for (const {named} of purchase.payments.filter(payment => !isByCard(payment))) {
		add(await holdsOf(place, {paymentId: named.id ?? ''}));
	}

	for (const {payment, holds} of matched(purchase, [...found.values()])) {
		if (holds.length === 0 && isByCard(payment)) {
			add((await holdsOfCard(place, payment)).filter(hold => isFor(hold, payment, names)));
		}
	}

	return [...found.values()];
}

const isByCard = ({named: {isGiftCard, cardId}}: OwnPayment) => isGiftCard || cardId !== null;

/** What a hold may call the purchase that it is for. */
function namesOf({groupId, orders}: Purchase): ReadonlySet<string> {
	return new Set([
		groupId,
		...orders.flatMap(({id, sequence}) => [groupOf(id), ...(sequence === null ? [] : [sequence])]),
	]);
}

async function holdsOfCard(place: Place, {named}: OwnPayment): Promise<ListedHold[]> {
	const {prisma, merchantId} = place;
	const publicId = uuidOf(named.cardId ?? '');
	const card =
		publicId === undefined
			? null
			: await prisma.card.findFirst({where: {merchantId, publicId}, select: {id: true}});
	return card === null ? [] : holdsOf(place, {cardId: String(card.id)});
}

const isFor = ({orderId, requestId}: ListedHold, {named}: OwnPayment, names: ReadonlySet<string>) =>
	(requestId !== null && requestId === named.id) || (orderId !== null && names.has(groupOf(orderId)));
