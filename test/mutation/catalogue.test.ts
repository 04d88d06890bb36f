import {existsSync} from 'node:fs';
import path from 'node:path';
import {transform} from 'esbuild';
import anyTest, {type TestFn} from 'ava';
import type pg from 'pg';
import {openConnection} from '../../src/db/client.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {callableFunctions} from './database-guards.ts';
import {rootFolder, sourcesIn, textOf} from './files.ts';
import {allGuards, smoke} from './guards.ts';
import {databaseFunctions} from './guards/functions.ts';
import {sourceGuards} from './guards/index.ts';
import {countOf, type Mutant} from './mutant.ts';
import {refusalGuards} from './refusal-guards.ts';

/* That the list of guards is whole and stands as the sources do. Whether tests notice that one is missing, `npm run test:mutation` shows. */

const test = anyTest as TestFn<{readonly database: TestDatabase; readonly connection: pg.Client}>;

test.before(async t => {
	const database = await openTestDatabase();
	t.context = {database, connection: await openConnection(database.superuserUrl, 'mutants')};
});

test.after.always(async t => {
	await t.context.connection.end();
	await t.context.database.close();
});

const listed = [...sourceGuards, ...refusalGuards()];

test('every guard that is listed stands in its file, once', t => {
	for (const {name, file, text, instead} of listed) {
		t.is(countOf(textOf(file), text), 1, `${name} (${file})`);
		t.not(text, instead, name);
	}
});

test('every mutant is a program', async t => {
	for (const {name, file, text, instead} of listed) {
		await t.notThrowsAsync(
			transform(
				textOf(file).replace(text, () => instead),
				{loader: 'ts'},
			),
			name,
		);
	}
});

test.serial('no two mutants have one name, and the tests that are to notice them are there', async t => {
	const mutants: readonly Mutant[] = await allGuards(t.context.connection);
	const names = mutants.map(({name}) => name);

	t.deepEqual(
		names.filter((name, index) => names.indexOf(name) !== index),
		[],
	);
	t.deepEqual(
		smoke.filter(name => !names.includes(name)),
		[],
	);
	for (const {name, tests} of mutants) {
		t.true(tests.length > 0, name);
		t.deepEqual(
			tests.filter(file => !existsSync(path.join(rootFolder, file))),
			[],
			name,
		);
	}
});

test.serial('every guard of the database can be taken away', async t => {
	const {connection} = t.context;
	for (const mutant of await allGuards(connection)) {
		if (mutant.kind === 'database') {
			await connection.query('BEGIN');
			await t.notThrowsAsync(connection.query(mutant.sql), mutant.name);
			await connection.query('ROLLBACK');
		}
	}
});

test.serial('every function of the database that no trigger calls has a mutant', async t => {
	// The last one guards nothing: it makes sealing faster.
	const withMutant = new Set([...databaseFunctions.map(guard => guard.function), 'summarize_commands']);

	t.deepEqual(
		(await callableFunctions(t.context.connection)).filter(name => !withMutant.has(name)),
		[],
	);
});

/** What a guard is known by where it stands. */
const marks =
	/\bFOR (?:NO KEY )?UPDATE\b|\bFOR SHARE\b|\btimingSafeEqual\(|\bpg_(?:try_)?advisory\w+|\bLOCK TABLE\b/g;

/** What is none, or has no mutant: what its file's name and line contain, and the reason. */
const exempt = [
	[
		'src/db/embedded-users.ts',
		'',
		'who uses the embedded database is counted; test/programs/embedded.test.ts runs several',
	],
	['src/cards/reissue.ts', "lock: '' |", 'a type'],
	['src/ledger/incarnation.ts', 'LOCK TABLE', 'a database that is being restored has no other user'],
	['src/db/roles.ts', '', 'of two that grant at once the server refuses one, and nothing is lost'],
] as const;

test('every lock and every comparison of secrets in the sources has a mutant', t => {
	const without = sourcesIn('src').flatMap(file => {
		const text = textOf(file);
		const spans = listed
			.filter(mutant => mutant.file === file)
			.map(mutant => [text.indexOf(mutant.text), text.indexOf(mutant.text) + mutant.text.length] as const);
		const lines = withoutComments(text).split('\n');
		const places = lines.map((_, index) => lines.slice(0, index).join('\n').length);
		return lines.flatMap((line, number) =>
			[...line.matchAll(marks)]
				.map(({0: mark, index}) => ({mark, place: (places[number] ?? 0) + 1 + index}))
				.filter(({place}) => !spans.some(([from, to]) => from <= place && place < to))
				.filter(() => !exempt.some(([name, part]) => name === file && line.includes(part)))
				.map(({mark}) => `${file}:${number + 1} ${mark}`),
		);
	});

	t.deepEqual(without, []);
});

/** The same text with blanks where comments are, so that places stay. */
function withoutComments(text: string): string {
	return text.replaceAll(/^[\t ]*\/\/.*$|^[\t ]*\/\*[^]*?\*\//gm, comment =>
		comment.replaceAll(/[^\n]/g, ' '),
	);
}
