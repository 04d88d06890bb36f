import {eraseCustomer, whyNotErasable} from '../src/customers/erase.ts';
import {remaining} from '../src/customers/erasable.ts';
import {type CustomerView, showCustomer} from '../src/customers/show.ts';
import {formatMoney, toJsonNumber} from '../src/money/amount.ts';
import {reasonCodeFlag, whyOf} from './lib/card-flags.ts';
import {type Context, defineCommand} from './lib/command.ts';
import {confirmForGood, confirmFlag} from './lib/confirm.ts';
import {counted} from './lib/counted.ts';
import {customerFlags, customerOf, findCustomer} from './lib/customer-flags.ts';
import {maskedNames} from './lib/customer-output.ts';
import {jsonMoment, shownMoment} from './lib/dates.ts';
import {runAsScript} from './lib/run-command.ts';

export const customersErase = defineCommand({
	name: 'customers:erase',
	summary:
		'Remove all that says who a customer is, and close the cards. The books stay. Refused while something is held, open or owed.',
	details: [
		'E-mail addresses, documents, profile ids, order ids, descriptions, captions and reasons are removed wherever they stand. Amounts, dates and ' +
			'numbers that name nobody stay, and so do reason codes. Whoever comes again under the old e-mail address is a new customer.',
		'What remains on the cards is given up with --forfeit and goes to the adjustment account. The reason is kept, so it must not say who it was.',
	],
	flags: {
		...customerFlags,
		reason: {
			type: 'text',
			placeholder: 'WHY',
			description: 'Kept for whoever asks later; without names.',
			required: true,
			isPersonal: true,
		},
		...reasonCodeFlag,
		forfeit: {type: 'switch', description: 'Give up what remains on the cards.'},
		yes: confirmFlag,
	},
	changes: true,
	examples: [
		'--customer-email ana@example.com --reason "asked by letter, ticket 812"',
		'--customer 12 --reason "account deleted" --reason-code request --forfeit --yes',
	],
	async run(context, args) {
		const {parts, merchant} = context;
		const {prisma, clock} = parts;
		const customerId = await findCustomer(context, customerOf(args));
		const view = await showCustomer(prisma, merchant.id, customerId, clock());
		if (view?.erasedAt === null) {
			const {obstacles} = await whyNotErasable(prisma, merchant.id, view, args.forfeit);
			// Nobody is asked about what is refused anyway.
			if (obstacles.length === 0) {
				await confirmForGood(context, args, await questionOf(context, view));
			}
		}

		const erased = await eraseCustomer(parts, merchant, {
			...{customerId, isForfeited: args.forfeit, ...whyOf(args)},
			actorId: await context.actorId(),
		});
		await printErased(context, customerId, erased);
	},
});

async function questionOf(context: Context, view: CustomerView): Promise<string> {
	const amounts = new Map([...view.totals].map(([assetId, owed]) => [assetId, remaining(owed)]));
	const forfeited = await moneyOf(context, amounts);
	const loss = forfeited.length === 0 ? '' : `, who gives up ${forfeited.join(' and ')}`;
	return `Erase customer ${view.customerId} (${maskedNames(view)})${loss}?`;
}

async function printErased(
	context: Context,
	customerId: string,
	{erasedAt, forfeited, closedCards, isReplay}: Awaited<ReturnType<typeof eraseCustomer>>,
): Promise<void> {
	const {parts, merchant, print} = context;
	const amounts = [...forfeited].filter(([, units]) => units > 0n);
	const values = amounts.map(async ([assetId, units]) => {
		const asset = await parts.assets.byId(merchant.id, assetId);
		return {currency: asset.code, amount: toJsonNumber(units, asset)};
	});
	print.value({
		customer: Number(customerId),
		erasedAt: jsonMoment(erasedAt),
		forfeited: await Promise.all(values),
		closedCards,
	});
	const gone = (await moneyOf(context, forfeited)).join(' and ');
	print.line(
		isReplay
			? `Customer ${customerId} was erased at ${shownMoment(erasedAt, merchant.timeZone)} (${merchant.timeZone}); nothing was changed now.`
			: `Customer ${customerId} is erased. ${counted(closedCards, 'card was', 'cards were')} closed; ${gone === '' ? 'nothing' : gone} went to the adjustment account.`,
	);
}

/** Amounts for people, each asset by itself; without those of nothing. */
async function moneyOf({parts, merchant}: Context, amounts: ReadonlyMap<number, bigint>): Promise<string[]> {
	const there = [...amounts].filter(([, units]) => units > 0n);
	return Promise.all(
		there.map(async ([assetId, units]) => formatMoney(units, await parts.assets.byId(merchant.id, assetId))),
	);
}

await runAsScript(import.meta.url, customersErase);
