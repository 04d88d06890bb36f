import process from 'node:process';
import {BroadcastChannel, getEnvironmentData, isMainThread, setEnvironmentData} from 'node:worker_threads';

// Loaded before a process of the simulator by `--require`, which unlike `--import` reaches its threads too: `Date` tells the time of a clock that the
// simulator moves by a message. Timers and `performance` go on as they are, as they do when a machine's clock is set.

const name = 'simulated clock';
const real = Date;
const channel = new BroadcastChannel(name);
let offset = Number(getEnvironmentData(name)) || 0;
const now = () => real.now() + offset;

globalThis.Date = new Proxy(real, {
	construct: (target, values: unknown[], newTarget) =>
		Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget) as Date,
	apply: () => new real(now()).toString(),
	get: (target, member, receiver) =>
		member === 'now' ? now : (Reflect.get(target, member, receiver) as unknown),
});

channel.onmessage = event => {
	offset = Number((event as {data: unknown}).data);
};
channel.unref();

if (isMainThread) {
	process.on('message', (message: {readonly clock?: number}) => {
		if (message.clock !== undefined) {
			offset = message.clock;
			// Threads that begin later start with it.
			setEnvironmentData(name, offset);
			channel.postMessage(offset);
		}
	});
	process.channel?.unref();
}
