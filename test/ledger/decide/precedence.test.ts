import test from 'ava';
import {type CardState} from '../../../src/ledger/card-state.ts';
import {
	type Adjust,
	type Authorize,
	type Command,
	noNote,
	type Transfer,
} from '../../../src/ledger/commands.ts';
import {cardBalanceMax} from '../../../src/ledger/decide/issue.ts';
import {type Refusal, refusals} from '../../../src/ledger/refusals.ts';
import {
	adjusting,
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
	transferring,
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

const flawInTarget =
	(flaw: Partial<CardState>) =>
	(sound: Case<Transfer>): Case<Transfer> => {
		const {target = buildCard({id: '2'})} = sound.parts;
		return {...sound, parts: {...sound.parts, target: {...target, ...flaw}}};
	};

precedence<Transfer>(
	'a transfer',
	{
		parts: {target: buildCard({id: '2', singleUse: true})},
		card: buildCard({singleUse: true}),
		command: transferring(),
	},
	{
		currencyMismatch: flawInCommand({assetId: 2}),
		cardClosed: flawInCard({status: 'closed'}),
		cardBlocked: flawInCard({status: 'blocked'}),
		cardNotYetValid: flawInCard({emittedAt: noon + 1}),
		cardExpired: flawInCard({expiresAt: noon - day, lots: new Map([['lot', ended]])}),
		cardUsed: flawInCard({uses: [buildUse()]}),
		insufficientBalance: flawInCommand({amount: 100_01n}),
		reasonMissing: flawInCommand<Pick<Transfer, 'note'>>({note: {...noNote, reason: ' '}}),
		targetCurrency: flawInTarget({assetId: 2}),
		targetClosed: flawInTarget({status: 'closed'}),
		targetExpired: flawInTarget({expiresAt: noon, lots: new Map()}),
		targetUsed: flawInTarget({uses: [buildUse()]}),
		targetNotRechargeable: flawInTarget({rechargeable: false}),
		targetBalanceLimit: flawInTarget({held: cardBalanceMax}),
	},
);

precedence<Transfer>(
	'a transfer to the same card',
	{parts: {target: buildCard({id: '2'})}, card: buildCard({rechargeable: false}), command: transferring()},
	{
		cardBlocked: flawInCard({status: 'blocked'}),
		insufficientBalance: flawInCommand({amount: 100_01n}),
		reasonMissing: flawInCommand<Pick<Transfer, 'note'>>({note: noNote}),
		sameCard: flawInCommand({targetId: '1'}),
	},
);

precedence(
	'an adjustment that adds',
	{parts: {}, card: buildCard({status: 'blocked', rechargeable: false}), command: adjusting()},
	{
		currencyMismatch: flawInCommand({assetId: 2}),
		cardClosed: flawInCard({status: 'closed'}),
		cardExpired: flawInCommand<Pick<Adjust, 'expiresAt'>>({expiresAt: noon}),
		balanceLimit: flawInCommand({amount: cardBalanceMax}),
		reasonMissing: flawInCommand<Pick<Transfer, 'note'>>({note: {...noNote, reason: ''}}),
	},
);

precedence(
	'an adjustment that takes',
	{parts: {}, card: buildCard({status: 'blocked'}), command: adjusting({amount: -100_00n})},
	{
		currencyMismatch: flawInCommand({assetId: 2}),
		cardClosed: flawInCard({status: 'closed'}),
		insufficientBalance: flawInCommand({amount: -100_01n}),
		reasonMissing: flawInCommand<Pick<Transfer, 'note'>>({note: {...noNote, reason: null}}),
	},
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
test(onUnknownCard, transferring({assetId: 2}));
test(onUnknownCard, adjusting({assetId: 2}));

test('a transfer to an unknown card says cardNotFound before all else', t => {
	t.is(answer(buildState({card: buildCard({status: 'closed'})}), transferring()), 'cardNotFound');
});
