import {z} from 'zod';
import {type HookState, hookTokenHeader, type WantedHook} from '../../orders/source.ts';
import {type KeyPurpose} from '../../merchants/vtex-keys.ts';

/** A filter that VTEX takes (Orders, 1.1). */
type Filter =
	| {readonly type: 'FromWorkflow'; readonly status: readonly string[]}
	| {readonly type: 'FromOrders'; readonly expression: string; readonly disableSingleFire: boolean};

const filterOf: Readonly<Record<KeyPurpose, Filter>> = {
	// What may earn or take back: a partly invoiced order falls back to payment-approved (Orders, 3.3).
	orders: {
		type: 'FromWorkflow',
		status: ['payment-approved', 'invoice', 'invoiced', 'cancel', 'canceled', 'replaced'],
	},
	// Returns change no state. Without `disableSingleFire` the second return of an order would never be announced.
	returns: {
		type: 'FromOrders',
		expression: '$count(packageAttachment.packages.restitutions.Refund.value) > 0',
		disableSingleFire: true,
	},
};

/** The body that makes the hook, or replaces the one that the app key has. */
export function hookConfigOf({purpose, url, token}: WantedHook) {
	return {filter: filterOf[purpose], hook: {url, headers: {[hookTokenHeader]: token}}};
}

/** What is read of a configuration; an account without one is answered in more than one way. */
const HookConfig = z.object({
	filter: z
		.object({
			type: z.unknown().optional(),
			status: z.array(z.string()).nullish().catch(null),
			expression: z.unknown().optional(),
			disableSingleFire: z.unknown().optional(),
		})
		.nullish()
		.catch(null),
	hook: z.object({
		url: z.string().min(1),
		headers: z.record(z.string(), z.unknown()).nullish().catch(null),
	}),
});

/** How a configuration, as VTEX answers it, compares with the one that is wanted. */
export function hookStateOf(answer: unknown, wanted: WantedHook): HookState {
	const {data: found} = HookConfig.safeParse(answer);
	if (found === undefined) {
		return 'none';
	}

	if (found.hook.url !== wanted.url) {
		return 'foreign';
	}

	const tokens = Object.entries(found.hook.headers ?? {})
		.filter(([name]) => name.toLowerCase() === hookTokenHeader.toLowerCase())
		.map(([, value]) => value);
	return isFilter(found.filter, filterOf[wanted.purpose]) && tokens[0] === wanted.token
		? 'asWanted'
		: 'changed';
}

function isFilter(found: z.output<typeof HookConfig>['filter'], wanted: Filter): boolean {
	if (found?.type !== wanted.type) {
		return false;
	}

	return wanted.type === 'FromWorkflow'
		? isSameSet(found.status ?? [], wanted.status)
		: found.expression === wanted.expression && found.disableSingleFire === wanted.disableSingleFire;
}

const isSameSet = (some: readonly string[], others: readonly string[]) =>
	[...new Set(some)].sort().join() === [...others].sort().join();
