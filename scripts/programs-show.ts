import {readPrograms} from '../src/loyalty/program-rows.ts';
import {programNamed} from '../src/loyalty/programs.ts';
import {defineCommand} from './lib/command.ts';
import {printProgram, programJson} from './lib/program-output.ts';
import {runAsScript} from './lib/run-command.ts';

export const programsShow = defineCommand({
	name: 'programs:show',
	summary: 'Show the loyalty programs, or one: settings, and what points were, are and will be worth.',
	details: [programJson],
	flags: {name: {type: 'text', placeholder: 'N', description: 'Only the program of this name.'}},
	changes: false,
	examples: ['', '--name Gold', '--json'],
	async run(context, {name}) {
		const {parts, merchant, print} = context;
		const all = await readPrograms(parts.prisma, merchant.id);
		const shown = name === undefined ? all : [programNamed(all, name)];
		for (const [index, program] of shown.entries()) {
			if (index > 0) {
				print.line();
			}

			await printProgram(context, program);
		}

		if (shown.length === 0) {
			print.line(`${merchant.name} has no loyalty program. programs:create makes one.`);
		}
	},
});

await runAsScript(import.meta.url, programsShow);
