import test from 'ava';
import {type CardState} from '../../../src/ledger/card-state.ts';
import {type Authorize, type Command} from '../../../src/ledger/commands.ts';
import {cardBalanceMax} from '../../../src/ledger/decide/issue.ts';
import {type Refusal, refusals} from '../../../src/ledger/refusals.ts';
import {
	answer,
	authorizing,
	buildCard,
	buildCredit,
	buildHold,
	buildLot,
	buildState,
	buildUse,
	capturing,
	closing,
	crediting,
	day,
	expiring,
	issuing,
	noon,
	person,
	type StateParts,
	undoing,
} from '../../helpers/state.ts';

/*
 * Every refusal is a flaw that is added to a command which would succeed. For each pair of flaws that can meet, the
 * refusal that stands earlier in the documented order must be the answer, in whichever order they are added.
 */

type Case<Verb extends Command> = {
	readonly parts: StateParts;
	readonly card: CardState;
	readonly command: Verb;
};
type Flaws<Verb extends Command> = Partial<Record<Refusal, (sound: Case<Verb>) => Case<Verb>>>;

const flawInCard =
	(flaw: Partial<CardState>) =>
	<Verb extends Command>(sound: Case<Verb>): Case<Verb> => ({...sound, card: {...sound.card, ...flaw}});
const flawInCommand =
	<Flaw extends object>(flaw: Flaw) =>
	<Verb extends Command & Flaw>(sound: Case<Verb>): Case<Verb> => ({
		...sound,
		command: {...sound.command, ...flaw},
	});

// Two states of one thing cannot both be.
const exclusive = new Set([
	'cardClosed cardBlocked',
	'operationNotFound exceedsHold',
	'operationNotFound creditSpent',
]);

function precedence<Verb extends Command>(title: string, sound: Case<Verb>, flaws: Flaws<Verb>): void {
	const ask = ({parts, card, command}: Case<Verb>) => answer(buildState({...parts, card}), command);
	const documented = Object.keys(refusals) as Refusal[];
	const entries = documented.flatMap(name => (flaws[name] === undefined ? [] : [{name, flaw: flaws[name]}]));

	test(`${title}: without a flaw it succeeds`, t => {
		t.is(ask(sound), 'accepted');
	});
	for (const [index, {name, flaw}] of entries.entries()) {
		test(`${title}: ${name}`, t => {
			t.is(ask(flaw(sound)), name);
		});
		for (const other of entries.slice(index + 1)) {
			if (!exclusive.has(`${name} ${other.name}`)) {
				test(`${title}: ${name} is said before ${other.name}`, t => {
					t.is(ask(other.flaw(flaw(sound))), name);
					t.is(ask(flaw(other.flaw(sound))), name);
				});
			}
		}
	}
}

const ended = buildLot({expiresAt: noon - day});
const owner = person('profile', 'ann');

precedence(
	'a debit',
	{
		parts: {},
		card: buildCard({singleUse: true, restricted: true, owner: [owner]}),
		command: authorizing({presented: [owner]}),
	},
	{
		currencyMismatch: flawInCommand({assetId: 2}),
		cardClosed: flawInCard({status: 'closed'}),
		cardBlocked: flawInCard({status: 'blocked'}),
		ownerMismatch: flawInCommand<Pick<Authorize, 'presented'>>({presented: [person('profile', 'bob')]}),
		cardNotYetValid: flawInCard({emittedAt: noon + 1}),
		cardExpired: flawInCard({expiresAt: noon - day, lots: new Map([['lot', ended]])}),
		cardUsed: flawInCard({uses: [buildUse()]}),
		insufficientBalance: flawInCommand({amount: 100_01n}),
	},
);

precedence(
	'a credit',
	{parts: {}, card: buildCard(), command: crediting()},
	{
		currencyMismatch: flawInCommand({assetId: 2}),
		cardClosed: flawInCard({status: 'closed'}),
		cardExpired: flawInCard({expiresAt: noon, lots: new Map()}),
		notRechargeable: flawInCard({rechargeable: false}),
		balanceLimit: flawInCommand({amount: cardBalanceMax}),
	},
);

precedence(
	'closing a card',
	{parts: {}, card: buildCard(), command: closing()},
	{cardClosed: flawInCard({status: 'closed'}), cardHasHolds: flawInCard({held: 1n})},
);

precedence(
	'a capture',
	{parts: {hold: buildHold()}, card: buildCard(), command: capturing()},
	{
		operationNotFound: flawInCommand({holdId: 'unknown'}),
		exceedsHold: flawInCommand({amount: 100_01n}),
	},
);

precedence(
	'taking back a credit',
	{
		parts: {credit: buildCredit()},
		card: buildCard({lots: [buildLot({id: 'credit'})]}),
		command: undoing({operationId: 'credit'}),
	},
	{
		operationNotFound: flawInCommand({operationId: 'unknown'}),
		exceedsHold: flawInCommand({amount: 100_01n}),
		creditSpent: flawInCard({lots: new Map()}),
	},
);

const onUnknownCard = test.macro({
	exec(t, command: Command) {
		const elsewhere = buildState({card: buildCard({id: '2'}), hold: buildHold(), credit: buildCredit()});

		t.is(answer(elsewhere, command), 'cardNotFound');
	},
	title: (_given, {verb}: Command) => `${verb} on an unknown card says cardNotFound before all else`,
});

test(onUnknownCard, issuing({amount: cardBalanceMax + 1n}));
test(onUnknownCard, crediting({assetId: 2}));
test(onUnknownCard, authorizing({assetId: 2}));
test(onUnknownCard, capturing());
test(onUnknownCard, undoing());
test(onUnknownCard, expiring());
test(onUnknownCard, closing());
