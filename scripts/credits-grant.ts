import {grantCredit} from '../src/cards/grant.ts';
import {creditCaption, openWallet} from '../src/cards/open-wallet.ts';
import {wireIdOf} from '../src/cards/public-id.ts';
import {type CardPlace, type Moved} from '../src/cards/value-moves.ts';
import {type Instant} from '../src/ledger/calendar.ts';
import {type FundingAccount} from '../src/ledger/chart.ts';
import {expiryOf, type Program} from '../src/loyalty/program.ts';
import {programNamed} from '../src/loyalty/programs.ts';
import {type MerchantAsset} from '../src/merchants/assets.ts';
import {formatMoney, parseAmount, toJsonNumber} from '../src/money/amount.ts';
import {cardFlags, findCard, valueReasonFlags, whyOf} from './lib/card-flags.ts';
import {type Args, type Context, defineCommand, type Flags, UsageError} from './lib/command.ts';
import {customerFlags, customerOf, findOrMakeCustomer} from './lib/customer-flags.ts';
import {endOfDay} from './lib/dates.ts';
import {giveOut} from './lib/giving.ts';
import {runAsScript} from './lib/run-command.ts';
import {printFields} from './lib/table.ts';
import {checkTypedTwice, onceFlags, underKey} from './lib/typed-twice.ts';

const origins = {
	courtesy: 'fundingCourtesy',
	promotional: 'fundingPromotional',
	sold: 'fundingSold',
	migrated: 'fundingMigrated',
} as const satisfies Record<string, FundingAccount>;

const flags = {
	...cardFlags,
	...customerFlags,
	amount: {type: 'text', placeholder: '50.00', description: 'How much money.'},
	currency: {type: 'text', placeholder: 'BRL', description: "Of the amount; without it the merchant's."},
	points: {type: 'text', placeholder: '500', description: 'How many points.'},
	program: {
		type: 'text',
		placeholder: 'NAME',
		description: 'Whose points; needed only where the merchant has several programs.',
	},
	funding: {
		type: 'text',
		choices: ['sold', 'promotional', 'courtesy', 'migrated'],
		description: 'What it is given for; without it courtesy.',
	},
	...valueReasonFlags,
	expires: {
		type: 'text',
		placeholder: '2027-12-31',
		description:
			"Last day of what is granted, to its end in the merchant's time zone; without it the card's date, and of points what their program says.",
	},
	...onceFlags,
} as const satisfies Flags;

type GrantArgs = Args<typeof flags>;

/** What is granted, before anybody is looked up. */
type Wish = {readonly amount: bigint; readonly asset: MerchantAsset; readonly program: Program | undefined};

export const creditsGrant = defineCommand({
	name: 'credits:grant',
	summary: 'Give value to a card, or money or points to a customer, with who and why.',
	details: [
		'A customer has one wallet of money for each currency and one of points for each program. Where there is none yet it is opened, and so ' +
			'is a customer whom nobody knows yet. Both are found by search from then on.',
	],
	flags,
	changes: true,
	examples: [
		'--customer-email ana@example.com --points 500 --reason "late delivery" --reason-code courtesy',
		'--customer-document 529.982.247-25 --amount 20.00 --currency BRL --reason courtesy --expires 2027-12-31',
		'--card 4f1d2c3b4a5968778695a4b3c2d1e0f0 --amount 10.00 --reason goodwill --key ticket-812',
	],
	async run(context, args) {
		const {merchant} = context;
		const wish = await wishOf(context, args);
		const expiresAt = expiryGiven(context, args.expires);
		const {place, cardExpiresAt} = await placeOf(context, args, wish);
		if (place.assetId !== wish.asset.id) {
			throw new UsageError(`The card does not carry ${wish.asset.code}.`);
		}

		const actorId = await context.actorId();
		await checkTypedTwice(context, args, {
			kind: 'credit',
			actorId,
			amounts: [{cardId: place.cardId, amount: wish.amount}],
		});
		const origin = origins[args.funding ?? 'courtesy'];
		const terms = termsOf(context, wish, {origin, expiresAt, cardExpiresAt});
		const {asset, amount} = wish;
		const done = await underKey(args.key, key =>
			giveOut(context, {asset, amount, once: `credits:grant ${key}`}, () =>
				grantCredit(context.parts, merchant, {
					...{card: place, amount, origin, terms, actorId, key, ...whyOf(args)},
				}),
			),
		);
		await printGrant(context, done, {place, asset});
	},
});

async function wishOf(
	{parts, merchant}: Context,
	{amount, currency, points, program}: GrantArgs,
): Promise<Wish> {
	if ((amount === undefined) === (points === undefined)) {
		throw new UsageError('Say how much: --amount A in money, or --points N.');
	}

	if (points === undefined && program !== undefined) {
		throw new UsageError('--program is for points; give --points N.');
	}

	if (points !== undefined && currency !== undefined) {
		throw new UsageError('--currency is for money; points have none.');
	}

	const meant =
		points === undefined ? undefined : programNamed(await parts.programs.list(merchant.id), program);
	const asset = meant?.asset ?? (await parts.assets.ofCurrency(merchant.id, currency ?? merchant.currency));
	const units = unitsOf(points === undefined ? ['amount', amount] : ['points', points], asset);
	return {amount: units, asset, program: meant};
}

function unitsOf(
	[flag, text = '']: readonly [flag: string, text: string | undefined],
	asset: MerchantAsset,
): bigint {
	try {
		const units = parseAmount(text, asset);
		if (units > 0n) {
			return units;
		}
	} catch (error) {
		throw new UsageError(`--${flag}: ${(error as Error).message}`);
	}

	throw new UsageError(`--${flag} must be above zero.`);
}

type Place = {readonly place: CardPlace; readonly cardExpiresAt: Instant | null};

/** The card that is named, or the wallet of the customer who is: opened where there is none. */
async function placeOf(context: Context, args: GrantArgs, {asset, program}: Wish): Promise<Place> {
	const {parts, merchant} = context;
	const isCard = args.card !== undefined || args.code !== undefined;
	const isCustomer = [
		args.customer,
		args['customer-id'],
		args['customer-email'],
		args['customer-document'],
	].some(value => value !== undefined);
	if (isCard === isCustomer) {
		throw new UsageError(
			'Name a card by --card ID or --code CODE, or a customer by one of the --customer flags.',
		);
	}

	if (isCard) {
		const {card} = await findCard(context, args);
		return {place: card, cardExpiresAt: card.expiresAt};
	}

	const customerId = await findOrMakeCustomer(context, customerOf(args));
	const caption = program?.caption ?? creditCaption;
	const wish = {customerId, assetId: asset.id, caption, now: parts.clock()};
	return {place: await openWallet(parts.prisma, merchant.id, wish), cardExpiresAt: null};
}

type Dates = {
	readonly origin: FundingAccount;
	readonly expiresAt: Instant | undefined;
	readonly cardExpiresAt: Instant | null;
};

/** Only what orders earn has to wait before it can be spent. */
function termsOf({parts, merchant}: Context, {program}: Wish, {origin, expiresAt, cardExpiresAt}: Dates) {
	const now = parts.clock();
	const byItself = program === undefined ? cardExpiresAt : expiryOf(program, origin, now, merchant.timeZone);
	const ends = expiresAt ?? byItself;
	refuseOver(ends, now);
	return {spendableFrom: now, expiresAt: ends, balanceMax: program?.balanceMax ?? null};
}

/** Told before anybody is looked up, so that nobody is made for nothing. */
function expiryGiven({parts, merchant}: Context, text: GrantArgs['expires']): Instant | undefined {
	const expiresAt = text === undefined ? undefined : endOfDay('expires', text, merchant.timeZone);
	refuseOver(expiresAt ?? null, parts.clock());
	return expiresAt;
}

function refuseOver(expiresAt: Instant | null, now: Instant): void {
	if (expiresAt !== null && expiresAt <= now) {
		throw new Error('What is granted would have expired before. Give a later --expires.');
	}
}

async function printGrant(
	context: Context,
	{entryId, moved, isReplay}: Moved,
	{place, asset}: {readonly place: CardPlace; readonly asset: MerchantAsset},
): Promise<void> {
	const {print} = context;
	const {balance} = await findCard(context, {card: wireIdOf(place.publicId)});
	print.value({
		entryId: wireIdOf(entryId),
		cardId: wireIdOf(place.publicId),
		amount: toJsonNumber(moved, asset),
		balance: toJsonNumber(balance, asset),
		currency: asset.code,
	});
	printFields(print, [
		['Card', wireIdOf(place.publicId)],
		['Balance', formatMoney(balance, asset), 'bold'],
		['Entry', wireIdOf(entryId)],
	]);
	const money = formatMoney(moved, asset);
	print.line(
		isReplay
			? `\n${money} had been granted under this key before; nothing changed now.`
			: `\n${money} is granted.`,
	);
}

await runAsScript(import.meta.url, creditsGrant);
