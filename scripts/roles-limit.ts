import {changeRoleLimit, givingRoles, type LimitChange} from '../src/admins/role-limits.ts';
import {programNamed} from '../src/loyalty/programs.ts';
import {type MerchantAsset} from '../src/merchants/assets.ts';
import {parseAmount} from '../src/money/amount.ts';
import {type Args, type Context, defineCommand, type Flags, UsageError} from './lib/command.ts';
import {limitsNote, printRoleLimits} from './lib/role-limit-output.ts';
import {runAsScript} from './lib/run-command.ts';

const flags = {
	role: {type: 'text', choices: givingRoles, description: 'Whose limit.', required: true},
	currency: {type: 'text', placeholder: 'BRL', description: 'Of money.'},
	program: {type: 'text', placeholder: 'NAME', description: 'Of the points of this program.'},
	'per-command': {type: 'text', placeholder: 'A|none', description: 'Most that one command gives out.'},
	'per-day': {
		type: 'text',
		placeholder: 'A|none',
		description: "Most that one person gives out in a local day of the merchant's.",
	},
	none: {type: 'switch', description: 'Lift both.'},
} as const satisfies Flags;

type LimitArgs = Args<typeof flags>;

export const rolesLimit = defineCommand({
	name: 'roles:limit',
	summary: 'Limit how much value people of a role may give out, by one command and in a day.',
	details: [
		'Given out is what makes value: the first value of cards that are issued or imported, credits that are granted or imported, and what ' +
			'cards:adjust adds. What moves, comes back or is taken does not count. A day is counted for each person by itself. Only an admin changes ' +
			'limits, once there is one.',
		limitsNote,
	],
	flags,
	changes: true,
	examples: [
		'--role operator --currency BRL --per-command 200.00 --per-day 1000.00',
		'--role operator --program Gold --per-command 5000',
		'--role operator --currency BRL --none --actor ana',
	],
	async run(context, args) {
		const {parts, action} = context;
		checkWhat(args);
		const asset = await assetOf(context, args);
		await changeRoleLimit(parts.prisma, action, {
			role: args.role,
			assetId: asset.id,
			...changeOf(args, asset),
		});
		await printRoleLimits(context);
	},
});

function checkWhat({none, 'per-command': perCommand, 'per-day': perDay}: LimitArgs): void {
	if (none === (perCommand !== undefined || perDay !== undefined)) {
		throw new UsageError('Say what is limited: --per-command A or --per-day A or both; or --none.');
	}
}

async function assetOf({parts, merchant}: Context, {currency, program}: LimitArgs): Promise<MerchantAsset> {
	if ((currency === undefined) === (program === undefined)) {
		throw new UsageError('Say of what: --currency C or --program N.');
	}

	if (currency === undefined) {
		return programNamed(await parts.programs.list(merchant.id), program).asset;
	}

	try {
		return await parts.assets.ofCurrency(merchant.id, currency);
	} catch (error) {
		throw error instanceof RangeError ? new UsageError(`--currency: ${error.message}`) : error;
	}
}

function changeOf(args: LimitArgs, asset: MerchantAsset): Pick<LimitChange, 'perCommand' | 'perDay'> {
	if (args.none) {
		return {perCommand: null, perDay: null};
	}

	const [perCommand, perDay] = [amountOf('per-command', args, asset), amountOf('per-day', args, asset)];
	return {...(perCommand !== undefined && {perCommand}), ...(perDay !== undefined && {perDay})};
}

/** Null for none, undefined for what stays as it is. */
function amountOf(
	flag: 'per-command' | 'per-day',
	args: LimitArgs,
	asset: MerchantAsset,
): bigint | null | undefined {
	const text = args[flag];
	if (text === undefined || text === 'none') {
		return text === undefined ? undefined : null;
	}

	try {
		const amount = parseAmount(text, asset);
		if (amount >= 0n) {
			return amount;
		}
	} catch (error) {
		throw new UsageError(`--${flag}: ${(error as Error).message}`);
	}

	throw new UsageError(`--${flag} must not be below zero.`);
}

await runAsScript(import.meta.url, rolesLimit);
