import {commandLine} from './config-command-line.ts';
import {secretNames, variables} from './config-variables.ts';

/* The configuration as people read it. */

/** The text of `.env.example`. */
export function environmentExample(): string {
	const entries = variables.map(variable =>
		'default' in variable
			? `# ${variable.description}\n${variable.name}=${variable.default}\n`
			: `# ${variable.description}\n# ${variable.name}=\n`,
	);
	return entries.join('\n');
}

/** The README's table of variables, in Markdown. */
export function environmentTable(): string {
	const rows = variables.map(variable => {
		const assumed = 'default' in variable ? `\`${variable.default}\`` : '';
		return `| \`${variable.name}\` | ${assumed} | ${variable.description} |`;
	});
	const names = secretNames().map(name => `\`${name}\``);
	return ['| Variable | Default | Meaning |', '|---|---|---|', ...rows, '', inFiles(names), ''].join('\n');
}

/** What `npm start -- --help` prints: the same for a terminal. */
export function environmentHelp(): string {
	const entries = variables.map(variable => {
		const assumed = 'default' in variable ? ` (default ${variable.default})` : '';
		return `  ${variable.name}${assumed}\n      ${variable.description.replaceAll('`', '')}`;
	});
	return [
		`Usage: ${commandLine('start')}\n\nStarts the service. It takes no arguments: its configuration is the environment, or the file .env.`,
		...entries,
		inFiles(secretNames()).replaceAll(/(.{1,100})(?: |$)/g, '$1\n'),
	].join('\n\n');
}

/** How it may: a sentence for the operator. */
function inFiles(names: readonly string[]): string {
	return `What is secret may stand in a file instead, named by a variable of the same name and _FILE: ${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}.`;
}
