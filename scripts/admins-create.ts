import process from 'node:process';
import {adminRoles, createAdmin} from '../src/admins/admins.ts';
import {defineCommand} from './lib/command.ts';
import {runAsScript} from './lib/run-command.ts';
import {printFields} from './lib/table.ts';

export const adminsCreate = defineCommand({
	name: 'admins:create',
	summary: 'Make a person who may log in to our pages, such as the one on which a store signs up from VTEX.',
	details: [
		'The role admin may give VTEX credentials of the merchant. Five wrong passwords in a row lock an admin for 15 minutes.',
	],
	flags: {
		name: {
			type: 'text',
			required: true,
			placeholder: 'N',
			description: 'What the person types to log in; no other merchant may have an admin of that name.',
		},
		role: {type: 'text', choices: adminRoles, description: 'What the person may do; without it, admin.'},
		'password-stdin': {
			type: 'switch',
			description:
				'Read the password from standard input: 12 characters or more. Without it, one is generated.',
		},
	},
	changes: true,
	examples: ['--name ana', '--name bruno@acme.example --role operator --merchant acme --json'],
	async run({parts, merchant, print}, {name, role = 'admin', 'password-stdin': isGiven}) {
		const given = isGiven ? {password: await readPassword(process.stdin.setEncoding('utf8'))} : {};
		const admin = await createAdmin(parts.prisma, merchant, {name, role, ...given});
		print.value({merchant: merchant.name, name: admin.name, role, password: admin.password});
		printFields(print, [
			['Merchant', merchant.name],
			['Name', admin.name],
			['Role', role],
			['Password', isGiven ? undefined : admin.password],
		]);
		if (!isGiven) {
			print.line(print.styled('yellow', '\nThe password is shown here only: it is stored as a hash.'));
		}
	},
});

const inputMax = 1000;

/** What stands before the first line break, for a password is one line. */
async function readPassword(input: AsyncIterable<unknown>): Promise<string> {
	let text = '';
	for await (const chunk of input) {
		text += String(chunk);
		if (text.length > inputMax) {
			throw new Error(`Standard input holds more than ${inputMax} characters, which is no password.`);
		}
	}

	return text.split(/\r?\n/, 1)[0] ?? '';
}

await runAsScript(import.meta.url, adminsCreate);
