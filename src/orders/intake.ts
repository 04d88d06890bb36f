import {type ApplyOrder} from '../loyalty/apply-order.ts';
import {checkHooks, type HookChecks} from './check-hooks.ts';
import {type LookParts} from './look.ts';
import {type Looks, openLooks} from './looks.ts';
import {type OrderSource} from './source.ts';
import {type SweepResult, sweepOrders} from './sweep.ts';

/** The ways in by which orders reach the loyalty program. */
export type OrderIntake = Looks & {
	/** Ring for what notifications may have missed. */
	readonly sweep: (signal?: AbortSignal) => Promise<SweepResult>;
	/** See that VTEX still has our hooks. */
	readonly checkHooks: (signal?: AbortSignal) => Promise<HookChecks>;
	readonly source: OrderSource;
	readonly applyOrder: ApplyOrder;
	/** What VTEX is to call when something has happened to an order. */
	readonly hookUrl: string;
};

export function openOrderIntake(parts: LookParts, {hookUrl}: {readonly hookUrl: string}): OrderIntake {
	const {source, applyOrder} = parts;
	return {
		...openLooks(parts),
		sweep: signal => sweepOrders(parts, signal),
		checkHooks: signal => checkHooks(parts, signal),
		...{source, applyOrder, hookUrl},
	};
}
