import {type Context, type Flags} from './command.ts';

/** How a command that cannot be undone is confirmed where nobody can be asked. */
export const confirmFlag = {
	type: 'switch',
	description: 'Do not ask. It cannot be undone.',
} as const satisfies Flags[string];

/**
 * Ask before something is done that cannot be undone.
 * @throws Error when the person says no, and where there is nobody to ask
 */
export async function confirmForGood(
	{confirm}: Context,
	{yes}: {readonly yes: boolean},
	question: string,
): Promise<void> {
	if (yes) {
		return;
	}

	const answer = await confirm(forGood(question));
	if (answer !== true) {
		throw new Error(
			answer === undefined
				? 'Nothing was done: it cannot be undone. Give --yes to do it.'
				: 'Nothing was done.',
		);
	}
}

/**
 * Ask before something is done that cannot be undone, where somebody sits at a terminal. Where nobody does, it is done: commands
 * that lose no value that could not be given again work in scripts as they are typed.
 * @throws Error when the person says no
 */
export async function confirmAtTerminal(
	{confirm}: Context,
	{yes}: {readonly yes: boolean},
	question: string,
): Promise<void> {
	if (!yes && (await confirm(forGood(question))) === false) {
		throw new Error('Nothing was done.');
	}
}

const forGood = (question: string) => `${question} This cannot be undone.`;
