import {readKnown} from '../customers/customers.ts';
import {resolveCustomer} from '../customers/identity.ts';
import {findWallets, type FoundWallet, walletKey} from '../cards/open-wallets.ts';
import {valueRefused} from '../cards/value-moves.ts';
import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {keyText} from '../ledger/commands.ts';
import {type Refusal} from '../ledger/refusals.ts';
import {contentOf, type CreditWish} from './credit-row.ts';
import {findCreditCards, type FoundCard} from './credit-cards.ts';
import {DigestMap, shortDigest} from './digest-map.ts';
import {findKnownLines, type KnownLine, lineKey} from './known-lines.ts';
import {findLaterCards, isSameCard, type LaterCard} from './later-cards.ts';
import {type LineProblem} from './line.ts';
import {NotedCustomers} from './noted-customers.ts';

export type CheckTools = {
	readonly prisma: PrismaClient;
	/** The number of the asset of a code, where the merchant has it. */
	readonly assetIds: ReadonlyMap<string, number>;
	readonly now: Instant;
};

/** What a chunk of lines would do. */
export type ChunkCheck = {
	readonly problems: readonly LineProblem[];
	/** Lines that were imported before. */
	readonly known: number;
};

/** Looks at the lines of a file, chunk after chunk, and finds all that can be known of them before anything is changed. */
export class CreditCheck {
	readonly #tools: CheckTools;
	readonly #merchantId: number;
	/** Under which the run was begun; undefined where it was not. */
	readonly #runId: number | undefined;
	readonly #keys = new DigestMap();
	readonly #customers = new NotedCustomers();

	constructor(tools: CheckTools, merchantId: number, runId: number | undefined) {
		this.#tools = tools;
		this.#merchantId = merchantId;
		this.#runId = runId;
	}

	async check(wishes: readonly CreditWish[]): Promise<ChunkCheck> {
		const {prisma} = this.#tools;
		const named = wishes.flatMap(({line, target}) =>
			target.kind === 'customer' ? [{line, identifiers: target.identifiers}] : [],
		);
		const cardIds = wishes.flatMap(({target}) => (target.kind === 'card' ? [target.publicId] : []));
		const [known, customers, cards] = await Promise.all([
			this.#findKnown(wishes),
			readKnown(
				prisma,
				this.#merchantId,
				named.flatMap(({identifiers}) => identifiers),
			),
			findCreditCards(prisma, this.#merchantId, cardIds),
		]);
		const conflicts = new Set(
			this.#customers
				.plan(named, customers)
				.outcomes.flatMap(({line, kind}) => (kind === 'conflict' ? [line] : [])),
		);
		const owners = new Map(
			named.flatMap(({line, identifiers}): [number, string][] => {
				const resolution = resolveCustomer(identifiers, customers.found, customers.profilesOf);
				return resolution.kind === 'customer' ? [[line, resolution.customerId]] : [];
			}),
		);
		const wallets = await this.#findWallets(wishes, owners);
		const cardIdOf = (wish: CreditWish) =>
			wish.target.kind === 'card'
				? cards.get(wish.target.publicId)?.cardId
				: this.#walletOf(wish, owners.get(wish.line), wallets)?.cardId;
		const later = await this.#findLater(wishes, known, cardIdOf);
		const problems: LineProblem[] = [];
		let done = 0;
		for (const wish of wishes) {
			const owner = owners.get(wish.line);
			const wallet = this.#walletOf(wish, owner, wallets);
			const card = wish.target.kind === 'card' ? cards.get(wish.target.publicId) : undefined;
			const before = this.#knownOf(wish, known);
			const problem =
				this.#repeated(wish, owner) ??
				(before === undefined
					? conflicts.has(wish.line)
						? conflictSentence
						: this.#problemOf(wish, card, wallet)
					: this.#otherThan(before, wish, {cardId: cardIdOf(wish), later}));
			if (problem !== undefined) {
				problems.push({line: wish.line, problem});
			} else if (before !== undefined) {
				done++;
			}
		}

		return {problems, known: done};
	}

	async #findKnown(wishes: readonly CreditWish[]): Promise<Map<string, KnownLine>> {
		const keys = wishes.flatMap(wish =>
			wish.key === null && this.#runId === undefined ? [] : [lineKey('grant', wish, this.#runId ?? 0)],
		);
		return findKnownLines(this.#tools.prisma, this.#merchantId, 'grant', keys);
	}

	/** What became of the cards that lines were given to before, where they name another one today: customers are merged and erased. */
	async #findLater(
		wishes: readonly CreditWish[],
		known: ReadonlyMap<string, KnownLine>,
		cardIdOf: (wish: CreditWish) => string | undefined,
	): Promise<ReadonlyMap<string, LaterCard>> {
		if (known.size === 0) {
			return new Map();
		}

		const cardIds = wishes.flatMap(wish => {
			const before = this.#knownOf(wish, known)?.cardId ?? undefined;
			return before === undefined || before === cardIdOf(wish) ? [] : [before];
		});
		return findLaterCards(this.#tools.prisma, this.#merchantId, cardIds);
	}

	#knownOf(wish: CreditWish, known: ReadonlyMap<string, KnownLine>): KnownLine | undefined {
		return known.size === 0 ? undefined : known.get(keyText(lineKey('grant', wish, this.#runId ?? 0)));
	}

	async #findWallets(
		wishes: readonly CreditWish[],
		owners: ReadonlyMap<number, string>,
	): Promise<Map<string, FoundWallet>> {
		const wanted = wishes.flatMap(({line, asset}) => {
			const [customerId, assetId] = [owners.get(line), this.#tools.assetIds.get(asset.code)];
			return customerId === undefined || assetId === undefined ? [] : [{customerId, assetId}];
		});
		return findWallets(this.#tools.prisma, this.#merchantId, wanted);
	}

	#walletOf(
		{asset}: CreditWish,
		customerId: string | undefined,
		wallets: ReadonlyMap<string, FoundWallet>,
	): FoundWallet | undefined {
		const assetId = this.#tools.assetIds.get(asset.code);
		return customerId === undefined || assetId === undefined
			? undefined
			: wallets.get(walletKey({customerId, assetId}));
	}

	/** A key that stands on a line before must say the same there. */
	#repeated(wish: CreditWish, owner: string | undefined): string | undefined {
		if (wish.key === null) {
			return undefined;
		}

		const content = shortDigest(contentOf(wish, owner));
		const first = this.#keys.note(wish.key, [wish.line, content]);
		return first === undefined || first[1] === content
			? undefined
			: `Its key stands on line ${first[0]}, with another amount or for somebody else.`;
	}

	/** What speaks against a line whose key is known already. */
	#otherThan(
		before: KnownLine,
		{key, amount, asset}: CreditWish,
		{cardId, later}: {readonly cardId: string | undefined; readonly later: ReadonlyMap<string, LaterCard>},
	): string | undefined {
		if (before.isUndone) {
			return 'Its key was used in a run that was taken back; give it another key.';
		}

		if (before.amount !== amount || before.assetId !== this.#tools.assetIds.get(asset.code)) {
			return 'Its key was used before, for another amount.';
		}

		if (before.refusal !== null) {
			return refusedBefore(before.refusal, key);
		}

		// Without a key of its own it is a line of this very file, whoever it means today.
		return key === null || isSameCard(before.cardId, cardId, later)
			? undefined
			: 'Its key was used before, for another card.';
	}

	/** What the ledger would refuse by what it knows now. */
	#problemOf(
		wish: CreditWish,
		card: FoundCard | undefined,
		wallet: FoundWallet | undefined,
	): string | undefined {
		if (wish.target.kind === 'card') {
			return card === undefined ? 'There is no card of this id.' : this.#refusalOf(wish, card);
		}

		const {program, amount} = wish;
		const most = program?.balanceMax ?? null;
		const carried = wallet === undefined ? 0n : wallet.available + wallet.held;
		return most === null || carried + amount <= most
			? undefined
			: 'The wallet would carry more than its program allows.';
	}

	#refusalOf({asset, expiresAt}: CreditWish, card: FoundCard): string | undefined {
		const ends = expiresAt === undefined ? card.expiresAt : expiresAt;
		const refusal: Refusal | undefined =
			card.assetId !== this.#tools.assetIds.get(asset.code)
				? 'currencyMismatch'
				: card.status === 'closed'
					? 'cardClosed'
					: ends !== null && ends <= this.#tools.now
						? 'cardExpired'
						: card.rechargeable
							? undefined
							: 'notRechargeable';
		return refusal && valueRefused(refusal, false).message;
	}
}

/** What the ledger said to a line before stays its answer (A7): under its key, or without one for as long as it stands in this file. */
export function refusedBefore(refusal: Refusal, key: string | null): string {
	return key === null
		? `${valueRefused(refusal, false).message} It was refused in this run before; to try again, import it in a file of its own.`
		: valueRefused(refusal, true).message;
}

/** Whom a line names is not clear (A3). */
export const conflictSentence =
	'Its identifiers belong to different customers, known or named on lines before; or the customer has another profile id.';
