import {readFile} from 'node:fs/promises';
import os from 'node:os';
import test from 'ava';
import {fileProblem} from '../../scripts/lib/file-error.ts';

test('why a file cannot be read is said in words, with its code for whoever looks it up', async t => {
	const problemOf = async (path: string) => readFile(path).catch(fileProblem);

	t.is(await problemOf('/nowhere/at-all.csv'), 'there is no such file or folder (ENOENT)');
	t.is(await problemOf(os.tmpdir()), 'it is a folder (EISDIR)');
	t.is(fileProblem(Object.assign(new Error('odd'), {code: 'EODD'})), 'EODD');
	t.is(fileProblem(new Error('odd')), 'unknown error');
});
