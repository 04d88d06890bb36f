import {createHash} from 'node:crypto';

// Distinct texts that keep a prepared statement; each costs memory in every connection of the server.
const statementNamesMax = 500;

/** One name per text, so that a connection parses and plans it once; no name any more beyond the limit. */
export function statementNamer(): (query: {sql: string}) => string {
	const names = new Map<string, string>();
	return ({sql}) => {
		let name = names.get(sql);
		if (name === undefined && names.size < statementNamesMax) {
			name = `m${createHash('sha256').update(sql).digest('hex').slice(0, 24)}`;
			names.set(sql, name);
		}

		return name ?? '';
	};
}
