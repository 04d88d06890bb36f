import test from 'ava';
import fc from 'fast-check';
import {addressOf, hostsOf} from '../../src/db/hosts.ts';

const namesOf = (url: string) => hostsOf(url).map(({host, port}) => `${host} ${port}`);
const urlsOf = (url: string) => hostsOf(url).map(one => one.url);

test('a URL with one server names that server', t => {
	t.deepEqual(namesOf('postgresql://u:p@db.example.com:6432/name'), ['db.example.com 6432']);
	t.deepEqual(namesOf('postgres://u:p@db.example.com/name?sslmode=require'), ['db.example.com 5432']);
	t.deepEqual(namesOf('postgresql://u:p@[::1]:5433/name'), ['::1 5433']);
	t.deepEqual(namesOf('postgresql://u:p@localhost/name?host=%2Frun%2Fpostgresql'), ['/run/postgresql 5432']);
});

test('a list of servers is read as libpq reads it, each with its own URL and all that belongs to every one', t => {
	t.deepEqual(urlsOf('postgresql://u:p%40w@one:5432,two:5433,three/name?sslmode=require'), [
		'postgresql://u:p%40w@one:5432/name?sslmode=require',
		'postgresql://u:p%40w@two:5433/name?sslmode=require',
		'postgresql://u:p%40w@three:5432/name?sslmode=require',
	]);
	t.deepEqual(namesOf('postgresql://u@[::1]:5432,10.0.0.2:5433/name'), ['::1 5432', '10.0.0.2 5433']);
});

test('a list in the query wins, and one port may stand for all', t => {
	t.deepEqual(namesOf('postgresql://u:p@ignored/name?host=one,two&port=6000'), ['one 6000', 'two 6000']);
	t.deepEqual(namesOf('postgresql:///name?host=one,/run/two&port=6000,6001&user=u'), [
		'one 6000',
		'/run/two 6001',
	]);
});

test('what only chooses among servers is not handed to each of them', t => {
	t.deepEqual(
		urlsOf('postgresql://u:p@one,two/name?target_session_attrs=read-write&load_balance_hosts=disable'),
		['postgresql://u:p@one:5432/name', 'postgresql://u:p@two:5432/name'],
	);
});

for (const url of [
	'mysql://u:p@one,two/name',
	'one,two',
	'postgresql://u:p@one:5432:1,two/name',
	'postgresql://u:p@one:99999,two/name',
	'postgresql://u:p@one,two/name?host=a,b,c&port=1,2',
]) {
	test(`no servers are read from ${url}`, t => {
		t.deepEqual(hostsOf(url), []);
	});
}

test('whatever the user and the password are, every server is asked with them', t => {
	t.notThrows(() => {
		fc.assert(
			fc.property(fc.string({minLength: 1}), fc.string({minLength: 1}), (user, password) => {
				const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
				const found = hostsOf(`postgresql://${credentials}@one:1,two:2/name`);
				return (
					found.length === 2 &&
					found.every(({url, host}) => {
						const parsed = new URL(url);
						return (
							decodeURIComponent(parsed.username) === user &&
							decodeURIComponent(parsed.password) === password &&
							parsed.hostname === host
						);
					})
				);
			}),
		);
	});
});

test('the address for messages has every server and the database, and neither user nor password', t => {
	t.is(addressOf('postgresql://u:secret@one:5432,two/name?password=secret'), 'one:5432,two:5432/name');
});
