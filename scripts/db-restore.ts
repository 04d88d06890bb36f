import path from 'node:path';
import {restoreCluster} from '../src/assemble-restore.ts';
import {audit} from '../src/ledger/audit.ts';
import {beginIncarnation} from '../src/ledger/incarnation.ts';
import {verifySeals} from '../src/ledger/verify.ts';
import {defineCommand} from './lib/command.ts';
import {notEmbedded} from './lib/embedded-only.ts';
import {runAsScript} from './lib/run-command.ts';
import {printFields} from './lib/table.ts';

export const dbRestore = defineCommand({
	name: 'db:restore',
	summary:
		'Put a backup of the embedded database into an empty data directory, start it once, and prove its books; exit code 1 on any finding.',
	details: [
		'Every file is compared with the manifest before anything is put in its place, and nothing that is there is ever replaced: restore into a new ' +
			'folder, and start the service with DATA_DIR set to it, or move it to where the old one was.',
		'The secrets are not in a backup. They are taken from the folder secrets in the data directory, or copied there with --secrets.',
		'What was written since the backup is lost, and VTEX knows of it: compare with its list of orders. Two copies of one store must not both run.',
	],
	flags: {
		from: {
			type: 'text',
			placeholder: 'FOLDER',
			description: 'The folder that db:backup made.',
			required: true,
			isFile: true,
		},
		'data-dir': {
			type: 'text',
			placeholder: 'FOLDER',
			description: 'Where it is put; without it DATA_DIR.',
			isFile: true,
		},
		secrets: {
			type: 'text',
			placeholder: 'FOLDER',
			description: 'Copies of the secrets, as db:backup makes them with --with-secrets.',
			isFile: true,
		},
	},
	changes: true,
	examples: [
		'--from /backups/monday --secrets /safe/monday',
		'--from /backups/monday --data-dir ./restored --json',
	],
	async prepare(config, args, signal) {
		if (config.databaseUrl !== undefined) {
			throw notEmbedded();
		}

		const dataDir = args['data-dir'] === undefined ? config.dataDir : path.resolve(args['data-dir']);
		const secretsFrom = args.secrets === undefined ? undefined : path.resolve(args.secrets);
		await restoreCluster({from: path.resolve(args.from), dataDir, secretsFrom, signal});
		return {...config, dataDir};
	},
	async run({parts, print}, args) {
		if (parts.backup === undefined) {
			throw notEmbedded();
		}

		const {prisma} = parts;
		const incarnation = await beginIncarnation(prisma);
		const report = await audit(prisma);
		const merchants = await prisma.merchant.findMany({select: {id: true, name: true}, orderBy: {id: 'asc'}});
		const seals = [];
		for (const {id, name} of merchants) {
			const {ok, head, entries, unsealed, findings} = await verifySeals(prisma, id);
			seals.push({merchant: name, ok, head, entries, unsealed, findings});
		}

		const bad = report.checks.filter(({ok}) => !ok);
		const isSealed = seals.every(({ok}) => ok);
		print.value({
			...{from: path.resolve(args.from), incarnation, audit: {ok: report.ok, checks: bad}, seals},
		});
		printFields(print, [
			['Audit', report.ok ? 'the books are right' : bad.map(({name}) => name).join('; ')],
			...seals.map(
				({merchant, ok, head}) =>
					[merchant, `${ok ? 'as it was sealed' : 'not as it was sealed'}, ${head ?? 'no seal'}`] as const,
			),
		]);
		if (!report.ok || !isSealed) {
			throw new Error(
				'The backup was restored, and its books are not right. Look with ledger:audit and ledger:verify.',
			);
		}

		print.line(print.styled('green', '\nThe backup was restored, and its books are right.'));
	},
});

await runAsScript(import.meta.url, dbRestore);
