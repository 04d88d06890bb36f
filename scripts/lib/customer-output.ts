import {wireIdOf} from '../../src/cards/public-id.ts';
import {maskCode} from '../../src/cards/redemption-code.ts';
import {maskIdentifier} from '../../src/cards/show.ts';
import {type Owed} from '../../src/customers/owed.ts';
import {type CustomerCard, type CustomerView} from '../../src/customers/show.ts';
import {type MerchantAsset} from '../../src/merchants/assets.ts';
import {formatMoney, toJsonNumber} from '../../src/money/amount.ts';
import {saidWhy} from './card-flags.ts';
import {type Context} from './command.ts';
import {jsonMoment, lastDay, shownMoment} from './dates.ts';
import {type Field, printFields, printTable} from './table.ts';

/** A customer as it is shown: with the assets of the cards, by their row. */
export type ShownCustomer = {
	readonly view: CustomerView;
	readonly assets: ReadonlyMap<number, MerchantAsset>;
};

/** Look up what a customer's amounts are counted in. */
export async function shownCustomer({parts, merchant}: Context, view: CustomerView): Promise<ShownCustomer> {
	const ids = [...view.totals.keys()];
	const assets = await Promise.all(ids.map(async id => parts.assets.byId(merchant.id, id)));
	return {view, assets: new Map(assets.map(asset => [asset.id, asset]))};
}

/** What names a customer, masked: `email a***@example.com, document ***735`. */
export function maskedNames({identifiers}: CustomerView): string {
	return identifiers
		.map(one => maskIdentifier(one))
		.map(({kind, value}) => `${kind} ${value}`)
		.join(', ');
}

/** A customer as `--json` prints it. Nothing of it is a secret. */
export function customerValue({view, assets}: ShownCustomer, timeZone: string) {
	const {customerId, createdAt, erasedAt, identifiers, formerIds, cards, emptyCards, totals, changes} = view;
	return {
		customer: Number(customerId),
		createdAt: jsonMoment(createdAt),
		erasedAt: erasedAt === null ? null : jsonMoment(erasedAt),
		identifiers: identifiers.map(one => maskIdentifier(one)),
		formerCustomers: formerIds.map(Number),
		totals: [...totals].map(([assetId, owed]) => owedValue(owed, assetIn(assets, assetId), timeZone)),
		cards: cards.map(card => ({
			id: wireIdOf(card.publicId),
			wallet: card.isWallet,
			status: card.status,
			code: card.codeLast4 === null ? null : maskCode(card.codeLast4),
			caption: card.caption,
			...owedValue(card.owed, assetIn(assets, card.assetId), timeZone),
			expiringDate: lastDay(card.expiresAt, timeZone),
			formerCustomer: card.ownerId === customerId ? null : Number(card.ownerId),
			forwardsTo: card.forwardsTo === null ? null : wireIdOf(card.forwardsTo),
		})),
		emptyCards,
		changes: changes.map(({at, otherId, ...change}) => ({
			...change,
			...(otherId !== null && {formerCustomer: Number(otherId)}),
			at: jsonMoment(at),
		})),
	};
}

function owedValue(owed: Owed, asset: MerchantAsset, timeZone: string) {
	const number = (units: bigint) => toJsonNumber(units, asset);
	return {
		currency: asset.code,
		balance: number(owed.balance),
		pending: number(owed.pending),
		notSpendable: number(owed.barred),
		held: number(owed.held),
		debt: number(owed.debt),
		next:
			owed.next === null
				? null
				: {expiringDate: lastDay(owed.next.at, timeZone), amount: number(owed.next.amount)},
	};
}

/** Print a customer, in the mode that was asked for. */
export function printCustomer({print, merchant: {timeZone}}: Context, shown: ShownCustomer): void {
	const {view, assets} = shown;
	print.value(customerValue(shown, timeZone));
	printFields(print, [
		['Customer', view.customerId, 'bold'],
		['Known by', view.identifiers.length === 0 ? 'nothing' : maskedNames(view)],
		['Formerly', view.formerIds.length === 0 ? undefined : `customers ${view.formerIds.join(', ')}`],
		['Since', `${shownMoment(view.createdAt, timeZone)} (${timeZone})`],
		['Erased', view.erasedAt === null ? undefined : shownMoment(view.erasedAt, timeZone)],
		...[...view.totals].flatMap(([assetId, owed]) => totalFields(owed, assetIn(assets, assetId), timeZone)),
		['Other cards', view.emptyCards === 0 ? undefined : `${view.emptyCards} with nothing on them`],
	]);
	printCards(shown, {print, timeZone});
	printChanges(view, {print, timeZone});
}

/** An asset in all, each kind of value by itself; what is not there is left out. */
function totalFields(owed: Owed, asset: MerchantAsset, timeZone: string): Field[] {
	const money = (units: bigint) => (units === 0n ? undefined : formatMoney(units, asset));
	return [
		[`Balance ${asset.code}`, formatMoney(owed.balance, asset), 'bold'],
		['  pending', money(owed.pending)],
		['  not spendable', money(owed.barred)],
		['  held', money(owed.held)],
		['  owes', money(owed.debt)],
		['  ends next', endOf(owed, asset, timeZone)],
	];
}

function endOf({next}: Owed, asset: MerchantAsset, timeZone: string): string | undefined {
	return next === null
		? undefined
		: `${formatMoney(next.amount, asset)} on ${lastDay(next.at, timeZone) ?? ''}`;
}

type Place = Pick<Context, 'print'> & {readonly timeZone: string};

function printCards({view, assets}: ShownCustomer, {print, timeZone}: Place): void {
	const money = (card: CustomerCard, units: bigint) => formatMoney(units, assetIn(assets, card.assetId));
	if (view.cards.length > 0) {
		print.line();
	}

	printTable(print, view.cards, [
		{title: 'Card', text: card => wireIdOf(card.publicId)},
		{title: 'Kind', text: kindOf},
		{title: 'Status', text: ({status}) => status},
		{title: 'Balance', text: card => money(card, card.owed.balance), isRight: true},
		{title: 'Pending', text: card => money(card, card.owed.pending), isRight: true},
		{title: 'Held', text: card => money(card, card.owed.held), isRight: true},
		{title: 'Ends next', text: ({owed: {next}}) => (next === null ? '' : (lastDay(next.at, timeZone) ?? ''))},
	]);
}

function kindOf({isWallet, forwardsTo}: CustomerCard): string {
	return forwardsTo === null ? (isWallet ? 'wallet' : 'card') : 'former wallet';
}

function printChanges({changes}: CustomerView, {print, timeZone}: Place): void {
	if (changes.length > 0) {
		print.line();
	}

	printTable(print, changes, [
		{title: `When (${timeZone})`, text: ({at}) => shownMoment(at, timeZone)},
		{title: 'Change', text: ({kind, otherId}) => (otherId === null ? kind : `${kind} of ${otherId}`)},
		{title: 'Who', text: ({actor}) => actor},
		{title: 'Why', text: saidWhy, isShrinking: true},
	]);
}

function assetIn(assets: ReadonlyMap<number, MerchantAsset>, assetId: number): MerchantAsset {
	const asset = assets.get(assetId);
	if (asset === undefined) {
		throw new Error(`The asset ${assetId} was not looked up.`);
	}

	return asset;
}
