import {captureStep, refundStep, releaseStep} from '../../money/convert.ts';
import {type Leg} from '../card-state.ts';

/** A part of a leg: its value in the currency, and the units of the card's own asset that move for it. */
export type Step = {readonly value: bigint; readonly units: bigint};

const steps = {captured: captureStep, released: releaseStep, refunded: refundStep} as const;

/**
 * The units that move when `value` of a leg is captured, released or refunded: by the cumulative value, so that the parts always
 * add up to the whole (A5). They may be none where a point is worth much.
 */
export function stepOf(leg: Leg, counter: keyof typeof steps, value: bigint): bigint {
	return leg.rate === null ? value : steps[counter](leg, leg[counter], leg[counter] + value);
}
