import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import test, {type ExecutionContext} from 'ava';
import {makeCertificate, type TestCertificate} from '../helpers/certificate.ts';
import {withDatabase} from '../helpers/database.ts';
import {startService} from '../helpers/service.ts';
import {until} from '../helpers/until.ts';

const secrets = {CODE_PEPPER: 'p'.repeat(48), SECRETS_KEY: 's'.repeat(48)};

/** The first service on its database: it shows what VTEX is given. */
async function startFirst(t: ExecutionContext, env: Readonly<Record<string, string>> = {}) {
	const {url} = await withDatabase(t);
	return startService(t, {DATABASE_URL: url, ...secrets, ...env});
}

async function withFiles(t: ExecutionContext) {
	const folder = await mkdtemp(path.join(os.tmpdir(), 'monedero-https-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const files = {TLS_CERT_FILE: path.join(folder, 'cert.pem'), TLS_KEY_FILE: path.join(folder, 'key.pem')};
	const write = async ({cert, key}: TestCertificate) => {
		await writeFile(files.TLS_CERT_FILE, cert);
		await writeFile(files.TLS_KEY_FILE, key);
	};
	return {files, write};
}

/** The status and the text of an answer to somebody who trusts this certificate alone. */
function get(url: string, {cert}: TestCertificate): Promise<[status: number | undefined, body: string]> {
	return new Promise((resolve, reject) => {
		https
			.get(url, {ca: cert, agent: false}, response => {
				text(response).then(body => {
					resolve([response.statusCode, body]);
				}, reject);
			})
			.on('error', reject);
	});
}

test('the service answers over HTTPS, says so in what VTEX is given, and takes a new certificate on SIGHUP', async t => {
	const {files, write} = await withFiles(t);
	const [first, second] = [makeCertificate(), makeCertificate()];
	await write(first);
	const service = await startFirst(t, files);
	const url = await service.ready();
	const health = `${new URL(url).origin}/health/ready`;

	t.regex(url, /^https:\/\/127\.0\.0\.1:\d+\/v1$/);
	t.regex(service.stdout(), /service URL {2}https:\/\/127\.0\.0\.1:\d+\/v1\n/);
	t.deepEqual(await get(health, first), [200, '{"status":"ok"}']);

	await write({...second, key: first.key});
	service.kill('SIGHUP');
	await service.says('"The certificate was not changed');
	t.deepEqual(await get(health, first), [200, '{"status":"ok"}']);

	await write(second);
	service.kill('SIGHUP');
	await service.says('"The certificate was read again"');
	t.deepEqual(await get(health, second), [200, '{"status":"ok"}']);
	await t.throwsAsync(get(health, first));

	service.kill('SIGTERM');
	t.is(await service.ended(), 0);
	t.is(service.stderr(), '');
	t.false(service.stdout().includes('PRIVATE KEY'));
});

test('a certificate that is not there ends the start with one line that names the variable', async t => {
	const {files} = await withFiles(t);
	const service = await startFirst(t, files);

	t.is(await service.ended(), 1);
	t.regex(service.stderr(), /^The file of TLS_CERT_FILE does not exist: [^\n]+\n$/);
});

test('without HTTPS SIGHUP ends nothing', async t => {
	const service = await startFirst(t);
	const url = await service.ready();

	service.kill('SIGHUP');
	await service.says('SIGHUP ignored');

	t.regex(url, /^http:/);
	await until('it answers', async () => (await fetch(`${new URL(url).origin}/health/live`)).ok);
	service.kill('SIGTERM');
	t.is(await service.ended(), 0);
});
