import {isOverdue} from '../src/holds/hold.ts';
import {type HoldWish, listHolds} from '../src/holds/list.ts';
import {type MerchantAsset} from '../src/merchants/assets.ts';
import {formatMoney} from '../src/money/amount.ts';
import {cardFlags, findCard} from './lib/card-flags.ts';
import {type Args, type Context, defineCommand, type Flags} from './lib/command.ts';
import {counted} from './lib/counted.ts';
import {durationOf} from './lib/dates.ts';
import {holdValue, printHolds, type ShownHold, shownHold} from './lib/hold-output.ts';
import {runAsScript} from './lib/run-command.ts';

/** A table of more is of no use to anybody; `--json` prints all. */
const shownMax = 1000;

const flags = {
	...cardFlags,
	order: {type: 'text', placeholder: 'ID', description: 'Those of this order.'},
	payment: {type: 'text', placeholder: 'ID', description: 'Those of this payment.'},
	overdue: {type: 'switch', description: 'Only what VTEX should have ended by now.'},
	'older-than': {
		type: 'text',
		placeholder: '30d',
		description: 'Only those opened longer ago: hours (12h), days (30d) or weeks (6w).',
	},
	all: {type: 'switch', description: 'Also those of which nothing is held any more.'},
} as const satisfies Flags;

export const holdsList = defineCommand({
	name: 'holds:list',
	summary:
		'List what is held for orders, oldest first: where it comes from, what became of it, and what is overdue.',
	details: [
		'Without --all those of which something is still held; where a card, an order or a payment is named all of them, because a refund ' +
			'needs one that is finished. Captured, released and refunded are sums; held is what is neither captured nor released.',
		'Overdue is what VTEX should have ended by now: what is held for a payment after its time for settling and a day of retries are over ' +
			'(the job release-forgotten-holds releases it within minutes), and a debit of a gift card after 30 days, or after the time that ' +
			'--older-than gives. VTEX settles a gift card when the order is invoiced and cancels it when the order is; nothing else ends it.',
		'Every hold there ever was is looked at, unless a card or a payment is named: a second for some two million of them. Checkouts do not wait for it.',
	],
	flags,
	changes: false,
	examples: [
		'--overdue',
		'--overdue --older-than 45d --json',
		'--card 4f1d2c3b4a5968778695a4b3c2d1e0f0',
		'--order v967813hub-01',
	],
	async run(context, args) {
		const {parts, merchant, print, signal} = context;
		const now = parts.clock();
		const older = args['older-than'];
		const olderMs = older === undefined ? undefined : durationOf('older-than', older);
		const wish = await wishOf(context, args);
		const totals = new Totals();
		const shown: ShownHold[] = [];
		for await (const hold of listHolds({prisma: parts.prisma, merchantId: merchant.id}, wish)) {
			if (signal.aborted) {
				throw new Error('Stopped before the end: the list is not complete.');
			}

			const isWanted = args.overdue
				? isOverdue(hold, now, olderMs)
				: olderMs === undefined || hold.openedAt < now - olderMs;
			if (isWanted) {
				const one = await shownHold(context, hold, {now, patienceMs: olderMs});
				totals.add(one);
				print.value(holdValue(one));
				if (!print.isJson && shown.length < shownMax) {
					shown.push(one);
				}
			}
		}

		if (shown.length > 0) {
			printHolds(context, shown);
		}

		print.line(totals.isEmpty ? noneOf(context, args) : `\n${totals.text()}`);
		if (!print.isJson && totals.holds > shownMax) {
			print.note(`These are the oldest ${shownMax}; --json prints all ${totals.holds}.`);
		}
	},
});

async function wishOf(context: Context, args: Args<typeof flags>): Promise<HoldWish> {
	const {card, code, order, payment, all} = args;
	const isCardNamed = card !== undefined || code !== undefined;
	const shown = isCardNamed ? await findCard(context, {card, code}) : undefined;
	return {cardId: shown?.card.cardId, orderId: order, paymentId: payment, all};
}

/** What is held in all, in each currency, and in each asset of points. */
class Totals {
	readonly #held = new Map<number, {readonly asset: MerchantAsset; readonly amount: bigint}>();
	readonly #points = new Map<number, {readonly asset: MerchantAsset; readonly amount: bigint}>();
	holds = 0;

	get isEmpty(): boolean {
		return this.holds === 0;
	}

	add({hold, asset, own}: ShownHold): void {
		this.holds++;
		addTo(this.#held, asset, hold.value.held);
		for (const leg of hold.legs) {
			const points = own.get(leg.cardId);
			if (points !== undefined && leg.own !== null) {
				addTo(this.#points, points, leg.own.units.held);
			}
		}
	}

	text(): string {
		const sums = (map: ReadonlyMap<number, {readonly asset: MerchantAsset; readonly amount: bigint}>) =>
			[...map.values()].map(({asset, amount}) => formatMoney(amount, asset)).join(', ');
		const points = this.#points.size === 0 ? '' : `; of it in points ${sums(this.#points)}`;
		return `${counted(this.holds, 'hold')}, ${sums(this.#held)} held${points}.`;
	}
}

function addTo(
	sums: Map<number, {readonly asset: MerchantAsset; readonly amount: bigint}>,
	asset: MerchantAsset,
	amount: bigint,
): void {
	sums.set(asset.id, {asset, amount: (sums.get(asset.id)?.amount ?? 0n) + amount});
}

function noneOf({merchant}: Context, {overdue}: Args<typeof flags>): string {
	return `${merchant.name} has no such ${overdue ? 'overdue ' : ''}holds.`;
}

await runAsScript(import.meta.url, holdsList);
