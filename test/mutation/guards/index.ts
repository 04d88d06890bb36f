import {type SourceMutant} from '../mutant.ts';
import {addressGuards} from './addresses.ts';
import {cardGuards} from './cards.ts';
import {decisionGuards} from './decisions.ts';
import {doorGuards} from './doors.ts';
import {holdGuards} from './holds.ts';
import {lockGuards} from './locks.ts';
import {moveGuards} from './moves.ts';
import {otherLockGuards} from './other-locks.ts';
import {paymentGuards} from './payments.ts';
import {peopleGuards} from './people.ts';
import {writerGuards} from './writer.ts';

/** The guards that are listed. A new one is a line in one of these files, beside its neighbours. */
export const sourceGuards: readonly SourceMutant[] = [
	...lockGuards,
	...otherLockGuards,
	...writerGuards,
	...decisionGuards,
	...holdGuards,
	...moveGuards,
	...doorGuards,
	...peopleGuards,
	...addressGuards,
	...cardGuards,
	...paymentGuards,
];
