import {cardCount, cards} from './generate.ts';
import {type World} from './world.ts';

/** A card of the store, as whoever uses it knows it. */
export type StoreCard = {
	readonly id: string;
	/** None of a wallet. */
	readonly code: string | undefined;
	/** Whose wallet it is. */
	readonly document: string | undefined;
};

/** What each card has at first, in cents. */
export const openedWith = 500_00;
const amount = '500.00';
/** When the expiring card ends, counted from the beginning. */
export const expiresAfterDays = 2;
const day = 86_400_000;

/** Make the cards and wallets, by the admin commands and under fixed keys, so that a set-up that broke off goes on. */
export async function openStore(world: World): Promise<StoreCard[]> {
	return Promise.all(Array.from({length: cardCount}, (_, place) => makeCard(world, place)));
}

async function makeCard(world: World, place: number): Promise<StoreCard> {
	const isWallet = (cards.wallets as readonly number[]).includes(place);
	if (isWallet) {
		const document = `5299822472${place}`;
		const printed = await command(world, 'credits:grant', [
			...['--customer-document', document, '--amount', amount, '--currency', 'BRL'],
			...['--reason', 'opening', '--key', `store-${place}`],
		]);
		return {id: String(printed['cardId']), code: undefined, document};
	}

	const isExpiring = (cards.expiring as readonly number[]).includes(place);
	const isSingleUse = (cards.singleUse as readonly number[]).includes(place);
	const printed = await command(world, 'cards:issue', [
		...['--amount', amount, '--currency', 'BRL', '--key', `store-${place}`],
		...(isExpiring ? ['--expires', dateIn(expiresAfterDays)] : []),
		...(isSingleUse ? ['--single-use'] : []),
	]);
	return {id: String(printed['id']), code: String(printed['redemptionCode']), document: undefined};
}

/** A day of the merchant's calendar, which is São Paulo's: three hours behind. */
export function dateIn(days: number): string {
	return new Date(Date.now() - 3 * 3_600_000 + days * day).toISOString().slice(0, 10);
}

async function command(
	world: World,
	name: string,
	args: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
	const heard = await world.desk().run(name, [...args, '--actor', 'simulator', '--json']);
	const line = heard?.text.split('\n').find(one => one.startsWith('{'));
	if (heard?.status !== 0 || line === undefined) {
		throw new Error(`The store could not be opened: ${name} said ${heard?.text ?? 'nothing'}`);
	}

	return JSON.parse(line) as Record<string, unknown>;
}
