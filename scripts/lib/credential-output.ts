import {type ListedCredential} from '../../src/merchants/credentials.ts';
import {type Context} from './command.ts';
import {shownMoment} from './dates.ts';
import {printTable} from './table.ts';

/** Print credentials, in the mode that was asked for; their tokens are not known to anybody here. */
export function printCredentials({print, merchant}: Context, credentials: readonly ListedCredential[]): void {
	const {name, timeZone} = merchant;
	for (const {appKey, role, createdAt, revokedAt} of credentials) {
		print.value({merchant: name, appKey, role, createdAt, revokedAt});
	}

	printTable(print, credentials, [
		{title: 'App key', text: ({appKey}) => appKey, isShrinking: true},
		{title: 'Role', text: ({role}) => role},
		{title: `Made (${timeZone})`, text: ({createdAt}) => shownMoment(createdAt.getTime(), timeZone)},
		{
			title: 'Revoked',
			text: ({revokedAt}) => (revokedAt === null ? '' : shownMoment(revokedAt.getTime(), timeZone)),
		},
	]);
}
