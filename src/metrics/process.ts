import {readFileSync} from 'node:fs';
import {monitorEventLoopDelay, performance} from 'node:perf_hooks';
import process from 'node:process';
import {type Registry} from 'prom-client';
import {processDefinitions} from './shared-definitions.ts';
import {instrumentsOf, showTotal} from './instruments.ts';

const nanoseconds = 1e9;
const microseconds = 1e6;
// Fine enough for what shoppers notice; a finer one would wake an idle process more often.
const resolution = 20;
const percentiles = [50, 99, 100] as const;

/** What the process itself is like. */
export function watchProcess(registry: Registry) {
	const {loopLag, loopBusy, cpu, memory, heap, startedAt, build} = instrumentsOf(
		registry,
		processDefinitions,
	);
	const delays = monitorEventLoopDelay({resolution});
	delays.enable();
	startedAt.set(performance.timeOrigin / 1000);
	build.set({version: versionOf(), node: process.version}, 1);
	return {
		show(): void {
			for (const percentile of percentiles) {
				// What is measured is the time from one timer to the next.
				const late = Math.max(0, delays.percentile(percentile) / nanoseconds - resolution / 1000);
				loopLag.set({percentile}, delays.count === 0 ? 0 : late);
			}

			delays.reset();
			const {user, system} = process.cpuUsage();
			const {heapUsed} = process.memoryUsage();
			showTotal(loopBusy, performance.eventLoopUtilization().active / 1000);
			showTotal(cpu, (user + system) / microseconds);
			memory.set(process.memoryUsage.rss());
			heap.set(heapUsed);
		},
		close(): void {
			delays.disable();
		},
	};
}

/** Of the package; `unknown` where it is run without one. */
function versionOf(): string {
	try {
		const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
		return (JSON.parse(text) as {version: string}).version;
	} catch {
		return 'unknown';
	}
}
