import {guardsOf} from '../mutant.ts';

/* What keeps two who want the same rows apart: row locks, the one order in which they are taken, and what is checked behind them. */

const writerLocks = 'test/ledger/writer-locks.test.ts';
const rows = 'test/ledger/store/locks.test.ts';
const undoRun = 'test/bulk/undo-run.test.ts';

export const lockGuards = [
	...guardsOf('src/ledger/store/lock.ts', [rows], {
		'cards are locked': {
			text: ' ORDER BY id FOR NO KEY UPDATE\n) card',
			instead: ' ORDER BY id\n) card',
			match: '* are waited for, and not called free',
		},
		'cards are locked in one order': {
			text: 'ORDER BY id FOR NO KEY UPDATE\n) card',
			instead: 'ORDER BY array_position($2::bigint[], id) FOR NO KEY UPDATE\n) card',
			tests: [writerLocks],
		},
		'the lock of a card lets others refer to it': {
			text: 'FOR NO KEY UPDATE\n) card',
			instead: 'FOR UPDATE\n) card',
			tests: [writerLocks],
		},
		'who looks for free cards does not wait': {
			text: 'FOR NO KEY UPDATE SKIP LOCKED',
			instead: 'FOR NO KEY UPDATE',
			tests: [writerLocks],
		},
		'a card that is taken is not called free': {
			text: 'ORDER BY id FOR NO KEY UPDATE SKIP LOCKED',
			instead: 'ORDER BY id',
			tests: [writerLocks],
		},
	}),
	...guardsOf('src/ledger/store/lock-payments.ts', [rows], {
		'payments are locked': {
			text: ' ORDER BY payment_id FOR NO KEY UPDATE\n) payment',
			instead: ' ORDER BY payment_id\n) payment',
			match: '* are waited for, and not called free',
		},
		'payments are locked in one order': {
			text: 'ORDER BY payment_id FOR NO KEY UPDATE\n) payment',
			instead: 'ORDER BY array_position($2::text[], payment_id) FOR NO KEY UPDATE\n) payment',
		},
		'who looks for free payments does not wait': {
			text: 'FOR NO KEY UPDATE SKIP LOCKED',
			instead: 'FOR NO KEY UPDATE',
			match: '* are waited for, and not called free',
		},
		'a payment that is taken is not called free': {
			text: 'ORDER BY payment_id FOR NO KEY UPDATE SKIP LOCKED',
			instead: 'ORDER BY payment_id',
			match: '* are waited for, and not called free',
		},
	}),
	...guardsOf('src/ledger/store/lock-orders.ts', [rows], {
		'orders are locked': {
			text: ' ORDER BY order_id FOR NO KEY UPDATE\n) o',
			instead: ' ORDER BY order_id\n) o',
			match: '* are waited for, and not called free',
		},
		'orders are locked in one order': {
			text: 'ORDER BY order_id FOR NO KEY UPDATE\n) o',
			instead: 'ORDER BY array_position($2::text[], order_id) FOR NO KEY UPDATE\n) o',
		},
		'orders are made in one order': {
			text: ' AS wanted(id) ORDER BY id ON CONFLICT DO NOTHING',
			instead: ' AS wanted(id) ON CONFLICT DO NOTHING',
		},
		'who looks for free orders does not wait': {
			text: 'FOR NO KEY UPDATE SKIP LOCKED',
			instead: 'FOR NO KEY UPDATE',
			match: '* are waited for, and not called free',
		},
		'an order that is taken is not called free': {
			text: 'ORDER BY order_id FOR NO KEY UPDATE SKIP LOCKED',
			instead: 'ORDER BY order_id',
			match: '* are waited for, and not called free',
		},
	}),
	...guardsOf('src/ledger/store/lock-runs.ts', [undoRun], {
		'an import is held while something is given for it': {
			text: ' ORDER BY id FOR SHARE',
			instead: ' ORDER BY id',
		},
		'batches of one import do not wait for each other': {
			text: 'FOR SHARE\n',
			instead: 'FOR UPDATE\n',
			tests: [rows],
		},
	}),
	...guardsOf('src/ledger/store/write-cards.ts', ['test/ledger/writer-isolation.test.ts'], {
		'a card is changed in the version that was read': {text: " AND t.version = v.expected'", instead: "'"},
	}),
	...guardsOf('src/ledger/store/write.ts', ['test/ledger/writer-isolation.test.ts'], {
		'rows that were changed are counted': {
			text: '(SELECT count(*) FROM ${table}_changed)',
			instead: '(SELECT ${parameter(count)}::bigint FROM (SELECT count(*) FROM ${table}_changed) c)',
		},
	}),
	...guardsOf('src/ledger/store/write-credits.ts', ['test/ledger/store/write-credits.test.ts'], {
		'a batch that is more than credits is written table by table': {
			text: 'count === 0 || !isAllThatHappened',
			instead: 'count === 0',
		},
		'only what an import gives is written in one list': {
			text: 'command.runId !== undefined && entry?.id === id',
			instead: 'entry?.id === id',
		},
	}),
	...guardsOf('src/ledger/store/write-payments.ts', ['test/ledger/payments.test.ts'], {
		'columns are left out only where no payment of the batch has anything to say in them': {
			text: 'isUsual(birth) && ',
			instead: '',
		},
		'columns are sent once only where all payments of the batch say the same in them': {
			text: ' && isLike(birth, first)',
			instead: '',
		},
	}),
	...guardsOf('src/ledger/store/write-payments.ts', [rows], {
		'payments are made in one order': {
			text: '.sort((a, b) => (a.payment.paymentId < b.payment.paymentId ? -1 : 1))',
			instead: '.sort(() => 0)',
		},
	}),
	...guardsOf('src/ledger/snapshot.ts', ['test/ledger/snapshot.test.ts'], {
		'a horizon is locked': {
			text: "WHERE merchant_id = $1::int FOR NO KEY UPDATE'",
			instead: "WHERE merchant_id = $1::int'",
		},
		'a snapshot takes nothing above its horizon': {
			text: ' AND ${xid} < (SELECT horizon FROM now_at)`',
			instead: '`',
		},
		'a first snapshot takes nothing above its horizon': {
			text: '(e.incarnation < $2::smallint OR ${xid} < (SELECT horizon FROM now_at))',
			instead: 'true',
		},
		'the tail begins at the horizon': {
			text: '= $2::smallint AND ${xid} >= $3::bigint\n',
			instead: '= $2::smallint AND ${xid} > $3::bigint + 1\n',
		},
		'snapshots of another server are thrown away': {
			text: 'if (row.incarnation === incarnation) {',
			instead: 'if (row.incarnation > 0) {',
		},
	}),
	...guardsOf('src/ledger/incarnation.ts', ['test/ledger/snapshot.test.ts'], {
		'an incarnation counts on its own server only': {
			text: ' AND i.system_id = server_id()',
			instead: '',
			match: 'an incarnation of another server*',
		},
		'a horizon that this server has not come to is not believed': {
			text: 'AND h.horizon > ${oldestRunning})',
			instead: 'AND h.horizon < 0)',
			match: 'a horizon above all*',
		},
		'the horizon is that of the oldest transaction under way': {
			text: "'pg_snapshot_xmin(pg_current_snapshot())::text::bigint'",
			instead: "'pg_snapshot_xmax(pg_current_snapshot())::text::bigint'",
			match: 'an entry whose transaction began*',
		},
	}),
];
