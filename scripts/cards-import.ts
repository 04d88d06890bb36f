import {CardCheck} from '../src/bulk/card-check.ts';
import {cardChunkSize, completeCards, importCards, type ImportedCard} from '../src/bulk/card-import.ts';
import {type CardColumn, cardColumns, cardRow, type CardWish} from '../src/bulk/card-row.ts';
import {columnsOf, type Columns} from '../src/bulk/line.ts';
import {wireIdOf} from '../src/cards/public-id.ts';
import {formatCode, maskCode} from '../src/cards/redemption-code.ts';
import {formatAmount, formatMoney, toJsonNumber} from '../src/money/amount.ts';
import {bulkFlags, importBulk} from './lib/bulk-import.ts';
import {type Context, defineCommand, type Flags} from './lib/command.ts';
import {type CsvColumn, type CsvOutput, openCsv} from './lib/csv-write.ts';
import {lastDay} from './lib/dates.ts';
import {runAsScript} from './lib/run-command.ts';
import {printTable} from './lib/table.ts';

const flags = {
	...bulkFlags,
	funding: {
		type: 'text',
		choices: ['sold', 'promotional', 'courtesy', 'migrated'],
		description: 'What it is given for, of lines that do not say it; without it sold.',
	},
	csv: {
		type: 'switch',
		description: 'Print the cards as CSV on standard output, and everything else on standard error.',
	},
} as const satisfies Flags;

export const cardsImport = defineCommand({
	name: 'cards:import',
	summary: 'Make the cards of a CSV file: those of another system, with their codes, or a batch of new ones.',
	details: [
		`The first line names the columns, in any order: ${cardColumns.join(', ')}. UTF-8, separated by commas or semicolons; decimals after a dot ` +
			'or a comma; yes or no for restricted, single-use and no-recharge.',
		'A line without a code gets one of ours, which is printed here and nowhere else, and so is a PIN where the column says new. Codes and PINs ' +
			'that the file brings are never printed. Codes of other systems need merchants:update --foreign-codes on. Only cards with the funding ' +
			'migrated may be past their date.',
		'A line with a key happens once, in whatever file it stands; without one once for the file. An import that was interrupted is repeated ' +
			'and goes on where it stopped; it prints the same codes again until a day after it was completed. A file with any problem changes ' +
			'nothing at all unless --skip-invalid is given.',
	],
	operand: 'FILE.csv',
	flags,
	isBulk: true,
	changes: ({'dry-run': isDry}) => !isDry,
	examples: [
		'cards.csv --funding migrated --dry-run',
		'cards.csv --funding migrated --run old-system',
		'campaign.csv --funding promotional --csv > codes.csv',
	],
	async run(outer, args) {
		const {parts, merchant} = outer;
		const context = args.csv ? {...outer, print: asRemarks(outer)} : outer;
		const assets = await parts.prisma.asset.findMany({
			where: {merchantId: merchant.id},
			select: {id: true, code: true},
		});
		const assetIds = new Map(assets.map(({id, code}) => [code, id]));
		const {timeZone, currency, foreignCodes} = merchant;
		const terms = {
			...{timeZone, currency, foreignCodes, now: parts.clock()},
			funding: args.funding ?? 'sold',
		} as const;
		const output = openOutput(outer, args.csv);
		await importBulk<Columns<CardColumn>, CardWish>(context, args, {
			...{command: 'cards:import', kind: 'cards', chunkSize: cardChunkSize},
			columns: record => columnsOf(record, cardColumns),
			row: (columns, record) => cardRow(columns, record, terms),
			openCheck: run =>
				new CardCheck({prisma: parts.readerPrisma, peppers: parts.peppers, assetIds}, merchant.id, run?.id),
			async *write(at, chunks) {
				for await (const chunk of importCards(parts, {merchant, ...at}, chunks)) {
					await output(chunk.done);
					yield chunk;
				}

				if (!context.signal.aborted) {
					await completeCards(parts, merchant.id, at.run);
				}
			},
		});
	},
});

/** What is said beside a CSV. */
function asRemarks({print}: Context): Context['print'] {
	return {
		...print,
		isJson: false,
		value: () => undefined,
		line: (text = '') => {
			print.note(text);
		},
	};
}

/** The lines of the file that is handed to whoever prints or mails the cards. */
function csvOf(day: (card: ImportedCard) => string | null): readonly CsvColumn<ImportedCard>[] {
	return [
		{name: 'line', number: ({wish}) => wish.line},
		{name: 'key', text: ({wish}) => wish.key},
		{name: 'id', text: ({publicId}) => wireIdOf(publicId)},
		{name: 'redemption-code', text: ({code}) => (code === null ? null : formatCode(code))},
		{name: 'pin', text: ({pin}) => pin},
		{name: 'amount', number: ({wish}) => formatAmount(wish.amount, wish.asset)},
		{name: 'currency', text: ({wish}) => wish.asset.code},
		{name: 'expires', text: day},
	];
}

/** Prints the cards of each chunk, once they are durable. */
function openOutput(
	{print, merchant}: Context,
	isCsv: boolean,
): (cards: readonly ImportedCard[]) => Promise<void> {
	const day = ({wish}: ImportedCard) => lastDay(wish.expiresAt, merchant.timeZone);
	let file: CsvOutput<ImportedCard> | undefined;
	return async cards => {
		if (isCsv && !print.isJson) {
			file ??= openCsv(print, csvOf(day));
			await file.rows(cards);
			return;
		}

		for (const card of cards) {
			const {wish, publicId, code, pin} = card;
			print.value({
				...{line: wish.line, id: wireIdOf(publicId)},
				...(wish.key !== null && {key: wish.key}),
				...(code !== null && {redemptionCode: formatCode(code)}),
				...(pin !== null && {pin}),
				...{amount: toJsonNumber(wish.amount, wish.asset), currency: wish.asset.code},
				expiringDate: day(card),
			});
		}

		printTable(print, cards, [
			{title: 'Line', text: ({wish}) => String(wish.line), isRight: true},
			{title: 'Card', text: ({publicId}) => wireIdOf(publicId)},
			{title: 'Code', text: ({code, codeLast4}) => (code === null ? maskCode(codeLast4) : formatCode(code))},
			...(cards.some(({pin}) => pin !== null)
				? [{title: 'PIN', text: ({pin}: ImportedCard) => pin ?? ''}]
				: []),
			{title: 'Value', text: ({wish}) => formatMoney(wish.amount, wish.asset), isRight: true},
			{title: 'Valid through', text: card => day(card) ?? 'no end'},
		]);
	};
}

await runAsScript(import.meta.url, cardsImport);
