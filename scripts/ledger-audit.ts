import {audit, type AuditCheck} from '../src/ledger/audit.ts';
import {type Context, defineCommand} from './lib/command.ts';
import {runAsScript} from './lib/run-command.ts';
import {printTable} from './lib/table.ts';

export const ledgerAudit = defineCommand({
	name: 'ledger:audit',
	summary:
		'Prove the books of all merchants against the journal, beside live traffic; exit code 1 on any finding.',
	flags: {},
	changes: false,
	examples: ['', '--json', '--merchant acme'],
	async run(context) {
		const {parts, merchant, isMerchantNamed, print} = context;
		const report = await audit(parts.prisma, isMerchantNamed ? {merchantId: merchant.id} : {});
		print.value(report);
		printTable(print, report.checks, [
			{title: '', text: ({ok}) => (ok ? '✔' : '✘')},
			{title: 'Check', text: ({name}) => name, isShrinking: true},
			{title: 'Checked', text: ({checked}) => checked.toLocaleString('en'), isRight: true},
			{title: 'Findings', text: ({found}) => found.toLocaleString('en'), isRight: true},
		]);
		report.checks
			.filter(({ok}) => !ok)
			.forEach(check => {
				printFindings(context, check);
			});
		report.warnings.forEach(warning => {
			print.line(print.styled('yellow', `\nNote: ${warning}`));
		});
		const found = report.checks.reduce((sum, check) => sum + check.found, 0);
		if (!report.ok) {
			throw new Error(`The books are not right: ${found} ${found === 1 ? 'finding' : 'findings'}.`);
		}

		print.line(print.styled('green', '\nThe books are right.'));
	},
});

function printFindings({print}: Context, {name, found, findings}: AuditCheck): void {
	print.line(print.styled('red', `\n✘ ${name}`));
	for (const {problem, ...ids} of findings) {
		const where = Object.entries(ids).map(([what, id]) => `${what} ${id}`);
		print.line(`  ${problem}${where.length === 0 ? '' : ` (${where.join(', ')})`}`);
	}

	if (found > findings.length) {
		print.line(`  and ${found - findings.length} more`);
	}
}

await runAsScript(import.meta.url, ledgerAudit);
