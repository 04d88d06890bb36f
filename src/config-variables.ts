import path from 'node:path';
import {z} from 'zod';
import {paymentMethodsOf} from './config-payment-methods.ts';
import {telemetryVariables} from './config-telemetry.ts';

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export type Variable = {
	readonly name: string;
	/** As it would be typed; absent when nothing is assumed. */
	readonly default?: string;
	/** One sentence for the operator. */
	readonly description: string;
	/** May stand in a file, which the variable of this name and `_FILE` names: containers are given secrets so. */
	readonly isSecret?: true;
	/** Takes the text of a variable that is set; its issues say what to write instead. */
	readonly schema: z.ZodType;
};

// A pepper or key that a person could guess would let a stolen database be searched for redemption codes.
const secretLengthMin = 32;
export const makeSecret = 'make one with: openssl rand -base64 48';

const text = z.string().max(200, 'is longer than 200 characters');
const secret = z
	.string()
	.min(secretLengthMin, `is shorter than ${secretLengthMin} characters; ${makeSecret}`);
const flag = z.stringbool({
	truthy: ['true', '1', 'yes', 'on'],
	falsy: ['false', '0', 'no', 'off'],
	error: 'must be true or false',
});
const databaseUrl = z
	.string()
	.refine(isDatabaseUrl, 'must look like postgresql://user:password@host:5432/database');

const hosts = z
	.string()
	.transform(list => list.split(',').map(host => host.trim().toLowerCase()))
	.pipe(
		z.array(
			z
				.string()
				.regex(
					/^(?:\*\.)?[a-z0-9.-]+(?::\d{1,5})?$/,
					'must list host names, such as pay.example.com,*.example.org',
				),
		),
	);
const seconds = (min: number, max: number) =>
	z
		.string()
		.regex(/^\d{1,9}$/, `must be a whole number of seconds from ${min} to ${max}`)
		.transform(Number)
		.refine(value => value >= min && value <= max, `must be a whole number of seconds from ${min} to ${max}`);

/** Every variable, in the order of `.env.example` and of the README's table, which are compared with this list. */
export const variables = [
	{
		name: 'PORT',
		default: '3000',
		description: 'TCP port to listen on; 0 takes a free one.',
		schema: z
			.string()
			.regex(/^\d{1,5}$/, 'must be a whole number from 0 to 65535')
			.transform(Number)
			.refine(port => port <= 65_535, 'must be a whole number from 0 to 65535'),
	},
	{
		name: 'HOST',
		default: '127.0.0.1',
		description: 'Address to listen on; 0.0.0.0 for every IPv4 interface.',
		schema: text,
	},
	{
		name: 'DATABASE_URL',
		description: 'Any PostgreSQL; without it an embedded one runs below DATA_DIR.',
		isSecret: true,
		schema: databaseUrl,
	},
	{
		name: 'DIRECT_DATABASE_URL',
		description:
			'The same database past a pooler, for migrations and backup; without it DATABASE_URL is used.',
		isSecret: true,
		schema: databaseUrl,
	},
	{
		name: 'STATEMENT_NAMES',
		default: 'true',
		description: 'Prepared statements are kept by name; set false behind a transaction pooler.',
		schema: flag,
	},
	{
		name: 'DATA_DIR',
		default: './data',
		description: 'Folder of the embedded database and of the generated secrets.',
		schema: z.string().transform(folder => path.resolve(folder)),
	},
	{
		name: 'MERCHANT',
		default: 'default',
		description: 'Name of the first merchant: the VTEX account.',
		schema: z
			.string()
			.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'must be a VTEX account name: letters, digits, - and _'),
	},
	{
		name: 'PROVIDER_ID',
		default: 'Monedero',
		description: "Our id in the merchant's Gift Card Hub, answered as provider.",
		schema: text,
	},
	{
		name: 'PROVIDER_APP_KEY',
		description: 'App key of the first merchant, for unattended installs; generated when absent.',
		schema: text,
	},
	{
		name: 'PROVIDER_APP_TOKEN',
		description: 'App token that belongs to PROVIDER_APP_KEY.',
		isSecret: true,
		schema: text.min(16, 'is shorter than 16 characters; make one with: openssl rand -base64 36'),
	},
	{
		name: 'CODE_PEPPER',
		description:
			'Key of the redemption-code hash: new,old to change it; generated with the embedded database.',
		isSecret: true,
		schema: z
			.string()
			.transform(list => list.split(',').map(pepper => pepper.trim()))
			.pipe(z.array(secret)),
	},
	{
		name: 'SECRETS_KEY',
		description: 'Key that encrypts stored secrets; generated with the embedded database.',
		isSecret: true,
		schema: secret,
	},
	{
		name: 'BASE_PATH',
		default: '/v1',
		description:
			'Prefix of every protocol path, a part of the serviceUrl given to VTEX; / serves at the root.',
		schema: z
			.string()
			.regex(
				/^\/+$|^(\/[A-Za-z0-9._~-]+)+\/*$/,
				'must begin with a slash and hold letters, digits, . _ ~ or -, such as /v1',
			)
			.transform(withoutTrailingSlash),
	},
	{
		name: 'PUBLIC_URL',
		description:
			'Address under which the internet reaches us, for absolute links; HOST and PORT when absent.',
		schema: z
			.url({
				protocol: /^https?$/,
				error: 'must be an http or https address, such as https://cards.example.com',
			})
			// It stands in pages and in the published document, which everybody reads.
			.refine(url => !/^[^/]*\/\/[^/?#]*@/.test(url), 'must hold no user and no password')
			.transform(withoutTrailingSlash),
	},
	{
		name: 'TIME_ZONE',
		default: 'America/Sao_Paulo',
		description: 'Time zone of the first merchant: cards expire at the end of its day.',
		schema: z.string().refine(isTimeZone, 'must be a name of the IANA list, such as America/Sao_Paulo'),
	},
	{
		name: 'CURRENCY',
		default: 'BRL',
		description: 'Currency of the first merchant.',
		schema: z.string().regex(/^[A-Z]{3}$/, 'must be a code of ISO 4217 in capitals, such as BRL'),
	},
	{
		name: 'PAYMENT_METHODS',
		default: 'Privatelabels:code,Promissories:wallet',
		description:
			'Payment methods of the manifest, spelled as VTEX spells them, and how each pays: code, wallet or confirmed.',
		schema: z.string().transform(paymentMethodsOf),
	},
	{
		name: 'WALLET_IDENTITY',
		default: 'document',
		description:
			'Weakest identifier on which a wallet pays at once: profile, document or email. VTEX does not prove who types them.',
		schema: z.enum(['profile', 'document', 'email'], 'must be profile, document or email'),
	},
	{
		name: 'VTEX_CALLBACK_APP_KEY',
		description: 'Our own VTEX application key, sent with callbacks.',
		schema: text,
	},
	{
		name: 'VTEX_CALLBACK_APP_TOKEN',
		description: 'Token that belongs to VTEX_CALLBACK_APP_KEY.',
		isSecret: true,
		schema: text,
	},
	{
		name: 'CALLBACK_HOSTS',
		description:
			"Hosts that may be called back besides VTEX's, separated by commas; *.example.com is allowed.",
		schema: hosts,
	},
	{
		name: 'RETURN_HOSTS',
		description: "Hosts that a browser may be sent back to besides VTEX's, separated by commas.",
		schema: hosts,
	},
	{
		name: 'DELAY_TO_AUTO_SETTLE',
		default: '432000',
		description: 'Seconds until VTEX settles a payment by itself: at most 604800.',
		schema: seconds(0, 604_800),
	},
	{
		name: 'DELAY_TO_AUTO_SETTLE_AFTER_ANTIFRAUD',
		default: '432000',
		description: 'The same, after its anti-fraud check; VTEX uses the shorter one.',
		schema: seconds(0, 604_800),
	},
	{
		name: 'DELAY_TO_CANCEL',
		default: '86400',
		description: 'Seconds that VTEX waits for a shopper to confirm: 600 to 2592000.',
		schema: seconds(600, 2_592_000),
	},
	{
		name: 'GUESS_LIMIT',
		default: '10',
		description:
			'Wrong codes and PINs that one shopper may try within an hour; one client address may try five times as many.',
		schema: z
			.string()
			.regex(/^\d{1,6}$/, 'must be a whole number from 1 to 999999')
			.transform(Number)
			.refine(limit => limit >= 1, 'must be a whole number from 1 to 999999'),
	},
	{
		name: 'TLS_CERT_FILE',
		description: 'Certificate chain in PEM, to serve HTTPS directly; read again on SIGHUP.',
		schema: z.string().transform(file => path.resolve(file)),
	},
	{
		name: 'TLS_KEY_FILE',
		description: 'Private key in PEM that belongs to TLS_CERT_FILE.',
		schema: z.string().transform(file => path.resolve(file)),
	},
	...telemetryVariables,
	{
		name: 'LOG_LEVEL',
		default: 'info',
		description: `How much is logged: ${logLevels.join(', ')}.`,
		schema: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`),
	},
	{
		name: 'SANDBOX',
		default: 'false',
		description: 'The first merchant is a sandbox: for homologation, never for real value.',
		schema: flag,
	},
] as const satisfies readonly Variable[];

/** What may stand in a file. */
export function secretNames(): string[] {
	return (variables as readonly Variable[]).filter(({isSecret}) => isSecret).map(({name}) => name);
}

function isDatabaseUrl(value: string): boolean {
	// Several servers stand where `URL` knows one.
	const [, before = '', servers = '', after = ''] =
		/^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)([^/?#]*)(.*)$/i.exec(value) ?? [];
	return before !== '' && servers.split(',').every(server => URL.canParse(`${before}${server}${after}`));
}

function isTimeZone(name: string): boolean {
	try {
		return (
			new Intl.DateTimeFormat('en', {timeZone: name}).resolvedOptions().timeZone !== '' && !/^[+-]/.test(name)
		);
	} catch {
		return false;
	}
}

function withoutTrailingSlash(value: string): string {
	return value.replace(/\/+$/, '');
}
