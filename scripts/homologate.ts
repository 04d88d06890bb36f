import {accessSync, constants} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {type Result} from './homologate/check.ts';
import {headerText, helpText, type Options, readOptions} from './homologate/options.ts';
import {countsOf, type Report, resultsOf} from './homologate/report.ts';
import {htmlReport} from './homologate/report-html.ts';
import {junitReport} from './homologate/report-junit.ts';
import {printEnd, printResult, printTitle} from './homologate/report-text.ts';
import {runSuite} from './homologate/run.ts';
import {type Settings} from './homologate/suite.ts';
import {suites} from './homologate/suites.ts';
import {UsageError} from './lib/command.ts';
import {commandLine} from './lib/help.ts';
import {openPrint, type Print} from './lib/print.ts';
import {askSecret} from './lib/secret-input.ts';

/* `npm run homologate`: VTEX's part of both protocols, played to any provider. Knows nothing of Monedero's database or configuration. */

try {
	const options = readOptions(suites, process.argv.slice(2));
	if (options === 'help') {
		process.stdout.write(helpText(suites));
	} else {
		process.exitCode = await homologate(options);
	}
} catch (error) {
	const isUsage = error instanceof UsageError;
	const message = error instanceof Error ? error.message : String(error);
	process.stderr.write(`${message}${isUsage ? `\nHelp: ${commandLine('homologate', '--help')}` : ''}\n`);
	process.exitCode = isUsage ? 2 : 1;
}

/** Returns the exit code. */
async function homologate(options: Options): Promise<0 | 1 | 130> {
	const print = openPrint(process, options.isJson);
	[options.report, options.junit].forEach(expectPlace);
	const appToken = options.appToken ?? (await askedToken());
	if (options.url.endsWith('/')) {
		print.note('The URL ends in a slash, and VTEX will put another one behind it: so does this.');
	}

	const report = await run({...options, appToken, signal: stopSignal()}, options, print);
	await write(report, options, print);
	const {passed, failed} = countsOf(resultsOf(report));
	// Where everything was skipped nothing is proved: wrong credentials, for instance, let no card be made.
	return report.isStopped ? 130 : failed > 0 || passed === 0 ? 1 : 0;
}

/** Aborted by Ctrl-C, and when nobody reads the output any more. */
function stopSignal(): AbortSignal {
	const stop = new AbortController();
	const abort = () => {
		stop.abort();
	};
	// As often as they come: npm hands on the signal that the terminal has sent already.
	process.on('SIGINT', abort).on('SIGTERM', abort);
	process.stdout.on('error', abort);
	return stop.signal;
}

async function askedToken(): Promise<string> {
	const token = (await askSecret('App token: ')).trim();
	if (token === '') {
		throw new UsageError(
			'There was no app token: type it when asked, give it on standard input, or use --app-token-file FILE.',
		);
	}

	return headerText('app-token', token);
}

/** Said before the checks have run, rather than when their results have nowhere to go. */
function expectPlace(file: string | undefined): void {
	if (file !== undefined) {
		try {
			accessSync(path.dirname(path.resolve(file)), constants.W_OK);
		} catch {
			throw new UsageError(`${file} cannot be written: its folder is not there, or not yours.`);
		}
	}
}

async function run(
	{timeoutMs, ...settings}: Omit<Settings, 'timeoutMs'> & Pick<Options, 'timeoutMs'>,
	{suites: chosen, only, isVerbose}: Options,
	print: Print,
): Promise<Report> {
	const startedAt = new Date();
	const parts: Report['parts'][number][] = [];
	for (const [place, suite] of chosen.entries()) {
		if (place > 0) {
			print.line();
		}

		printTitle(print, suite.title, settings.url);
		const onResult = (result: Result) => {
			printResult(print, result, isVerbose);
			print.value(result.outcome === 'failed' ? result : {...result, exchanges: undefined});
		};
		const limits = timeoutMs === undefined ? {} : {timeoutMs};
		const results = await runSuite(suite, {...settings, ...limits}, {only, onResult});
		parts.push({protocol: suite.protocol, title: suite.title, results});
	}

	const ms = Date.now() - startedAt.getTime();
	return {url: settings.url, startedAt, ms, isStopped: settings.signal.aborted, parts};
}

async function write(report: Report, {report: html, junit}: Options, print: Print): Promise<void> {
	printEnd(print, report);
	print.value({...countsOf(resultsOf(report)), isStopped: report.isStopped, ms: report.ms});
	for (const [file, make] of [
		[html, htmlReport],
		[junit, junitReport],
	] as const) {
		if (file !== undefined) {
			await writeFile(file, make(report), {mode: 0o600});
			print.line(`Report: ${file}`);
		}
	}
}
