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

	const answer = await confirm(`${question} This cannot be undone.`);
	if (answer !== true) {
		throw new Error(
			answer === undefined
				? 'Nothing was done: it cannot be undone. Give --yes to do it.'
				: 'Nothing was done.',
		);
	}
}
