import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {environmentExample} from '../src/config-reference.ts';
import {secretNames, variables} from '../src/config-variables.ts';
import {ConfigError, environment, loadConfig} from '../src/config.ts';

const pepper = 'p'.repeat(32);
const key = 'k'.repeat(32);
const url = 'postgresql://user:secret@db.example.com:5432/monedero';

test('an empty environment gives the documented defaults', t => {
	t.deepEqual(loadConfig({}), {
		port: 3000,
		host: '127.0.0.1',
		databaseUrl: undefined,
		directDatabaseUrl: undefined,
		statementNames: true,
		dataDir: path.resolve('data'),
		merchant: 'default',
		providerId: 'Monedero',
		providerAppKey: undefined,
		providerAppToken: undefined,
		codePeppers: [],
		secretsKey: undefined,
		basePath: '/v1',
		publicUrl: 'http://127.0.0.1:3000',
		timeZone: 'America/Sao_Paulo',
		currency: 'BRL',
		paymentMethods: new Map([
			['Privatelabels', 'code'],
			['Promissories', 'wallet'],
		]),
		walletIdentity: 'document',
		vtexCallbackAppKey: undefined,
		vtexCallbackAppToken: undefined,
		callbackHosts: [],
		returnHosts: [],
		delayToAutoSettle: 432_000,
		delayToAutoSettleAfterAntifraud: 432_000,
		delayToCancel: 86_400,
		guessLimit: 10,
		tlsCertFile: undefined,
		tlsKeyFile: undefined,
		metricsToken: undefined,
		otlpEndpoint: undefined,
		otlpHeaders: {},
		serviceName: 'monedero',
		traceRatio: 1,
		logLevel: 'info',
		sandbox: false,
	});
});

test('payment methods are listed as VTEX spells them, each with its way', t => {
	const methods = (list: string) => [...loadConfig({PAYMENT_METHODS: list}).paymentMethods];

	t.deepEqual(methods('cobranded:code, Cash:confirmed'), [
		['Cobranded', 'code'],
		['Cash', 'confirmed'],
	]);
	for (const list of ['FakePay:code', 'Cash', 'Cash:later', 'Cash:code,cash:wallet']) {
		t.throws(() => methods(list), {message: /PAYMENT_METHODS must list payment methods of VTEX/}, list);
	}
});

test('the public address, which everybody reads, holds no user and no password', t => {
	t.is(
		loadConfig({PUBLIC_URL: 'https://cards.example.com/@store'}).publicUrl,
		'https://cards.example.com/@store',
	);
	for (const user of ['ana', 'ana:s3cret', ':s3cret']) {
		const error = t.throws(() => loadConfig({PUBLIC_URL: `https://${user}@cards.example.com`}), {
			message: /PUBLIC_URL must hold no user and no password\./,
		});
		t.notRegex(error.message, /s3cret/);
	}
});

test('delays keep within what the protocol allows', t => {
	t.is(loadConfig({DELAY_TO_CANCEL: '600'}).delayToCancel, 600);
	t.is(loadConfig({DELAY_TO_AUTO_SETTLE: '604800'}).delayToAutoSettle, 604_800);
	t.throws(() => loadConfig({DELAY_TO_CANCEL: '599'}), {message: /DELAY_TO_CANCEL must be .* from 600 to/});
	t.throws(() => loadConfig({DELAY_TO_AUTO_SETTLE: '604801'}), {message: /from 0 to 604800/});
});

test('hosts may be named with a port and with a star for what is below them, and nothing else', t => {
	t.deepEqual(loadConfig({CALLBACK_HOSTS: 'Pay.example.com:8443, *.example.org'}).callbackHosts, [
		'pay.example.com:8443',
		'*.example.org',
	]);
	t.throws(() => loadConfig({RETURN_HOSTS: 'https://example.com'}), {
		message: /RETURN_HOSTS must list host names/,
	});
});

test('the keys of callbacks and the files of TLS come in pairs', t => {
	t.throws(() => loadConfig({VTEX_CALLBACK_APP_KEY: 'key'}), {message: /belong together/});
	t.throws(() => loadConfig({TLS_CERT_FILE: 'cert.pem'}), {message: /belong together/});
	t.regex(loadConfig({TLS_CERT_FILE: 'cert.pem', TLS_KEY_FILE: 'key.pem'}).publicUrl, /^https:/);
});

test('a variable that is set to nothing, or to spaces, counts as absent', t => {
	t.deepEqual(loadConfig({PORT: '', DATABASE_URL: ' ', BASE_PATH: '', SANDBOX: ''}), loadConfig({}));
});

test('.env.example names the same variables in the same order with the same defaults and sentences', t => {
	t.is(readFileSync(new URL('../.env.example', import.meta.url), 'utf8'), environmentExample());
});

test('every variable has one sentence', t => {
	for (const {name, description} of variables) {
		t.regex(description, /^[A-Z][^\n]*[^.]\.$/, name);
	}
});

test('all problems are told at once, and no value is repeated', t => {
	const error = t.throws(
		() =>
			loadConfig({
				PORT: '70000',
				DATABASE_URL: 'mysql://u:secret@host/db',
				TIME_ZONE: 'Mars/Base',
				CODE_PEPPER: 'secret',
			}),
		{instanceOf: ConfigError},
	);

	t.deepEqual(
		error.problems.map(problem => problem.split(' ', 1)[0]),
		['PORT', 'DATABASE_URL', 'CODE_PEPPER', 'TIME_ZONE', 'SECRETS_KEY'],
	);
	t.notRegex(error.message, /secret@|mysql|Mars|70000/);
});

test('with DATABASE_URL the pepper and the key must be given', t => {
	const missing = t.throws(() => loadConfig({DATABASE_URL: url}), {instanceOf: ConfigError});

	t.is(missing.problems.length, 2);
	t.regex(missing.message, /CODE_PEPPER is needed with DATABASE_URL; make one with/);
	t.regex(missing.message, /SECRETS_KEY is needed with DATABASE_URL; make one with/);
	t.like(loadConfig({DATABASE_URL: url, CODE_PEPPER: pepper, SECRETS_KEY: key}), {
		databaseUrl: url,
		directDatabaseUrl: url,
		codePeppers: [pepper],
		secretsKey: key,
	});
});

test('DATABASE_URL may list several servers, of which one may be wrong', t => {
	const list = 'postgresql://u:p%40w@db1:5432,db2:5433/monedero?sslmode=require';
	const secrets = {CODE_PEPPER: pepper, SECRETS_KEY: key};
	t.is(loadConfig({DATABASE_URL: list, ...secrets}).databaseUrl, list);
	t.throws(() => loadConfig({DATABASE_URL: 'postgresql://u:p@db1:5432,db2:port/monedero', ...secrets}), {
		instanceOf: ConfigError,
		message: /DATABASE_URL must look like/,
	});
});

test('DIRECT_DATABASE_URL leads past the pooler, and does not stand alone', t => {
	const direct = 'postgres://user@direct.example.com/monedero';
	const secrets = {CODE_PEPPER: pepper, SECRETS_KEY: key};

	t.like(loadConfig({DATABASE_URL: url, DIRECT_DATABASE_URL: direct, ...secrets}), {
		databaseUrl: url,
		directDatabaseUrl: direct,
	});
	t.throws(() => loadConfig({DIRECT_DATABASE_URL: direct}), {message: /DATABASE_URL is needed when/});
});

test('PROVIDER_APP_KEY and PROVIDER_APP_TOKEN belong together', t => {
	const token = 't'.repeat(16);

	t.throws(() => loadConfig({PROVIDER_APP_KEY: 'app'}), {message: /belong together/});
	t.throws(() => loadConfig({PROVIDER_APP_TOKEN: token}), {message: /belong together/});
	t.like(loadConfig({PROVIDER_APP_KEY: 'app', PROVIDER_APP_TOKEN: token}), {
		providerAppKey: 'app',
		providerAppToken: token,
	});
});

test('a list of peppers keeps its order, the current one first', t => {
	const older = 'o'.repeat(32);

	t.deepEqual(loadConfig({CODE_PEPPER: `${pepper}, ${older}`}).codePeppers, [pepper, older]);
	t.throws(() => loadConfig({CODE_PEPPER: `${pepper},short`}), {
		message: /CODE_PEPPER is shorter than 32 characters/,
	});
});

const accepts = test.macro<[name: string, typed: string, member: string, value: unknown]>({
	exec(t, name, typed, member, value) {
		t.deepEqual((loadConfig({[name]: typed}) as Record<string, unknown>)[member], value);
	},
	title: (_given, name, typed, member, value) => `${name}=${typed} gives ${member} ${String(value)}`,
});

test(accepts, 'PORT', '0', 'port', 0);
test(accepts, 'PORT', '65535', 'port', 65_535);
test(accepts, 'HOST', '::1', 'publicUrl', 'http://[::1]:3000');
test(accepts, 'PUBLIC_URL', 'https://cards.example.com/', 'publicUrl', 'https://cards.example.com');
test(accepts, 'BASE_PATH', '/', 'basePath', '');
test(accepts, 'BASE_PATH', '/gift/v1/', 'basePath', '/gift/v1');
test(accepts, 'STATEMENT_NAMES', 'false', 'statementNames', false);
test(accepts, 'SANDBOX', '1', 'sandbox', true);
test(accepts, 'TIME_ZONE', 'Asia/Kuwait', 'timeZone', 'Asia/Kuwait');
test(accepts, 'CURRENCY', 'KWD', 'currency', 'KWD');
test(accepts, 'LOG_LEVEL', 'silent', 'logLevel', 'silent');
test(accepts, 'SECRETS_KEY', key, 'secretsKey', key);
test(accepts, 'DATA_DIR', 'elsewhere', 'dataDir', path.resolve('elsewhere'));

const refuses = test.macro<[name: string, typed: string]>({
	exec(t, name, typed) {
		const error = t.throws(() => loadConfig({[name]: typed}), {instanceOf: ConfigError});

		t.true(error.problems.some(problem => problem.startsWith(`${name} `)));
	},
	title: (_given, name, typed) => `${name}=${typed} is refused`,
});

test(refuses, 'PORT', '65536');
test(refuses, 'PORT', '-1');
test(refuses, 'PORT', '3000x');
test(refuses, 'DATABASE_URL', 'localhost:5432');
test(refuses, 'DATABASE_URL', 'https://db.example.com');
test(refuses, 'STATEMENT_NAMES', 'maybe');
test(refuses, 'MERCHANT', 'two words');
test(refuses, 'PROVIDER_APP_TOKEN', 't'.repeat(15));
test(refuses, 'SECRETS_KEY', 'k'.repeat(31));
test(refuses, 'BASE_PATH', 'v1');
test(refuses, 'BASE_PATH', '/a//b');
test(refuses, 'BASE_PATH', '/:id');
test(refuses, 'PUBLIC_URL', 'ftp://cards.example.com');
test(refuses, 'PUBLIC_URL', 'cards.example.com');
test(refuses, 'TIME_ZONE', '-03:00');
test(refuses, 'CURRENCY', 'brl');
test(refuses, 'LOG_LEVEL', 'verbose');

test('the environment of the process goes over the .env file, and a variable set to nothing hides it', t => {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-env-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	writeFileSync(
		path.join(folder, '.env'),
		'# note\nMONEDERO_FIRST=file\nMONEDERO_SECOND="file"\nMONEDERO_THIRD=file\n',
	);
	Object.assign(process.env, {MONEDERO_SECOND: 'process', MONEDERO_THIRD: ''});

	const read = environment(folder);

	t.is(read['MONEDERO_FIRST'], 'file');
	t.is(read['MONEDERO_SECOND'], 'process');
	t.is(read['MONEDERO_THIRD'], '');
	t.is(environment(path.join(folder, 'missing'))['MONEDERO_FIRST'], undefined);
});

/** What a folder's `.env` makes of the environment. */
function environmentOf(
	t: ExecutionContext,
	files: Readonly<Record<string, string>>,
	lines: readonly string[],
) {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-config-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	for (const [name, text] of Object.entries(files)) {
		writeFileSync(path.join(folder, name), text);
	}

	writeFileSync(path.join(folder, '.env'), lines.join('\n').replaceAll('FOLDER', folder));
	return () => environment(folder);
}

test('a secret may stand in a file that a variable names, and what named it is gone', t => {
	const read = environmentOf(t, {pepper: `${pepper}\n`}, [
		'CODE_PEPPER_FILE=FOLDER/pepper',
		'SECRETS_KEY_FILE=',
	])();

	t.is(read['CODE_PEPPER'], pepper);
	t.deepEqual(loadConfig(read).codePeppers, [pepper]);
	t.false('CODE_PEPPER_FILE' in read);
	t.false('SECRETS_KEY' in read);
	// What is no secret has no such form: these two are variables of their own.
	t.true(secretNames().includes('DATABASE_URL'));
	t.false(secretNames().includes('TLS_CERT'));
	t.deepEqual(
		secretNames().filter(name => variables.some(variable => variable.name === `${name}_FILE`)),
		[],
	);
});

test('a secret that stands in two places, or in a file without it, is a problem, and nothing is made up in its place', t => {
	const read = environmentOf(t, {empty: ' \n'}, [
		`CODE_PEPPER=${pepper}`,
		'CODE_PEPPER_FILE=FOLDER/pepper',
		'SECRETS_KEY_FILE=FOLDER/empty',
		'DATABASE_URL_FILE=FOLDER/nowhere',
	]);

	const error = t.throws(read, {instanceOf: ConfigError});
	t.deepEqual(error.problems, [
		'DATABASE_URL_FILE names a file that cannot be read (ENOENT).',
		'CODE_PEPPER and CODE_PEPPER_FILE are both set: keep one.',
		'SECRETS_KEY_FILE names a file in which nothing stands.',
	]);
});
