import {writeFile} from 'node:fs/promises';
import {
	type Difference,
	differencesOf,
	entryOf,
	isNative,
	isSameId,
	type ListedProvider,
	wantedEntry,
} from '../../src/assemble-setup.ts';
import {findVtexAccess, type VtexAccess} from '../../src/merchants/vtex-keys.ts';
import {type Context, type Flags} from './command.ts';
import {fileProblem} from './file-error.ts';
import {type Print} from './print.ts';
import {printTable} from './table.ts';

/** Flags of the commands that change a Hub. */
export const hubChangeFlags = {
	save: {
		type: 'text',
		placeholder: 'FILE',
		description:
			'Where the list is saved as it was; without it, in this folder under the name of the account and the time.',
		isFile: true,
	},
	yes: {type: 'switch', description: 'Do not ask. VTEX takes it at once.'},
} as const satisfies Flags;

/** The keys of the store's account, with which its Hub is asked. @throws Error that says how they are entered */
export async function neededVtexAccess({parts, merchant}: Context): Promise<VtexAccess> {
	const access = await findVtexAccess(parts, merchant, 'orders');
	if (access === undefined) {
		throw new Error(
			`${merchant.name} has no keys of its VTEX account yet. Enter them first: credentials:vtex --app-key K.`,
		);
	}

	return access;
}

/** Whose an entry of a Hub is. */
export type Whose = 'ours' | "VTEX's own" | 'another';

export function whoseIs(entry: Pick<ListedProvider, 'id'>, providerId: string): Whose {
	return isNative(entry) ? "VTEX's own" : isSameId(entry.id, providerId) ? 'ours' : 'another';
}

/** The entries of a Hub, for people. Keys are in none of them. */
export function printProviders(print: Print, listed: readonly ListedProvider[], providerId: string): void {
	const yesOrNo = (value: boolean) => (value ? 'yes' : 'no');
	printTable(print, listed, [
		{title: 'Provider', text: ({id}) => id, isShrinking: true},
		{title: 'Whose', text: entry => whoseIs(entry, providerId)},
		{title: 'Caption', text: ({caption}) => caption ?? '', isWrapping: true},
		{title: 'Service URL', text: ({serviceUrl}) => serviceUrl, isWrapping: true},
		{title: 'Auth', text: ({preAuthEnabled}) => yesOrNo(preAuthEnabled)},
		{title: 'Cancel', text: ({cancelEnabled}) => yesOrNo(cancelEnabled)},
	]);
	if (listed.length === 0) {
		print.line('No provider is in the Hub.');
	}
}

/** An entry as JSON has it: what can be read of it, without what it was read from. */
export function valueOf(entry: ListedProvider, providerId: string) {
	const {id, serviceUrl, oauthProvider, preAuthEnabled, cancelEnabled, caption} = entry;
	return {
		...{id, whose: whoseIs(entry, providerId), serviceUrl, oauthProvider},
		...{preAuthEnabled, cancelEnabled, caption},
	};
}

/** How our entry compares with the one that we would register; undefined where there is none. */
export function ourDifferences(
	listed: readonly ListedProvider[],
	{providerId, serviceUrl}: {readonly providerId: string; readonly serviceUrl: string},
): Difference[] | undefined {
	const found = entryOf(listed, providerId);
	return found === undefined
		? undefined
		: differencesOf(found, wantedEntry({id: providerId, serviceUrl, caption: found.caption}));
}

/** One line for each member that differs. */
export function printDifferences(print: Print, differences: readonly Difference[]): void {
	for (const {member, is, wanted} of differences) {
		print.line(`${member} is ${shown(is)}; we would register ${shown(wanted)}.`);
	}
}

const shown = (value: string | boolean | null) =>
	value === null || value === '' ? 'not there' : String(value);

/**
 * Keep a list as VTEX answered it, for its owner only, never in place of a file that is there.
 * @returns its path
 * @throws Error when it cannot be written
 */
export async function saveListing(
	listed: readonly ListedProvider[],
	{file, account, now}: {readonly file: string | undefined; readonly account: string; readonly now: number},
): Promise<string> {
	const moment = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
	const path = file ?? `vtex-providers-${account}-${moment}.json`;
	const text = `${JSON.stringify(
		listed.map(({document}) => document),
		undefined,
		'\t',
	)}\n`;
	try {
		await writeFile(path, text, {flag: 'wx', mode: 0o600, flush: true});
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		throw new Error(
			code === 'EEXIST'
				? `Nothing was done: ${path} is there already, and is not written over. Name another file with --save.`
				: `Nothing was done, because the list could not be saved: ${path}: ${fileProblem(error)}. Name another file with --save.`,
			{cause: error},
		);
	}

	return path;
}

/**
 * Ask before a Hub is changed.
 * @throws Error when the person says no, and where there is nobody to ask
 */
export async function confirmChange(
	{confirm}: Context,
	{yes}: {readonly yes: boolean},
	question: string,
): Promise<void> {
	if (yes) {
		return;
	}

	const answer = await confirm(question);
	if (answer !== true) {
		throw new Error(
			answer === undefined
				? 'Nothing was done: nobody could be asked. Give --yes to do it.'
				: 'Nothing was done.',
		);
	}
}
