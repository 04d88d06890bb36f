import {spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Where a simulator lives: all that it writes is below one folder, which goes when it goes. */
export type Home = {
	readonly folder: string;
	/** Where its database is. */
	readonly dataDir: string;
	/** Whether that is on a disk of its own, small enough to be filled. */
	readonly hasOwnDisk: boolean;
	/** @param keeps - leave the logs and files of the runs, not the database */
	readonly remove: (keeps: boolean) => void;
};

// A database, its journal, and room for a run's data.
const diskMegabytes = 640;

export function openHome(): Home {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-simulate-'));
	// The database of root runs as another user, who must pass through.
	chmodSync(folder, 0o711);
	const disk = path.join(folder, 'disk');
	mkdirSync(disk);
	chmodSync(disk, 0o711);
	const hasOwnDisk = mount(disk);
	return {
		folder,
		dataDir: path.join(disk, 'data'),
		hasOwnDisk,
		remove(keeps) {
			if (hasOwnDisk) {
				spawnSync('umount', ['-l', disk]);
			}

			rmSync(keeps ? disk : folder, {recursive: true, force: true});
		},
	};
}

/** A disk in memory. Nothing here outlives the machine, and what a killed process has written does outlive the process. */
function mount(disk: string): boolean {
	const mayMount = process.platform === 'linux' && process.getuid?.() === 0;
	return (
		mayMount &&
		spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMegabytes}m,mode=0711`, 'monedero-simulate', disk])
			.status === 0
	);
}
