import test from 'ava';
import type pg from 'pg';
import {keepSessions} from '../../src/db/pooler.ts';

/** A pooler of two sessions in transaction mode; `next` is which of the free ones a transaction gets. */
function openPooler(next: 'first freed' | 'last freed') {
	const free = [101, 102];
	const take = () => (next === 'first freed' ? free.shift() : free.pop()) ?? 0;
	const connect = () => {
		let session: number | undefined;
		const query = (sql: string) => {
			if (sql === 'BEGIN') {
				session = take();
			} else if (sql === 'COMMIT') {
				free.push(session ?? 0);
				session = undefined;
			} else {
				const pid = session ?? take();
				if (session === undefined) {
					free.push(pid);
				}

				return Promise.resolve({rows: [{pid}]});
			}

			return Promise.resolve({rows: []});
		};
		// What a pooler tells a client is a number of its own.
		return Promise.resolve({processID: 7, query} as unknown as pg.ClientBase);
	};
	return {connect, free};
}

for (const next of ['first freed', 'last freed'] as const) {
	test(`a pooler that gives each transaction another session, the ${next}, is found out, and gets its sessions back`, async t => {
		const {connect, free} = openPooler(next);

		t.false(await keepSessions(connect));
		t.is(free.length, 2);
	});
}

test('a pooler that keeps a session for each connection keeps sessions', async t => {
	let sessions = 0;
	const connect = () => {
		const pid = ++sessions;
		return Promise.resolve({
			processID: 7,
			query: () => Promise.resolve({rows: [{pid}]}),
		} as unknown as pg.ClientBase);
	};

	t.true(await keepSessions(connect));
	t.is(sessions, 2);
});

test('a server by itself is asked once, on one connection', async t => {
	let asked = 0;
	const connect = () =>
		Promise.resolve({
			processID: 42,
			query: () => {
				asked++;
				return Promise.resolve({rows: [{pid: 42}]});
			},
		} as unknown as pg.ClientBase);

	t.true(await keepSessions(connect));
	t.is(asked, 1);
});
