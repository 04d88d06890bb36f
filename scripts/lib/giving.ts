import {type Giving} from '../../src/admins/giving.ts';
import {type Moved, ValueRefusedError} from '../../src/cards/value-moves.ts';
import {type Context} from './command.ts';

/**
 * Give out value within what the actor's role may: reserved before, and written into the audit trail afterwards as what it was.
 * @throws {ValueRefusedError} when the role may not give out as much; then nothing moved
 */
export async function giveOut(
	{give}: Pick<Context, 'give'>,
	giving: Giving,
	work: () => Promise<Moved>,
): Promise<Moved> {
	const given = await give(giving);
	try {
		const done = await work();
		await given.moved(done.isReplay ? 0n : done.moved);
		return done;
	} catch (error) {
		// Of anything else nobody knows whether it moved, so that all of it counts.
		if (error instanceof ValueRefusedError) {
			await given.moved(0n);
		}

		throw error;
	}
}
