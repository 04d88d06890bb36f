import {type PrismaClient} from '../db/client.ts';
import {type MerchantClock, replay} from './batch.ts';
import {keyText} from './commands.ts';
import {findRemembered} from './store/load.ts';
import {freeCards} from './store/lock.ts';
import {type Waiting} from './waiting.ts';

/** Answer the commands that were decided before, and say which: what is remembered is final and needs no lock (B16). */
export async function answerRemembered(
	prisma: PrismaClient,
	merchant: MerchantClock,
	batch: readonly Waiting[],
): Promise<Set<Waiting>> {
	const keys = batch.flatMap(({command: {key}}) => (key === null ? [] : [key]));
	if (keys.length === 0) {
		return new Set();
	}

	const remembered = await findRemembered(prisma, merchant.id, keys);
	const answered = new Set<Waiting>();
	for (const waiting of batch) {
		const {command, resolve} = waiting;
		const known = command.key === null ? undefined : remembered.get(keyText(command.key));
		if (known !== undefined && command.key !== null) {
			resolve(replay(known, command));
			answered.add(waiting);
		}
	}

	return answered;
}

/** The cards of a batch that nobody has locked just now. Never waits for a lock. */
export async function findFree(
	prisma: PrismaClient,
	merchant: MerchantClock,
	batch: readonly Waiting[],
): Promise<Set<string>> {
	const cards = [...new Set(batch.map(({command}) => command.cardId))];
	return new Set(await prisma.$transaction(tx => freeCards(tx, merchant.id, cards)));
}
