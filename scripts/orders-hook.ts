import {findVtexAccess, type KeyPurpose, listVtexKeys, type VtexAccess} from '../src/merchants/vtex-keys.ts';
import {
	dropHook,
	findHook,
	type ListedHook,
	listHooks,
	recordHookCheck,
	recordHookProblem,
	wantHook,
} from '../src/orders/hooks.ts';
import {type HookState, OrderSourceError, type SourceProblem} from '../src/orders/source.ts';
import {type Context, defineCommand, UsageError} from './lib/command.ts';
import {shownMoment} from './lib/dates.ts';
import {runAsScript} from './lib/run-command.ts';
import {printTable} from './lib/table.ts';

const acts = ['show', 'configure', 'remove'] as const;

export const ordersHook = defineCommand({
	name: 'orders:hook',
	summary: 'Have VTEX announce what happens to orders: show the hooks, configure one, or remove it.',
	details: [
		'show: how the hooks stand, here and at VTEX. configure: tell VTEX to call PUBLIC_URL/hooks/orders; it does so at once, so the service must ' +
			'be running, and be reachable there by https. remove: VTEX calls no more. To change the token of a hook, remove it and configure it again.',
		'Without --returns it is the hook of states, which says when an order is paid, invoiced or canceled. Returns change no state: they have a hook ' +
			'of their own, for which credentials:vtex --returns has to enter a second app key. Without it they are found once a day.',
	],
	operand: 'show|configure|remove',
	flags: {
		returns: {type: 'switch', description: 'For the hook of returns only.'},
		replace: {
			type: 'switch',
			description: 'Configure it although the app key has a hook that calls somebody else.',
		},
	},
	changes: ({operand = 'show'}) => operand !== 'show',
	examples: ['', 'configure', 'configure --returns', 'remove --merchant acme'],
	async run(context, {operand = 'show', returns, replace}) {
		const act = acts.find(name => name === operand);
		if (act === undefined) {
			throw new UsageError(`orders:hook takes ${acts.join(', ')}; not "${operand.slice(0, 40)}".`);
		}

		if (replace && act !== 'configure') {
			throw new UsageError('--replace belongs to configure.');
		}

		if (act === 'show') {
			await show(context);
			return;
		}

		const purpose = returns ? 'returns' : 'orders';
		await (act === 'configure' ? configure(context, purpose, replace) : remove(context, purpose));
	},
});

async function show(context: Context): Promise<void> {
	const {parts, merchant, print} = context;
	const hooks = await listHooks(parts.prisma, merchant.id);
	const states = new Map<KeyPurpose, HookState | SourceProblem>();
	for (const {purpose} of hooks) {
		states.set(purpose, await stateAtVtex(context, purpose));
	}

	for (const {purpose, ...hook} of hooks) {
		print.value({merchant: merchant.name, purpose, ...hook, state: states.get(purpose)});
	}

	const {timeZone} = merchant;
	const shown = (at: Date | null) => (at === null ? 'never' : shownMoment(at.getTime(), timeZone));
	printTable<ListedHook>(print, hooks, [
		{title: 'For', text: ({purpose}) => purpose},
		{title: 'Address', text: ({url}) => url, isShrinking: true},
		{title: `Configured (${timeZone})`, text: ({configuredAt}) => shown(configuredAt)},
		{title: 'At VTEX', text: ({purpose}) => stateWords[states.get(purpose) ?? 'none']},
	]);
	for (const {purpose, problem} of hooks) {
		if (problem !== null) {
			print.line(`\n${purpose}: ${problem}`);
		}
	}

	if (hooks.length === 0) {
		print.line(`${merchant.name} has no order hook; orders:hook configure makes it.`);
	}
}

const stateWords: Readonly<Record<HookState | SourceProblem, string>> = {
	asWanted: 'as wanted',
	none: 'none',
	changed: 'changed',
	foreign: 'calls somebody else',
	refused: 'refuses the keys',
	busy: 'asked too often',
	absent: 'none',
	unreachable: 'does not answer',
	failed: 'answers with an error',
	unreadable: 'answers with an error',
};

/** How a hook stands at VTEX at this moment, or why that cannot be told. */
async function stateAtVtex(
	{parts, merchant}: Context,
	purpose: KeyPurpose,
): Promise<HookState | SourceProblem> {
	try {
		const access = await findVtexAccess(parts, merchant, purpose);
		const wanted = await findHook(parts, merchant.id, purpose);
		return access === undefined || wanted === undefined
			? 'none'
			: await parts.orders.source.hookState(access, wanted);
	} catch (error) {
		if (error instanceof OrderSourceError) {
			return error.problem;
		}

		throw error;
	}
}

async function configure(context: Context, purpose: KeyPurpose, isReplacing: boolean): Promise<void> {
	const {parts, merchant, print} = context;
	const {source, hookUrl: url} = parts.orders;
	if (!url.startsWith('https://') && !merchant.sandbox) {
		throw new Error(
			`VTEX calls https addresses only, and PUBLIC_URL makes this one ${url}. Set PUBLIC_URL to the address by which the internet reaches the service.`,
		);
	}

	const access = await neededAccess(context, purpose);
	const before = await findHook(parts, merchant.id, purpose);
	const state = await source.hookState(access, before ?? {purpose, url, token: ''});
	// A hook of ours under an address of before is no stranger.
	if (state === 'foreign' && before?.url === undefined && !isReplacing) {
		throw new Error(
			'This app key has a hook already, which calls somebody else. Make an app key of its own for Monedero, or add --replace to take the other one away.',
		);
	}

	const wanted = await wantHook(parts, merchant.id, {purpose, url});
	const whose = {merchantId: merchant.id, purpose};
	try {
		await source.configureHook(access, wanted);
	} catch (error) {
		if (!(error instanceof OrderSourceError)) {
			throw error;
		}

		await recordHookProblem(parts.prisma, whose, error.message);
		throw new Error(
			`${error.message} VTEX calls ${url} while it configures the hook: the service must be running, and answer there.`,
			{cause: error},
		);
	}

	await recordHookCheck(parts.prisma, whose, {isConfigured: true, now: parts.clock()});
	print.value({merchant: merchant.name, purpose, url, state: 'asWanted'});
	print.line(
		`VTEX announces ${purpose === 'orders' ? 'what happens to orders' : 'returns'} to ${url} from now on.`,
	);
}

async function remove(context: Context, purpose: KeyPurpose): Promise<void> {
	const {parts, merchant, print} = context;
	const wanted = await findHook(parts, merchant.id, purpose);
	if (wanted === undefined) {
		throw new Error(`${merchant.name} has no such hook; orders:hook shows those it has.`);
	}

	const access = await neededAccess(context, purpose);
	// Another one than ours stays where it is.
	if ((await parts.orders.source.hookState(access, wanted)) !== 'foreign') {
		await parts.orders.source.removeHook(access);
	}

	await dropHook(parts.prisma, merchant.id, purpose);
	print.value({merchant: merchant.name, purpose, state: 'none'});
	print.line('VTEX announces nothing by this hook any more, and its token opens nothing.');
}

async function neededAccess({parts, merchant}: Context, purpose: KeyPurpose): Promise<VtexAccess> {
	const access = await findVtexAccess(parts, merchant, purpose);
	if (access === undefined) {
		const known = await listVtexKeys(parts.prisma, merchant.id);
		const flags = purpose === 'returns' ? ' --returns' : '';
		throw new Error(
			`${merchant.name} has ${known.length === 0 ? 'no keys of its VTEX account' : 'no app key for this hook'} yet. Enter them first: credentials:vtex --app-key K${flags}.`,
		);
	}

	return access;
}

await runAsScript(import.meta.url, ordersHook);
