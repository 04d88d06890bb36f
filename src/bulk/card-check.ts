import {hashCode} from '../cards/pepper.ts';
import {type Peppers} from '../cards/peppers.ts';
import {readKnown} from '../customers/customers.ts';
import {type PrismaClient} from '../db/client.ts';
import {type CommandKey, keyText} from '../ledger/commands.ts';
import {type CardWish} from './card-row.ts';
import {conflictSentence} from './credit-check.ts';
import {DigestMap} from './digest-map.ts';
import {findIssuedCards, findTakenCodes, type IssuedBefore} from './issued-cards.ts';
import {findKnownLines, type KnownLine, lineKey} from './known-lines.ts';
import {type LineProblem} from './line.ts';
import {NotedCustomers} from './noted-customers.ts';

export type CardCheckTools = {
	readonly prisma: PrismaClient;
	readonly peppers: Peppers;
	/** The number of the asset of a code, where the merchant has it. */
	readonly assetIds: ReadonlyMap<string, number>;
};

/** All values under which the code of a line may be stored, in hexadecimal digits; none for a new code of ours. */
export function hashesOf({code}: CardWish, {all}: Peppers): Buffer[] {
	return code === null ? [] : all.map(({key}) => hashCode(code, key));
}

/** Looks at the lines of a file of cards, chunk after chunk, and finds all that can be known of them before any card is made. */
export class CardCheck {
	readonly #tools: CardCheckTools;
	readonly #merchantId: number;
	readonly #runId: number | undefined;
	readonly #keys = new DigestMap();
	/** Keyed, as codes are in the database: what is left of them in memory is of no use to anybody. */
	readonly #codes = new DigestMap();
	readonly #customers = new NotedCustomers();

	constructor(tools: CardCheckTools, merchantId: number, runId: number | undefined) {
		this.#tools = tools;
		this.#merchantId = merchantId;
		this.#runId = runId;
	}

	async check(
		wishes: readonly CardWish[],
	): Promise<{readonly problems: readonly LineProblem[]; readonly known: number}> {
		const {prisma, peppers} = this.#tools;
		const named = wishes.filter(({identifiers}) => identifiers.length > 0);
		const keys = wishes.flatMap(wish => this.#keyOf(wish) ?? []);
		const [known, customers, taken] = await Promise.all([
			findKnownLines(prisma, this.#merchantId, 'issue', keys),
			readKnown(
				prisma,
				this.#merchantId,
				named.flatMap(({identifiers}) => identifiers),
			),
			findTakenCodes(
				prisma,
				this.#merchantId,
				wishes.flatMap(wish => hashesOf(wish, peppers)),
			),
		]);
		const {outcomes} = this.#customers.plan(named, customers);
		const conflicts = new Set(outcomes.flatMap(({line, kind}) => (kind === 'conflict' ? [line] : [])));
		const cards = await findIssuedCards(
			prisma,
			this.#merchantId,
			[...known.values()].flatMap(({cardId}) => cardId ?? []),
		);
		const problems: LineProblem[] = [];
		let done = 0;
		for (const wish of wishes) {
			const before = this.#knownOf(wish, known);
			const problem =
				this.#repeated(wish) ??
				(before === undefined
					? conflicts.has(wish.line)
						? conflictSentence
						: this.#isTaken(wish, taken)
							? 'Another card has its code already.'
							: undefined
					: this.#otherThan(before, wish, cards.get(before.cardId ?? '')));
			if (problem !== undefined) {
				problems.push({line: wish.line, problem});
			} else if (before !== undefined) {
				done++;
			}
		}

		return {problems, known: done};
	}

	#keyOf(wish: CardWish): CommandKey | undefined {
		return wish.key === null && this.#runId === undefined
			? undefined
			: lineKey('issue', wish, this.#runId ?? 0);
	}

	#knownOf(wish: CardWish, known: ReadonlyMap<string, KnownLine>): KnownLine | undefined {
		const key = this.#keyOf(wish);
		return key && known.get(keyText(key));
	}

	#isTaken(wish: CardWish, taken: ReadonlySet<string>): boolean {
		return hashesOf(wish, this.#tools.peppers).some(hash => taken.has(hash.toString('hex')));
	}

	/** A key that stands on a line before must say the same there, and a code stands on one line only. */
	#repeated(wish: CardWish): string | undefined {
		const [code = null] = hashesOf(wish, this.#tools.peppers).map(hash => hash.toString('hex'));
		const first = wish.key === null ? undefined : this.#keys.get(wish.key);
		if (first !== undefined) {
			return `Its key stands on line ${first[0]} already; each card needs its own.`;
		}

		const twin = code === null ? undefined : this.#codes.get(code);
		if (twin !== undefined) {
			return `Its code stands on line ${twin[0]} already.`;
		}

		if (wish.key !== null) {
			this.#keys.set(wish.key, [wish.line, 0]);
		}

		if (code !== null) {
			this.#codes.set(code, [wish.line, 0]);
		}

		return undefined;
	}

	/** What speaks against a line whose key is known already. */
	#otherThan(before: KnownLine, wish: CardWish, card: IssuedBefore | undefined): string | undefined {
		if (before.isUndone) {
			return 'Its key was used in a run that was taken back; give it another key.';
		}

		if (before.amount !== wish.amount || before.assetId !== this.#tools.assetIds.get(wish.asset.code)) {
			return 'Its key was used before, for another amount.';
		}

		const hashes = hashesOf(wish, this.#tools.peppers).map(hash => hash.toString('hex'));
		return hashes.length === 0 || (card !== undefined && hashes.includes(card.codeHash))
			? undefined
			: 'Its key was used before, for a card with another code.';
	}
}
