import {reserveCardIds} from '../cards/issued.ts';
import {writeSeededPins} from '../cards/issue-pins.ts';
import {type IssueTools} from '../cards/issue-chunk.ts';
import {beginIssueRun, completeIssueRun, type IssueRun} from '../cards/issue-run.ts';
import {hashCode} from '../cards/pepper.ts';
import {pinFromSeed} from '../cards/pins.ts';
import {codeFromSeed, lastFour} from '../cards/redemption-code.ts';
import {publicIdFromSeed} from '../cards/run-seed.ts';
import {type PrismaClient} from '../db/client.ts';
import {type Issue, keyText, noNote} from '../ledger/commands.ts';
import {type MerchantAsset} from '../merchants/assets.ts';
import {type CardWish} from './card-row.ts';
import {conflictSentence} from './credit-check.ts';
import {findIssuedCards, type IssuedBefore} from './issued-cards.ts';
import {findKnownLines, type KnownLine, lineKey} from './known-lines.ts';
import {type LineProblem} from './line.ts';
import {nameCustomers} from './named-customers.ts';
import {checkStanding, type ImportRun} from './runs.ts';
import {submitAll, type Submitted} from './submit-all.ts';

export type CardImportTools = IssueTools & {
	readonly readerPrisma: PrismaClient;
	readonly assets: {readonly ofCurrency: (merchantId: number, code: string) => Promise<MerchantAsset>};
};

export type CardRun = {
	readonly merchant: {readonly id: number; readonly timeZone: string};
	readonly run: ImportRun;
	/** Lines of the file, as it stays the same. */
	readonly lines: number;
	readonly actorId: number;
};

/** A card of a line. Its code and PIN are told where they are ours. */
export type ImportedCard = {
	readonly wish: CardWish;
	/** A UUID. */
	readonly publicId: string;
	/** Normalised; null for one that the file brought, and for one that nobody knows any more but who has it. */
	readonly code: string | null;
	readonly codeLast4: string;
	/** Null where there is none, where the file brought it, and where nobody knows it any more. */
	readonly pin: string | null;
	readonly isRepeated: boolean;
};

export type CardChunk = {
	readonly done: readonly ImportedCard[];
	readonly problems: readonly LineProblem[];
	/** The last line of the chunk. */
	readonly line: number;
};

/** Lines that are looked up, issued and told together. */
export const cardChunkSize = 512;

/**
 * Import chunks of cards that were checked: each is a command of its own, under its key or its place in the run. Codes and PINs of ours
 * derive from a seed, as those of `cards:issue` do (A15), so that an import that is repeated tells the same ones for a day.
 * @throws {RunRefusedError} when somebody takes the run back meanwhile; {OverloadedError} when the database stays too busy
 */
export async function* importCards(
	tools: CardImportTools,
	at: CardRun,
	chunks: AsyncIterable<readonly CardWish[]>,
): AsyncGenerator<CardChunk> {
	const {prisma, secretsKey, clock} = tools;
	const seeded = await beginIssueRun(prisma, {
		merchantId: at.merchant.id,
		key: seedKey(at.run),
		count: at.lines,
		parameters: {import: at.run.name},
		...{secretsKey, now: clock()},
		check: () => undefined,
	});
	for await (const wishes of chunks) {
		await checkStanding(prisma, at.merchant.id, at.run.id);
		yield await importChunk(tools, {...at, seeded}, wishes);
	}
}

/** Note that all was told: a day later the seed is destroyed. */
export async function completeCards(
	{prisma, clock}: Pick<CardImportTools, 'prisma' | 'clock'>,
	merchantId: number,
	run: ImportRun,
): Promise<void> {
	await completeIssueRun(prisma, merchantId, seedKey(run), clock());
}

function seedKey({id}: ImportRun): string {
	return `cards:import ${id}`;
}

type SeededRun = CardRun & {readonly seeded: IssueRun};

async function importChunk(
	tools: CardImportTools,
	at: SeededRun,
	wishes: readonly CardWish[],
): Promise<CardChunk> {
	const {merchant, run} = at;
	const keys = wishes.map(wish => lineKey('issue', wish, run.id));
	const known = await findKnownLines(tools.readerPrisma, merchant.id, 'issue', keys);
	const before = (wish: CardWish) => known.get(keyText(lineKey('issue', wish, run.id)));
	const fresh = wishes.filter(wish => before(wish) === undefined);
	const {issues, problems} = await issuesOf(tools, at, fresh);
	const outcomes = await submitAll(
		tools.writer,
		merchant,
		issues.map(({command}) => command),
	);
	const made = issues.flatMap(({wish}, index) => {
		const problem = problemOf(outcomes[index]);
		if (problem !== undefined) {
			problems.push({line: wish.line, problem});
		}

		return problem === undefined ? [wish] : [];
	});
	const done = [
		...(await repeatedCards(
			tools,
			at,
			wishes.flatMap(wish => {
				const line = before(wish);
				return line === undefined ? [] : [{wish, line}];
			}),
		)),
		...made.map(wish => madeCard(at, wish)),
	].toSorted((a, b) => a.wish.line - b.wish.line);
	return {done: await withPins(tools, at, done), problems, line: wishes.at(-1)?.line ?? 0};
}

async function issuesOf(
	{prisma, readerPrisma, assets, peppers}: CardImportTools,
	{merchant, run, seeded, actorId}: SeededRun,
	wishes: readonly CardWish[],
): Promise<{
	readonly issues: readonly {readonly wish: CardWish; readonly command: Issue}[];
	readonly problems: LineProblem[];
}> {
	const owned = wishes.filter(({identifiers}) => identifiers.length > 0);
	const owners =
		owned.length === 0
			? new Map<number, string>()
			: await nameCustomers({prisma, readerPrisma}, merchant.id, owned);
	const rowIds = await reserveCardIds(prisma, wishes.length);
	const problems: LineProblem[] = [];
	const issues: {wish: CardWish; command: Issue}[] = [];
	for (const [index, wish] of wishes.entries()) {
		const ownerId = owners.get(wish.line) ?? null;
		if (wish.identifiers.length > 0 && ownerId === null) {
			problems.push({line: wish.line, problem: conflictSentence});
			continue;
		}

		const code = wish.code ?? codeFromSeed(seedOf(seeded, wish), wish.line);
		const {amount, origin, expiresAt, restricted, singleUse, rechargeable, caption, relationName} = wish;
		issues.push({
			wish,
			command: {
				...{verb: 'issue', amount, origin, actorId, note: noNote, runId: run.id},
				cardId: rowIds[index] ?? '',
				assetId: (await assets.ofCurrency(merchant.id, wish.asset.code)).id,
				key: lineKey('issue', wish, run.id),
				card: {
					...{expiresAt, restricted, singleUse, rechargeable, caption, relationName, ownerId},
					publicId: publicIdFromSeed(seedOf(seeded, wish), wish.line),
					pepperId: peppers.current.id,
					codeHash: hashCode(code, peppers.current.key),
					codeLast4: lastFour(code),
					status: 'active',
					emittedAt: seeded.begunAt,
				},
			},
		});
	}

	return {issues, problems};
}

/** The seed is there for as long as a line is missing: it is destroyed a day after all of them were told. */
function seedOf({seed}: IssueRun, {line}: CardWish): Buffer {
	if (seed === null) {
		throw new Error(
			`The import was completed more than a day ago, and line ${line} was not imported then. Import it in a file of its own.`,
		);
	}

	return seed;
}

function problemOf(outcome: Submitted | undefined): string | undefined {
	return outcome?.kind === 'done'
		? undefined
		: outcome?.kind === 'refused'
			? `The ledger refused it: ${outcome.refusal}.`
			: 'The database refused it: another card may have got its code, or its customer was merged or erased, a moment ago. Import the file again.';
}

type Bare = Omit<ImportedCard, 'pin'>;

function madeCard({seeded}: SeededRun, wish: CardWish): Bare {
	const seed = seedOf(seeded, wish);
	const code = wish.code ?? codeFromSeed(seed, wish.line);
	return {
		wish,
		publicId: publicIdFromSeed(seed, wish.line),
		code: wish.code === null ? code : null,
		codeLast4: lastFour(code),
		isRepeated: false,
	};
}

/** Cards that were made before: by this run, which knows their codes, or under the same key by another one, which alone does. */
async function repeatedCards(
	{readerPrisma}: CardImportTools,
	{merchant, seeded: {seed}}: SeededRun,
	lines: readonly {readonly wish: CardWish; readonly line: KnownLine}[],
): Promise<Bare[]> {
	const cards = await findIssuedCards(
		readerPrisma,
		merchant.id,
		lines.flatMap(({line}) => line.cardId ?? []),
	);
	return lines.flatMap(({wish, line}) => {
		const card: IssuedBefore | undefined = cards.get(line.cardId ?? '');
		if (card === undefined) {
			return [];
		}

		const isOurs = seed !== null && wish.code === null && publicIdFromSeed(seed, wish.line) === card.publicId;
		const code = isOurs ? codeFromSeed(seed, wish.line) : null;
		return [{wish, publicId: card.publicId, code, codeLast4: card.codeLast4, isRepeated: true}];
	});
}

/** The cards are durable, and told to nobody before their PINs are so too. One that has a PIN keeps it. */
async function withPins(
	tools: CardImportTools,
	{merchant, seeded: {seed}}: SeededRun,
	cards: readonly Bare[],
): Promise<ImportedCard[]> {
	const pins = cards.flatMap(({publicId, wish: {pin, line}}) => {
		const isOfRun = seed !== null && publicIdFromSeed(seed, line) === publicId;
		return pin === null || !isOfRun
			? []
			: [{publicId, line, pin: pin === 'new' ? pinFromSeed(seed, line) : pin}];
	});
	const stored = pins.length === 0 ? [] : await writeSeededPins(tools, merchant.id, pins);
	const byLine = new Map(pins.map(({line}, index) => [line, stored[index] ?? null]));
	return cards.map(card => ({
		...card,
		pin: card.wish.pin === 'new' ? (byLine.get(card.wish.line) ?? null) : null,
	}));
}
