import {maskCode} from '../../src/cards/redemption-code.ts';
import {type CardView, showCard} from '../../src/cards/show.ts';
import {uuidOf, wireIdOf} from '../../src/cards/public-id.ts';
import {openCardSearch} from '../../src/cards/search.ts';
import {type Instant} from '../../src/ledger/calendar.ts';
import {type Origin} from '../../src/ledger/chart.ts';
import {type ReasonCode, reasonCodes, reasonMeanings, type Why} from '../../src/ledger/reasons.ts';
import {type MerchantAsset} from '../../src/merchants/assets.ts';
import {formatMoney, parseAmount, toJsonNumber} from '../../src/money/amount.ts';
import {type Context, type Flags, UsageError} from './command.ts';
import {jsonMoment, lastDay, shownMoment} from './dates.ts';
import {printFields, printTable} from './table.ts';

/** How a card is named: by its id, or by its code. */
export const cardFlags = {
	card: {type: 'text', placeholder: 'ID', description: 'The card, by its id of 32 digits.'},
	code: {
		type: 'text',
		placeholder: 'CODE',
		description: 'The card, by its redemption code as it is typed.',
		isSecret: true,
	},
} as const satisfies Flags;

/** The word by which a reason is counted, of every command that takes a reason. */
export const reasonCodeFlag = {
	'reason-code': {
		type: 'text',
		placeholder: 'CODE',
		choices: reasonCodes,
		description: `The reason in one word, to count by; it stays when a customer is erased. One of ${listOf(reasonMeanings)}.`,
	},
} as const satisfies Flags;

/** `a (what a is for), b (what b is for)` */
function listOf(meanings: Readonly<Record<string, string>>): string {
	return Object.entries(meanings)
		.map(([word, meaning]) => `${word} (${meaning})`)
		.join(', ');
}

/** Why a command is run, as its flags say. */
export function whyOf(args: {readonly reason: string; readonly 'reason-code': ReasonCode | undefined}): Why {
	return {reason: args.reason, reasonCode: args['reason-code']};
}

/** Why something was done, on one line: `stolen: reported by phone`. Either may be missing, as the text is after an erasure. */
export function saidWhy({
	reason,
	reasonCode,
}: {
	readonly reason: string | null;
	readonly reasonCode: ReasonCode | null;
}): string {
	return [reasonCode ?? '', reason ?? ''].filter(text => text !== '').join(': ');
}

/** How a change to a card is explained. */
export const reasonFlags = {
	card: {type: 'text', placeholder: 'ID', description: 'The card, by its id of 32 digits.', required: true},
	reason: {
		type: 'text',
		placeholder: 'WHY',
		description: 'Kept with the change, for whoever asks later.',
		required: true,
		isPersonal: true,
	},
	...reasonCodeFlag,
} as const satisfies Flags;

/** The same, for a card of which only the code is at hand too. */
export const namedReasonFlags = {
	...cardFlags,
	reason: reasonFlags.reason,
	...reasonCodeFlag,
} as const satisfies Flags;

/** The same, for value that moves. */
export const valueReasonFlags = {
	reason: {...reasonFlags.reason, description: 'Kept with the entry, for whoever asks later.'},
	...reasonCodeFlag,
} as const satisfies Flags;

/**
 * An amount that was typed, in minor units.
 * @throws UsageError for what is no amount of the asset
 */
export function amountOf(text: string, asset: MerchantAsset): bigint {
	try {
		return parseAmount(text, asset);
	} catch (error) {
		throw new UsageError(`--amount: ${(error as Error).message}`);
	}
}

/** What value was given for, in the words of `--funding`, or `adjustment`. */
export function originOf(account: Origin): string {
	return account.replace('funding', '').toLowerCase();
}

/** A card with its asset, as it is shown. */
export type Shown = CardView & {readonly asset: MerchantAsset};

/**
 * The card that `--card` or `--code` names.
 * @throws UsageError when it is named by neither or both; Error when the merchant has no such card
 */
export async function findCard(
	context: Context,
	{card, code}: {readonly card?: string | undefined; readonly code?: string | undefined},
	asOf?: Instant,
): Promise<Shown> {
	const {parts, merchant} = context;
	if ((card === undefined) === (code === undefined)) {
		throw new UsageError('Name the card by --card ID or by --code CODE.');
	}

	const {prisma} = parts;
	const publicId =
		card === undefined
			? (await openCardSearch(prisma, parts).findByCode(merchant, code ?? ''))?.publicId
			: uuidOf(card.toLowerCase().replaceAll('-', ''));
	const now = parts.clock();
	const view =
		publicId === undefined ? undefined : await showCard(prisma, merchant.id, publicId, {now, asOf});
	if (view === undefined) {
		throw new Error(
			`${merchant.name} has no card with this ${card === undefined ? 'code' : 'id'}. Check it, and --merchant where there are several.`,
		);
	}

	return {...view, asset: await parts.assets.byId(merchant.id, view.card.assetId)};
}

/** A card as `--json` prints it. */
export function cardValue({card, balance, isExpired, owner, pin, changes, asset}: Shown, timeZone: string) {
	const money = (units: bigint) => toJsonNumber(units, asset);
	return {
		id: wireIdOf(card.publicId),
		status: card.status,
		balance: money(balance),
		available: money(card.available),
		held: money(card.held),
		currency: asset.code,
		expiringDate: lastDay(card.expiresAt, timeZone),
		expired: isExpired,
		emissionDate: jsonMoment(card.emittedAt),
		code: card.codeLast4 === null ? null : maskCode(card.codeLast4),
		pinStatus: pin,
		caption: card.caption,
		relationName: card.relationName,
		restrictedToOwner: card.restricted,
		singleUse: card.singleUse,
		rechargeable: card.rechargeable,
		owner: Object.fromEntries(owner.map(({kind, value}) => [kind, value])),
		lots: [...card.lots.values()].map(lot => ({
			id: wireIdOf(lot.id),
			origin: originOf(lot.origin),
			issued: money(lot.issued),
			remaining: money(lot.remaining),
			held: money(lot.held),
			spendableFrom: jsonMoment(lot.spendableFrom),
			expiringDate: lastDay(lot.expiresAt, timeZone),
		})),
		changes: changes.map(change => ({...change, at: jsonMoment(change.at)})),
	};
}

/** Print a card, in the mode that was asked for. */
export function printCard({print, merchant}: Context, shown: Shown): void {
	const {card, balance, isExpired, owner, pin, changes, asset} = shown;
	const {timeZone} = merchant;
	const money = (units: bigint) => formatMoney(units, asset);
	const rules = [
		card.restricted && 'restricted to its owner',
		card.singleUse && 'single use',
		!card.rechargeable && 'not rechargeable',
	].filter(rule => rule !== false);
	print.value(cardValue(shown, timeZone));
	printFields(print, [
		['Card', wireIdOf(card.publicId)],
		['Code', card.codeLast4 === null ? 'none' : maskCode(card.codeLast4)],
		['PIN', pin === 'locked' ? 'set, locked after wrong ones' : pin],
		['Status', isExpired ? `${card.status}, expired` : card.status],
		['Balance', money(balance), 'bold'],
		['Held', money(card.held)],
		['Not spendable', card.available === balance ? undefined : money(card.available - balance)],
		['Valid through', lastDay(card.expiresAt, timeZone) ?? 'no end'],
		['Issued', `${shownMoment(card.emittedAt, timeZone)} (${timeZone})`],
		['Caption', card.caption ?? undefined],
		['Relation', card.relationName ?? undefined],
		['Rules', rules.length === 0 ? undefined : rules.join(', ')],
		['Owner', owner.length === 0 ? undefined : owner.map(({kind, value}) => `${kind} ${value}`).join(', ')],
	]);
	if (card.lots.size > 0) {
		print.line();
	}

	printTable(
		print,
		[...card.lots.values()],
		[
			{title: 'Lot', text: lot => wireIdOf(lot.id)},
			{title: 'Origin', text: lot => originOf(lot.origin)},
			{title: 'Remaining', text: lot => money(lot.remaining), isRight: true},
			{title: 'Held', text: lot => money(lot.held), isRight: true},
			{title: 'Valid through', text: lot => lastDay(lot.expiresAt, timeZone) ?? 'no end'},
		],
	);
	if (changes.length > 0) {
		print.line();
	}

	printTable(print, changes, [
		{title: `When (${timeZone})`, text: ({at}) => shownMoment(at, timeZone)},
		{title: 'Change', text: ({kind}) => kind},
		{title: 'Who', text: ({actor}) => actor},
		{title: 'Why', text: saidWhy, isShrinking: true},
	]);
}
