import {type Admins} from '../../admins/admins.ts';
import {type SignUps} from '../../admins/sign-ups.ts';

/** What the configuration flow is made of. */
export type AuthorizationParts = {
	readonly admins: Admins;
	readonly signUps: SignUps;
	/** In milliseconds. */
	readonly clock: () => number;
	/** Whether a browser may be sent to this address. */
	readonly mayReturn: (url: string) => boolean;
	/** Ours, as browsers see it. */
	readonly publicUrl: string;
};
