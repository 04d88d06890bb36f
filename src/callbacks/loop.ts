import {type ErrandLoop, repeatErrands} from '../errands.ts';
import {type Callbacks} from './callbacks.ts';

export type CallbackLoopOptions = {
	readonly everyMs?: number;
	/** Told once when looking for callbacks begins to fail, and not again until it worked in between. */
	readonly onFailure: (error: unknown, what: string) => void;
};

/** Deliver what is due, again and again. */
export function runCallbacks(callbacks: Callbacks, {onFailure, ...options}: CallbackLoopOptions): ErrandLoop {
	return repeatErrands(callbacks.deliverDue, {
		...options,
		onFailure(error) {
			onFailure(error, 'Callbacks cannot be looked for; it goes on by itself once the database answers');
		},
	});
}
