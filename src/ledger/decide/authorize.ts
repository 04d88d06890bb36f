import {type CardState} from '../card-state.ts';
import {type Authorize} from '../commands.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {reserve} from './reserve.ts';

/** Reserve value for an order on one card: a hold of one leg (A5). */
export function decideAuthorize(card: CardState, command: Authorize, circumstances: Circumstances): Decision {
	const reserved = reserve([card], command, circumstances);
	return typeof reserved === 'string'
		? refuse(reserved)
		: accept(reserved.hold.id, command.amount, {entries: [reserved.entry], hold: reserved.hold});
}
