import {endOfLocalDayAfter} from '../src/ledger/calendar.ts';
import {readExpiring} from '../src/reports/expiring.ts';
import {findCard} from './lib/card-flags.ts';
import {type Args, type Context, defineCommand, type Flags, UsageError} from './lib/command.ts';
import {checkForm, csvFlag} from './lib/csv-flag.ts';
import {customerFlags, customerOf, findCustomer} from './lib/customer-flags.ts';
import {openExpiringOutput} from './lib/expiring-output.ts';
import {daysOf} from './lib/program-flags.ts';
import {runAsScript} from './lib/run-command.ts';
import {svgFlag, writeSvg} from './lib/svg-file.ts';

const flags = {
	within: {
		type: 'text',
		placeholder: '30d',
		description: 'What ends until the end of the local day that is so many days away; without it 30d.',
	},
	by: {
		type: 'text',
		choices: ['customer', 'month', 'day', 'total'],
		description: 'What a line stands for; without it customer, and day for one customer or card.',
	},
	...customerFlags,
	card: {
		type: 'text',
		placeholder: 'ID',
		description: 'Only what lies on this card, by its id of 32 digits.',
	},
	csv: csvFlag,
	svg: svgFlag,
} as const satisfies Flags;

// Ten years.
const withinMax = 3660;

export const loyaltyExpiring = defineCommand({
	name: 'loyalty:expiring',
	summary: 'List what will expire soon, points and gift cards: by customer, month or day, or in total.',
	details: [
		'What remains counts, what is pending too; what is held for orders does not expire. Each kind of points and each currency is told by ' +
			'itself. Customers are named by their number, and cards that belong to nobody by their id.',
		'--json prints for each line currency (or the code of the points), amount, lots and cards; expiringDate and lastExpiringDate, the last ' +
			'days of the first and of the last of it; by customer also customer (null for nobody) and card (null for several), by month also month.',
	],
	flags,
	changes: false,
	examples: [
		'',
		'--within 90d --by month',
		'--customer-email ana@example.com --json',
		'--within 365d --by month --svg expiring.svg',
		'--within 7d --csv > expiring.csv',
	],
	async run(context, args) {
		const {parts, merchant, print} = context;
		const within = daysOf('within', args.within ?? '30d');
		if (within > withinMax) {
			throw new UsageError(`--within takes at most ${withinMax}d.`);
		}

		checkForm(print, args.csv);
		const only = await onlyOf(context, args);
		const by = args.by ?? (Object.keys(only).length === 0 ? 'customer' : 'day');
		if (args.svg !== undefined && by === 'customer') {
			throw new UsageError(
				'--svg draws months, days or totals: give --by month, --by day or --by total with it.',
			);
		}

		const {timeZone} = merchant;
		const now = parts.clock();
		const until = endOfLocalDayAfter(now, within, timeZone);
		const output = openExpiringOutput(context, {by, until, isCsv: args.csv});
		await readExpiring(
			parts.prisma,
			{merchantId: merchant.id, by, now, until, timeZone, ...only},
			output.rows,
		);
		output.end();
		if (args.svg !== undefined) {
			await writeSvg(args.svg, output.chart());
		}
	},
});

/** Whose value alone is asked for, or that of one card. */
async function onlyOf(
	context: Context,
	{card, ...args}: Args<typeof flags>,
): Promise<{readonly customerId?: string; readonly cardId?: string}> {
	const isOfCustomer = Object.keys(customerFlags).some(
		flag => args[flag as keyof typeof customerFlags] !== undefined,
	);
	if (isOfCustomer && card !== undefined) {
		throw new UsageError('Name a customer or a card, not both.');
	}

	if (isOfCustomer) {
		return {customerId: await findCustomer(context, customerOf(args))};
	}

	return card === undefined ? {} : {cardId: (await findCard(context, {card})).card.cardId};
}

await runAsScript(import.meta.url, loyaltyExpiring);
