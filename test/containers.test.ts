import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {commands} from '../scripts/lib/commands.ts';
import {secretNames, variables} from '../src/config-variables.ts';
import {readCompose, readDockerfile, wordsOf} from './helpers/containers.ts';

/*
 * What can be told of the files for containers and for systemd without any of them: that they name what is there. `npm run test:package`
 * runs what stands in them.
 */

const compose = readCompose();
const {database, setup, monedero} = compose.services;
const known = [...variables.map(({name}) => name), ...secretNames().map(name => `${name}_FILE`)];

test('compose.yaml sets variables that there are, and secrets that it declares', t => {
	for (const service of [setup, monedero]) {
		t.deepEqual(
			Object.keys(service.environment).filter(name => !known.includes(name)),
			[],
		);
		const files = Object.values(service.environment).filter(value => value.startsWith('/run/secrets/'));
		t.deepEqual(files.map(file => path.basename(file)).toSorted(), [...service.secrets].toSorted());
	}

	const declared = Object.entries(compose.secrets).map(([name, {file}]) => [name, path.basename(file)]);
	const used = [database, setup, monedero].flatMap(({secrets}) => secrets);
	t.deepEqual(
		declared.map(([name]) => name),
		declared.map(([, file]) => file),
	);
	t.deepEqual(
		used.filter(name => !Object.hasOwn(compose.secrets, name)),
		[],
	);
});

test('the owner of the tables is known to the setup only, and secrets are no values', t => {
	t.false(monedero.secrets.some(name => name.startsWith('owner')));
	t.deepEqual(setup.command, ['db:roles']);
	t.true(commands.some(({name}) => name === 'db:roles'));
	t.is(monedero.depends_on?.['setup']?.condition, 'service_completed_successfully');
	for (const {environment} of [setup, monedero]) {
		t.deepEqual(
			Object.keys(environment).filter(name => secretNames().includes(name)),
			[],
		);
	}
});

test('our containers write nothing, have no rights, and reach the database by a network without a way out', t => {
	for (const service of [setup, monedero]) {
		t.true(service.read_only);
		t.deepEqual(service.cap_drop, ['ALL']);
	}

	t.deepEqual(database.networks, ['inside']);
	t.deepEqual(compose.networks['inside'], {internal: true});
	t.deepEqual(
		[database, setup, monedero].flatMap(({networks}) => networks).filter(name => !(name in compose.networks)),
		[],
	);
	const volumes = [database, monedero].flatMap(({volumes: used = []}) =>
		used.map(volume => volume.split(':')[0]),
	);
	t.deepEqual(volumes, Object.keys(compose.volumes));
});

test('the image runs `monedero start` as an ordinary user, told to stop by the signal that it knows', t => {
	const instructions = readDockerfile();
	const last = (name: string) => instructions.findLast(one => one.name === name)?.text;

	t.deepEqual(
		[...wordsOf(instructions, 'ENTRYPOINT'), ...wordsOf(instructions, 'CMD')],
		['monedero', 'start'],
	);
	t.is(last('USER'), 'node');
	t.is(last('STOPSIGNAL'), 'SIGTERM');
	t.deepEqual(
		(last('ENV') ?? '')
			.split(' ')
			.map(pair => pair.split('=')[0] ?? '')
			.filter(name => !known.includes(name)),
		['NODE_ENV'],
	);
	// What is ignored is not copied: secrets and the checkout's history must not get into a layer.
	const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
	for (const name of ['.git', '.env', 'secrets', 'node_modules', 'data']) {
		t.true(ignored.includes(name), name);
	}
});

test('what docs/operate.md has made in a checkout does not get into its history', t => {
	const ignored = readFileSync('.gitignore', 'utf8').split('\n');

	t.deepEqual(
		new Set(Object.values(compose.secrets).map(({file}) => path.dirname(file))),
		new Set(['secrets']),
	);
	for (const name of ['secrets/', '*.tgz', '.env']) {
		t.true(ignored.includes(name), name);
	}
});

test('the unit of systemd starts the package, and leaves the database to it', t => {
	const unit = readFileSync('docs/systemd/monedero.service', 'utf8');

	t.regex(unit, /^ExecStart=\S*\/monedero start$/m);
	t.regex(unit, /^KillMode=mixed$/m);
	t.regex(unit, /^User=monedero$/m);
});
