import {startChild, type Child} from './child.ts';
import {openThrowAwayDatabase, type BenchDatabase} from './database.ts';
import type {EmptyRouteAnswer} from './empty-route.ts';
import {loadFigure, referenceFigure, type Figure, type LoadedServer} from './figures.ts';
import type {LoadQuestion, Workload} from './load-process.ts';
import {prepareReference, type Reference, type ReferenceKind} from './reference.ts';
import {seedCards, startService} from './service.ts';

type LoadPart = {
	readonly of: 'service' | 'empty route';
	readonly name: string;
	readonly workload: Workload;
	readonly connections: readonly number[];
};
type ReferencePart = {readonly of: 'reference'; readonly kinds: readonly ReferenceKind[]};

// In the order of measuring: what a bar compares is measured close together.
const plan: readonly (LoadPart | ReferencePart)[] = [
	{of: 'service', name: 'debits', workload: 'debits', connections: [1, 64, 100, 256]},
	{of: 'service', name: 'points', workload: 'points', connections: [64, 256]},
	{of: 'service', name: 'payments', workload: 'payments', connections: [64, 100, 256]},
	{of: 'reference', kinds: ['spread', 'house']},
	{of: 'service', name: 'reads', workload: 'reads', connections: [64, 256]},
	{of: 'empty route', name: 'empty-reads', workload: 'reads', connections: [64, 256]},
	{of: 'service', name: 'searches', workload: 'searches', connections: [64, 256]},
	{of: 'empty route', name: 'empty-searches', workload: 'searches', connections: [64, 256]},
	{of: 'empty route', name: 'empty-debits', workload: 'debits', connections: [1, 64, 256]},
];

/** Every figure's name. */
export const figureNames: readonly string[] = plan.flatMap(namesOf);

export type Bench = {
	readonly figures: readonly Figure[];
	readonly referenceCalledBy: string | undefined;
	readonly load: Child;
	/** Undefined when no figure needs it. */
	readonly service: LoadedServer | undefined;
};

/**
 * Starts what the named figures need, each part in a process of its own, and nothing else. Whatever was started is pushed
 * onto `stops`, also when a later part fails to start or the signal ends it; they are to be called in reverse order.
 */
export async function setUp(
	names: ReadonlySet<string>,
	options: {readonly withoutPgbench: boolean; readonly signal: AbortSignal},
	stops: (() => Promise<void>)[],
): Promise<Bench> {
	const needs = new Set(
		plan.filter(part => namesOf(part).some(name => names.has(name))).map(part => part.of),
	);
	const start = async <Part extends {readonly stop: () => Promise<void>}>(
		part: Promise<Part>,
	): Promise<Part> => {
		const started = await part;
		stops.push(started.stop);
		options.signal.throwIfAborted();
		return started;
	};

	const load = await start(Promise.resolve(startChild('load-process.ts')));
	// Whatever it is doing then fails, and the bench comes to its end.
	options.signal.addEventListener('abort', () => void load.stop());
	const database =
		needs.has('service') || needs.has('reference') ? await start(openThrowAwayDatabase()) : undefined;
	const service = needs.has('service') && database ? await start(startService(database)) : undefined;
	await (service && database ? seedCards(database, service, load) : inventCards(load));
	const emptyRoute = needs.has('empty route') ? await startEmptyRoute(start) : undefined;
	const reference =
		needs.has('reference') && database
			? await start(prepareReference(database.superuserUrl, options))
			: undefined;

	const figures = figuresOf({load, database, service, emptyRoute, reference});
	return {
		figures: figures.filter(({name}) => names.has(name)),
		referenceCalledBy: reference?.calledBy,
		load,
		service,
	};
}

type Parts = {
	readonly load: Child;
	readonly database: BenchDatabase | undefined;
	readonly service: LoadedServer | undefined;
	readonly emptyRoute: LoadedServer | undefined;
	readonly reference: Reference | undefined;
};

function figuresOf({load, database, service, emptyRoute, reference}: Parts): Figure[] {
	return plan.flatMap(part => {
		if (part.of === 'reference') {
			return reference ? part.kinds.map(kind => referenceFigure(reference, kind, database?.pid)) : [];
		}

		const server = part.of === 'service' ? service : emptyRoute;
		const databasePid = part.of === 'service' ? database?.pid : undefined;
		return server
			? part.connections.map(connections => loadFigure({load, databasePid}, server, {...part, connections}))
			: [];
	});
}

function namesOf(part: LoadPart | ReferencePart): string[] {
	return part.of === 'reference'
		? part.kinds.map(kind => `reference-${kind}`)
		: part.connections.map(connections => `${part.name}@${connections}`);
}

type Start = <Part extends {readonly stop: () => Promise<void>}>(part: Promise<Part>) => Promise<Part>;

async function startEmptyRoute(start: Start): Promise<LoadedServer> {
	const child = await start(Promise.resolve(startChild('empty-route.ts')));
	const {port} = await child.ask<EmptyRouteAnswer>('listen');
	return {pid: child.pid, port};
}

/** For the empty route alone, which knows no cards: names of the length that the service's have. */
async function inventCards(load: Child): Promise<void> {
	const cards = Array.from({length: 10_000}, (_, n) => ({
		id: n.toString(16).padStart(32, '0'),
		redemptionCode: `AAAA-BBBB-CCCC-${n.toString().padStart(4, '0')}`,
	}));
	await load.ask({
		caller: {appKey: 'bench-app-key', appToken: 'bench-app-token-0123456789', basePath: '/v1'},
		cards,
		wallets: cards,
	} satisfies LoadQuestion);
}
