import {parseWireAmount} from '../../money/amount.ts';
import {type Asset} from '../../money/asset.ts';
import {invalid} from './error-replies.ts';

/** The minor units of a value that must be above zero. @throws {ProtocolError} 400 that says what to send */
export function positiveUnits(value: unknown, asset: Asset): bigint {
	const amount = parseWireAmount(value, asset);
	if (!amount.ok) {
		throw invalid('value', amount.problem);
	}

	if (amount.units <= 0n) {
		throw invalid('value', 'must be above zero.');
	}

	return amount.units;
}
