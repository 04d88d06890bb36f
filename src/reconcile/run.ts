import {type Instant} from '../ledger/calendar.ts';
import {type Listed, ordersMade} from './at-vtex.ts';
import {Comparisons} from './comparisons.ts';
import {holdsBy, holdsOf, openHoldWindow} from './ours.ts';
import {groupOf} from './purchase.ts';
import {incomplete, type RunTools, type Step} from './step.ts';

const sliceMs = 86_400_000;
const batchSize = 100;

/**
 * Compare all orders that were made in a time, and all our holds that were opened in it: VTEX is asked for both, so that what only one side knows is
 * found. A day at a time, and nothing of a day is kept longer than to the next.
 * @throws IncompleteError when VTEX refuses the keys, or stops answering
 */
export async function* reconcileTime(tools: RunTools, from: Instant, to: Instant): AsyncGenerator<Step> {
	const run = new Comparisons(tools, from);
	const window = openHoldWindow(tools, from, to);
	for (let begin = from; begin < to; begin += sliceMs) {
		const end = Math.min(begin + sliceMs, to);
		const near = await window.moveTo(begin, end);
		run.begin = begin;
		const {ids, problem} = await listed(tools, begin, end);
		if (problem !== null) {
			yield {kind: 'skipped', orderId: null, problem};
		}

		for (const id of ids) {
			yield* run.listedOrder(id, near);
		}

		for (const hold of near.all.filter(({openedAt}) => openedAt >= begin && openedAt < end)) {
			yield* run.ownHold(hold, near);
		}

		run.turnOver();
		yield {kind: 'slice', from: begin, to: end};
	}

	yield* run.end();
}

/** Compare some purchases, by the ids of their orders. @throws IncompleteError as above */
export async function* reconcileOrders(tools: RunTools, orderIds: readonly string[]): AsyncGenerator<Step> {
	const run = new Comparisons(tools);
	const named = new Map(orderIds.map(id => [groupOf(id), id]));
	const groups = [...named];
	for (let at = 0; at < groups.length; at += batchSize) {
		const batch = groups.slice(at, at + batchSize);
		const near = holdsBy(await holdsOf(tools, {groupIds: batch.map(([groupId]) => groupId)}));
		for (const [groupId, id] of batch) {
			yield* run.namedOrder(id, near, near.ofGroup(groupId));
		}

		run.turnOver();
		yield {kind: 'batch', done: Math.min(at + batchSize, groups.length), all: groups.length};
	}

	yield* run.end();
}

/** @throws IncompleteError where there is no list at all */
async function listed(tools: RunTools, from: Instant, to: Instant): Promise<Listed> {
	try {
		return await ordersMade(tools, from, to);
	} catch (error) {
		throw incomplete(error);
	}
}
