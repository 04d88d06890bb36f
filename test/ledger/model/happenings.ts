import {type Play} from './player.ts';

/** What happened in a story, by name, so that a test can say what its stories must reach. */
export function* happenings({ledger}: Play): Generator<string> {
	for (const {kind, operationId, movements} of ledger.books.changes().entries) {
		yield kind;
		if (operationId !== null) {
			yield 'a second entry of one operation';
		}

		if (kind === 'authorize' && movements.length > 1) {
			yield 'several lots in one debit';
		}

		if (kind === 'transfer' && movements.length > 2) {
			yield 'several lots in one transfer';
		}
	}

	for (const deed of ledger.deeds) {
		if (deed.do === 'command') {
			yield* outcomeOf(deed);
		}
	}

	yield* childrenIn(ledger.books);

	const live = [...ledger.books.cards.values()].map(({uses}) =>
		uses.filter(({value, released}) => value > released),
	);
	if (live.some(uses => uses.length > 1)) {
		yield 'a second use';
	}
}

function* childrenIn(books: Play['ledger']['books']): Generator<string> {
	const {entries, openedLots} = books.changes();
	const transferred = new Set(
		entries.flatMap(({kind, movements}) => (kind === 'transfer' ? movements.map(({lotId}) => lotId) : [])),
	);
	for (const {id, parentId, rootId} of openedLots) {
		if (parentId === null) {
			continue;
		}

		yield parentId === rootId ? 'a child lot' : 'a child of a child';
		if (transferred.has(parentId) && !transferred.has(id)) {
			yield 'a child of a transferred lot';
		}
	}

	// Released, captured or refunded after a part of the very lot went to another card.
	const moved = new Set<string>();
	for (const {kind, answers, movements} of entries) {
		if (kind === 'transfer') {
			movements.filter(({remainingDelta}) => remainingDelta < 0n).forEach(({lotId}) => moved.add(lotId));
		} else if (answers !== null && movements.some(({lotId, leg}) => leg !== null && moved.has(lotId))) {
			yield 'a hold that a transfer left behind';
		}
	}
}

function* outcomeOf({
	command,
	outcome,
}: Extract<Play['ledger']['deeds'][number], {do: 'command'}>): Generator<string> {
	if (outcome.kind === 'refused') {
		yield outcome.isReplay ? 'a replayed refusal' : outcome.refusal;
		return;
	}

	if (outcome.isReplay) {
		yield 'a replay';
	}

	if ('byHand' in command) {
		const how = command.key.key.split(' ')[0] ?? '';
		yield `a ${how} by hand${'payment' in command ? ', of a payment' : ''}`;
		if (command.amount === 0n) {
			yield 'all that is left, by hand';
		}
	}

	if (command.verb === 'transfer' && command.amount === 0n) {
		yield 'a whole card at once';
	}

	if (command.key !== null && outcome.moved < command.amount) {
		yield 'a rest';
	}
}
