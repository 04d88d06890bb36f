import {uuidOf, wireIdOf} from '../../src/cards/public-id.ts';
import {type Moved} from '../../src/cards/value-moves.ts';
import {changeByHand, doneLately} from '../../src/holds/by-hand.ts';
import {leftOf, type ListedHold} from '../../src/holds/hold.ts';
import {findHold} from '../../src/holds/list.ts';
import {type HandVerb} from '../../src/ledger/commands.ts';
import {type MerchantAsset} from '../../src/merchants/assets.ts';
import {formatMoney, toJsonNumber} from '../../src/money/amount.ts';
import {amountOf, valueReasonFlags, whyOf} from './card-flags.ts';
import {type Args, type Context, type Flags, UsageError} from './command.ts';
import {confirmAtTerminal} from './confirm.ts';
import {holdValue, printHolds, shownHold} from './hold-output.ts';
import {checkDoneTwice, onceFlags, underKey} from './typed-twice.ts';

/** How a hold is changed by hand. */
export const holdFlags = {
	hold: {
		type: 'text',
		placeholder: 'ID',
		description: 'The hold, by its id of 32 digits: holds:list tells it.',
		required: true,
	},
	amount: {
		type: 'text',
		placeholder: '50.00',
		description: "How much, in the hold's currency, also where points pay; without it all that is left.",
	},
	...valueReasonFlags,
	key: onceFlags.key,
	yes: {type: 'switch', description: 'Do not ask, also where you did the same a moment ago.'},
} as const satisfies Flags;

const done = {capture: 'captured', release: 'released', refund: 'refunded'} as const satisfies Record<
	HandVerb,
	string
>;

// The verb stands before it, and a key of the ledger has 512 characters.
const keyLengthMax = 500;

/** Capture, release or refund a hold and print it as it stands then. A capture and a refund are asked about first: they move money for good. */
export async function changeHold(
	context: Context,
	verb: HandVerb,
	args: Args<typeof holdFlags>,
): Promise<void> {
	const {parts, merchant} = context;
	if (args.key !== undefined && args.key.length > keyLengthMax) {
		throw new UsageError(`--key takes at most ${keyLengthMax} characters.`);
	}

	const hold = await holdNamed(context, args.hold);
	const asset = await parts.assets.byId(merchant.id, hold.assetId);
	const amount = args.amount === undefined ? 0n : amountTyped(args.amount, asset);
	const actorId = await context.actorId();
	await checkDoneTwice(context, args, () =>
		amount === 0n
			? Promise.resolve(undefined)
			: doneLately(parts.prisma, merchant.id, hold, {verb, amount, actorId}, parts.clock()),
	);
	if (verb !== 'release') {
		await confirmAtTerminal(context, args, questionOf(verb, {hold, asset, amount}));
	}

	const moved = await underKey(args.key, key =>
		changeByHand(parts, merchant, {hold, asset}, {verb, amount, actorId, key, ...whyOf(args)}),
	);
	await printChange(context, verb, {hold, asset, moved});
}

/** @throws Error when the merchant has no such hold */
async function holdNamed({parts, merchant}: Context, typed: string): Promise<ListedHold> {
	const id = uuidOf(typed.toLowerCase().replaceAll('-', ''));
	const hold =
		id === undefined ? undefined : await findHold({prisma: parts.prisma, merchantId: merchant.id}, id);
	if (hold === undefined) {
		throw new Error(
			`${merchant.name} has no hold with this id. holds:list finds it by its card or order; check --merchant where there are several.`,
		);
	}

	return hold;
}

function amountTyped(text: string, asset: MerchantAsset): bigint {
	const amount = amountOf(text, asset);
	if (amount <= 0n) {
		throw new UsageError('--amount must be above zero; leave it out for all that is left.');
	}

	return amount;
}

function questionOf(
	verb: 'capture' | 'refund',
	{hold, asset, amount}: {readonly hold: ListedHold; readonly asset: MerchantAsset; readonly amount: bigint},
): string {
	const money = formatMoney(amount === 0n ? leftOf(hold, verb) : amount, asset);
	const order = hold.orderId === null ? '' : ` of order ${hold.orderId}`;
	return verb === 'capture'
		? `Capture ${money}${order}, so that it cannot be released any more?`
		: `Refund ${money}${order} to where it came from?`;
}

async function printChange(
	context: Context,
	verb: HandVerb,
	{hold, asset, moved}: {readonly hold: ListedHold; readonly asset: MerchantAsset; readonly moved: Moved},
): Promise<void> {
	const {parts, merchant, print} = context;
	const after = (await findHold({prisma: parts.prisma, merchantId: merchant.id}, hold.id)) ?? hold;
	const shown = await shownHold(context, after, {now: parts.clock()});
	print.value({
		...holdValue(shown),
		entryId: wireIdOf(moved.entryId),
		moved: toJsonNumber(moved.moved, asset),
	});
	printHolds(context, [shown]);
	const money = formatMoney(moved.moved, asset);
	print.line(
		moved.isReplay
			? `\n${money} had been ${done[verb]} under this key before; nothing changed now.`
			: `\n${money} ${done[verb]}, entry ${wireIdOf(moved.entryId)}.`,
	);
}
