import {randomBytes} from 'node:crypto';
import {IssueRefusedError} from '../src/cards/issue-run.ts';
import {type IssuedCard, issueCards, type IssueRequest} from '../src/cards/issue.ts';
import {findOrCreateCustomer} from '../src/customers/customers.ts';
import {identifiersOf} from '../src/customers/identity.ts';
import {type MerchantAsset} from '../src/merchants/assets.ts';
import {amountOf as typedAmountOf} from './lib/card-flags.ts';
import {type Args, type Context, defineCommand, type Flags, UsageError} from './lib/command.ts';
import {endOfDay} from './lib/dates.ts';
import {openIssueOutput} from './lib/issue-output.ts';
import {runAsScript} from './lib/run-command.ts';

const flags = {
	amount: {type: 'text', placeholder: '50.00', description: 'First value of each card.', required: true},
	currency: {type: 'text', placeholder: 'BRL', description: "Of the amount; without it the merchant's."},
	count: {type: 'whole', placeholder: 'N', description: 'How many cards; without it one.'},
	expires: {
		type: 'text',
		placeholder: '2027-12-31',
		description:
			"Last day on which they are valid, to its end in the merchant's time zone; without it they have no end.",
	},
	caption: {type: 'text', placeholder: 'C', description: 'Shown to the shopper.', isPersonal: true},
	'relation-name': {
		type: 'text',
		placeholder: 'R',
		description: 'What the cards belong together by.',
		isPersonal: true,
	},
	'owner-id': {type: 'text', placeholder: 'X', description: "Owner, by VTEX's profile id.", isPersonal: true},
	'owner-email': {type: 'text', placeholder: 'E', description: 'Owner, by e-mail address.', isPersonal: true},
	'owner-document': {type: 'text', placeholder: 'D', description: 'Owner, by document.', isPersonal: true},
	restricted: {type: 'switch', description: 'Only the owner can spend them.'},
	'single-use': {type: 'switch', description: 'One order each.'},
	'no-recharge': {type: 'switch', description: 'They take no credit after the first value.'},
	funding: {
		type: 'text',
		choices: ['sold', 'promotional', 'courtesy', 'migrated'],
		description: 'What it is given for; without it sold.',
	},
	pin: {type: 'switch', description: 'Each with a PIN, which payments ask for.'},
	key: {
		type: 'text',
		placeholder: 'K',
		description:
			'Names the run: repeated under its key it goes on where it stopped and issues nothing twice.',
	},
} as const satisfies Flags;

export const cardsIssue = defineCommand({
	name: 'cards:issue',
	summary: 'Issue gift cards and print each with its redemption code.',
	details: [
		'A code is a secret that is worth its card: it and its PIN are stored as hashes only, and printed here. A run that was interrupted is ' +
			'repeated with the same flags and --key, and prints the same cards, codes and PINs; without --key a key is made and told on ' +
			'standard error. Within a day after a run was completed repeating it still prints them, later the cards with masked codes and no PINs.',
	],
	flags,
	changes: true,
	examples: [
		'--amount 50.00 --currency BRL --pin',
		'--amount 100 --expires 2027-12-31 --owner-email ana@example.com',
		'--amount 25 --count 10000 --key spring --json > cards.jsonl',
	],
	async run(context, args) {
		const {parts, merchant, print, signal} = context;
		const request = await requestOf(context, args);
		if (args.key === undefined) {
			print.note(`If this is interrupted, repeat it with --key ${request.key}`);
		}

		const {amount, asset, key, count} = request;
		const given = await context.give({asset, amount: amount * BigInt(count), once: `cards:issue ${key}`});
		const output = openIssueOutput(context, request);
		const onChunk = (cards: readonly IssuedCard[]) => {
			output.chunk(cards);
		};
		try {
			const result = await issueCards(parts, merchant, request, {onChunk, signal});
			await given.moved(amount * BigInt(result.issued));
			output.end(result);
		} catch (error) {
			// Whatever else it was, some cards may be there.
			if (error instanceof IssueRefusedError) {
				await given.moved(0n);
			}

			throw error;
		} finally {
			output.close();
		}
	},
});

async function requestOf(context: Context, args: Args<typeof flags>): Promise<IssueRequest> {
	const {parts, merchant} = context;
	const funding = args.funding ?? 'sold';
	// Flags are all looked at before anything is written.
	const owner = identifiersOf({
		id: args['owner-id'],
		email: args['owner-email'],
		document: args['owner-document'],
	});
	checkOwner(args, owner.length);
	const expiresAt = args.expires === undefined ? null : endOfDay('expires', args.expires, merchant.timeZone);
	const asset = await assetOf(context, args.currency ?? merchant.currency);
	const amount = amountOf(args.amount, asset);
	return {
		key: args.key ?? randomBytes(9).toString('base64url'),
		count: args.count ?? 1,
		amount,
		asset,
		origin: origins[funding],
		card: {
			expiresAt,
			ownerId: owner.length === 0 ? null : await findOrCreateCustomer(parts.prisma, merchant.id, owner),
			restricted: args.restricted,
			singleUse: args['single-use'],
			rechargeable: !args['no-recharge'],
			caption: args.caption ?? null,
			relationName: args['relation-name'] ?? null,
		},
		withPin: args.pin,
		actorId: await context.actorId(),
	};
}

const origins = {
	sold: 'fundingSold',
	promotional: 'fundingPromotional',
	courtesy: 'fundingCourtesy',
	migrated: 'fundingMigrated',
} as const;

function checkOwner(args: Args<typeof flags>, usable: number): void {
	const given = [args['owner-id'], args['owner-email'], args['owner-document']].filter(
		text => text !== undefined,
	);
	if (usable < given.length) {
		throw new UsageError(
			'An owner flag names nobody: an e-mail address has an @ and is none of the aliases of VTEX, a document has digits or letters.',
		);
	}

	if (args.restricted && given.length === 0) {
		throw new UsageError('--restricted needs an owner: --owner-id, --owner-email or --owner-document.');
	}
}

async function assetOf({parts, merchant}: Context, code: string): Promise<MerchantAsset> {
	try {
		return await parts.assets.ofCurrency(merchant.id, code);
	} catch (error) {
		throw error instanceof RangeError ? new UsageError(`--currency: ${error.message}`) : error;
	}
}

function amountOf(text: string, asset: MerchantAsset): bigint {
	const amount = typedAmountOf(text, asset);
	if (amount <= 0n) {
		throw new UsageError('--amount must be above zero.');
	}

	return amount;
}

await runAsScript(import.meta.url, cardsIssue);
