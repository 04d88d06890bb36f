import {adminsCreate} from '../admins-create.ts';
import {auditTrail} from '../audit-trail.ts';
import {callbacksList} from '../callbacks-list.ts';
import {callbacksRetry} from '../callbacks-retry.ts';
import {cardsAdjust} from '../cards-adjust.ts';
import {cardsBlock} from '../cards-block.ts';
import {cardsClose} from '../cards-close.ts';
import {cardsExport} from '../cards-export.ts';
import {cardsExtend} from '../cards-extend.ts';
import {cardsImport} from '../cards-import.ts';
import {cardsIssue} from '../cards-issue.ts';
import {cardsPin} from '../cards-pin.ts';
import {cardsReissue} from '../cards-reissue.ts';
import {cardsShow} from '../cards-show.ts';
import {cardsStatement} from '../cards-statement.ts';
import {cardsTransfer} from '../cards-transfer.ts';
import {cardsUnblock} from '../cards-unblock.ts';
import {credentialsCreate} from '../credentials-create.ts';
import {credentialsList} from '../credentials-list.ts';
import {credentialsRevoke} from '../credentials-revoke.ts';
import {creditsGrant} from '../credits-grant.ts';
import {creditsUndo} from '../credits-undo.ts';
import {creditsImport} from '../credits-import.ts';
import {credentialsVtex} from '../credentials-vtex.ts';
import {customersErase} from '../customers-erase.ts';
import {customersImport} from '../customers-import.ts';
import {customersMerge} from '../customers-merge.ts';
import {customersShow} from '../customers-show.ts';
import {holdsCapture} from '../holds-capture.ts';
import {holdsList} from '../holds-list.ts';
import {holdsRefund} from '../holds-refund.ts';
import {holdsRelease} from '../holds-release.ts';
import {customersStatement} from '../customers-statement.ts';
import {dbBackup} from '../db-backup.ts';
import {dbRestore} from '../db-restore.ts';
import {dbRoles} from '../db-roles.ts';
import {entriesExport} from '../entries-export.ts';
import {jobsRun} from '../jobs-run.ts';
import {ledgerAudit} from '../ledger-audit.ts';
import {ledgerBreakage} from '../ledger-breakage.ts';
import {ledgerLiability} from '../ledger-liability.ts';
import {ledgerRebuild} from '../ledger-rebuild.ts';
import {ledgerSeal} from '../ledger-seal.ts';
import {ledgerTrialBalance} from '../ledger-trial-balance.ts';
import {ledgerVerify} from '../ledger-verify.ts';
import {loyaltyExpiring} from '../loyalty-expiring.ts';
import {merchantsCreate} from '../merchants-create.ts';
import {merchantsList} from '../merchants-list.ts';
import {merchantsUpdate} from '../merchants-update.ts';
import {programsCreate} from '../programs-create.ts';
import {programsShow} from '../programs-show.ts';
import {programsUpdate} from '../programs-update.ts';
import {ordersEarn} from '../orders-earn.ts';
import {ordersHook} from '../orders-hook.ts';
import {ordersList} from '../orders-list.ts';
import {ordersReconcile} from '../orders-reconcile.ts';
import {ordersRetry} from '../orders-retry.ts';
import {rolesLimit} from '../roles-limit.ts';
import {rolesList} from '../roles-list.ts';
import {vtexDoctor} from '../vtex-doctor.ts';
import {vtexRegister} from '../vtex-register.ts';
import {vtexShow} from '../vtex-show.ts';
import {vtexUnregister} from '../vtex-unregister.ts';
import {type Command} from './command.ts';
import {placeholderOf} from './parse-flags.ts';

/** Every command, in the order of the README's table. */
export const commands: readonly Command[] = [
	merchantsCreate,
	merchantsUpdate,
	merchantsList,
	credentialsCreate,
	credentialsList,
	credentialsRevoke,
	credentialsVtex,
	vtexDoctor,
	vtexRegister,
	vtexShow,
	vtexUnregister,
	adminsCreate,
	dbRoles,
	rolesLimit,
	rolesList,
	auditTrail,
	cardsIssue,
	cardsImport,
	cardsShow,
	cardsStatement,
	cardsBlock,
	cardsUnblock,
	cardsClose,
	cardsPin,
	cardsReissue,
	cardsExtend,
	cardsTransfer,
	cardsAdjust,
	cardsExport,
	creditsGrant,
	creditsImport,
	creditsUndo,
	holdsList,
	holdsCapture,
	holdsRelease,
	holdsRefund,
	customersImport,
	customersShow,
	customersStatement,
	customersMerge,
	customersErase,
	programsCreate,
	programsShow,
	programsUpdate,
	loyaltyExpiring,
	callbacksList,
	callbacksRetry,
	ordersHook,
	ordersEarn,
	ordersList,
	ordersRetry,
	ordersReconcile,
	ledgerTrialBalance,
	ledgerLiability,
	ledgerBreakage,
	ledgerAudit,
	ledgerRebuild,
	ledgerSeal,
	ledgerVerify,
	entriesExport,
	dbBackup,
	dbRestore,
	jobsRun,
];

/** The README's table of commands, in Markdown. */
export function commandTable(): string {
	const rows = commands.map(
		command => `| \`${command.name}\` | ${flagsCell(command)} | ${command.summary} |`,
	);
	return ['| Command | Flags | Does |', '|---|---|---|', ...rows, ''].join('\n');
}

function flagsCell({operand, flags}: Command): string {
	const texts = Object.entries(flags).map(([name, flag]) => {
		const text =
			flag.type === 'switch'
				? `--${name}`
				: `--${name} ${placeholderOf(flag).replaceAll('|', String.raw`\|`)}`;
		return `\`${flag.required ? text : `[${text}]`}\``;
	});
	return [...(operand === undefined ? [] : [`\`[${operand}]\``]), ...texts].join(' ');
}
