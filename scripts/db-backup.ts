import path from 'node:path';
import {localDateTime} from '../src/ledger/calendar.ts';
import {commandLine} from '../src/config-command-line.ts';
import {defineCommand} from './lib/command.ts';
import {notEmbedded} from './lib/embedded-only.ts';
import {runAsScript} from './lib/run-command.ts';
import {printFields} from './lib/table.ts';

export const dbBackup = defineCommand({
	name: 'db:backup',
	summary:
		'Copy the embedded database into a new folder while the service runs: whatever was answered before it ends is in it.',
	details: [
		'The folder has a manifest with the SHA-256 of every file, and appears when all of it is on disk. It holds what the database holds, names and ' +
			'e-mails included, and none of the secrets beside it: keep those apart, for without them no redemption code can be read.',
		'With DATABASE_URL this is refused with exit code 2: such a database is copied with the tools of whoever runs it.',
	],
	flags: {
		to: {
			type: 'text',
			placeholder: 'FOLDER',
			description: 'A new folder for the backup.',
			required: true,
			isFile: true,
		},
		'with-secrets': {
			type: 'text',
			placeholder: 'FOLDER',
			description: 'Another new folder, for copies of the secrets. Whoever has both folders has everything.',
			isFile: true,
		},
	},
	changes: false,
	examples: ['--to /backups/monday', '--to /backups/monday --with-secrets /safe/monday --json'],
	prepare(config) {
		if (config.databaseUrl !== undefined) {
			throw notEmbedded();
		}

		return Promise.resolve(config);
	},
	async run({parts, merchant, print, signal}, args) {
		if (parts.backup === undefined) {
			throw notEmbedded();
		}

		const begun = performance.now();
		const to = path.resolve(args.to);
		const secretsTo = args['with-secrets'] === undefined ? undefined : path.resolve(args['with-secrets']);
		const {files, ...manifest} = await parts.backup({to, secretsTo, signal});
		const bytes = files.reduce((sum, {size}) => sum + size, 0);
		const seconds = (performance.now() - begun) / 1000;
		const {begunAt, endedAt, startLsn, stopLsn, systemIdentifier} = manifest;
		print.value({
			...{folder: to, ...(secretsTo !== undefined && {secrets: secretsTo})},
			...{files: files.length, bytes, begunAt, endedAt, startLsn, stopLsn, systemIdentifier},
		});
		printFields(print, [
			['Backup', to, 'bold'],
			['Secrets', secretsTo ?? 'not in it: keep the folder secrets of the data directory apart'],
			['Files', `${files.length.toLocaleString('en')}, ${(bytes / 2 ** 20).toFixed(1)} MB`],
			['Journal', `${startLsn} to ${stopLsn}`],
		]);
		const until = localDateTime(Date.parse(endedAt), merchant.timeZone);
		print.line(
			`\nCopied in ${seconds.toFixed(1)} s. Whatever was answered before ${until} (${merchant.timeZone}) is in it.`,
		);
		print.line(`Try it: ${commandLine('db:restore', '--from FOLDER --secrets SECRETS --data-dir NEW')}`);
	},
});

await runAsScript(import.meta.url, dbBackup);
