import {wireIdOf} from '../src/cards/public-id.ts';
import {maskCode} from '../src/cards/redemption-code.ts';
import {type Identifier} from '../src/customers/identity.ts';
import {type MerchantAsset} from '../src/merchants/assets.ts';
import {formatAmount, toJsonNumber} from '../src/money/amount.ts';
import {type ListedCard, readCards} from '../src/reports/cards.ts';
import {findAsset} from './lib/asset-flags.ts';
import {defineCommand} from './lib/command.ts';
import {type CsvColumn} from './lib/csv-write.ts';
import {jsonMoment, lastDay} from './lib/dates.ts';
import {exportRows, withAssets} from './lib/export-rows.ts';
import {outFlags} from './lib/out-file.ts';
import {runAsScript} from './lib/run-command.ts';

export const cardsExport = defineCommand({
	name: 'cards:export',
	summary: 'Write every card and wallet to a file: what it is worth, until when, and whose it is.',
	details: [
		'A line has what cards:show says of a card. All lines are as of one moment: what is spent meanwhile is not seen. A file of any ' +
			'size is written, in the order in which the cards were opened.',
		'Without --json it is a file of comma-separated values in UTF-8, in which a text that a spreadsheet would take for a formula begins ' +
			"with an apostrophe; days and moments are the merchant's and UTC, as in --json. Of a code only the last characters are in it. Who " +
			'the owner is, is told by number; --with-owner adds documents and e-mail addresses in clear: keep such a file as safe as the shop.',
	],
	flags: {
		status: {
			type: 'text',
			choices: ['active', 'blocked', 'closed'],
			description: 'Only cards in this state.',
		},
		'relation-name': {
			type: 'text',
			placeholder: 'R',
			description: 'Only cards that belong together by this name.',
			isPersonal: true,
		},
		currency: {
			type: 'text',
			placeholder: 'BRL',
			description: 'Only cards of this currency, or of the points of this code.',
		},
		'with-owner': {type: 'switch', description: 'With what names the owner: personal data, in clear.'},
		...outFlags,
	},
	changes: false,
	examples: [
		'--out cards.csv',
		'--status active --currency BRL --json > cards.jsonl',
		'--relation-name spring --with-owner --out spring.csv --force',
	],
	async run(context, args) {
		const {parts, merchant} = context;
		const {status, 'relation-name': relationName, currency, 'with-owner': withOwner} = args;
		const asset = currency === undefined ? undefined : await findAsset(context, currency);
		const wish = {
			merchantId: merchant.id,
			now: parts.clock(),
			status,
			relationName,
			assetId: asset?.id,
			withOwner,
		};
		await exportRows(context, args, {
			columns: csvColumnsOf(merchant.timeZone, withOwner),
			value: card => valueOf(card, merchant.timeZone, withOwner),
			noun: ['card', 'cards'],
			read: async onRows =>
				readCards(parts.pool, wish, async cards => onRows(await withAssets(context, cards))),
		});
	},
});

type Row = ListedCard & {readonly asset: MerchantAsset};

/** A card as `--json` prints it, with the names that cards:show has. */
function valueOf(card: Row, timeZone: string, withOwner: boolean) {
	const money = (units: bigint) => toJsonNumber(units, card.asset);
	return {
		id: wireIdOf(card.publicId),
		wallet: card.isWallet,
		status: card.status,
		expired: card.isExpired,
		balance: money(card.balance),
		available: money(card.available),
		held: money(card.held),
		debt: money(-card.debt),
		currency: card.asset.code,
		emissionDate: jsonMoment(card.emittedAt),
		expiringDate: lastDay(card.expiresAt, timeZone),
		code: codeOf(card),
		caption: card.caption,
		relationName: card.relationName,
		restrictedToOwner: card.restricted,
		singleUse: card.singleUse,
		rechargeable: card.rechargeable,
		customer: card.customerId === null ? null : Number(card.customerId),
		...(withOwner && {documents: namesOf(card, 'document'), emails: namesOf(card, 'email')}),
	};
}

/** The same, as columns. */
function csvColumnsOf(timeZone: string, withOwner: boolean): readonly CsvColumn<Row>[] {
	return [
		{name: 'id', text: ({publicId}) => wireIdOf(publicId)},
		{name: 'wallet', text: ({isWallet}) => String(isWallet)},
		{name: 'status', text: ({status}) => status},
		{name: 'expired', text: ({isExpired}) => String(isExpired)},
		{name: 'balance', number: ({balance, asset}) => formatAmount(balance, asset)},
		{name: 'available', number: ({available, asset}) => formatAmount(available, asset)},
		{name: 'held', number: ({held, asset}) => formatAmount(held, asset)},
		{name: 'debt', number: ({debt, asset}) => formatAmount(-debt, asset)},
		{name: 'currency', text: ({asset}) => asset.code},
		{name: 'emissionDate', text: ({emittedAt}) => jsonMoment(emittedAt)},
		{name: 'expiringDate', text: ({expiresAt}) => lastDay(expiresAt, timeZone)},
		{name: 'code', text: codeOf},
		{name: 'caption', text: ({caption}) => caption},
		{name: 'relationName', text: ({relationName}) => relationName},
		{name: 'restrictedToOwner', text: ({restricted}) => String(restricted)},
		{name: 'singleUse', text: ({singleUse}) => String(singleUse)},
		{name: 'rechargeable', text: ({rechargeable}) => String(rechargeable)},
		{name: 'customer', number: ({customerId}) => customerId},
		...(withOwner ? ownerColumns : []),
	];
}

const ownerColumns: readonly CsvColumn<Row>[] = [
	{name: 'documents', text: card => namesOf(card, 'document').join(' ')},
	{name: 'emails', text: card => namesOf(card, 'email').join(' ')},
];

function namesOf({owner}: Row, kind: Identifier['kind']): string[] {
	return owner.filter(name => name.kind === kind).map(({value}) => value);
}

function codeOf({codeLast4}: Row): string | null {
	return codeLast4 === null ? null : maskCode(codeLast4);
}

await runAsScript(import.meta.url, cardsExport);
