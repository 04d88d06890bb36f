import {randomBytes} from 'node:crypto';
import {type Likeness, madeLately} from '../../src/cards/made-lately.ts';
import {wireIdOf} from '../../src/cards/public-id.ts';
import {ValueRefusedError} from '../../src/cards/value-moves.ts';
import {type Context, type Flags, UsageError} from './command.ts';
import {shownMoment} from './dates.ts';

/** How commands that move value are made to happen once (A17). */
export const onceFlags = {
	key: {
		type: 'text',
		placeholder: 'K',
		description: 'Names the command: repeated under its key it happens once.',
	},
	yes: {
		type: 'switch',
		description: 'Do it although you did the same a moment ago.',
	},
} as const satisfies Flags;

const keyLengthMax = 512;

/** Run a command under the key that was given or one made for it; where it fails on the way, the key is told. */
export async function underKey<Result>(
	given: string | undefined,
	work: (key: string) => Promise<Result>,
): Promise<Result> {
	if (given !== undefined && given.length > keyLengthMax) {
		throw new UsageError(`--key takes at most ${keyLengthMax} characters.`);
	}

	const key = given ?? randomBytes(9).toString('base64url');
	try {
		return await work(key);
	} catch (error) {
		if (error instanceof ValueRefusedError || !(error instanceof Error)) {
			throw error;
		}

		// Nobody knows whether it was done (B4), so it must be repeated as the same command.
		throw new Error(`It may or may not have been done. Repeat it with --key ${key}: then it happens once.`, {
			cause: error,
		});
	}
}

/**
 * Ask before the same is done twice by the same person within 15 minutes without a key (A17).
 * @throws Error when the person says no, and where there is nobody to ask
 */
export async function checkTypedTwice(context: Context, flags: OnceArgs, likeness: Likeness): Promise<void> {
	const {parts, merchant} = context;
	await checkDoneTwice(context, flags, () => madeLately(parts.prisma, merchant.id, likeness, parts.clock()));
}

type OnceArgs = {readonly key: string | undefined; readonly yes: boolean};

/**
 * The same for what is not to be found by what it did to a balance.
 * @param find - the entry (a UUID) by which the same was done lately
 */
export async function checkDoneTwice(
	{merchant, confirm}: Context,
	{key, yes}: OnceArgs,
	find: () => ReturnType<typeof madeLately>,
): Promise<void> {
	const before = key !== undefined || yes ? undefined : await find();
	if (before === undefined) {
		return;
	}

	const at = shownMoment(before.at, merchant.timeZone);
	const done = `You did the same at ${at} (${merchant.timeZone}), entry ${wireIdOf(before.entryId)}.`;
	const answer = await confirm(`${done} Do it again?`);
	if (answer !== true) {
		throw new Error(
			answer === undefined
				? `${done} Nothing was done now. Give --yes to do it again, or a --key of your own to each.`
				: 'Nothing was done.',
		);
	}
}
