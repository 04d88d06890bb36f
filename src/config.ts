import {readFileSync} from 'node:fs';
import path from 'node:path';
import {parseEnv} from 'node:util';
import {type z} from 'zod';
import {type PaymentWay} from './config-payment-methods.ts';
import {type LogLevel, makeSecret, secretNames, type Variable, variables} from './config-variables.ts';

/** What Monedero can be told from outside, read once. Paths are absolute, lists are parsed, absent means `undefined`. */
export type Config = {
	readonly port: number;
	readonly host: string;
	/** Absent: the embedded database below `dataDir`. */
	readonly databaseUrl: string | undefined;
	/** Past a pooler, for migrations and session locks. Never absent when `databaseUrl` is there. */
	readonly directDatabaseUrl: string | undefined;
	readonly statementNames: boolean;
	readonly dataDir: string;
	readonly merchant: string;
	readonly providerId: string;
	readonly providerAppKey: string | undefined;
	readonly providerAppToken: string | undefined;
	/** The first is current, the others stay usable for reading (rules B8). Empty: generated with the embedded database. */
	readonly codePeppers: readonly string[];
	/** Absent: generated with the embedded database. */
	readonly secretsKey: string | undefined;
	/** Begins with a slash and does not end in one; '' serves at the root. */
	readonly basePath: string;
	/** Without a trailing slash. */
	readonly publicUrl: string;
	readonly timeZone: string;
	readonly currency: string;
	/** Name in the manifest → how it pays. */
	readonly paymentMethods: ReadonlyMap<string, PaymentWay>;
	/** The weakest identifier on which a wallet pays at once. */
	readonly walletIdentity: 'profile' | 'document' | 'email';
	readonly vtexCallbackAppKey: string | undefined;
	readonly vtexCallbackAppToken: string | undefined;
	/** Besides VTEX's: `host`, `host:port` or `*.host`, in lower case. */
	readonly callbackHosts: readonly string[];
	readonly returnHosts: readonly string[];
	/** Seconds, within the protocol's limits. */
	readonly delayToAutoSettle: number;
	readonly delayToAutoSettleAfterAntifraud: number;
	readonly delayToCancel: number;
	/** Wrong codes and PINs of one shopper within an hour. */
	readonly guessLimit: number;
	/** Absolute paths; both or neither. */
	readonly tlsCertFile: string | undefined;
	readonly tlsKeyFile: string | undefined;
	/** What whoever reads the metrics presents; absent: only this machine may. */
	readonly metricsToken: string | undefined;
	/** Where traces go; absent: there are none. */
	readonly otlpEndpoint: string | undefined;
	/** Names in lower case; values may be secret. */
	readonly otlpHeaders: Readonly<Record<string, string>>;
	readonly serviceName: string;
	/** From 0 to 1. */
	readonly traceRatio: number;
	readonly logLevel: LogLevel;
	readonly sandbox: boolean;
};

/** Every problem of an environment at once, each with what to do. Values are never quoted: some are secrets. */
export class ConfigError extends Error {
	readonly problems: readonly string[];

	constructor(problems: readonly string[]) {
		super(`The environment is not usable:\n${problems.map(problem => `  ${problem}`).join('\n')}`);
		this.name = 'ConfigError';
		this.problems = problems;
	}
}

/**
 * The process's environment over the `.env` file of a folder. A variable set to nothing hides the file's value. Secrets that stand in files
 * of their own are read, and what named those files is gone.
 * This is the only place that reads `process.env`.
 * @throws ConfigError where such a file cannot be used
 */
export function environment(folder = process.cwd()): NodeJS.ProcessEnv {
	let file = '';
	try {
		file = readFileSync(path.join(folder, '.env'), 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
			throw error;
		}
	}

	return withSecretsOfFiles({...parseEnv(file), ...process.env});
}

/** `CODE_PEPPER_FILE` names a file that holds `CODE_PEPPER`. */
function withSecretsOfFiles(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const env = {...given};
	const problems: string[] = [];
	for (const name of secretNames()) {
		const naming = `${name}_FILE`;
		const file = given[naming]?.trim() ?? '';
		Reflect.deleteProperty(env, naming);
		if (file !== '' && given[name]?.trim()) {
			problems.push(`${name} and ${naming} are both set: keep one.`);
		} else if (file !== '') {
			const {text, problem} = readSecret(file);
			env[name] = text;
			problems.push(...(problem === undefined ? [] : [`${naming} names a file ${problem}.`]));
		}
	}

	if (problems.length > 0) {
		throw new ConfigError(problems);
	}

	return env;
}

function readSecret(file: string): {readonly text: string; readonly problem?: string} {
	try {
		const text = readFileSync(file, 'utf8').trim();
		// As if it were absent, a new one would be made up.
		return text === '' ? {text, problem: 'in which nothing stands'} : {text};
	} catch (error) {
		return {text: '', problem: `that cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`};
	}
}

/**
 * Parse an environment once. An empty value counts as absent.
 * @throws ConfigError with every problem listed.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
	const given = new Map(Object.entries(env).filter(([, typed]) => typed?.trim()));
	const values: Record<string, unknown> = {};
	const problems: string[] = [];
	for (const variable of variables as readonly Variable[]) {
		const result = variable.schema.safeParse(given.get(variable.name)?.trim() ?? variable.default);
		values[variable.name] = result.data;
		if (!result.success && given.has(variable.name)) {
			problems.push(`${variable.name} ${result.error.issues[0]?.message ?? 'is not usable'}.`);
		}
	}

	problems.push(...disagreements(name => given.has(name)));
	if (problems.length > 0) {
		throw new ConfigError(problems);
	}

	return configOf(values as Values);
}

/** What only the variables together can get wrong. */
function disagreements(isGiven: (name: Known['name']) => boolean): string[] {
	const problems: string[] = [];
	if (isGiven('DIRECT_DATABASE_URL') && !isGiven('DATABASE_URL')) {
		problems.push('DATABASE_URL is needed when DIRECT_DATABASE_URL is set: set both, or remove that one.');
	}

	if (isGiven('PROVIDER_APP_KEY') !== isGiven('PROVIDER_APP_TOKEN')) {
		problems.push('PROVIDER_APP_KEY and PROVIDER_APP_TOKEN belong together: set both, or neither.');
	}

	if (isGiven('VTEX_CALLBACK_APP_KEY') !== isGiven('VTEX_CALLBACK_APP_TOKEN')) {
		problems.push('VTEX_CALLBACK_APP_KEY and VTEX_CALLBACK_APP_TOKEN belong together: set both, or neither.');
	}

	if (isGiven('TLS_CERT_FILE') !== isGiven('TLS_KEY_FILE')) {
		problems.push('TLS_CERT_FILE and TLS_KEY_FILE belong together: set both, or neither.');
	}

	for (const name of ['CODE_PEPPER', 'SECRETS_KEY'] as const) {
		if (isGiven('DATABASE_URL') && !isGiven(name)) {
			problems.push(`${name} is needed with DATABASE_URL; ${makeSecret}, and keep it as you keep the data.`);
		}
	}

	return problems;
}

type Known = (typeof variables)[number];
type Values = {
	[V in Known as V['name']]: z.output<V['schema']> | (V extends {default: string} ? never : undefined);
};

function configOf(values: Values): Config {
	return Object.freeze({
		port: values.PORT,
		host: values.HOST,
		databaseUrl: values.DATABASE_URL,
		directDatabaseUrl: values.DIRECT_DATABASE_URL ?? values.DATABASE_URL,
		statementNames: values.STATEMENT_NAMES,
		dataDir: values.DATA_DIR,
		merchant: values.MERCHANT,
		providerId: values.PROVIDER_ID,
		providerAppKey: values.PROVIDER_APP_KEY,
		providerAppToken: values.PROVIDER_APP_TOKEN,
		codePeppers: values.CODE_PEPPER ?? [],
		secretsKey: values.SECRETS_KEY,
		basePath: values.BASE_PATH,
		publicUrl:
			values.PUBLIC_URL ??
			`${values.TLS_CERT_FILE === undefined ? 'http' : 'https'}://${values.HOST.includes(':') ? `[${values.HOST}]` : values.HOST}:${values.PORT}`,
		timeZone: values.TIME_ZONE,
		currency: values.CURRENCY,
		paymentMethods: values.PAYMENT_METHODS,
		walletIdentity: values.WALLET_IDENTITY,
		vtexCallbackAppKey: values.VTEX_CALLBACK_APP_KEY,
		vtexCallbackAppToken: values.VTEX_CALLBACK_APP_TOKEN,
		callbackHosts: values.CALLBACK_HOSTS ?? [],
		returnHosts: values.RETURN_HOSTS ?? [],
		delayToAutoSettle: values.DELAY_TO_AUTO_SETTLE,
		delayToAutoSettleAfterAntifraud: values.DELAY_TO_AUTO_SETTLE_AFTER_ANTIFRAUD,
		delayToCancel: values.DELAY_TO_CANCEL,
		guessLimit: values.GUESS_LIMIT,
		tlsCertFile: values.TLS_CERT_FILE,
		tlsKeyFile: values.TLS_KEY_FILE,
		metricsToken: values.METRICS_TOKEN,
		otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
		otlpHeaders: values.OTEL_EXPORTER_OTLP_HEADERS ?? {},
		serviceName: values.OTEL_SERVICE_NAME,
		traceRatio: values.OTEL_TRACES_SAMPLER_ARG,
		logLevel: values.LOG_LEVEL,
		sandbox: values.SANDBOX,
	});
}
