import {noNote} from '../../../src/ledger/commands.ts';
import {versionOf} from '../../helpers/loyalty.ts';
import {assertUnchanged, compare, fingerprintOf} from './checks.ts';
import {type Play, type PlayedCard} from './player.ts';
import {endOfDay} from './reference-holds.ts';
import {earnOutcome, newReferenceOrder} from './reference-orders.ts';
import {type ReferenceOrder} from './reference-state.ts';
import {type Step} from './steps.ts';

export type PlayedOrders = readonly {readonly id: string; readonly reference: ReferenceOrder}[];

export function newOrders(): PlayedOrders {
	return ['o1', 'o2', 'o3', 'o4'].map(id => ({id, reference: newReferenceOrder()}));
}

/** Far from the first version, so that there are older ones. */
const firstVersion = 100;

/**
 * Submit a document of an order to both sides. Only wallets earn. A lot that waits can be spent, and one that ends cannot, from a local
 * midnight on.
 */
export function performEarn(
	stage: Play,
	card: PlayedCard,
	step: Omit<Extract<Step, {do: 'earn'}>, 'do' | 'card'>,
): void {
	const {ledger, orders} = stage;
	const {now} = ledger;
	const order = orders[step.order % orders.length];
	if (order === undefined || card.reference.program === null) {
		return;
	}

	const {target, pendingDays, lastsDays, clawback} = step;
	const version = (order.reference.version ?? firstVersion) + step.newer;
	const spendableFrom = pendingDays === 0 ? now : endOfDay(now, pendingDays - 1);
	const expiresAt = lastsDays === null ? null : endOfDay(now, pendingDays + lastsDays);
	const dayStart = endOfDay(now, -1);
	const {assetId} = card.reference;
	const caps = {balanceMax: step.balanceMax, dayMax: step.dayMax, orderMax: step.orderMax};
	const before = fingerprintOf(ledger);
	const outcome = ledger.submit({
		...{verb: 'earn', key: null, orderId: order.id, version: versionOf(version), actorId: 1, note: noNote},
		...{cardId: step.isKnown ? card.id : null, assetId, target: BigInt(target)},
		terms: {
			...{spendableFrom, expiresAt, dayStart, clawback},
			balanceMax: bigintOf(caps.balanceMax),
			dayMax: bigintOf(caps.dayMax),
			orderMax: bigintOf(caps.orderMax),
		},
	});
	const expected = earnOutcome(
		order.reference,
		{
			...{card: step.isKnown ? card.reference : null, assetId, version, target},
			...{spendableFrom, expiresAt: expiresAt ?? Infinity, dayStart, clawback},
			balanceMax: caps.balanceMax ?? Infinity,
			dayMax: caps.dayMax ?? Infinity,
			orderMax: caps.orderMax ?? Infinity,
		},
		now,
	);
	compare(outcome, expected, false);
	if (typeof expected === 'string' || version < (order.reference.version ?? 0)) {
		assertUnchanged(before, ledger);
	}
}

function bigintOf(cap: number | null): bigint | null {
	return cap === null ? null : BigInt(cap);
}
