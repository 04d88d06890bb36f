import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {parse} from 'yaml';

/* The files for containers, read as far as their tests need them. */

const read = (name: string) => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');

export type ComposeService = {
	readonly image: string;
	readonly command?: readonly string[];
	readonly environment: Readonly<Record<string, string>>;
	readonly secrets: readonly string[];
	readonly depends_on?: Readonly<Record<string, {readonly condition: string}>>;
	readonly networks: readonly string[];
	readonly volumes?: readonly string[];
	readonly cap_drop: readonly string[];
	readonly read_only?: boolean;
};

export type Compose = {
	readonly services: Readonly<Record<'database' | 'setup' | 'monedero', ComposeService>>;
	readonly configs: Readonly<Record<string, {readonly content: string}>>;
	readonly secrets: Readonly<Record<string, {readonly file: string}>>;
	readonly volumes: Readonly<Record<string, null>>;
	readonly networks: Readonly<Record<string, unknown>>;
};

/** compose.yaml as the engine understands it where none of the variables is set that it names. */
export function readCompose(): Compose {
	return parse(interpolated(read('compose.yaml')), {merge: true}) as Compose;
}

/** `${NAME:-value}` is the value, and `$$` a dollar. */
function interpolated(text: string): string {
	return text.replaceAll(
		/\$\{\w+:-([^}]*)\}|\$(\$)/g,
		(_all, value?: string, dollar?: string) => value ?? dollar ?? '',
	);
}

/** An instruction of a Dockerfile: `RUN`, and what follows it in one line. */
export type Instruction = {readonly name: string; readonly text: string};

export function readDockerfile(): Instruction[] {
	return read('Dockerfile')
		.replaceAll(/^\s*#.*\n/gm, '')
		.replaceAll(/\\\n\s*/g, '')
		.split('\n')
		.filter(line => line.trim() !== '')
		.map(line => {
			const [name = '', ...words] = line.split(' ');
			return {name, text: words.join(' ')};
		});
}

/** The words of an instruction that is written as a list: `ENTRYPOINT ["monedero"]`. */
export function wordsOf(instructions: readonly Instruction[], name: string): string[] {
	const {text = '[]'} = instructions.findLast(one => one.name === name) ?? {};
	return JSON.parse(text.slice(text.indexOf('['))) as string[];
}
