import {expectThat} from '../expect.ts';
import {expectDone, movedBy} from './answers.ts';
import {type Created} from './gateway.ts';
import {type PaymentsRig} from './rig.ts';

/**
 * A payment that was asked for more than once took its value once: a second time nothing is left to settle. What the shopper was
 * charged cannot be seen from outside.
 * @throws Failure
 */
export async function expectHeldOnce({gateway}: PaymentsRig, payment: Created): Promise<void> {
	const {value} = payment;
	expectDone(await gateway.settle(payment, value), 'settlements', value, `to a settlement of all ${value}`);
	const more = movedBy(await gateway.settle(payment, value), 'settlements');
	expectThat(more === 0, `nothing left after ${value} was settled`, `another ${more}: it was charged twice`);
}
