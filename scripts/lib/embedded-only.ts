import {UsageError} from './command.ts';

/** What is said where the database is not ours to copy. */
export function notEmbedded(): UsageError {
	return new UsageError(
		'DATABASE_URL names a database that others run, and its own tools copy it: pg_basebackup with an archive of the journal (or ' +
			'pgBackRest, or the backups of a managed service), or pg_dump --format=custom and pg_restore. Afterwards run ledger:audit and ledger:verify.',
	);
}
