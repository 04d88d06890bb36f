import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {processorsOf, setApart} from '../../scripts/bench/processors.ts';

test('processors are listed as Linux lists them', t => {
	t.deepEqual(processorsOf('0-2,5'), [0, 1, 2, 5]);
	t.deepEqual(processorsOf('3'), [3]);
	t.deepEqual(processorsOf(''), []);
});

test('servers and clients share no processor, where there are two', async t => {
	const [server, client] = [spawn('sleep', ['60']), spawn('sleep', ['60'])];
	await Promise.all([once(server, 'spawn'), once(client, 'spawn')]);
	t.teardown(() => {
		server.kill();
		client.kill();
	});

	const apart = await setApart([server.pid ?? 0], [client.pid ?? 0]);

	const processors = [server, client].map(({pid}) => allowed(pid));
	const shared = processors[0]?.filter(processor => processors[1]?.includes(processor));
	t.deepEqual(apart === undefined ? processors[0] : shared, apart === undefined ? processors[1] : []);
	t.deepEqual(apart && [apart.servers, apart.clients].map(processorsOf), apart && processors);
});

function allowed(pid = 0): number[] {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return processorsOf(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '');
}
