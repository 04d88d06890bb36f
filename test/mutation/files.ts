import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

/** The repository. */
export const rootFolder = fileURLToPath(new URL('../..', import.meta.url));

/** The text of a file that is named from the repository's root. */
export function textOf(file: string): string {
	return readFileSync(path.join(rootFolder, file), 'utf8');
}

/** The TypeScript files of a folder, each named from the repository's root. The generated database client is not ours. */
export function sourcesIn(folder: string): string[] {
	return readdirSync(path.join(rootFolder, folder), {recursive: true, encoding: 'utf8'})
		.map(name => `${folder}/${name}`.replaceAll('\\', '/'))
		.filter(name => name.endsWith('.ts') && !name.startsWith('src/db/generated'))
		.sort();
}
