import {type Books, type Card} from './giftcards-books.ts';
import {type Body, type Has, type Reply} from './giftcards-door.ts';
import {choosesOtherwise} from './giftcards-faults.ts';

/* What a search of an in-memory gift card provider finds and shows. */

/** The cards that a search finds, in the order in which they were made; undefined for a code that is treated as an error. */
export function foundBy(books: Books, {client, cart}: Body, has: Has): Card[] | undefined {
	const usable = [...books.cards.values()].filter(({balance}) => balance > 0 || has('lists empty cards'));
	const code = (cart as Body | null | undefined)?.['redemptionCode'];
	if (typeof code === 'string' && code !== '') {
		const found = usable.filter(card => card.code === code);
		if (found.length > 0 && has('finds all cards for a code')) {
			return usable;
		}

		return found.length === 0 && has('answers 404 to unknown codes') ? undefined : found;
	}

	const email = (client as Body | null | undefined)?.['email'];
	const isNamed = typeof email === 'string' && email !== '' && !has('has vouchers only');
	return usable.filter(
		({asked}) =>
			(isNamed && asked['profileId'] === email) ||
			(isNamed && asked['restrictedToOwner'] === true && has('lists restricted cards of others')),
	);
}

export function ranged(all: readonly Body[], header: string | string[] | undefined, has: Has): Reply {
	const pattern = has('needs the unit of a range') ? /^resources=(\d+)-(\d+)$/ : /^(?:\w+=)?(\d+)-(\d+)$/;
	const [from, to] = (pattern.exec(String(header ?? ''))?.slice(1) ?? []).map(Number);
	if (header !== undefined && from === undefined && has('needs the unit of a range')) {
		return {status: 400, body: {error: 'range'}};
	}

	const isUsable = from !== undefined && to !== undefined && to >= from && !has('ignores the range');
	const listed = isUsable ? all.slice(from, to + 1) : all;
	const first = isUsable ? from : 0;
	const total = has('counts the range wrong') ? all.length + 7 : all.length;
	// Providers in production count one too many.
	const last = first + Math.max(0, listed.length - (choosesOtherwise(has) ? 0 : 1));
	const range = `resources ${first}-${last}/${total}`;
	const headers = has('sends no REST-Content-Range') ? {} : {'REST-Content-Range': range};
	return {status: 200, body: listed, headers};
}
