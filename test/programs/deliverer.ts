import {setTimeout as delay} from 'node:timers/promises';
import {openCallbacks} from '../../src/callbacks/callbacks.ts';
import {openDatabase} from '../../src/db/client.ts';

// A process that delivers what is due, again and again, until it is killed. The first argument is its database, the second the instant at
// which its clock stands. Says `ready` once.

const [url = '', now = '0'] = process.argv.slice(2);
const {prisma} = await openDatabase(url, {purpose: 'general', poolMax: 4});
const callbacks = openCallbacks({
	prisma,
	clock: () => Number(now),
	log: {info: () => undefined, warn: () => undefined},
	render: (_merchantId, paymentId) => Promise.resolve(JSON.stringify({paymentId, by: process.pid})),
	keys: undefined,
	hosts: [],
	onFailure(error) {
		throw error;
	},
});
process.stdout.write('ready\n');
for (;;) {
	await callbacks.deliverDue();
	await delay(5);
}
