import {type Head, type SealFinding, type Verification, verifySeals} from '../src/ledger/verify.ts';
import {chosenMerchants} from './lib/chosen-merchants.ts';
import {type Args, type Context, defineCommand, type Flags, UsageError} from './lib/command.ts';
import {type Print} from './lib/print.ts';
import {runAsScript} from './lib/run-command.ts';
import {printTable} from './lib/table.ts';

const flags = {
	from: {
		type: 'text',
		placeholder: 'HEAD',
		description: 'Replay only what was sealed after this head; without it everything.',
	},
	head: {
		type: 'text',
		placeholder: 'HEAD',
		description: 'Replay everything, and pass through this head, which was kept elsewhere.',
	},
} as const satisfies Flags;

export const ledgerVerify = defineCommand({
	name: 'ledger:verify',
	summary:
		'Replay the seals over the journal, and name the first row that is not as it was sealed; exit code 1 on any finding.',
	details: [
		'A head is what ledger:seal prints, NUMBER:HASH, and belongs to one merchant. Without one, a history that somebody replaced together with ' +
			'all of its seals looks right: keep heads where nobody can change them who can change the database.',
		'Holds, lots and balances are not sealed, because they change; ledger:audit proves them against the journal.',
	],
	flags,
	changes: false,
	examples: ['', '--json', '--merchant acme'],
	async run(context, args) {
		const {parts, print, signal} = context;
		const heads = {from: headOf('from', args.from), kept: headOf('head', args.head)};
		const results: {readonly name: string; readonly verified: Verification}[] = [];
		for (const {id, name} of await merchantsOf(context, args)) {
			const verified = await verifySeals(parts.prisma, id, {...heads, signal});
			print.value({merchant: name, ...verified});
			results.push({name, verified});
		}

		printTable(print, results, [
			{title: '', text: ({verified}) => (verified.ok ? '✔' : '✘')},
			{title: 'Merchant', text: ({name}) => name, isShrinking: true},
			{title: 'Entries', text: ({verified}) => verified.entries.toLocaleString('en'), isRight: true},
			{title: 'Unsealed', text: ({verified}) => verified.unsealed.toLocaleString('en'), isRight: true},
			{title: 'Head', text: ({verified}) => verified.head ?? 'none yet'},
		]);
		const bad = results.filter(({verified}) => !verified.ok);
		bad.forEach(({name, verified}) => {
			printFindings(print, name, verified.findings);
		});
		if (bad.length > 0) {
			throw new Error(`The journal of ${bad.map(({name}) => name).join(' and ')} is not as it was sealed.`);
		}

		print.line(print.styled('green', '\nThe journal is as it was sealed.'));
	},
});

async function merchantsOf(context: Context, {from, head}: Args<typeof flags>) {
	const merchants = await chosenMerchants(context);
	if (merchants.length > 1 && (from ?? head) !== undefined) {
		throw new UsageError('A head belongs to one merchant. Say whose it is: --merchant NAME.');
	}

	return merchants;
}

function headOf(flag: string, text: string | undefined): Head | undefined {
	if (text === undefined) {
		return undefined;
	}

	const [, number, hash] = /^([1-9]\d{0,8}):([\da-f]{64})$/i.exec(text.trim()) ?? [];
	if (number === undefined || hash === undefined) {
		throw new UsageError(
			`--${flag} must be a head as ledger:seal prints it: a number, a colon and 64 hexadecimal digits.`,
		);
	}

	return {number: Number(number), hash: hash.toLowerCase()};
}

function printFindings(print: Print, name: string, findings: readonly SealFinding[]): void {
	print.line(print.styled('red', `\n✘ ${name}`));
	for (const {problem, ...ids} of findings) {
		const where = Object.entries(ids).map(([what, id]) => `${what} ${id}`);
		print.line(`  ${problem} (${where.join(', ')})`);
	}
}

await runAsScript(import.meta.url, ledgerVerify);
