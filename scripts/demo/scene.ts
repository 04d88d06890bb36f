import {type EntryKind} from '../../src/ledger/entry.ts';
import {formatAmount, parseAmount} from '../../src/money/amount.ts';
import {type Books} from './books.ts';
import {type Gateway, type GatewayCall, type GatewayOptions} from './gateway.ts';
import {type Hub, type HubCall, type HubOptions} from './hub.ts';
import {expect, type Stage} from './stage.ts';

/** What the story happens to. */
export type World = {
	readonly openHub: (options: Pick<HubOptions, 'onCall' | 'mishap'>) => Hub;
	readonly openGateway: (options: Pick<GatewayOptions, 'onCall'>) => Gateway;
	readonly openBooks: (cardId: string) => Promise<Books>;
	/** Run an admin command and return what it printed. */
	readonly command: (name: string, ...args: readonly string[]) => Promise<string>;
};

/** A card in the hands of its shopper, and who deals with it. */
export type Scene = {
	readonly stage: Stage;
	readonly world: World;
	/** Its calls are told on the stage. */
	readonly hub: Hub;
	/** Its calls too. */
	readonly gateway: Gateway;
	/** Looks at the card without being told. */
	readonly eye: Hub;
	readonly books: Books;
	readonly card: {readonly id: string; readonly code: string};
	/** Has the answer to the next debit get lost. */
	readonly loseNextDebit: () => void;
};

/** The card's first value, in currency units: the whole length of its bar. */
export const issued = '100.00';

/** Show the card and what its books got, and check both, and that VTEX reads the same balance. */
export async function look(
	scene: Scene,
	expected: {readonly balance: string; readonly held: string; readonly entries: readonly EntryKind[]},
): Promise<void> {
	const {stage, books, eye, card} = scene;
	const {asset} = books;
	const {balance, held, entries} = await books.look();
	stage.entries(entries, asset);
	stage.card({balance, held, whole: parseAmount(issued, asset)}, asset);
	expect('The new entries', entries.map(({kind}) => kind).join(), expected.entries.join());
	expect('The sum of their postings', sumOf(entries), 0n);
	expect('The balance', formatAmount(balance, asset), expected.balance);
	expect('The held value', formatAmount(held, asset), expected.held);
	expect('The balance that VTEX reads', amountOf(scene, (await eye.card(card.id)).balance), expected.balance);
}

function sumOf(entries: Awaited<ReturnType<Books['look']>>['entries']): bigint {
	return entries.flatMap(({postings}) => postings).reduce((sum, {amount}) => sum + amount, 0n);
}

/** One line on the stage, with ids cut short. */
export function tellCall(stage: Stage, {method, path, status, text}: HubCall | GatewayCall): void {
	// As it arrives: the Hub's begins with two.
	const address = `/${path}`.replaceAll(/[\da-f]{32}/gi, short).replace(/\d{17}$/, '…');
	stage.call(
		'VTEX → Monedero',
		`${method.padEnd(4)} ${address}`,
		status === null ? 'the answer is lost' : `${status} ${gist(text)}`,
	);
}

type Gist = Readonly<
	Partial<Record<'value' | 'balance', number> & Record<'id' | 'status' | 'cancellationId', string>>
>;

/** What matters of an answer: amounts, or else what became of a payment, or else ids. */
function gist(text: string): string {
	const one = ({value, balance, status, cancellationId, id = ''}: Gist) => {
		if (value !== undefined) {
			return `{value: ${value}}`;
		}

		if (balance !== undefined) {
			return `{balance: ${balance}}`;
		}

		return status ?? `{id: ${short(cancellationId ?? id)}}`;
	};
	const body = text === '' ? undefined : (JSON.parse(text) as Gist | Gist[]);
	return body === undefined ? '' : Array.isArray(body) ? `[${body.map(one).join(', ')}]` : one(body);
}

/** A wire number as text with the currency's decimals. */
export function amountOf({books}: Pick<Scene, 'books'>, value: number | undefined): string {
	return value === undefined ? 'none' : value.toFixed(books.asset.scale);
}

export function short(id: string): string {
	return `…${id.slice(-4)}`;
}
