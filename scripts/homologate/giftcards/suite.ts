import {defineSuite} from '../suite.ts';
import {openWire} from '../wire.ts';
import {accessChecks} from './access.ts';
import {bodyChecks} from './unusual-bodies.ts';
import {cardChecks} from './cards.ts';
import {journeyChecks} from './journeys.ts';
import {openMoney} from './money.ts';
import {operationChecks} from './operations.ts';
import {raceChecks} from './races.ts';
import {repeatChecks} from './repeats.ts';
import {openRig} from './rig.ts';
import {searchChecks} from './search.ts';
import {transactionChecks} from './transactions.ts';

/** The Hub itself waits 15 seconds; a shopper does not. */
const timeoutMs = 10_000;

/** The Gift Card Provider Protocol, as the Hub speaks it. */
export const giftCards = defineSuite({
	protocol: 'giftcards',
	title: 'Gift cards',
	flags: {
		code: {
			type: 'text',
			placeholder: 'CODE',
			description:
				'The redemption code of a card with value on it, for the search by code; needed only where the provider tells no code when it makes a card.',
			isSecret: true,
		},
	},
	checks: [
		...accessChecks,
		...searchChecks,
		...cardChecks,
		...transactionChecks,
		...repeatChecks,
		...bodyChecks,
		...operationChecks,
		...raceChecks,
		...journeyChecks,
	],
	open(settings) {
		const money = openMoney(settings.currency);
		const code = settings.values['code'];
		const givenCode = typeof code === 'string' ? code : undefined;
		const secrets = givenCode === undefined ? [] : [givenCode];
		const wire = openWire({timeoutMs, ...settings, secrets});
		return Promise.resolve({
			rig: openRig(wire, money, givenCode),
			wire,
			close() {
				wire.close();
				return Promise.resolve();
			},
		});
	},
});
