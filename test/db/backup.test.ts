import test from 'ava';
import {backupCluster, journalFiles} from '../../src/db/backup.ts';

/* What copies a whole cluster is in test/shapes. */

const label = (file: string) =>
	`START WAL LOCATION: 0/2000028 (file ${file})\nCHECKPOINT LOCATION: 0/2000080\n`;
const megabytes = (count: number) => count * 2 ** 20;

for (const [what, first, stopLsn, segment, expected] of [
	['one file', '000000010000000000000002', '0/2034E50', 16, ['000000010000000000000002']],
	[
		'a last byte at the end of a file',
		'000000010000000000000002',
		'0/3000000',
		16,
		['000000010000000000000002'],
	],
	[
		'a first byte of the next file',
		'000000010000000000000002',
		'0/3000001',
		16,
		['000000010000000000000002', '000000010000000000000003'],
	],
	[
		'the end of four gigabytes, on a second timeline',
		'0000000200000001000000FE',
		'2/1000010',
		16,
		[
			'0000000200000001000000FE',
			'0000000200000001000000FF',
			'000000020000000200000000',
			'000000020000000200000001',
		],
	],
	[
		'larger files',
		'00000001000000010000003F',
		'2/10',
		64,
		['00000001000000010000003F', '000000010000000200000000'],
	],
] as const) {
	test(`the journal of a backup is known by its first file and its last byte: ${what}`, t => {
		t.deepEqual(journalFiles(label(first), stopLsn, megabytes(segment)), expected);
	});
}

for (const [what, to, secretsTo] of [
	['the cluster that is copied', '/nowhere/cluster/copies/monday', undefined],
	['the secrets', '/nowhere/secrets/monday', undefined],
	['the folder for the secrets', '/nowhere/monday', '/nowhere/monday'],
	['the folder for the secrets, further up', '/nowhere/safe/monday', '/nowhere/safe'],
	['nothing, and its secrets in itself', '/nowhere/monday', '/nowhere/monday/secrets'],
	['nothing, and its secrets in the cluster', '/nowhere/monday', '/nowhere/cluster/secrets'],
] as const) {
	test(`a backup is not written into what belongs to something else: ${what}`, async t => {
		const source = {
			url: 'postgresql://nobody@127.0.0.1:1/nothing',
			cluster: '/nowhere/cluster',
			secretsFolder: '/nowhere/secrets',
		};
		await t.throwsAsync(backupCluster(source, {to, secretsTo}), {message: /A folder of its own is needed/});
	});
}

test('a label that does not name the first file of the journal is no label', t => {
	t.throws(() => journalFiles('nothing', '0/1', megabytes(16)), {
		message: /does not say where its journal begins/,
	});
});
