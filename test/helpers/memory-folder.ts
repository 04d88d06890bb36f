import {accessSync, constants, readFileSync, statfsSync} from 'node:fs';
import os from 'node:os';

const folder = '/dev/shm';
const gigabyte = 1024 ** 3;

/**
 * A folder whose files are in memory, where the system has one with room for what the tests write. A database is a thousand small files:
 * on many disks, making and dropping one costs more than all that a test does with it.
 */
export function memoryFolder(): string | undefined {
	try {
		accessSync(folder, constants.W_OK);
		const {bavail, bsize} = statfsSync(folder);
		const free = Math.min(bavail * bsize, os.freemem(), process.constrainedMemory() || Infinity);
		return free > 4 * gigabyte && mayRunPrograms() ? folder : undefined;
	} catch {
		return undefined;
	}
}

/** Some tests have PostgreSQL's programs copied in there. */
function mayRunPrograms(): boolean {
	const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
	const [, , , options = 'noexec'] =
		mounts.map(line => line.split(' ')).findLast(([, at]) => at === folder) ?? [];
	return !options.split(',').includes('noexec');
}
