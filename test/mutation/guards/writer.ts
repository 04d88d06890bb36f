import {guardsOf} from '../mutant.ts';

/* What makes things happen once, and every command end: keys, fingerprints, what is remembered, and the writer's own limits. */

const batch = 'test/ledger/batch.test.ts';
const writer = 'test/ledger/writer.test.ts';
const locks = 'test/ledger/writer-locks.test.ts';
const retries = 'test/ledger/writer-retries.test.ts';
const lost = 'test/ledger/writer-lost-answers.test.ts';
const isolation = 'test/ledger/writer-isolation.test.ts';
const payments = 'test/ledger/payments.test.ts';
const racing = 'test/ledger/payments-racing.test.ts';
const commands = 'test/ledger/commands.test.ts';
const stories = 'test/ledger/model/database.test.ts';

export const writerGuards = [
	...guardsOf('src/ledger/batch.ts', [batch, writer, payments], {
		'a command that was decided is not decided again': {
			text: '\tif (known !== undefined) {\n\t\treturn replay(known, command);\n\t}\n',
			instead: '',
		},
		'the key is looked at before the balance': {
			text: '\tif (known !== undefined) {\n\t\treturn replay',
			instead:
				"\tconst anew = decide(books, command, circumstances);\n\tif (anew.kind === 'refused') {\n\t\treturn {kind: 'refused', refusal: anew.refusal, isReplay: false};\n\t}\n\n\tif (known !== undefined) {\n\t\treturn replay",
		},
		'a command is remembered': {
			text: 'record.decided.push({command, remembered: entry});',
			instead: '',
		},
		'a command is remembered for the rest of its batch': {
			text: 'remembered.set(keyText(command.key), entry);',
			instead: '',
		},
		'a refusal that may pass is not remembered': {
			text: 'refusals[decision.refusal].isRemembered\n',
			instead: 'refusals[decision.refusal].number > 0\n',
		},
		'a refusal that stays is remembered': {
			text: ' || refusals[decision.refusal].isRemembered\n',
			instead: '\n',
		},
		'a denied payment is remembered, whatever it was denied for': {
			text: "decision.kind === 'accepted' || decision.payment !== undefined || refusals",
			instead: "decision.kind === 'accepted' || refusals",
		},
		'nothing is given for an import that was taken back': {
			text: 'if (runId !== undefined && undoneRuns?.has(runId) === true) {',
			instead: 'if (runId === -1) {',
			tests: ['test/bulk/undo-run.test.ts'],
		},
		'a card is issued once': {
			text: 'if (books.cards.has(id)) {',
			instead: "if (id === '') {",
		},
	}),
	...guardsOf('src/ledger/lock-and-load.ts', [batch, writer, payments], {
		'a wallet that took over is locked with the one that gave': {
			text: 'if (missing.length > 0) {',
			instead: 'if (missing.length < 0) {',
			tests: ['test/ledger/merge.test.ts'],
		},
		'the time of a decision is asked after its locks': {
			text: '\tconst now = clock();\n',
			instead: '\tconst now = from;\n',
			tests: [batch, writer, locks],
		},
		'what was read for other moments is read again': {
			text: 'moments.from <= now && now <= moments.until)',
			instead: 'true)',
			tests: [locks],
		},
		'what the cards turn out to need is read, too': {
			text: 'foreseen ? beyond(wanted, foreseen,',
			instead: 'foreseen ? beyond(foreseen, foreseen,',
			tests: [stories],
		},
	}),
	...guardsOf('src/ledger/remembered.ts', [batch, 'test/conformance/giftcards-transactions.test.ts'], {
		'another content under a used key': {
			text: 'command.key !== null && !isOfVtex && !isSameCommand(known, command)',
			instead: 'command.key === undefined',
		},
		'a payment is answered first what it was answered, whatever its content': {
			text: "'payment' in command && command.key?.space !== 'byHand'",
			instead: 'command.verb === undefined',
			tests: [
				'test/payments/operations.test.ts',
				payments,
				racing,
				'test/conformance/payments-operations.test.ts',
			],
		},
		"a person's key means one content": {
			text: " && command.key?.space !== 'byHand';",
			instead: ';',
			tests: ['test/holds/by-hand.test.ts'],
		},
		'a tombstone is no create': {
			text: 'payment === undefined || payment.way === null',
			instead: 'payment === undefined',
			tests: [payments, racing],
		},
	}),
	...guardsOf('src/ledger/commands.ts', [commands], {
		'the verb is part of the fingerprint': {text: 'a.verb === b.verb && ', instead: ''},
		'the amount is part of the fingerprint': {text: ' && a.amount === b.amount', instead: ''},
		'the asset is part of the fingerprint': {text: ' && a.assetId === b.assetId', instead: ''},
		'keys of two cards are told apart': {text: '`${scope}/${space}/${key}`', instead: '`${space}/${key}`'},
		'key spaces are told apart': {text: '`${scope}/${space}/${key}`', instead: '`${scope}/${key}`'},
		'a transfer locks the card that gets it': {
			text: "return 'targetId' in command ? [command.cardId, command.targetId] : [command.cardId];",
			instead: 'return [command.cardId];',
			tests: ['test/ledger/transfer.test.ts'],
		},
	}),
	...guardsOf('src/payments/operate.ts', ['test/payments/operations.test.ts'], {
		'operations of a payment have key spaces of their own': {
			text: 'space: spaces[verb], key}',
			instead: 'space: spaces.settle, key}',
		},
		'requests without an id are told apart by what they ask': {
			text: "`without id: ${verb} ${asked} ${settleId ?? ''}`.trim()",
			instead: '`without id: ${verb}`',
		},
		'a payment that changed under the look is looked up again': {
			text: 'if (!isChanged || attempt === attemptsMax) {',
			instead: 'if (attempt > 0) {',
			tests: ['test/payments/trouble.test.ts'],
		},
	}),
	...guardsOf('src/ledger/writer.ts', [writer, locks, retries, isolation], {
		'a writer that drains takes nothing more': {
			text: 'if (this.#isDraining) {',
			instead: 'if (false as boolean) {',
			hangs: true,
		},
		'a queue that is full turns away': {
			text: 'if (this.#pending >= this.#limits.queueMax) {',
			instead: 'if (this.#pending < 0) {',
			hangs: true,
		},
		'commands of a taken card keep their order': {
			text: 'if (meetsAny(command, lane.patient)) {',
			instead: 'if (lane.isPatient && meetsAny(command, [])) {',
			tests: [locks],
		},
		'what waits for a taken card stands aside': {
			text: "if (sqlStateOf(error) === '55P03') {",
			instead: "if (sqlStateOf(error) === '-') {",
			tests: [locks],
		},
		'a failure of one command fails that one alone': {
			text: 'await this.#isolate(lane, timely, error);\n\t\t\t\t\treturn;',
			instead: 'timely.forEach(({reject}) => {\n\t\t\t\t\t\treject(error);\n\t\t\t\t\t});\n\t\t\t\t\treturn;',
		},
		'a batch that meets a passing failure runs again': {
			text: 'if (!isPassing(error) && !(attempt',
			instead: 'if (!(attempt',
			tests: [retries],
		},
		'a batch whose key was taken runs again': {
			text: ' && !(attempt === 1 && isKeyTaken(error))) {',
			instead: ') {',
			tests: ['test/ledger/two-writers.test.ts', racing],
		},
		'batches that run at once want nothing of each other': {
			text: ' && !rowsOf(waiting.command).some(row => lane.taken.has(row));',
			instead: ';',
			tests: [writer, locks, 'test/ledger/two-writers.test.ts', 'test/bulk/undo-run.test.ts'],
		},
		'a batch takes no more than its limit': {
			text: 'Math.min(batchMax, ',
			instead: 'Math.max(0, ',
		},
		'a batch takes no more than half of what is under way': {
			text: 'Math.ceil(this.#pending / 2)',
			instead: 'this.#pending',
		},
		'what is remembered is answered while its card is taken': {
			text: 'const answered = await this.#answerRemembered(lane);',
			instead: 'const answered = new Set<Waiting>();',
			tests: [locks],
		},
	}),
	...guardsOf('src/ledger/waiting.ts', [writer, locks, isolation], {
		'a command past its deadline is given up': {text: 'now > deadline || ', instead: ''},
		'a command whose client is gone is given up': {text: ' || signal?.aborted === true', instead: ''},
		'while a root is being made, commands of roots wait': {
			text: 'return batch.every(isFree) ? ({command}) => !hasRoot(command) : isFree;',
			instead: 'return isFree;',
			tests: [racing, locks, 'test/ledger/earn.test.ts'],
		},
	}),
	...guardsOf('src/ledger/passing.ts', [retries, lost], {
		'conflicts pass': {text: 'isRetryable(error) ||', instead: ''},
		'lost connections pass': {text: 'isConnectionLost(error) ||', instead: '', tests: [lost, retries]},
		'late transactions pass': {text: 'isLateTransaction ||', instead: 'isLateTransaction === undefined ||'},
		'a lost thread passes': {
			text: 'error instanceof ThreadLostError ||',
			instead: '(error instanceof ThreadLostError && error.name === undefined) ||',
			tests: ['test/ledger/commit-thread.test.ts'],
		},
		'a server that is full passes': {text: "passingStates.test(sqlStateOf(error) ?? '')", instead: 'false'},
	}),
	...guardsOf('src/ledger/store/load.ts', [batch, 'test/ledger/lots.test.ts', stories], {
		'a lot that begins while the lock is waited for is not counted on': {
			text: '(WHERE spendable_from <= ${first} AND (',
			instead: '(WHERE (',
			tests: [locks],
		},
		'a lot that ends while the lock is waited for is not counted on': {
			text: 'expires_at > ${last}))',
			instead: 'expires_at > ${first}))',
			tests: [locks],
		},
		'lots are loaded in spending order': {
			text: 'OVER (ORDER BY expires_at NULLS LAST, origin NOT IN (${promotional}), id ROWS',
			instead: 'OVER (ORDER BY id ROWS',
		},
		'of lots that end together, given ones are loaded before bought ones': {
			text: 'NULLS LAST, origin NOT IN (${promotional}), id ROWS',
			instead: 'NULLS LAST, id ROWS',
		},
		'commands of another merchant are not remembered': {
			text: 'FROM commands WHERE merchant_id = $1::int AND scope',
			instead: 'FROM commands WHERE scope',
			tests: [writer, batch, 'test/cards/issue.test.ts'],
		},
		'commands are looked up one by one while there are no statistics': {
			text: 'AND key = k.key LIMIT 1',
			instead: 'AND key = k.key',
			tests: ['test/ledger/young-store.test.ts'],
		},
	}),
	...guardsOf('src/ledger/store/load-programs.ts', ['test/ledger/store/programs.test.ts'], {
		'a rate that is not effective yet does not count': {
			text: ' AND effective_from <= $3::timestamptz',
			instead: ' AND $3::timestamptz IS NOT NULL',
		},
	}),
	...guardsOf('src/db/round-trips.ts', ['test/db/round-trips.test.ts'], {
		'COMMIT tells what became of the statement before it': {text: '\t\tawait before;\n', instead: ''},
		'a statement that locks tells what became of it': {
			text: 'sideBySide((await before) as Rows, (await sent) as Rows)',
			instead: "sideBySide((await before.catch(() => nothing(''))) as Rows, (await sent) as Rows)",
		},
		'a transaction knows no lock of the one before': {text: '\t\tfirst = undefined;\n', instead: ''},
		'what is sent behind a failed statement fails with it': {
			text: "return before === undefined || text === 'ROLLBACK' ?",
			instead: "return before === undefined || text !== 'COMMIT' ?",
		},
		'a transaction knows no statement of the one before': {
			text: '\t\t\tlast = undefined;\n',
			instead: '',
		},
	}),
	...guardsOf('src/db/commit-guard.ts', ['test/db/commit-guard.test.ts'], {
		'COMMIT has a deadline': {text: '}, timeoutMs);', instead: '}, timeoutMs * 1000);'},
		'the deadline of COMMIT begins after the statement before it': {
			text: '\t\tawait pending?.answered();\n',
			instead: '',
		},
		'a warning on COMMIT is no success': {text: 'if (wasWarned()) {', instead: 'if (!wasWarned) {'},
		'a COMMIT that has undone everything is no success': {
			text: "if (result?.command === 'ROLLBACK') {",
			instead: "if (result?.command === '') {",
		},
		'a warning before COMMIT is not one of it': {text: '\t\tisWarned = false;\n', instead: ''},
		'a server that takes no writes is left': {
			hangs: true,
			text: 'if (code === readOnlyState) {',
			instead: "if (code === '') {",
		},
	}),
	...guardsOf('src/jobs/rest.ts', ['test/jobs/rest.test.ts'], {
		'work that nobody waits for gives way': {text: 'isBusy() && ', instead: 'false && isBusy() && '},
		'a rest ends when the service stops': {text: ' && signal?.aborted !== true', instead: '', hangs: true},
		'the rests of a run have their time together': {
			text: 'leftMs -= workSince - begunAt;',
			instead: 'leftMs -= 0;',
		},
		'a rest ends after its time': {
			text: ' && now() - begunAt < leftMs',
			instead: ' && begunAt >= 0',
			hangs: true,
		},
		'work that nobody waits for rests as it goes': {
			text: '(now() - workSince) * restPerWork',
			instead: '0 * restPerWork',
		},
	}),
	...guardsOf('src/ledger/seal.ts', ['test/jobs/rest.test.ts'], {
		'sealing gives way': {text: '\t\tawait rest?.(signal);\n', instead: '', hangs: true},
	}),
	...guardsOf('src/http/admission.ts', ['test/http/admission.test.ts'], {
		'more writes than can be done are turned away': {
			text: 'letIn >= writesMax || ',
			instead: '',
			hangs: true,
		},
		'writes are turned away while batches stand still': {
			text: ' || waitingMs() > waitingMsMax',
			instead: '',
			hangs: true,
		},
		'reads are not turned away': {
			text: 'if (!isGiftCardWrite(request)) {',
			instead: "if (!isGiftCardWrite(request) && request.url === '') {",
		},
		'who has no credentials learns nothing at the door': {
			text: 'if (presentedCredential(request.headers) === undefined) {',
			instead: "if (presentedCredential(request.headers) === undefined && request.url === '') {",
		},
		'a write leaves when its connection is gone': {
			text: '\t\t\tleave(connection, connection.letIn);\n',
			instead: '',
		},
		'a write leaves once': {text: 'Math.min(1, connection.letIn)', instead: '1'},
		'it is known for a second that writes are turned away': {
			text: '\t\t\t\tlastTurnedAwayAt = performance.now();\n',
			instead: '',
		},
	}),
	...guardsOf('src/jobs/expire-lots.ts', ['test/jobs/expire-lots.test.ts'], {
		'a sweep passes over what it could not book': {
			text: '\n\t\t\t\tAND card_id <> ALL (${passedOver}::bigint[])',
			instead: ' AND ${passedOver}::bigint[] IS NOT NULL',
			hangs: true,
		},
	}),
];
