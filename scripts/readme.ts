import {readFileSync, writeFileSync} from 'node:fs';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {environmentTable} from '../src/config-reference.ts';
import {metricsTable} from '../src/metrics/definitions.ts';
import {authorizationEndpoints} from '../src/vtex/authorization/endpoints.ts';
import {giftCardEndpoints} from '../src/vtex/giftcards/endpoints.ts';
import {manifestEndpoint, paymentEndpoints} from '../src/vtex/payments/endpoints.ts';
import {commandTable} from './lib/commands.ts';

/** Where the README stands. */
export const readmeFile = fileURLToPath(new URL('../README.md', import.meta.url));
/** Where the figures of `GET /metrics` are described. */
export const metricsFile = fileURLToPath(new URL('../docs/metrics.md', import.meta.url));

const help = `Usage: npm run readme [-- --check]

Writes the tables of the README and of docs/metrics.md that say what the code says: endpoints, configuration, commands,
metrics. They stand between the markers <!-- generated: NAME --> and <!-- end -->. With --check nothing is written, and the exit code is 1 when one is stale.
`;

type TableParts = Readonly<Record<string, () => string>>;

const parts: TableParts = {
	endpoints: endpointTable,
	configuration: environmentTable,
	commands: commandTable,
};

/** What is generated in `docs/metrics.md`. */
export const metricsParts: TableParts = {metrics: metricsTable};

/**
 * The README's text with every generated part anew.
 * @throws Error when a part that is generated has no place in it, or a place no part
 */
export function withGeneratedParts(text: string, wanted = parts): string {
	const missing = new Set(Object.keys(wanted));
	const written = text.replaceAll(
		/(<!-- generated: ([\w-]+) -->\n)[^]*?(<!-- end -->)/g,
		(_place, begin: string, name: string, end: string) => {
			const part = wanted[name];
			if (part === undefined) {
				throw new Error(`Nothing is called "${name}"; what is generated: ${Object.keys(wanted).join(', ')}.`);
			}

			missing.delete(name);
			return `${begin}\n${part().trim()}\n\n${end}`;
		},
	);
	if (missing.size > 0) {
		throw new Error(
			`There is no place for ${[...missing].join(', ')}: <!-- generated: NAME --> and <!-- end -->.`,
		);
	}

	return written;
}

function endpointTable(): string {
	const openTo = {read: 'provider, viewer', write: 'provider', open: 'everybody'} as const;
	const all = [...giftCardEndpoints, manifestEndpoint, ...paymentEndpoints, ...authorizationEndpoints];
	const rows = all.map(({contract: {method, path, access, summary}}) => {
		const address = path.replaceAll(/:(\w+)/g, '{$1}');
		return `| \`${method.toUpperCase()} ${address}\` | ${summary} | ${openTo[access]} |`;
	});
	return ['| Endpoint | Does | Open to |', '|---|---|---|', ...rows].join('\n');
}

/** Returns the exit code. */
function main(args: readonly string[]): 0 | 1 | 2 {
	const unknown = args.find(arg => !['--check', '--help'].includes(arg));
	if (unknown !== undefined) {
		process.stderr.write(`There is no "${unknown}". Help: npm run readme -- --help\n`);
		return 2;
	}

	if (args.includes('--help')) {
		process.stdout.write(help);
		return 0;
	}

	const codes = [
		bringUpToDate({file: readmeFile, name: 'README', wanted: parts}, args.includes('--check')),
		bringUpToDate(
			{file: metricsFile, name: 'page of the metrics', wanted: metricsParts},
			args.includes('--check'),
		),
	];
	return codes.includes(1) ? 1 : 0;
}

type Page = {readonly file: string; readonly name: string; readonly wanted: TableParts};

function bringUpToDate({file, name, wanted}: Page, isCheck: boolean): 0 | 1 {
	const text = readFileSync(file, 'utf8');
	const written = withGeneratedParts(text, wanted);
	if (written === text) {
		process.stdout.write(`The ${name} says what the code says.\n`);
		return 0;
	}

	if (isCheck) {
		process.stderr.write(`The ${name} is stale. Write its tables anew with: npm run readme\n`);
		return 1;
	}

	writeFileSync(file, written);
	process.stdout.write(`The ${name} is written anew.\n`);
	return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	process.exitCode = main(process.argv.slice(2));
}
