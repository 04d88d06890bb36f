import {randomBytes, randomUUID} from 'node:crypto';
import {v7} from 'uuid';
import {type Command, noNote, scriptScope} from '../../src/ledger/commands.ts';
import {type Instant} from '../../src/ledger/calendar.ts';
import {type Outcome} from '../../src/ledger/batch.ts';
import {commitHere, type CommitTools} from '../../src/ledger/commit.ts';
import {openWriter, type Writer, type WriterLimits, type WriterTools} from '../../src/ledger/writer.ts';
import {type TestDatabase} from './database.ts';
import {openTestProgram, type ProgramTerms, type TestProgram} from './loyalty.ts';
import {day, noon} from './state.ts';

export {day, noon} from './state.ts';

/** A merchant with one currency and one actor, and a writer whose clock the test moves. */
export type TestLedger = {
	readonly merchant: {readonly id: number; readonly timeZone: string};
	readonly assetId: number;
	readonly actorId: number;
	readonly pepperId: number;
	readonly clock: {now: Instant};
	readonly writer: Writer;
	/** A second writer over the same database, as a second service process has. */
	readonly openWriter: (limits?: Partial<WriterLimits>, tools?: Partial<TestWriterTools>) => Writer;
	readonly issue: (opening?: Partial<CardWish>) => Promise<TestCard>;
	readonly submit: (command: Command, writer?: Writer) => ReturnType<Writer['submit']>;
	/** A program with points of its own. */
	readonly openProgram: (terms?: Partial<ProgramTerms>) => Promise<TestProgram>;
};

export type TestCard = {readonly cardId: string; readonly publicId: string};

export type CardWish = {
	readonly amount: bigint;
	readonly expiresAt: Instant | null;
	readonly emittedAt: Instant;
	readonly singleUse: boolean;
	readonly restricted: boolean;
	readonly rechargeable: boolean;
	readonly ownerId: string | null;
	readonly origin: 'fundingSold' | 'fundingPromotional';
};

type TestWriterTools = CommitTools & Pick<WriterTools, 'onFailure' | 'watch'>;

/** A writer that commits in this thread, by a clock of the test's. */
export function openTestWriter(tools: TestWriterTools, limits: Partial<WriterLimits> = {}): Writer {
	return openWriter({...tools, commit: commitHere(tools), limits});
}

/** The smallest ledger that works, in a fresh database. */
export async function openTestLedger(database: TestDatabase, name = 'shop'): Promise<TestLedger> {
	const {prisma} = database.general;
	const merchant = await prisma.merchant.create({
		data: {name, timeZone: 'America/Sao_Paulo', currency: 'BRL'},
	});
	const asset = await prisma.asset.create({data: {merchantId: merchant.id, code: 'BRL', scale: 2, kind: 1}});
	const actor = await prisma.actor.create({data: {merchantId: merchant.id, kind: 2, name: 'tester'}});
	const pepper = await prisma.pepper.create({data: {checkValue: randomBytes(32)}});
	const clock = {now: noon};
	const open: TestLedger['openWriter'] = (limits = {}, tools = {}) =>
		openTestWriter({prisma: database.writer.prisma, clock: () => clock.now, newId: v7, ...tools}, limits);
	const writer = open();
	const place = {
		merchant: {id: merchant.id, timeZone: merchant.timeZone},
		assetId: asset.id,
		actorId: actor.id,
	};
	const submit: TestLedger['submit'] = (command, by = writer) => by.submit(place.merchant, command);
	return {
		...place,
		pepperId: pepper.id,
		clock,
		writer,
		openWriter: open,
		submit,
		openProgram: async terms =>
			openTestProgram(prisma, {merchantId: merchant.id, currencyId: asset.id}, terms),
		async issue(wish = {}) {
			const [row] = await prisma.$queryRaw<
				[{id: bigint}]
			>`SELECT nextval(pg_get_serial_sequence('cards', 'id')) AS id`;
			const card = {cardId: String(row.id), publicId: randomUUID()};
			const outcome = await submit(issueCommand({...place, pepperId: pepper.id}, card, wish));
			if (outcome.kind === 'refused') {
				throw new Error(`The test's card was refused: ${outcome.refusal}`);
			}

			return card;
		},
	};
}

export function issueCommand(
	{assetId, actorId, pepperId}: {assetId: number; actorId: number; pepperId: number},
	{cardId, publicId}: TestCard,
	wish: Partial<CardWish>,
): Command {
	return {
		verb: 'issue',
		cardId,
		actorId,
		assetId,
		amount: wish.amount ?? 100_00n,
		origin: wish.origin ?? 'fundingSold',
		key: {scope: scriptScope, space: 'issue', key: publicId},
		note: noNote,
		card: {
			publicId,
			restricted: wish.restricted ?? false,
			singleUse: wish.singleUse ?? false,
			rechargeable: wish.rechargeable ?? true,
			ownerId: wish.ownerId ?? null,
			pepperId,
			codeHash: randomBytes(32),
			codeLast4: 'TEST',
			caption: null,
			relationName: null,
			emittedAt: wish.emittedAt ?? noon - day,
			expiresAt: wish.expiresAt ?? null,
			status: 'active',
		},
	};
}

type Place = Pick<TestLedger, 'actorId' | 'assetId'>;

export function authorize(
	{actorId, assetId}: Place,
	{cardId, publicId}: TestCard,
	amount: bigint,
	key: string,
): Command {
	return {
		verb: 'authorize',
		cardId,
		actorId,
		assetId,
		amount,
		source: 'giftCard',
		presented: [],
		key: {scope: publicId, space: 'transaction', key},
		note: {...noNote, requestId: key, orderId: 'v500'},
	};
}

export function credit(
	{actorId, assetId}: Place,
	{cardId, publicId}: TestCard,
	amount: bigint,
	key: string,
): Command {
	return {
		verb: 'credit',
		cardId,
		actorId,
		assetId,
		amount,
		origin: 'fundingCredit',
		key: {scope: publicId, space: 'transaction', key},
		note: {...noNote, requestId: key},
	};
}

export function capture(
	{actorId, assetId}: Place,
	{cardId}: TestCard,
	holdId: string,
	amount: bigint,
	key: string,
): Command {
	return {
		verb: 'capture',
		cardId,
		actorId,
		assetId,
		amount,
		holdId,
		key: {scope: holdId, space: 'capture', key},
		note: noNote,
	};
}

export function undo(
	{actorId, assetId}: Place,
	{cardId}: TestCard,
	operationId: string,
	amount: bigint,
	key: string,
): Command {
	return {
		verb: 'undo',
		cardId,
		actorId,
		assetId,
		amount,
		operationId,
		key: {scope: operationId, space: 'undo', key},
		note: noNote,
	};
}

/** Zero for everything. */
export function transfer(
	{actorId, assetId}: Place,
	from: TestCard,
	to: TestCard,
	amount: bigint,
	key: string,
): Command {
	return {
		verb: 'transfer',
		cardId: from.cardId,
		targetId: to.cardId,
		actorId,
		assetId,
		amount,
		key: {scope: from.publicId, space: 'transfer', key},
		note: {...noNote, reason: 'gift split'},
	};
}

/** Below zero to take. */
export function adjust(
	{actorId, assetId}: Place,
	{cardId, publicId}: TestCard,
	amount: bigint,
	key: string,
	expiresAt?: Instant | null,
): Command {
	return {
		verb: 'adjust',
		cardId,
		actorId,
		assetId,
		amount,
		expiresAt,
		key: {scope: publicId, space: 'adjustment', key},
		note: {...noNote, reason: 'charged twice'},
	};
}

export function extend(
	{actorId, assetId}: Place,
	{cardId, publicId}: TestCard,
	expiresAt: Instant,
	key: string,
): Command {
	return {
		verb: 'extend',
		cardId,
		actorId,
		assetId,
		amount: 0n,
		expiresAt,
		key: {scope: publicId, space: 'extension', key},
		note: {...noNote, reason: 'shop was closed'},
	};
}

export function expire({actorId}: Place, {cardId}: TestCard): Command {
	return {verb: 'expire', cardId, actorId, key: null, note: noNote};
}

export function close({actorId}: Place, {cardId}: TestCard): Command {
	return {verb: 'close', cardId, actorId, key: null, note: {...noNote, reason: 'lost'}};
}

/** The id of a command that is done. @throws {Error} when it was refused */
export function idOf(outcome: Outcome | undefined): string {
	if (outcome?.kind !== 'done') {
		throw new Error(`The test needs a command that is done, and got ${outcome?.refusal ?? 'nothing'}.`);
	}

	return outcome.id;
}

/** Outcomes as words that can be compared: a refusal, or what moved, with `again` before a repeated answer. */
export function words(outcomes: readonly Outcome[]): string[] {
	return outcomes.map(outcome =>
		outcome.kind === 'refused'
			? `${outcome.isReplay ? 'again ' : ''}${outcome.refusal}`
			: `${outcome.isReplay ? 'again ' : ''}${outcome.moved}`,
	);
}

/** What a card has, as the database stores it: available, held and version. */
export async function balances(
	database: TestDatabase,
	{cardId}: TestCard,
): Promise<[bigint, bigint, bigint]> {
	const {available, held, version} = await database.general.prisma.card.findFirstOrThrow({
		where: {id: BigInt(cardId)},
	});
	return [available, held, version];
}
