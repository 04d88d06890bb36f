import {giftCards} from './giftcards/suite.ts';
import {payments} from './payments/suite.ts';
import {type Suite} from './suite.ts';

/** Everything that the kit can try, in the order in which it does. */
export const suites: readonly Suite[] = [giftCards, payments];
