import {wireIdOf} from '../src/cards/public-id.ts';
import {transferValue} from '../src/cards/transfer.ts';
import {type Moved} from '../src/cards/value-moves.ts';
import {type MerchantAsset} from '../src/merchants/assets.ts';
import {formatMoney, toJsonNumber} from '../src/money/amount.ts';
import {amountOf, findCard, type Shown, valueReasonFlags, whyOf} from './lib/card-flags.ts';
import {type Args, type Context, defineCommand, type Flags, UsageError} from './lib/command.ts';
import {runAsScript} from './lib/run-command.ts';
import {printFields} from './lib/table.ts';
import {checkTypedTwice, onceFlags, underKey} from './lib/typed-twice.ts';

const flags = {
	from: {type: 'text', placeholder: 'ID', description: 'The card that gives, by its id of 32 digits.'},
	'from-code': {
		type: 'text',
		placeholder: 'CODE',
		description: 'The same, by its redemption code.',
		isSecret: true,
	},
	to: {type: 'text', placeholder: 'ID', description: 'The card that gets it, by its id of 32 digits.'},
	'to-code': {
		type: 'text',
		placeholder: 'CODE',
		description: 'The same, by its redemption code.',
		isSecret: true,
	},
	amount: {type: 'text', placeholder: '50.00', description: "How much, in the cards' currency."},
	all: {type: 'switch', description: 'Everything instead, what can be spent only later included.'},
	...valueReasonFlags,
	...onceFlags,
} as const satisfies Flags;

export const cardsTransfer = defineCommand({
	name: 'cards:transfer',
	summary:
		'Move value from one card to another, in the order in which it would be spent. It keeps its dates.',
	details: [
		'An amount comes out of what the card can spend now. What is held for orders stays with the card that gives, and comes back to it when ' +
			'an order is cancelled; what is past its date expires there. A blocked card gives nothing and may get value.',
	],
	flags,
	changes: true,
	examples: [
		'--from-code 7KQW-2D9M-XH4T-PC63 --to-code 3MNP-8RTV-K2WX-9DH0 --amount 20 --reason "split"',
		'--from 4f1d2c3b4a5968778695a4b3c2d1e0f0 --to-code 3MNP-8RTV-K2WX-9DH0 --all --reason "lost on a trip" --reason-code lost',
	],
	async run(context, args) {
		const {parts, merchant} = context;
		const source = await sideOf(context, 'from', args);
		const target = await sideOf(context, 'to', args);
		if (source.card.cardId === target.card.cardId) {
			throw new UsageError('--from and --to name the same card.');
		}

		const amount = wantedAmount(args, source.asset);
		const actorId = await context.actorId();
		await checkTypedTwice(context, args, {
			kind: 'transfer',
			actorId,
			amounts: [
				{cardId: source.card.cardId, amount: -amount},
				{cardId: target.card.cardId, amount},
			],
		});
		const done = await underKey(args.key, key =>
			transferValue(parts, merchant, {
				source: source.card,
				target: target.card,
				amount,
				actorId,
				key,
				...whyOf(args),
			}),
		);
		await printTransfer(context, done, [source, target]);
	},
});

async function sideOf(context: Context, side: 'from' | 'to', args: Args<typeof flags>): Promise<Shown> {
	const [card, code] = [args[side], args[`${side}-code`]];
	if ((card === undefined) === (code === undefined)) {
		throw new UsageError(`Name the card by --${side} ID or by --${side}-code CODE.`);
	}

	return findCard(context, {card, code});
}

/** Zero for everything. */
function wantedAmount({amount: text, all}: Args<typeof flags>, asset: MerchantAsset): bigint {
	if ((text !== undefined) === all) {
		throw new UsageError('Say how much: --amount 50.00 or --all.');
	}

	const amount = text === undefined ? 0n : amountOf(text, asset);
	if (!all && amount <= 0n) {
		throw new UsageError('--amount must be above zero.');
	}

	return amount;
}

async function printTransfer(
	context: Context,
	{entryId, moved, isReplay}: Moved,
	sides: readonly [Shown, Shown],
): Promise<void> {
	const {print} = context;
	const [from, to] = [await again(context, sides[0]), await again(context, sides[1])];
	const {asset} = from;
	const side = ({card, balance}: Shown) => ({
		id: wireIdOf(card.publicId),
		balance: toJsonNumber(balance, asset),
	});
	print.value({
		entryId: wireIdOf(entryId),
		amount: toJsonNumber(moved, asset),
		currency: asset.code,
		from: side(from),
		to: side(to),
	});
	printFields(print, [
		['From', `${wireIdOf(from.card.publicId)}, balance ${formatMoney(from.balance, asset)}`],
		['To', `${wireIdOf(to.card.publicId)}, balance ${formatMoney(to.balance, asset)}`],
		['Entry', wireIdOf(entryId)],
	]);
	const money = formatMoney(moved, asset);
	print.line(
		isReplay ? `\n${money} had moved under this key before; nothing moved now.` : `\n${money} moved.`,
	);
}

const again = (context: Context, {card}: Shown) => findCard(context, {card: wireIdOf(card.publicId)});

await runAsScript(import.meta.url, cardsTransfer);
