import {setTimeout as delay} from 'node:timers/promises';
import {survivorOf} from '../customers/survivor.ts';
import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type FundingAccount} from '../ledger/chart.ts';
import {type CardOpening, type Issue, noNote, scriptScope} from '../ledger/commands.ts';
import {isExpired} from '../ledger/lots.ts';
import {OverloadedError, type Writer} from '../ledger/writer.ts';
import {type MerchantAsset} from '../merchants/assets.ts';
import {type IssueRun, IssueRefusedError} from './issue-run.ts';
import {findIssued, type FoundCard, reserveCardIds} from './issued.ts';
import {writeSeededPins} from './issue-pins.ts';
import {hashCode, type Pepper} from './pepper.ts';
import {type Peppers} from './peppers.ts';
import {pinFromSeed} from './pins.ts';
import {codeFromSeed, lastFour} from './redemption-code.ts';
import {publicIdFromSeed} from './run-seed.ts';

export type IssueTools = {
	readonly prisma: PrismaClient;
	readonly writer: Writer;
	readonly peppers: Peppers;
	readonly secretsKey: string;
	readonly clock: () => Instant;
};

export type IssueRequest = {
	/** The run: repeated under the same key it issues nothing twice, and goes on where it was interrupted. */
	readonly key: string;
	readonly count: number;
	/** Of each card, in minor units. */
	readonly amount: bigint;
	readonly asset: MerchantAsset;
	readonly origin: FundingAccount;
	/** What the row of each card says. */
	readonly card: Pick<
		CardOpening,
		'expiresAt' | 'ownerId' | 'restricted' | 'singleUse' | 'rechargeable' | 'caption' | 'relationName'
	>;
	/** Each card gets a PIN, for payments. */
	readonly withPin: boolean;
	readonly actorId: number;
};

/** A card of a run. */
export type IssuedCard = {
	/** Its number in the run, from 0. */
	readonly index: number;
	/** A UUID. */
	readonly publicId: string;
	/** Normalised; null when nobody knows the code any more but who has it: the run's seed has been destroyed, or the card reissued. */
	readonly code: string | null;
	readonly codeLast4: string;
	/** Null where there is none, or where nobody knows it any more but who has it. */
	readonly pin: string | null;
	/** What can be spent of it now (B10), in minor units. */
	readonly balance: bigint;
	/** Whether an earlier attempt at the run had issued it. */
	readonly isRepeated: boolean;
};

/** The run and who wants it. */
export type RunAtHand = {
	readonly merchant: {readonly id: number; readonly timeZone: string};
	readonly request: IssueRequest;
	readonly run: IssueRun;
};

// A chunk that the database was too busy for is tried so often, with growing pauses in between.
const attemptsMax = 6;
const pauseMs = 250;

/**
 * Issue those cards of a run that do not exist yet, and tell of all of them, in their order.
 * @throws {OverloadedError} when the database stays too busy; what was issued until then stays
 */
export async function issueChunk(
	tools: IssueTools,
	{merchant, request, run}: RunAtHand,
	indexes: readonly number[],
): Promise<IssuedCard[]> {
	let repeated: ReadonlySet<number> | undefined;
	for (let attempt = 1; ; attempt++) {
		const known = await findIssued(tools, merchant.id, request.key, indexes);
		repeated ??= new Set(known.keys());
		const missing = indexes.filter(index => !known.has(index));
		const rowIds = await reserveCardIds(tools.prisma, missing.length);
		const ownerId = await ownerNow(tools.prisma, merchant.id, request);
		const commands = missing.map((index, position) =>
			commandOf(tools.peppers.current, {request, run, index, ownerId, rowId: rowIds[position]}),
		);
		const busy = await submitAll(tools.writer, merchant, commands);
		if (busy === undefined) {
			const value = isExpired(request.card, tools.clock()) ? 0n : request.amount;
			const cards = indexes.map(index => ({
				...cardOf(run, index, known.get(index) ?? value),
				index,
				isRepeated: repeated?.has(index) === true,
			}));
			return withPins(tools, {merchant, request, run}, cards);
		}

		if (attempt === attemptsMax) {
			throw busy;
		}

		await delay(pauseMs * 2 ** attempt);
	}
}

/** A long run may see its owner become another customer. */
async function ownerNow(
	prisma: PrismaClient,
	merchantId: number,
	{card: {ownerId}}: IssueRequest,
): Promise<string | null> {
	return ownerId === null ? null : survivorOf(prisma, merchantId, ownerId);
}

/** The cards are durable, and told to nobody before their PINs are so too. */
async function withPins(
	tools: IssueTools,
	{merchant, request: {withPin}, run: {seed}}: RunAtHand,
	cards: readonly Omit<IssuedCard, 'pin'>[],
): Promise<IssuedCard[]> {
	if (!withPin || seed === null) {
		return cards.map(card => ({...card, pin: null}));
	}

	const pins = await writeSeededPins(
		tools,
		merchant.id,
		cards.map(({publicId, index}) => ({publicId, pin: pinFromSeed(seed, index)})),
	);
	return cards.map((card, position) => ({...card, pin: pins[position] ?? null}));
}

/** Returns undefined when all are durable, or that the database was too busy for some of them: their keys make it safe to try again. */
async function submitAll(
	writer: Writer,
	merchant: RunAtHand['merchant'],
	commands: readonly Issue[],
): Promise<OverloadedError | undefined> {
	const results = await Promise.allSettled(commands.map(command => writer.submit(merchant, command)));
	let busy: OverloadedError | undefined;
	for (const result of results) {
		if (result.status === 'rejected') {
			if (!(result.reason instanceof OverloadedError)) {
				throw result.reason;
			}

			busy = result.reason;
		} else if (result.value.kind === 'refused') {
			throw new IssueRefusedError(`A card of the run was refused: ${result.value.refusal}.`);
		}
	}

	return busy;
}

function commandOf(
	pepper: Pepper,
	{
		request,
		run,
		index,
		ownerId,
		rowId,
	}: Omit<RunAtHand, 'merchant'> & {
		readonly index: number;
		readonly ownerId: string | null;
		readonly rowId: string | undefined;
	},
): Issue {
	if (run.seed === null || rowId === undefined) {
		throw new Error(
			`The run "${request.key}" is complete, yet its card ${index} is missing; run ledger:audit.`,
		);
	}

	const {key, amount, asset, origin, actorId, card} = request;
	const code = codeFromSeed(run.seed, index);
	return {
		verb: 'issue',
		key: {scope: scriptScope, space: 'issue', key: `${key}:${index}`},
		cardId: rowId,
		amount,
		assetId: asset.id,
		origin,
		actorId,
		note: noNote,
		card: {
			...card,
			ownerId,
			publicId: publicIdFromSeed(run.seed, index),
			pepperId: pepper.id,
			codeHash: hashCode(code, pepper.key),
			codeLast4: lastFour(code),
			status: 'active',
			emittedAt: run.begunAt,
		},
	};
}

/** A card that was there, as it was found, or one that has just been issued, with its value. */
function cardOf(
	{seed}: IssueRun,
	index: number,
	found: FoundCard | bigint,
): FoundCard & {readonly code: string | null} {
	const code = seed === null ? null : codeFromSeed(seed, index);
	if (typeof found !== 'bigint') {
		// The run would know a code that works no more.
		return {...found, code: found.isReissued ? null : code};
	}

	if (seed === null || code === null) {
		throw new Error(`Card ${index} of the run was issued without a code.`);
	}

	return {
		...{publicId: publicIdFromSeed(seed, index), code, codeLast4: lastFour(code)},
		...{isReissued: false, balance: found},
	};
}
