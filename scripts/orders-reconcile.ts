import {findVtexAccess} from '../src/merchants/vtex-keys.ts';
import {type Asset} from '../src/money/asset.ts';
import {formatMoney, toJsonNumber} from '../src/money/amount.ts';
import {type Kind, kinds} from '../src/reconcile/compare.ts';
import {type Finding} from '../src/reconcile/finding.ts';
import {type Reach} from '../src/reconcile/reconciler.ts';
import {IncompleteError, type Step} from '../src/reconcile/step.ts';
import {type Args, type Context, defineCommand, type Flags, UsageError} from './lib/command.ts';
import {counted} from './lib/counted.ts';
import {openCsv} from './lib/csv-write.ts';
import {beginningOf, checkPeriod, durationOf, momentOf, shownMoment} from './lib/dates.ts';
import {findingColumns, findingLines, findingValue} from './lib/finding-output.ts';
import {readOrderIds} from './lib/order-file.ts';
import {writeOut} from './lib/out-file.ts';
import {runAsScript} from './lib/run-command.ts';
import {printTable} from './lib/table.ts';

// A tenth of what a store's account may be asked in a minute (Orders, 5).
const rateDefault = 600;
const rateMax = 6000;
// VTEX repeats what failed for a day.
const graceDefault = '25h';
const dayMs = 86_400_000;
const ageMaxMs = 730 * dayMs;

const flags = {
	from: {
		type: 'text',
		placeholder: 'T',
		description: 'Orders made and holds opened from then on: a day, or a moment with its offset.',
	},
	to: {
		type: 'text',
		placeholder: 'T',
		description: 'Until then: a day, with all of it, or a moment; without it now.',
	},
	orders: {
		type: 'text',
		placeholder: 'FILE',
		description: 'These orders: one id on each line, or the column order of a CSV file.',
		isFile: true,
	},
	grace: {
		type: 'text',
		placeholder: '25h',
		description: `How long both may differ before it counts: hours, days or weeks; without it ${graceDefault}.`,
	},
	rate: {
		type: 'whole',
		placeholder: 'N',
		description: `Requests to VTEX in a minute, ${rateMax} at most; without it ${rateDefault}.`,
	},
	csv: {
		type: 'text',
		placeholder: 'FILE',
		description:
			'Write the findings to this file, too, for its owner only. It is there once the run is complete.',
		isFile: true,
	},
} as const satisfies Flags;

export const ordersReconcile = defineCommand({
	name: 'orders:reconcile',
	summary:
		'Compare holds, captures and refunds with what VTEX says of them, and name the command that mends each difference; exit code 1 on any.',
	details: [
		'For each order that was made in the time, VTEX is asked for the order and for what its Payments Gateway captured and refunded; for each ' +
			'hold that was opened in it, for its order. Nothing is changed, here or there. Orders are asked for a day at a time; a run that was stopped goes on with ' +
			'--from the day that was told last.',
		'closed-there: ended at VTEX, held here. captured-there, captured-here: by that side only. refund-owed: refunded at VTEX only; refund-repeated: the same, of an amount ' +
			'that VTEX refunded before and does not send twice. refunded-here: by us only. released-here: VTEX still counts on it. amount-differs. unit-mixed-up: by a factor ' +
			'of 10 or 100. unknown-here, unknown-there: that side has nothing of it.',
		'VTEX repeats what failed for a day, so younger differences are counted as in flight and are no findings. What VTEX did not answer is never taken for clean: the run ' +
			'ends as incomplete, with exit code 1. The keys of credentials:vtex need a role with "List Orders" and "View order" (OMS) and "View Payment Data" (PCI Gateway).',
	],
	flags,
	changes: false,
	examples: [
		'--from 2026-03-08 --to 2026-03-31',
		'--orders orders.csv --json',
		'--from 2026-03-10 --csv findings.csv',
	],
	async run(context, args) {
		const reach = await reachOf(context, args);
		const tally = new Tally();
		await withFile(context, args.csv, async onFinding => {
			for await (const step of await stepsOf(context, args, reach)) {
				tally.add(step);
				await tell(context, step, onFinding);
			}

			tally.isEnded = true;
		}).catch((error: unknown) => {
			if (context.signal.aborted) {
				tally.problem = 'It was stopped before the end.';
			} else if (error instanceof IncompleteError) {
				tally.problem = error.message;
			} else {
				throw error;
			}
		});
		conclude(context, tally);
	},
});

async function reachOf({parts, merchant: {timeZone}}: Context, args: Args<typeof flags>): Promise<Reach> {
	const {from, to, orders} = args;
	if ((from === undefined) === (orders === undefined) || (orders !== undefined && to !== undefined)) {
		throw new UsageError('Say which orders: --from DAY, with or without --to DAY, or --orders FILE.');
	}

	if (orders !== undefined) {
		return {orderIds: await readOrderIds(orders)};
	}

	const now = parts.clock();
	const period = {
		from: beginningOf('from', from ?? '', timeZone),
		to: to === undefined ? now : Math.min(now, momentOf('to', to, timeZone) + 1),
	};
	checkPeriod(period.from, period.to);
	if (period.from === period.to) {
		throw new UsageError('There is no time between --from and --to, or now.');
	}

	if (period.from < now - ageMaxMs) {
		throw new UsageError('VTEX tells orders of the last two years only: begin later with --from.');
	}

	return period;
}

async function stepsOf(
	{parts, merchant, print, signal}: Context,
	{grace = graceDefault, rate = rateDefault}: Args<typeof flags>,
	reach: Reach,
): Promise<AsyncIterable<Step>> {
	if (rate > rateMax) {
		throw new UsageError(`--rate takes ${rateMax} at most: that is all that VTEX allows a store's account.`);
	}

	const graceMs = durationOf('grace', grace);
	const access = await findVtexAccess(parts, merchant, 'orders');
	if (access === undefined) {
		throw new Error(
			`${merchant.name} has no keys of its VTEX account. Enter them first with credentials:vtex.`,
		);
	}

	return parts.reconcile(merchant, access, {
		...reach,
		...{perMinute: rate, graceMs, signal},
		onPause: ms => {
			print.note(`VTEX was asked too often; going on in ${Math.ceil(ms / 1000)} s.`);
		},
	});
}

type OnFinding = (finding: Finding) => Promise<void>;

/** Findings go to a file as they come, where one is wanted. */
async function withFile(
	context: Context,
	file: string | undefined,
	work: (onFinding: OnFinding) => Promise<void>,
): Promise<void> {
	if (file === undefined) {
		await work(() => Promise.resolve());
		return;
	}

	const print = {...context.print, isJson: false};
	await writeOut({print}, {out: file, force: false}, async out => {
		const csv = openCsv(out, findingColumns(context, context.parts.clock()));
		await work(finding => csv.rows([finding]));
	});
}

async function tell(context: Context, step: Step, onFinding: OnFinding): Promise<void> {
	const {print, parts, merchant} = context;
	switch (step.kind) {
		case 'found': {
			print.value(findingValue(context, step.finding, parts.clock()));
			const [first = '', ...more] = findingLines(context, step.finding, parts.clock());
			print.line(print.styled('bold', first));
			more.forEach(print.line);
			print.line();
			await print.room();
			await onFinding(step.finding);
			return;
		}

		case 'skipped': {
			const {orderId, problem} = step;
			print.value({kind: 'not-compared', orderId, problem});
			print.line(`not compared: ${orderId === null ? 'orders of a day' : `order ${orderId}`}`);
			print.line(`  ${problem}\n`);
			return;
		}

		case 'slice': {
			const {timeZone} = merchant;
			print.note(`Compared up to ${shownMoment(step.to, timeZone)} (${timeZone}).`);
			return;
		}

		case 'batch': {
			print.note(`Compared ${step.done} of ${counted(step.all, 'order')}.`);
			return;
		}

		case 'agreed':
		case 'inFlight':
		case 'asked':
	}
}

type Sum = {readonly kind: Kind; readonly asset: Asset; count: number; amount: bigint};

/** What a run has come to. */
class Tally {
	readonly #sums = new Map<string, Sum>();
	asked = 0;
	agreed = 0;
	inFlight = 0;
	found = 0;
	skipped = 0;
	isEnded = false;
	/** Why it ended early. */
	problem: string | undefined;

	add(step: Step): void {
		this.asked += Number(step.kind === 'asked');
		this.agreed += Number(step.kind === 'agreed');
		this.inFlight += Number(step.kind === 'inFlight');
		this.skipped += Number(step.kind === 'skipped');
		if (step.kind === 'found') {
			const {kind, asset, amount} = step.finding;
			const key = `${kind} ${asset.code}`;
			const sum = this.#sums.get(key) ?? {kind, asset, count: 0, amount: 0n};
			this.#sums.set(key, {...sum, count: sum.count + 1, amount: sum.amount + amount});
			this.found++;
		}
	}

	/** By kind and currency, in the order in which kinds are explained. */
	sums(): Sum[] {
		return [...this.#sums.values()].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
	}

	get isComplete(): boolean {
		return this.isEnded && this.skipped === 0;
	}
}

/** @throws Error unless both sides were compared and agree */
function conclude({print}: Context, tally: Tally): void {
	const sums = tally.sums();
	print.value({
		kind: 'summary',
		complete: tally.isComplete,
		...{orders: tally.asked, agreed: tally.agreed, inFlight: tally.inFlight, findings: tally.found},
		notCompared: tally.skipped,
		sums: sums.map(({kind, asset, count, amount}) => ({
			...{kind, currency: asset.code, count, amount: toJsonNumber(amount, asset)},
		})),
	});
	printTable(print, sums, [
		{title: 'Finding', text: ({kind}) => kind},
		{title: 'Count', text: ({count}) => count.toLocaleString('en'), isRight: true},
		{title: 'Amount', text: ({asset, amount}) => formatMoney(amount, asset), isRight: true},
	]);
	const flying = tally.inFlight === 0 ? '' : `, ${tally.inFlight.toLocaleString('en')} in flight`;
	const asked = `${counted(tally.asked, 'order')} asked for, ${counted(tally.agreed, 'payment')} agreed${flying}`;
	print.line(`${sums.length === 0 ? '' : '\n'}${asked}.`);
	const findings = tally.found === 0 ? '' : ` ${counted(tally.found, 'finding')} so far.`;
	if (!tally.isComplete) {
		const why = tally.problem ?? `${tally.skipped.toLocaleString('en')} could not be compared.`;
		throw new Error(`Incomplete: ${why}${findings} What was not compared is not known to agree.`);
	}

	if (tally.found > 0) {
		throw new Error(`VTEX and we differ: ${counted(tally.found, 'finding')}.`);
	}

	print.line(print.styled('green', 'VTEX and we agree.'));
}

await runAsScript(import.meta.url, ordersReconcile);
