import {
	entryOf,
	type HubProvider,
	isNative,
	isRegistered,
	isSameHost,
	type ListedProvider,
	nativeId,
	type Outcome,
	proveSearch,
	register,
	serviceUrlProblems,
	differencesOf,
	wantedEntry,
} from '../src/assemble-setup.ts';
import {type VtexAccess} from '../src/merchants/vtex-keys.ts';
import {OrderSourceError} from '../src/orders/source.ts';
import {type Context, defineCommand, UsageError} from './lib/command.ts';
import {collect} from './lib/diagnosis-output.ts';
import {
	confirmChange,
	hubChangeFlags,
	neededVtexAccess,
	printDifferences,
	printProviders,
	saveListing,
	valueOf,
} from './lib/hub-output.ts';
import {printLosses} from './lib/hub-losses.ts';
import {freshKeys, givenKeys, type NewProviderKeys} from './lib/provider-keys.ts';
import {runAsScript} from './lib/run-command.ts';

const captionWhereNone = 'Gift card';

export const vtexRegister = defineCommand({
	name: 'vtex:register',
	summary:
		"Put Monedero into the store's Gift Card Hub at VTEX, or set right what is there; done again, it does nothing.",
	details: [
		'First it shows which providers are there, and saves that list. The first entry of an account can replace the one of VTEX’s own gift cards ' +
			'(known issue KI-768954): it is put back if that happens. Only that one can be put back whole, because nobody can read the keys of others; of ' +
			'them it says what was lost.',
		'VTEX gets a new pair of app key and app token, which is shown to nobody. With --app-key it gets one that is there; its app token is asked for, ' +
			'or read from the first line of standard input. Pairs of before go on working: revoke them when VTEX has the new one (credentials:revoke).',
		'Before anything is changed the address is looked at as vtex:doctor does. The keys of the account (credentials:vtex) need the resources GiftCard, ' +
			'"View Gift Card providers" and "Edit Gift Card providers", which no predefined role has. Afterwards switch the provider on in the Admin.',
	],
	flags: {
		'service-url': {
			type: 'text',
			placeholder: 'URL',
			description: 'The address that VTEX calls; without it PUBLIC_URL and BASE_PATH.',
		},
		caption: {
			type: 'text',
			placeholder: 'TEXT',
			description: `What shoppers read; without it what is there, or ${captionWhereNone}.`,
		},
		'app-key': {
			type: 'text',
			placeholder: 'K',
			description: 'An app key of ours for VTEX to use; without it one is made where one is needed.',
		},
		'new-keys': {
			type: 'switch',
			description:
				'Give VTEX new keys although everything else is right: it has lost them, or they were revoked.',
		},
		replace: {
			type: 'switch',
			description:
				'Register although the entry calls another host: another installation, or this one before it moved.',
		},
		unchecked: {type: 'switch', description: 'Register without looking at the address first.'},
		'dry-run': {type: 'switch', description: 'Look at everything, and change nothing.'},
		...hubChangeFlags,
	},
	changes: ({'dry-run': isDry}) => !isDry,
	examples: [
		'--dry-run',
		'--yes --save before.json',
		'--service-url https://cards.example.com/v1 --unchecked --replace --yes --save moved.json --json',
	],
	async run(context, args) {
		const {'app-key': appKey, 'new-keys': isRenewing, replace: isReplacing} = args;
		if (appKey !== undefined && isRenewing) {
			throw new UsageError(
				'--new-keys makes a pair, and --app-key names one that is there: give one of them.',
			);
		}

		const {parts, print} = context;
		const {hub, providerId} = parts.setup;
		const serviceUrl = args['service-url'] ?? parts.setup.serviceUrl;
		const access = await neededVtexAccess(context);
		checkEntry({providerId, serviceUrl, access});
		const before = await hub.list(access);
		printProviders(print, before, providerId);
		const found = entryOf(before, providerId);
		const wanted = wantedEntry({
			id: found?.id ?? providerId,
			serviceUrl,
			caption: args.caption ?? found?.caption ?? (found === undefined ? captionWhereNone : null),
		});
		const differences = found === undefined ? undefined : differencesOf(found, wanted);
		if (differences?.length === 0 && appKey === undefined && !isRenewing) {
			tell(context, {state: 'asWanted', entry: found});
			print.line(print.styled('green', `\n${wanted.id} is there as wanted: nothing is to be done.`));
			return;
		}

		print.line();
		printDifferences(print, differences ?? []);
		checkHost(found, wanted, isReplacing);
		const given = appKey === undefined ? undefined : await givenKeys(context, appKey);
		if (!args.unchecked) {
			await checkAddress(context, serviceUrl, access);
		}

		if (args['dry-run']) {
			tell(context, {state: 'dryRun', entry: wanted});
			print.line(`Nothing was done. ${wanted.id} would be registered with ${serviceUrl}.`);
			return;
		}

		await confirmChange(context, args, `Register ${wanted.id} with ${serviceUrl} at ${access.account}?`);
		const now = parts.clock();
		const saved = await saveListing(before, {file: args.save, account: access.account, now});
		print.line(`The list as it was is saved: ${saved}`);
		const keys = given ?? (await freshKeys(context));
		const outcome = await put(context, access, {wanted, keys, before});
		await report(context, access, {wanted, keys, saved, outcome});
	},
});

type Place = {readonly providerId: string; readonly serviceUrl: string; readonly access: VtexAccess};

/** @throws Error for what VTEX would refuse, or could not call */
function checkEntry({providerId, serviceUrl, access}: Place): void {
	if (isNative({id: providerId})) {
		throw new Error(
			`PROVIDER_ID is ${nativeId}, which is the entry of VTEX's own gift cards. Set PROVIDER_ID to another name, such as Monedero.`,
		);
	}

	const problems = serviceUrlProblems(serviceUrl, {isSimulated: access.url !== null}).filter(
		({weight}) => weight === 'failed',
	);
	if (problems.length > 0) {
		throw new Error(
			`VTEX cannot be given this address. ${problems.map(({problem, advice}) => `${problem} ${advice}`).join(' ')}`,
		);
	}
}

function checkHost(found: HubProvider | undefined, wanted: HubProvider, isReplacing: boolean): void {
	if (found !== undefined && !isSameHost(found.serviceUrl, wanted.serviceUrl) && !isReplacing) {
		throw new Error(
			'Nothing was done: the entry of this id calls another host. If that is another installation, set PROVIDER_ID to a name of its own; if this ' +
				'one has moved, add --replace.',
		);
	}
}

async function checkAddress(context: Context, serviceUrl: string, {url}: VtexAccess): Promise<void> {
	const {doctor} = context.parts.setup;
	const found = await collect(
		context,
		doctor.address({serviceUrl, isSimulated: url !== null, keys: undefined}),
	);
	const failures = found.filter(({outcome}) => outcome === 'failed');
	if (failures.length > 0) {
		throw new Error(
			[
				'Nothing was done: VTEX could not work with this address.',
				...failures.map(({title, found, advice}) => `✘ ${title}: ${found} ${advice ?? ''}`),
				'vtex:doctor says more. With --unchecked it is registered all the same.',
			].join('\n'),
		);
	}
}

type Put = {
	readonly wanted: HubProvider;
	readonly keys: NewProviderKeys;
	readonly before: readonly ListedProvider[];
};

/** Where VTEX has certainly taken nothing, a pair that was made for it is of no use to anybody. */
async function put({parts}: Context, access: VtexAccess, {wanted, keys, before}: Put): Promise<Outcome> {
	const {appKey, appToken} = keys;
	try {
		return await register(parts.setup.hub, access, {wanted, keys: {appKey, appToken}, before});
	} catch (error) {
		if (isRefusal(error)) {
			await keys.discard();
		}

		throw error;
	}
}

const isRefusal = (error: unknown) =>
	error instanceof OrderSourceError && ['refused', 'busy', 'absent'].includes(error.problem);

type Done = Omit<Put, 'before'> & {readonly saved: string; readonly outcome: Outcome};

async function report(
	context: Context,
	access: VtexAccess,
	{wanted, keys, saved, outcome}: Done,
): Promise<void> {
	const {parts, print} = context;
	const {hub, providerId, proof} = parts.setup;
	const isThere = isRegistered(outcome, wanted);
	const isDone = isThere && outcome.problem === null;
	const unproven = isDone ? await proveSearch(hub, access, providerId, proof) : null;
	tell(context, {
		state: isDone ? 'registered' : 'failed',
		entry: entryOf(outcome.after, providerId),
		appKey: keys.appKey,
		saved,
		restored: outcome.restored?.id ?? null,
		lost: outcome.lost.map(({id}) => id),
		isAnswered: isDone && unproven === null,
	});
	print.line();
	printProviders(print, outcome.after, providerId);
	print.line();
	printLosses(print, outcome, saved);
	if (!isDone) {
		throw new Error(
			`${outcome.problem ?? 'VTEX took it, and lists another entry than the wanted one.'} ${
				isThere
					? 'The entry is as wanted; whether VTEX has its keys nobody can read. Do it again with --new-keys.'
					: 'See vtex:show, and do it again.'
			} The pair of ${keys.appKey} goes on working here; credentials:revoke ends it.`,
		);
	}

	print.line(
		print.styled(
			'green',
			`${wanted.id} is registered at ${access.account}, with the app key ${keys.appKey}.`,
		),
	);
	if (wanted.caption !== (entryOf(outcome.after, providerId)?.caption ?? null)) {
		print.line('VTEX does not tell the caption back; it may not have kept it.');
	}

	if (unproven === null) {
		print.line('VTEX has searched here through its Hub, and was answered.');
	} else {
		print.note(`VTEX's Hub could not search here yet: ${unproven} vtex:doctor tries again, and says more.`);
	}

	if (outcome.lost.length > 0) {
		throw new Error('Entries of others were lost; what is needed to put them back stands above.');
	}

	print.line('Now switch on "GiftCard HUB" in a payment condition "Vale", in the payments of the Admin.');
}

type Told = {
	readonly state: 'asWanted' | 'dryRun' | 'registered' | 'failed';
	readonly entry: (HubProvider & Partial<Pick<ListedProvider, 'document'>>) | undefined;
	readonly appKey?: string;
	readonly saved?: string;
	readonly restored?: string | null;
	readonly lost?: readonly string[];
	readonly isAnswered?: boolean;
};

function tell({parts, merchant, print}: Context, {entry, ...told}: Told): void {
	const provider = entry === undefined ? null : valueOf({document: {}, ...entry}, parts.setup.providerId);
	print.value({merchant: merchant.name, ...told, provider});
}

await runAsScript(import.meta.url, vtexRegister);
