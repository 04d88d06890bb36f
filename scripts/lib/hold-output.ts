import {wireIdOf} from '../../src/cards/public-id.ts';
import {isOverdue, type ListedHold, type Standing} from '../../src/holds/hold.ts';
import {type Instant} from '../../src/ledger/calendar.ts';
import {type MerchantAsset} from '../../src/merchants/assets.ts';
import {formatMoney, toJsonNumber} from '../../src/money/amount.ts';
import {type Context} from './command.ts';
import {jsonMoment, shownMoment} from './dates.ts';
import {widthMax} from './help.ts';
import {type Print} from './print.ts';
import {tableLines} from './table.ts';

/** A hold, the assets that it is about, and whether VTEX should have ended it. */
export type ShownHold = {
	readonly hold: ListedHold;
	readonly asset: MerchantAsset;
	/** By the row number of the card: what it gives itself, where that is not the currency. */
	readonly own: ReadonlyMap<string, MerchantAsset>;
	readonly isOverdue: boolean;
	readonly ageMs: number;
};

/** A hold with all that is printed about it. */
export async function shownHold(
	{parts: {assets}, merchant}: Context,
	hold: ListedHold,
	{now, patienceMs}: {readonly now: Instant; readonly patienceMs?: number | undefined},
): Promise<ShownHold> {
	const own = new Map<string, MerchantAsset>();
	for (const leg of hold.legs) {
		if (leg.own !== null) {
			own.set(leg.cardId, await assets.byId(merchant.id, leg.own.assetId));
		}
	}

	return {
		hold,
		asset: await assets.byId(merchant.id, hold.assetId),
		own,
		isOverdue: isOverdue(hold, now, patienceMs),
		ageMs: now - hold.openedAt,
	};
}

/** A hold as `--json` prints it. */
export function holdValue({hold, asset, own, isOverdue, ageMs}: ShownHold) {
	const {id, openedAt, orderId, payment, legs} = hold;
	return {
		id: wireIdOf(id),
		openedAt: jsonMoment(openedAt),
		ageDays: Math.floor(ageMs / dayMs),
		overdue: isOverdue,
		...(orderId === null ? {} : {orderId}),
		source: payment === null ? 'gift-card' : 'payment',
		...(payment === null ? {} : {paymentId: payment.paymentId, paymentStatus: payment.status}),
		currency: asset.code,
		...standingValue(hold.value, asset),
		cards: legs.map(leg => {
			const points = own.get(leg.cardId);
			return {
				id: wireIdOf(leg.publicId),
				...standingValue(leg.value, asset),
				...(leg.own === null || points === undefined
					? {}
					: {points: {currency: points.code, ...standingValue(leg.own.units, points)}}),
			};
		}),
	};
}

function standingValue(standing: Standing, asset: MerchantAsset) {
	const {authorized, captured, released, refunded, held} = standing;
	return {
		authorized: toJsonNumber(authorized, asset),
		captured: toJsonNumber(captured, asset),
		released: toJsonNumber(released, asset),
		refunded: toJsonNumber(refunded, asset),
		held: toJsonNumber(held, asset),
	};
}

/** Holds for people: a line of the table for each, and under it where it comes from and what became of it. */
export function printHolds({print, merchant}: Context, holds: readonly ShownHold[]): void {
	const {timeZone} = merchant;
	const [titles = '', ...lines] = tableLines(holds, [
		{title: 'Hold', text: ({hold}) => wireIdOf(hold.id)},
		{title: 'Opened', text: ({hold}) => shownMoment(hold.openedAt, timeZone)},
		{title: 'Age', text: ({ageMs}) => ageOf(ageMs), isRight: true},
		{title: 'Authorized', text: ({hold, asset}) => formatMoney(hold.value.authorized, asset), isRight: true},
		{title: 'Captured', text: ({hold, asset}) => formatMoney(hold.value.captured, asset), isRight: true},
		{title: 'Held', text: ({hold, asset}) => formatMoney(hold.value.held, asset), isRight: true},
	]);
	print.line(`Times in ${timeZone}\n`);
	print.line(print.styled('dim', titles));
	for (const [index, line] of lines.entries()) {
		const shown = holds[index];
		print.line(line);
		if (shown !== undefined) {
			printMore(print, shown);
		}
	}
}

function printMore(print: Print, shown: ShownHold): void {
	for (const line of packed(particularsOf(shown))) {
		print.line(print.styled('dim', line));
	}
}

function particularsOf({hold, asset, own, isOverdue}: ShownHold): string[] {
	const {orderId, payment, value, legs} = hold;
	const money = (amount: bigint) => formatMoney(amount, asset);
	return [
		...(isOverdue ? ['overdue'] : []),
		...(orderId === null ? [] : [`order ${orderId}`]),
		payment === null ? 'gift card' : `payment ${payment.paymentId}, ${payment.status}`,
		...(value.released === 0n ? [] : [`${money(value.released)} released`]),
		...(value.refunded === 0n ? [] : [`${money(value.refunded)} refunded`]),
		...legs.map(leg => {
			const points = own.get(leg.cardId);
			const card = `card ${wireIdOf(leg.publicId)}`;
			return leg.own === null || points === undefined
				? legs.length === 1
					? card
					: `${card} ${money(leg.value.held)} held`
				: `${card} ${formatMoney(leg.own.units.authorized, points)}, ${formatMoney(leg.own.units.held, points)} held`;
		}),
	];
}

const indent = '  ';

/** Words put one after the other into as few lines as they fit in. What VTEX names may be long, and must not move the cursor. */
export function packed(parts: readonly string[]): string[] {
	const lines: string[] = [];
	for (const part of parts) {
		const text = part.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').slice(0, widthMax - indent.length);
		const last = lines.at(-1);
		if (last === undefined || last.length + 2 + text.length > widthMax) {
			lines.push(indent + text);
		} else {
			lines[lines.length - 1] = `${last}; ${text}`;
		}
	}

	return lines;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** As short as it can be said: hours on the first two days, days afterwards. */
export function ageOf(ms: number): string {
	return ms < 2 * dayMs ? `${Math.floor(ms / hourMs)} h` : `${Math.floor(ms / dayMs)} d`;
}
