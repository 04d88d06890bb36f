import {type ListedVtexKeys, listVtexKeys, saveVtexKeys, VtexKeysError} from '../src/merchants/vtex-keys.ts';
import {type Context, defineCommand, UsageError} from './lib/command.ts';
import {shownMoment} from './lib/dates.ts';
import {runAsScript} from './lib/run-command.ts';
import {askSecret} from './lib/secret-input.ts';
import {printTable} from './lib/table.ts';

export const credentialsVtex = defineCommand({
	name: 'credentials:vtex',
	summary:
		"Enter the keys of the store's own VTEX account, with which its orders are read, or show those it has.",
	details: [
		'The app token is asked for, or read from the first line of standard input. It is stored encrypted and never shown. The keys need a role ' +
			'that may view orders, and "Feed v3 and Hook Admin" for the order hook; no predefined role has the latter.',
		'Each app key owns one hook at VTEX. With --returns these are the keys of a second one, which announces returns.',
	],
	flags: {
		account: {
			type: 'text',
			placeholder: 'A',
			description: "The account's name, as before .vtexcommercestable.com.br; without it the merchant's.",
		},
		'app-key': {type: 'text', placeholder: 'K', description: 'The app key; without it the keys are shown.'},
		returns: {type: 'switch', description: 'For the hook of returns only.'},
		'simulated-at': {
			type: 'text',
			placeholder: 'URL',
			description: 'Of a sandbox merchant: where its account is simulated, http://127.0.0.1:PORT.',
		},
	},
	changes: ({'app-key': appKey}) => appKey !== undefined,
	examples: [
		'',
		'--account acme --app-key vtexappkey-acme-ABCDEF',
		'--app-key vtexappkey-acme-GHIJKL --returns',
	],
	async run(context, {account, 'app-key': appKey, returns, 'simulated-at': url = null}) {
		if (appKey === undefined) {
			if (account !== undefined || returns || url !== null) {
				throw new UsageError('Say which keys: --app-key K. Without any flag those that are there are shown.');
			}

			await show(context);
			return;
		}

		const {parts, merchant} = context;
		const purpose = returns ? 'returns' : 'orders';
		const keys = {purpose, appKey, url, account: account ?? merchant.name} as const;
		const appToken = (await askSecret(`App token of ${appKey}: `)).trim();
		if (appToken === '') {
			throw new VtexKeysError('There was no app token: type it when asked, or give it on standard input.');
		}

		print(context, [await saveVtexKeys(parts, merchant, {...keys, appToken}, parts.clock())]);
	},
});

async function show(context: Context): Promise<void> {
	const {parts, merchant} = context;
	const keys = await listVtexKeys(parts.prisma, merchant.id);
	print(context, keys);
	if (keys.length === 0) {
		context.print.line(`${merchant.name} has no keys of its VTEX account; --app-key enters some.`);
	}
}

function print({print: {value, line}, print, merchant}: Context, all: readonly ListedVtexKeys[]): void {
	const {name, timeZone} = merchant;
	for (const keys of all) {
		value({merchant: name, ...keys});
	}

	printTable(print, all, [
		{title: 'For', text: ({purpose}) => purpose},
		{title: 'Account', text: ({account, url}) => url ?? account},
		{title: 'App key', text: ({appKey}) => appKey, isShrinking: true},
		{title: `Entered (${timeZone})`, text: ({changedAt}) => shownMoment(changedAt.getTime(), timeZone)},
		{title: 'At VTEX', text: ({refusedAt}) => (refusedAt === null ? 'not refused' : 'refused')},
	]);
	if (all.some(({refusedAt}) => refusedAt !== null)) {
		line(
			'\nNothing is asked with keys that VTEX refused. Enter others, or give them the role they lack and use orders:retry.',
		);
	}
}

await runAsScript(import.meta.url, credentialsVtex);
