import {randomBytes} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import {makeServiceRole, readInstallation, roleName, serviceRoleSql} from '../src/admins/service-role.ts';
import {defineCommand, UsageError} from './lib/command.ts';
import {runAsScript} from './lib/run-command.ts';
import {printFields} from './lib/table.ts';

export const dbRoles = defineCommand({
	name: 'db:roles',
	summary:
		'Make a role of the database with which the service runs: it cannot change or delete history, even where triggers are off.',
	details: [
		'The tables stay with the role that owns them, which is for migrations: DIRECT_DATABASE_URL. It must be allowed to make roles ' +
			'(CREATEROLE) while this runs. Afterwards put the new role and its password into DATABASE_URL. Run again, it brings the privileges up to ' +
			'date and keeps the password; migrations do the same by themselves.',
		'The password is shown once, or written to a new file that only you can read. --dry-run prints the SQL, without a password.',
	],
	flags: {
		service: {
			type: 'text',
			placeholder: 'NAME',
			description: 'Name of the role; without it, monedero_service.',
		},
		'password-file': {
			type: 'text',
			placeholder: 'FILE',
			isFile: true,
			description: 'Write the password into this new file and do not show it.',
		},
		'dry-run': {type: 'switch', description: 'Only print the SQL.'},
	},
	changes: args => !args['dry-run'],
	examples: ['--dry-run', '--dry-run --service shop_service'],
	async run({parts, print}, {service: name = 'monedero_service', 'password-file': file, 'dry-run': isDry}) {
		if (!roleName.test(name)) {
			throw new UsageError(
				'--service takes small letters, digits and _, and not a name that begins with pg_.',
			);
		}

		const client = await parts.openAdminConnection();
		try {
			const installation = await readInstallation(client, name);
			if (installation.isUnlimited) {
				throw new UsageError(
					'--service names the owner of the tables, a role that may become the owner, or a superuser, who may do everything. Give another name.',
				);
			}

			if (isDry) {
				const statements = serviceRoleSql({name, password: null}, installation);
				print.value({role: name, owner: installation.owner, statements});
				statements.forEach(statement => {
					print.line(`${statement};`);
				});
				return;
			}

			const password = installation.roleExists ? null : randomBytes(24).toString('base64url');
			if (password !== null && file !== undefined) {
				// Before the role, so that no role is left whose password nobody knows.
				writeFileSync(file, `${password}\n`, {mode: 0o600, flag: 'wx'});
			}

			await makeServiceRole(client, serviceRoleSql({name, password}, installation));
			const isShown = password !== null && file === undefined;
			print.value({
				role: name,
				owner: installation.owner,
				created: !installation.roleExists,
				...(isShown && {password}),
			});
			printFields(print, [
				['Role', name],
				['Owner', installation.owner],
				['', installation.roleExists ? 'was there; its privileges are up to date' : 'made'],
				...(isShown ? ([['Password', password]] as const) : []),
			]);
			if (isShown) {
				print.line(
					print.styled('yellow', '\nThe password is shown here only. Put it into DATABASE_URL now.'),
				);
			}
		} finally {
			await client.end();
		}
	},
});

await runAsScript(import.meta.url, dbRoles);
