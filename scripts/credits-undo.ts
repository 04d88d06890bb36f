import process from 'node:process';
import {SingleBar} from 'cli-progress';
import {
	type UndoableRun,
	undoableRun,
	type Undone,
	type UndoneCredit,
	type UndoProgress,
	undoRun,
	type UndoTotal,
} from '../src/bulk/undo-run.ts';
import {wireIdOf} from '../src/cards/public-id.ts';
import {type MerchantAsset} from '../src/merchants/assets.ts';
import {formatFigure, toJsonNumber} from '../src/money/amount.ts';
import {reasonCodeFlag, whyOf} from './lib/card-flags.ts';
import {type Args, type Context, defineCommand, type Flags} from './lib/command.ts';
import {confirmFlag, confirmForGood} from './lib/confirm.ts';
import {counted} from './lib/counted.ts';
import {runAsScript} from './lib/run-command.ts';
import {type Column, printTable, tableLines} from './lib/table.ts';

const flags = {
	run: {
		type: 'text',
		placeholder: 'R',
		description: 'The import, by the name that credits:import told.',
		required: true,
	},
	partial: {
		type: 'switch',
		description: 'Take what is still there of credits that are not there whole.',
	},
	'dry-run': {type: 'switch', description: 'Tell what would be taken back, and change nothing.'},
	reason: {
		type: 'text',
		placeholder: 'WHY',
		description: 'Kept with each entry; without it, that the import was taken back.',
		isPersonal: true,
	},
	...reasonCodeFlag,
	yes: confirmFlag,
} as const satisfies Flags;

export const creditsUndo = defineCommand({
	name: 'credits:undo',
	summary: 'Take back a whole import of credits, credit by credit, and list what is not there any more.',
	details: [
		'From its first moment on nothing more of the import is imported. Each credit is taken out of its own value, also where that was extended or ' +
			'went to another wallet when customers were merged. A credit of which something was spent, is held, has expired or was moved to another ' +
			'card is left alone and listed; with --partial what is still there of it is taken.',
		'Interrupted it is repeated with the same flags, and goes on; repeated later it also takes what has come back since. It ends with exit code 1 ' +
			'while something is left. Cards that were imported are not taken back: cards:block and cards:close are for those.',
	],
	changes: ({'dry-run': isDry}) => !isDry,
	flags,
	examples: [
		'--run march --dry-run',
		'--run march --reason "wrong file" --reason-code correction',
		'--run march --partial --yes --json',
	],
	async run(context, args) {
		const {parts, merchant, signal} = context;
		const isDryRun = args['dry-run'];
		const run = await undoableRun(parts.prisma, merchant.id, args.run);
		if (!isDryRun) {
			const question = `Take back the credits of "${run.name}" (${counted(run.rows, 'line')}), and import nothing more of it?`;
			await confirmForGood(context, args, question);
		}

		const output = await openOutput(context, run);
		const wish = {
			...{run, isPartial: args.partial, isDryRun},
			actorId: await context.actorId(),
			...whyOf({...args, reason: args.reason ?? `import ${run.name} taken back`}),
		};
		const onPage: UndoProgress['onPage'] = (unfinished, done) => {
			output.page(unfinished, done);
		};
		try {
			const undone = await undoRun(parts, merchant, wish, {onPage, signal});
			output.close();
			output.end(undone, args);
		} finally {
			output.close();
		}
	},
});

type Assets = ReadonlyMap<number, MerchantAsset>;

async function openOutput({parts, merchant, print}: Context, run: UndoableRun) {
	const rows = await parts.prisma.asset.findMany({where: {merchantId: merchant.id}, select: {id: true}});
	const assets: Assets = new Map(
		await Promise.all(
			rows.map(async ({id}): Promise<[number, MerchantAsset]> => [
				id,
				await parts.assets.byId(merchant.id, id),
			]),
		),
	);
	const columns = columnsOf(assets);
	const bar = openBar(run.rows);
	let isFirst = true;
	return {
		page(unfinished: readonly UndoneCredit[], done: number) {
			bar?.clear();
			const [titles = '', ...lines] = tableLines(unfinished, columns);
			unfinished.forEach((credit, index) => {
				if (isFirst) {
					print.line(print.styled('dim', titles));
				}

				isFirst = false;
				print.line(lines[index]);
				print.value(valueOf(credit, assets));
			});
			bar?.update(done);
		},
		end(undone: Undone, args: Args<typeof flags>) {
			if (!isFirst) {
				print.line();
			}

			printSummary({print}, undone, {run, assets, isDryRun: args['dry-run']});
			tellWhatIsLeft(undone, args);
		},
		close() {
			bar?.close();
		},
	};
}

function moneyIn(assets: Assets) {
	return (assetId: number, amount: bigint): string => {
		const asset = assets.get(assetId);
		return asset === undefined ? String(amount) : formatFigure(amount, asset);
	};
}

function columnsOf(assets: Assets): readonly Column<UndoneCredit>[] {
	const money = moneyIn(assets);
	const amount = (title: string, of: (credit: UndoneCredit) => bigint): Column<UndoneCredit> => ({
		...{title, isRight: true, widthMin: 8},
		text: credit => money(credit.assetId, of(credit)),
	});
	return [
		{title: 'Card', text: ({publicId}) => wireIdOf(publicId)},
		{title: 'Customer', text: ({customerId}) => customerId ?? '', isRight: true},
		amount('Given', credit => credit.amount),
		amount('Taken', ({taken, before}) => taken + before),
		amount('Left', ({left}) => left),
		amount('Held', ({held}) => held),
		amount('Gone', ({gone}) => gone),
		{title: '', text: ({assetId}) => assets.get(assetId)?.code ?? ''},
	];
}

function amountsOf(
	{assetId, ...of}: Pick<UndoTotal, 'assetId' | 'amount' | 'taken' | 'before' | 'left' | 'held' | 'gone'>,
	assets: Assets,
) {
	const asset = assets.get(assetId);
	const money = (amount: bigint) => (asset === undefined ? null : toJsonNumber(amount, asset));
	return {
		amount: money(of.amount),
		takenBack: money(of.taken),
		takenBackBefore: money(of.before),
		left: money(of.left),
		held: money(of.held),
		gone: money(of.gone),
		currency: asset?.code ?? null,
	};
}

function valueOf(credit: UndoneCredit, assets: Assets) {
	const {id, publicId, customerId} = credit;
	return {
		...{entryId: wireIdOf(id), cardId: wireIdOf(publicId), customer: customerId},
		...amountsOf(credit, assets),
	};
}

function printSummary(
	{print}: Pick<Context, 'print'>,
	{totals, credits, unfinished, isStopped}: Undone,
	{run, assets, isDryRun}: {readonly run: UndoableRun; readonly assets: Assets; readonly isDryRun: boolean},
): void {
	print.value({
		...{run: run.name, dryRun: isDryRun, credits, unfinished, stopped: isStopped},
		totals: totals.map(total => ({credits: total.credits, ...amountsOf(total, assets)})),
	});
	const money = moneyIn(assets);
	const amount = (title: string, of: (total: UndoTotal) => bigint): Column<UndoTotal> => ({
		...{title, isRight: true},
		text: total => money(total.assetId, of(total)),
	});
	printTable(print, totals, [
		{title: 'Currency', text: ({assetId}) => assets.get(assetId)?.code ?? ''},
		{title: 'Credits', text: total => total.credits.toLocaleString('en'), isRight: true},
		amount('Given', total => total.amount),
		amount(isDryRun ? 'To take back' : 'Taken back', ({taken}) => taken),
		amount('Before', ({before}) => before),
		amount('Left', ({left}) => left),
		amount('Held', ({held}) => held),
		amount('Gone', ({gone}) => gone),
	]);
	print.line(
		credits === 0
			? `Nothing of "${run.name}" was imported${isDryRun ? '.' : ', and nothing will be.'}`
			: `\n${isDryRun ? 'Nothing was changed. ' : ''}${(credits - unfinished).toLocaleString('en')} of ${counted(credits, 'credit')} ${isDryRun ? 'can be' : credits === 1 ? 'is' : 'are'} taken back whole.`,
	);
}

/** @throws Error, which says what to do, while something is left */
function tellWhatIsLeft({unfinished, isStopped}: Undone, {run, partial}: Args<typeof flags>): void {
	if (isStopped) {
		throw new Error(`Stopped on the way. To go on, repeat the command for --run ${run}`);
	}

	if (unfinished > 0) {
		const [what, them] =
			unfinished === 1 ? ['One credit is', 'it'] : [`${counted(unfinished, 'credit')} are`, 'them'];
		const advice = partial
			? 'Repeat it when orders have come back, or take what is gone from their cards by cards:adjust.'
			: `--partial takes what is left of ${them}.`;
		throw new Error(`${what} not there whole. ${advice}`);
	}
}

type Bar = {readonly clear: () => void; readonly update: (done: number) => void; readonly close: () => void};

// Fewer are done before a bar could be seen.
const barFrom = 1000;

/** On standard error, and only on a terminal: standard output belongs to the list. */
function openBar(count: number): Bar | undefined {
	if (!process.stderr.isTTY || count < barFrom) {
		return undefined;
	}

	const bar = new SingleBar({
		format: 'Taking back {bar} {value}/{total} credits, {eta_formatted} left',
		...{stream: process.stderr, clearOnComplete: true, hideCursor: true},
		// Ctrl-C is the command's own.
		gracefulExit: false,
	});
	bar.start(count, 0);
	return {
		clear: () => process.stderr.write('\r\u001B[K'),
		update(done) {
			bar.update(done);
		},
		close() {
			bar.stop();
		},
	};
}

await runAsScript(import.meta.url, creditsUndo);
