import {wireIdOf} from '../src/cards/public-id.ts';
import {statement} from '../src/reports/statement.ts';
import {cardFlags, findCard} from './lib/card-flags.ts';
import {defineCommand} from './lib/command.ts';
import {checkForm, csvFlag} from './lib/csv-flag.ts';
import {openCsv} from './lib/csv-write.ts';
import {momentOf} from './lib/dates.ts';
import {runAsScript} from './lib/run-command.ts';
import {lineColumns, lineValue, printStatement, type ShownLine} from './lib/statement-output.ts';

// Printed at a time, where a file is printed.
const pageSize = 1000;

export const cardsStatement = defineCommand({
	name: 'cards:statement',
	summary: 'List every entry of a card with what it did to the balance, oldest first.',
	details: [
		'The amount is what an entry did to what is available, the balance what was available afterwards, and held what was ' +
			'reserved for orders then. A capture takes from what is held, so its amount is zero. A transfer names the other card. Columns in ' +
			'which nothing stands are left out of the table.',
	],
	flags: {
		...cardFlags,
		'as-of': {
			type: 'text',
			placeholder: 'T',
			description: 'Entries until then: a day, or a moment with its offset.',
		},
		csv: csvFlag,
	},
	changes: false,
	examples: [
		'--card 4f1d2c3b4a5968778695a4b3c2d1e0f0',
		'--code 7KQW-2D9M-XH4T-PC63 --as-of 2026-12-31 --json',
		'--card 4f1d2c3b4a5968778695a4b3c2d1e0f0 --csv > card.csv',
	],
	async run(context, {card: id, code, 'as-of': asOf, csv: isCsv}) {
		const {parts, merchant, print} = context;
		checkForm(print, isCsv);
		const until = asOf === undefined ? null : momentOf('as-of', asOf, merchant.timeZone);
		const {card, asset} = await findCard(context, {card: id, code});
		const place = {merchantId: merchant.id, cardId: card.cardId};
		const csv = isCsv ? openCsv(print, lineColumns('card')) : undefined;
		const lines: ShownLine[] = [];
		let page: ShownLine[] = [];
		const show = async () => {
			page.forEach(line => {
				print.value(lineValue(line));
			});
			await (csv === undefined ? print.room() : csv.rows(page));
			page = [];
		};
		for await (const line of statement(parts.prisma, place, until)) {
			const shown = {...line, asset};
			(print.isJson || isCsv ? page : lines).push(shown);
			if (page.length === pageSize) {
				await show();
			}
		}

		await show();
		if (csv === undefined) {
			print.line(
				`Card ${wireIdOf(card.publicId)}, amounts in ${asset.code}, times in ${merchant.timeZone}\n`,
			);
			printStatement(print, lines, merchant.timeZone);
			if (lines.length === 0) {
				print.line('No entries until then.');
			}
		}
	},
});

await runAsScript(import.meta.url, cardsStatement);
