import {sealEntries} from '../src/ledger/seal.ts';
import {defineCommand} from './lib/command.ts';
import {chosenMerchants} from './lib/chosen-merchants.ts';
import {runAsScript} from './lib/run-command.ts';
import {printTable} from './lib/table.ts';

export const ledgerSeal = defineCommand({
	name: 'ledger:seal',
	summary:
		"Seal what the journal got since the last time, and print each merchant's head: keep it where nobody can change it who can change the database.",
	details: [
		'A seal is a SHA-256 over entries, their postings, lot movements and commands, and over the seal before it. The service makes them every ' +
			'minute by itself. ledger:verify replays them; with a head that was kept elsewhere it also finds a history that was replaced as a whole.',
		'What was written a moment ago may stay unsealed until every transaction that is older has ended.',
	],
	flags: {},
	changes: true,
	examples: ['', '--json', '--merchant acme'],
	async run(context) {
		const {parts, print, signal} = context;
		const rows = [];
		for (const {id, name} of await chosenMerchants(context)) {
			signal.throwIfAborted();
			const {seals, entries, head, isTaken, isBarred} = await sealEntries(parts.prisma, id, {
				clock: parts.clock,
				signal,
			});
			if (isBarred) {
				throw new Error(
					"Nothing was sealed: the database's role may not call pg_control_system(), so nobody knows which entries are final. " +
						'Grant it: GRANT EXECUTE ON FUNCTION pg_control_system() TO the role.',
				);
			}

			if (isTaken) {
				print.note(`Another process seals the entries of ${name} just now.`);
			}

			print.value({merchant: name, seals, entries, head: head ?? null});
			rows.push({name, seals, entries, head: head ?? 'none yet'});
		}

		printTable(print, rows, [
			{title: 'Merchant', text: ({name}) => name, isShrinking: true},
			{title: 'Seals', text: ({seals}) => seals.toLocaleString('en'), isRight: true},
			{title: 'Entries', text: ({entries}) => entries.toLocaleString('en'), isRight: true},
			{title: 'Head', text: ({head}) => head},
		]);
	},
});

await runAsScript(import.meta.url, ledgerSeal);
