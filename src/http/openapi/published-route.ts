import {type z} from 'zod';
import {type Contract} from '../../vtex/endpoint.ts';

type AnyContract = Contract<z.ZodType, z.ZodType, z.ZodType>;

/** A contract as far as it is published, or what stands in its place for pages, hooks and health. */
export type PublishedRoute = Pick<AnyContract, 'method' | 'path' | 'summary' | 'params' | 'documented'> &
	Partial<Pick<AnyContract, 'body' | 'reply' | 'errorBody'>> & {
		/** `hook`: with the token of a hook in place of credentials. */
		readonly access: AnyContract['access'] | 'hook';
		/** What a body may be sent as, where that is not what its group says. */
		readonly bodyTypes?: readonly string[];
		/** What is answered, where that is not JSON. */
		readonly replyType?: string;
		/** Nothing is read and nothing waited for: only what it documents is answered. */
		readonly isSimple?: true;
	};
