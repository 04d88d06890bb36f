import {chmodSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {keptSecret, readSecret, secretFile} from '../../src/db/secrets.ts';
import {temporaryFolder} from '../helpers/embedded.ts';

test('a secret is made once, long, in a file that only its owner can read, and nothing else is left', t => {
	const dataDir = temporaryFolder(t);
	t.is(readSecret(dataDir, 'code-pepper'), undefined);

	const secret = keptSecret(dataDir, 'code-pepper');

	const file = secretFile(dataDir, 'code-pepper');
	t.is(statSync(file).mode & 0o777, 0o600);
	t.is(readFileSync(file, 'utf8'), `${secret}\n`);
	t.regex(secret, /^[\w-]{64}$/);
	t.is(keptSecret(dataDir, 'code-pepper'), secret);
	t.is(readSecret(dataDir, 'code-pepper'), secret);
	t.not(keptSecret(dataDir, 'secrets-key'), secret);
	t.deepEqual(readdirSync(path.dirname(file)).toSorted(), ['code-pepper', 'secrets-key']);
});

test('a secret that was restored readable for others is closed again', t => {
	const dataDir = temporaryFolder(t);
	keptSecret(dataDir, 'secrets-key');
	const file = secretFile(dataDir, 'secrets-key');
	writeFileSync(file, 'restored\n');
	chmodSync(file, 0o644);

	t.is(keptSecret(dataDir, 'secrets-key'), 'restored');

	t.is(statSync(file).mode & 0o777, 0o600);
});
