import {z} from 'zod';

/** A part of the document. */
export type Members = Readonly<Record<string, unknown>>;

/** A JSON Schema of the dialect of OpenAPI 3.1, which is that of 2020-12. */
export type Schema = Members;

/** The schemas of a document, by name; each is there once, however often it is asked for. */
export type Schemas = {
	/** What is sent, by whoever is lenient: what a reader takes. */
	readonly sent: (schema: z.ZodType) => Schema;
	/** What is answered. */
	readonly answered: (schema: z.ZodType) => Schema;
	/** All that has a name (`meta({id})`), in the order of their names. */
	readonly named: () => Readonly<Record<string, Schema>>;
};

const place = '#/components/schemas/';

export function openSchemas(): Schemas {
	const named = new Map<string, Schema>();
	const convert = (schema: z.ZodType, io: 'input' | 'output'): Schema => {
		const {$defs = {}, ...root} = z.toJSONSchema(schema, {
			io,
			override: ({jsonSchema}) => {
				withoutSafeLimits(jsonSchema);
			},
		}) as Record<string, unknown> & {$defs?: Record<string, Schema>};
		// The document says it for all.
		delete root['$schema'];
		for (const [name, definition] of Object.entries($defs)) {
			keep(name, definition);
		}

		return root['$ref'] === undefined && typeof root['id'] === 'string'
			? keep(root['id'], root)
			: (placed(root) as Schema);
	};
	const keep = (name: string, schema: Schema): Schema => {
		const {...members} = placed(schema) as Schema & {id?: string};
		delete members.id;
		const before = named.get(name);
		if (before !== undefined && JSON.stringify(before) !== JSON.stringify(members)) {
			throw new Error(`Two schemas are called ${name}. Give one of them another id.`);
		}

		named.set(name, members);
		return {$ref: place + name};
	};

	return {
		sent: schema => convert(schema, 'input'),
		answered: schema => convert(schema, 'output'),
		named: () => Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1))),
	};
}

/** The same schema and example under each media type. */
export function contentOf(types: readonly string[], schema: Schema, example?: unknown): Members {
	return Object.fromEntries(types.map(type => [type, {schema, ...(example !== undefined && {example})}]));
}

/** With references to where the document has what they name. */
function placed(value: unknown): unknown {
	if (Array.isArray(value)) {
		return value.map(placed);
	}

	if (typeof value !== 'object' || value === null) {
		return value;
	}

	return Object.fromEntries(
		Object.entries(value).map(([name, inner]) => [
			name,
			name === '$ref' && typeof inner === 'string' ? inner.replace(/^#\/\$defs\//, place) : placed(inner),
		]),
	);
}

/** Of a whole number everybody knows that it fits a double. */
function withoutSafeLimits(schema: {minimum?: unknown; maximum?: unknown}): void {
	if (schema.minimum === Number.MIN_SAFE_INTEGER) {
		delete schema.minimum;
	}

	if (schema.maximum === Number.MAX_SAFE_INTEGER) {
		delete schema.maximum;
	}
}
