import {parseArgs} from 'node:util';
import {plantNames, plants, type PlantName} from './plants.ts';
import {type FaultName, faultNames} from './steps.ts';

export type Flags = {
	readonly seed: number;
	readonly steps: number;
	/** Undefined for one run. */
	readonly minutes: number | undefined;
	readonly services: number;
	readonly faults: readonly FaultName[];
	readonly history: string | undefined;
	readonly plant: PlantName | undefined;
	readonly kills: number | undefined;
	readonly shrinkSeconds: number;
	readonly keep: boolean;
	readonly isJson: boolean;
};

/** Typed wrongly; the message says what would have been right. */
export class UsageError extends Error {
	override readonly name = 'UsageError';
}

export const help = `Usage: npm run simulate -- [FLAGS]

Plays shoppers, VTEX's Gift Card Hub and Gateway, admins and jobs against real service processes on one real database, and lets go wrong
what can: lost answers, repeated and reordered requests, stalls, kill -9 of services, of the database and of the admins' desk, broken
connections, a full disk, jumping clocks. It keeps what was promised to whom. After every fault it asks again what was not answered,
repeats what was, and compares answers, balances and books. Of a run that breaks a promise it prints the seed and a shrunk history.

  --seed N            the first history (default 1)
  --steps N           requests of one history (default 400)
  --minutes N         seed after seed for so long; without it one history
  --services N        service processes on the one database (default 2)
  --faults NAMES      of these only, separated by commas; all:
${faultNames.map(name => `                        ${name}\n`).join('')}  --no-faults         nothing goes wrong
  --history FILE      replay this one, a step a line, in place of a seed's
  --shrink-seconds N  look so long for a shorter history that fails (default 180)
  --kills N           in place of all that: N times kill -9 of a service or the database under load, and how long until all is ready again
  --plant NAME        with a defect put in on purpose, which must be found:
${plantNames.map(name => `                        ${name}: ${plants[name].what}\n`).join('')}  --keep              keep logs and files, which otherwise only a failing run does
  --json              print one JSON value per run instead of text
  --help

  npm run simulate -- --seed 7 --steps 1000
  npm run simulate -- --seed 1 --minutes 60 --faults kill-service,kill-database,lose-commits
`;

/** @throws UsageError */
export function readFlags(argv: readonly string[]): Flags | 'help' {
	const values = parsed(argv);
	if (values.help === true) {
		return 'help';
	}

	return {
		seed: whole('seed', values.seed, 2 ** 31 - 1),
		steps: whole('steps', values.steps, 1_000_000),
		minutes: values.minutes === undefined ? undefined : whole('minutes', values.minutes, 10_000),
		services: whole('services', values.services, 8),
		faults: values['no-faults'] === true ? [] : namesIn('faults', values.faults, faultNames),
		history: values.history,
		plant: values.plant === undefined ? undefined : namesIn('plant', values.plant, plantNames)[0],
		kills: values.kills === undefined ? undefined : whole('kills', values.kills, 100_000),
		shrinkSeconds: whole('shrink-seconds', values['shrink-seconds'], 86_400),
		keep: values.keep === true,
		isJson: values.json === true,
	};
}

function parsed(argv: readonly string[]) {
	try {
		return parseArgs({
			args: [...argv],
			options: {
				seed: {type: 'string', default: '1'},
				steps: {type: 'string', default: '400'},
				minutes: {type: 'string'},
				services: {type: 'string', default: '2'},
				faults: {type: 'string'},
				'no-faults': {type: 'boolean'},
				history: {type: 'string'},
				'shrink-seconds': {type: 'string', default: '180'},
				kills: {type: 'string'},
				plant: {type: 'string'},
				keep: {type: 'boolean'},
				json: {type: 'boolean'},
				help: {type: 'boolean'},
			},
		}).values;
	} catch (error) {
		throw new UsageError(`${(error as Error).message} Try: npm run simulate -- --help`);
	}
}

function whole(name: string, text: string, max: number): number {
	if (!/^\d{1,10}$/.test(text) || Number(text) < 1 || Number(text) > max) {
		throw new UsageError(`--${name} takes a whole number from 1 to ${max}.`);
	}

	return Number(text);
}

function namesIn<Name extends string>(flag: string, text: string | undefined, all: readonly Name[]): Name[] {
	const names = text?.split(',').map(name => name.trim()) ?? all;
	const known = all.filter(name => (names as readonly string[]).includes(name));
	const unknown = names.find(name => !(all as readonly string[]).includes(name));
	if (unknown !== undefined) {
		throw new UsageError(`--${flag} knows no "${unknown}"; it takes ${all.join(', ')}.`);
	}

	return known;
}
