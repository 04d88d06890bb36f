import {readFile} from 'node:fs/promises';
import {PrismaPg} from '@prisma/adapter-pg';
import {bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum} from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import {targetOf} from './primary-client.ts';

export type SchemaEngine = {
	readonly engine: bindings.SchemaEngine;
	/** One connection, the engine's own: what is begun here is what the engine works in. */
	readonly connection: pg.Pool;
	close(): Promise<void>;
};

// PostgreSQL's own one-byte type "char", used by its catalog, which the adapter does not know.
const internalCharOid = 18;

/**
 * What `prisma migrate` runs, as WebAssembly, so that no program has to be downloaded.
 * @param schema the text of schema.prisma
 */
export async function openSchemaEngine(url: string, schema: string): Promise<SchemaEngine> {
	instantiated ??= instantiate();
	await instantiated;
	const connection = new pg.Pool({
		...targetOf(url),
		application_name: 'monedero migrations',
		max: 1,
		idleTimeoutMillis: 0,
		connectionTimeoutMillis: 5000,
	});
	connection.on('error', () => undefined);
	const adapter = bindMigrationAwareSqlAdapterFactory(adapterFor(connection));
	const models: [string, string][] = [['schema.prisma', schema]];
	const engine = await bindings.SchemaEngine.new({datamodels: models}, () => undefined, adapter);
	return {
		engine,
		connection,
		async close() {
			engine.free();
			await connection.end();
		},
	};
}

let instantiated: Promise<void> | undefined;

// Node has it, but its types leave it to those of browsers.
type Instance = {readonly instance: {readonly exports: Readonly<Record<string, unknown>>}};
const {WebAssembly} = globalThis as unknown as {
	WebAssembly: {instantiate(binary: Uint8Array, imports: Record<string, unknown>): Promise<Instance>};
};

/** What a bundler would do: the package expects its WebAssembly to be imported like a module. */
async function instantiate(): Promise<void> {
	const file = new URL('schema_engine_bg.wasm', import.meta.resolve('@prisma/schema-engine-wasm'));
	const imports = Object.fromEntries(
		Object.entries(bindings).map(([name, value]) => [
			name,
			name.startsWith('__wbg_setTimeout') ? setTimer : value,
		]),
	);
	const {instance} = await WebAssembly.instantiate(await readFile(file), {'./schema_engine_bg.js': imports});
	bindings.__wbg_set_wasm(instance.exports);
	(instance.exports['__wbindgen_start'] as () => void)();
	Object.assign(globalThis, {
		PRISMA_WASM_PANIC_REGISTRY: {
			set_message(message: string) {
				throw new Error(`Prisma's schema engine stopped: ${message}`);
			},
		},
	});
}

/** The engine does not clear its ten seconds' limit for taking a lock, which would keep a finished process alive for as long. */
function setTimer(callback: () => void, delayMs: number): NodeJS.Timeout {
	return setTimeout(callback, delayMs).unref();
}

function adapterFor(connection: pg.Pool): PrismaPg {
	const charColumns = showInternalCharAsText(connection);
	const factory = new PrismaPg(connection);
	const connect = factory.connect.bind(factory);
	factory.connect = async () => {
		const adapter = await connect();
		// The adapter would cut a script at every semicolon, also inside a function's body, and leave half of it applied.
		adapter.executeScript = async script => {
			await connection.query(script);
		};
		const queryRaw = adapter.queryRaw.bind(adapter);
		adapter.queryRaw = async query => {
			const result = await queryRaw(query);
			const columnTypes = result.columnTypes.map((type, column) =>
				charColumns.has(column) ? ColumnTypeEnum.Character : type,
			);
			return {...result, columnTypes};
		};
		return adapter;
	};
	return factory;
}

/** The adapter refuses "char": let it see text. Returns the columns of the last result that were such; the engine asks one thing at a time. */
function showInternalCharAsText(connection: pg.Pool): ReadonlySet<number> {
	const charColumns = new Set<number>();
	const query = connection.query.bind(connection) as (...args: unknown[]) => Promise<pg.QueryResult>;
	const relabelled = async (...args: unknown[]) => {
		const result = await query(...args);
		charColumns.clear();
		// A script of several statements has a list of results, of which the engine reads none.
		for (const [column, field] of Array.isArray(result) ? [] : result.fields.entries()) {
			if (field.dataTypeID === internalCharOid) {
				field.dataTypeID = pg.types.builtins.TEXT;
				charColumns.add(column);
			}
		}

		return result;
	};
	Object.assign(connection, {query: relabelled});
	return charColumns;
}
