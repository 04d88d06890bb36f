import {nearest} from './nearest.ts';
import {type Program} from './programs.ts';

/** What somebody means who types `monedero WORDS…`. */
export type Meant =
	| {readonly kind: 'program'; readonly program: Program; readonly args: readonly string[]}
	| {readonly kind: 'help'}
	| {readonly kind: 'version'}
	| {readonly kind: 'unknown'; readonly typed: string; readonly nearest: string | undefined};

/**
 * Read what was typed. Without a word it is the service; `help NAME` is `NAME --help`.
 * @param words - what follows `monedero`
 */
export function meantBy(words: readonly string[], programs: readonly Program[]): Meant {
	const [typed = 'start', ...args] = words;
	if (typed === '--version') {
		return {kind: 'version'};
	}

	if (typed === '--help' || typed === 'help') {
		const [name] = args;
		return name === undefined ? {kind: 'help'} : meantBy([name, '--help'], programs);
	}

	const program = programs.find(({name}) => name === typed);
	return program === undefined
		? {kind: 'unknown', typed, nearest: nearestOf(typed, args[0], programs)}
		: {kind: 'program', program, args};
}

/** `cards show` and `cards-show` are `cards:show`, before they are anything that is only near. */
function nearestOf(
	typed: string,
	next: string | undefined,
	programs: readonly Program[],
): string | undefined {
	const names = [...programs.map(({name}) => name), '--help', '--version'];
	const joined = next === undefined ? typed.replace('-', ':') : `${typed}:${next}`;
	return names.find(name => name === joined) ?? nearest(typed, names);
}
