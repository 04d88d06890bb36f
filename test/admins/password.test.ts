import test from 'ava';
import {hidePassword, isPassword, PasswordsBusyError} from '../../src/admins/password.ts';

test.serial('a password is hidden behind a salt of its own, and known again', async t => {
	const first = await hidePassword('correct horse battery');
	const second = await hidePassword('correct horse battery');

	t.is(first.passwordHash.length, 32);
	t.is(first.passwordSalt.length, 16);
	t.notDeepEqual(first.passwordSalt, second.passwordSalt);
	t.notDeepEqual(first.passwordHash, second.passwordHash);
	t.true(await isPassword(first, 'correct horse battery'));
	t.false(await isPassword(first, 'correct horse batterz'));
	t.false(await isPassword(first, ''));
});

test.serial('a letter with an accent is the same letter, however a keyboard writes it', async t => {
	const hidden = await hidePassword('contrase\u00F1a segura');

	t.true(await isPassword(hidden, 'contrasen\u0303a segura'));
});

test.serial('where nothing is hidden no password is right', async t => {
	t.false(await isPassword(undefined, ''));
	t.false(await isPassword(undefined, 'correct horse battery'));
});

test.serial('42 are hashed, two at a time; the 43rd is told to come back, and then served', async t => {
	const all = Array.from({length: 43}, () => isPassword(undefined, 'correct horse battery'));
	const results = await Promise.allSettled(all);

	t.deepEqual(
		results.flatMap((result, index) => (result.status === 'rejected' ? [index] : [])),
		[42],
	);
	const [last] = results.slice(-1);
	t.true(last?.status === 'rejected' && last.reason instanceof PasswordsBusyError);
	t.false(await isPassword(undefined, 'correct horse battery'));
});
