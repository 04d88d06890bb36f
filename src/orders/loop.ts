import {type ErrandLoop, repeatErrands} from '../errands.ts';
import {type Looks} from './looks.ts';

export type LookLoopOptions = {
	readonly everyMs?: number;
	/** Told once when looking for orders begins to fail, and not again until it worked in between. */
	readonly onFailure: (error: unknown, what: string) => void;
};

/** Look at what is due, again and again. */
export function runLooks(looks: Looks, {onFailure, ...options}: LookLoopOptions): ErrandLoop {
	return repeatErrands(looks.lookDue, {
		...options,
		onFailure(error) {
			onFailure(error, 'Orders cannot be looked for; it goes on by itself once the database answers');
		},
	});
}
