import {defineCommand} from './lib/command.ts';
import {limitsNote, printRoleLimits} from './lib/role-limit-output.ts';
import {runAsScript} from './lib/run-command.ts';

export const rolesList = defineCommand({
	name: 'roles:list',
	summary: 'List how much value people of each role may give out.',
	details: [limitsNote],
	flags: {},
	changes: false,
	examples: ['', '--merchant acme --json'],
	run: printRoleLimits,
});

await runAsScript(import.meta.url, rolesList);
