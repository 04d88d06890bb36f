import test from 'ava';
import {type Host, hostsOf} from '../../src/db/hosts.ts';
import {NoPrimaryError, openPrimaryFinder, type Standing} from '../../src/db/primary.ts';
import {isConnectionLost, isUnavailable} from '../../src/db/sql-state.ts';
import {deferred} from '../helpers/deferred.ts';

const hosts = hostsOf('postgresql://u:p@one,two,three/name');
const [one, two] = hosts as [Host, Host];
const primary = (timeline: number): Standing => ({takesWrites: true, timeline});
const standby: Standing = {takesWrites: false, timeline: 0};

type Says = Standing | Error | Promise<Standing>;

/** Servers that say what the test has written down for them, and how often they were asked. */
function serversThat(says: Record<string, Says>) {
	const counts = {asked: 0};
	const finder = openPrimaryFinder(hosts, async ({host}) => {
		counts.asked++;
		const said = says[host] ?? standby;
		if (said instanceof Error) {
			throw said;
		}

		return said;
	});
	return {finder, says, counts};
}

const refused = () => Object.assign(new Error('connect ECONNREFUSED'), {code: 'ECONNREFUSED'});

test('the server that takes writes is found, and nobody is asked again while it is not in doubt', async t => {
	const {finder, counts} = serversThat({one: standby, two: primary(1), three: refused()});

	const found = await Promise.all([finder.find(), finder.find(), finder.find()]);
	await finder.find();

	t.deepEqual(
		found.map(({host}) => host),
		['two', 'two', 'two'],
	);
	t.is(counts.asked, 3);
});

test('of two that take writes the one that was promoted later is the primary', async t => {
	t.is((await serversThat({one: primary(1), two: primary(2)}).finder.find()).host, 'two');
	t.is((await serversThat({one: primary(3), two: primary(2)}).finder.find()).host, 'one');
});

test('a former primary is not used again, even while the later one is away', async t => {
	const {finder, says} = serversThat({one: primary(1), two: primary(2)});
	t.true(finder.accept(await finder.find(), primary(2)));
	says['two'] = refused();
	finder.doubt(two);

	const error = await t.throwsAsync(finder.find(), {instanceOf: NoPrimaryError});

	t.regex(error.message, /one:5432 was the primary before another one/);
	t.regex(error.message, /two:5432 does not answer \(ECONNREFUSED\)/);
	t.false(finder.accept(one, primary(1)));
});

test('a server that hangs does not delay the primary that was there a moment ago', async t => {
	const hanging = deferred<Standing>();
	const {finder, says} = serversThat({one: primary(1)});
	finder.accept(await finder.find(), primary(1));
	says['two'] = hanging.promise;
	finder.doubt(one);

	t.is((await finder.find()).host, 'one');
	hanging.resolve(standby);
});

test('a doubt about another server than the known one changes nothing', async t => {
	const {finder, counts} = serversThat({one: primary(1)});
	await finder.find();

	finder.doubt(two);
	await finder.find();

	t.is(counts.asked, 3);
});

test('connections to the former primary are dropped as soon as another server is known to be the primary', async t => {
	const {finder, says} = serversThat({one: primary(1)});
	finder.accept(await finder.find(), primary(1));
	const dropped: string[] = [];
	for (const host of [one, two]) {
		finder.members.add({host, drop: ({message}) => dropped.push(`${host.host}: ${message}`)});
	}

	t.deepEqual(dropped, []);
	Object.assign(says, {one: standby, two: primary(2)});
	finder.doubt(one);
	await finder.find();

	t.deepEqual(dropped, ['one: Connection terminated: another server is the primary now']);
});

test('that no server takes writes passes: the same may succeed in a moment, and the message names them all', async t => {
	const {finder, says} = serversThat({one: refused()});

	const error = await t.throwsAsync(finder.find(), {instanceOf: NoPrimaryError});

	t.true(isConnectionLost(error));
	t.true(isUnavailable(error));
	t.regex(error.message, /one:5432 does not answer \(ECONNREFUSED\)/);
	t.regex(error.message, /two:5432 is a standby/);
	says['two'] = primary(2);
	t.is((await finder.find()).host, 'two');
});

test('credentials that every server refuses are no failover, and are not tried for ever', async t => {
	const wrong = Object.assign(new Error('password authentication failed'), {
		code: '28P01',
		severity: 'FATAL',
	});
	const {finder} = serversThat({one: wrong, two: wrong, three: wrong});

	const error = await t.throwsAsync(finder.find(), {instanceOf: NoPrimaryError});

	t.false(isUnavailable(error));
});
