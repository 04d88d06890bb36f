import {type Origin, type Stage} from '../../loyalty/order.ts';

const statesByStage: readonly (readonly [stage: Stage, states: string])[] = [
	[
		'open',
		`order-created order-completed on-order-completed on-order-completed-ffm order-accepted
		payment-pending waiting-for-order-authorization approve-payment payment-approved
		window-to-cancel window-to-change-payment window-to-change-seller
		waiting-for-authorization waiting-for-manual-authorization waiting-ffmt-authorization
		waiting-for-mkt-authorization waiting-seller-handling waiting-for-fulfillment authorize-fulfillment
		ready-for-handling start-handling handling ready-for-invoicing invoice`,
	],
	['invoiced', 'invoiced'],
	['canceled', 'canceled'],
	['replaced', 'replaced'],
	[
		'cancelling',
		'request-cancel cancellation-requested waiting-for-seller-decision cancel invoice-after-cancellation-deny',
	],
];

const stages: ReadonlyMap<string, Stage> = new Map(
	statesByStage.flatMap(([stage, states]) => states.split(/\s+/).map(state => [state, stage] as const)),
);

const origins: ReadonlyMap<string, Origin> = new Map([
	['marketplace', 'sale'],
	['fulfillment', 'delivery'],
	['chain', 'chain'],
]);

/** Where a sale stands by its state (Orders, 3.2). New states appear, and mean nothing until somebody says what. */
export function stageOf(state: string | null): Stage {
	return stages.get(state?.toLowerCase() ?? '') ?? 'unknown';
}

/** Whose copy of the sale a document is (Orders, 3.1). Error texts spell these names in lower case. */
export function originOf(origin: string | null): Origin {
	return origins.get(origin?.toLowerCase() ?? '') ?? 'unknown';
}
