import {readdirSync, readFileSync} from 'node:fs';
import fc, {type Arbitrary} from 'fast-check';
import {type z} from 'zod';

/*
 * Bodies as JSON text, because much of what is hostile about JSON is gone once it has been parsed: numbers that no double holds, names that
 * come twice, `__proto__`, nesting without end.
 */

/** Texts that have broken something somewhere. */
export const nastyStrings = [
	...['', ' ', '0', '-0', 'null', 'undefined', 'NaN', 'Infinity', '1e400', '٣٫٥', '1,50', '1.234,56', '0x10'],
	...[
		'__proto__',
		'constructor',
		'prototype',
		'toString',
		'hasOwnProperty',
		'../../etc/passwd',
		'%00',
		'%2e%2e%2f',
	],
	...[
		"' OR 1=1 --",
		'"; DROP TABLE cards; --',
		'$1',
		'{{value}}',
		'${7*7}',
		'<script>alert(1)</script>',
		'\\u0000',
	],
	...[
		'\u0000',
		'a\u0000b',
		'\uFEFF',
		'\u202E',
		'e\u0301',
		'👩‍👩‍👧‍👦',
		'İ',
		'ß',
		'ﬀ',
		'\u2028',
		'\r\nSet-Cookie: a=b',
		'\u007F',
	],
	...[
		'9'.repeat(400),
		'x'.repeat(300),
		'ñ'.repeat(5000),
		'1970-01-01',
		'+275760-09-13T00:00:00.001Z',
		'2026-02-30',
	],
];

const nastyTexts = [
	...[
		'null',
		'true',
		'false',
		'0',
		'-0',
		'-1',
		'1e400',
		'-1e400',
		'1e-400',
		'0.1',
		'30.300000000000001',
		'9007199254740993',
	],
	...[
		'99999999999999999999999999.99',
		'1E2',
		'9223372036854775807',
		'9223372036854775808',
		'-9223372036854775809',
	],
	...['[]', '{}', '[[]]', '""', '"\\ud800"', '"\\u0000"', '{"__proto__":{"isAdmin":true}}'],
	...['{"constructor":{"prototype":{"value":1}}}', '{"toString":1,"valueOf":2}', '{"length":4294967296}'],
	...[
		'{"a":1,"a":2}',
		`${'['.repeat(20_000)}${']'.repeat(20_000)}`,
		`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
	],
];

/** Any JSON that somebody could mean harm by, as text. */
export const hostileText: Arbitrary<string> = fc.oneof(
	fc.constantFrom(...nastyTexts),
	fc.constantFrom(...nastyStrings).map(text => JSON.stringify(text)),
	fc.string({unit: 'binary', maxLength: 40}).map(text => JSON.stringify(text)),
	fc.double().map(number => (Number.isFinite(number) ? String(number) : '1e999')),
	fc.bigInt().map(String),
	fc.json({maxDepth: 4}),
);

/** What is no JSON at all, or not all of it. */
export const brokenText: Arbitrary<string> = fc.oneof(
	fc.constantFrom(
		...[
			'',
			' ',
			'{',
			'[',
			'{"value":',
			'{"a":1}}',
			"{'a':1}",
			'{"a":1,}',
			'NaN',
			'01',
			'"\u0001"',
			'\uFEFF{}',
			'//',
		],
	),
	fc.json().map(text => text.slice(0, -1)),
	fc.string({unit: 'binary', maxLength: 60}),
);

const folder = new URL('../fixtures/vtex/', import.meta.url);

type Json = string | number | boolean | null | Json[] | {[member: string]: Json};

/** Every published request, parsed. */
export const samples: readonly Json[] = ['giftcards', 'payments', 'orders'].flatMap(protocol =>
	readdirSync(new URL(`${protocol}/`, folder))
		.filter(name => name.endsWith('.request.json') || name.startsWith('hook-notification'))
		.map(name => JSON.parse(readFileSync(new URL(`${protocol}/${name}`, folder), 'utf8')) as Json),
);

/** What a member of a name is likely to be: what the samples say in it, and what the caller knows. */
export type Likely = Readonly<Record<string, readonly Json[]>>;

const saidInSamples = membersOf(samples);

function membersOf(values: readonly Json[]): Map<string, Json[]> {
	const members = new Map<string, Json[]>();
	const look = (value: Json): void => {
		if (Array.isArray(value)) {
			value.forEach(look);
		} else if (typeof value === 'object' && value !== null) {
			for (const [name, member] of Object.entries(value)) {
				members.set(name, [...(members.get(name) ?? []), member]);
				look(member);
			}
		}
	};
	values.forEach(look);
	return members;
}

function likelyText(name: string, likely: Likely): Arbitrary<string> {
	const said = [...(likely[name] ?? saidInSamples.get(name) ?? [null])];
	return fc.constantFrom(...said.map(value => JSON.stringify(value)));
}

const unlikely = 24;
/** Mostly right. */
const orHostile = (right: Arbitrary<string>) =>
	fc.oneof({weight: unlikely, arbitrary: right}, {weight: 1, arbitrary: hostileText});

function objectText(
	members: readonly (readonly [name: string, text: Arbitrary<string>])[],
): Arbitrary<string> {
	const shown = members.map(([name, text]) =>
		fc.option(
			text.map(said => `${JSON.stringify(name)}:${said}`),
			{freq: unlikely, nil: undefined},
		),
	);
	const extra = fc.option(
		fc
			.tuple(fc.constantFrom(...nastyStrings), hostileText)
			.map(([name, text]) => `${JSON.stringify(name)}:${text}`),
		{freq: 1, nil: undefined},
	);
	return fc
		.tuple(
			fc.tuple(...shown),
			fc.oneof({weight: 10, arbitrary: fc.constant(undefined)}, {weight: 1, arbitrary: extra}),
		)
		.map(([texts, last]) => `{${[...texts, last].filter(text => text !== undefined).join(',')}}`);
}

/** A sample with little changed: members left out, replaced and added, at any depth. */
export function nearly(value: Json, likely: Likely, name = ''): Arbitrary<string> {
	if (Array.isArray(value)) {
		return orHostile(fc.tuple(...value.map(one => nearly(one, likely))).map(texts => `[${texts.join(',')}]`));
	}

	if (typeof value === 'object' && value !== null) {
		return orHostile(
			objectText(
				Object.entries(value).map(([member, said]) => [member, nearly(said, likely, member)] as const),
			),
		);
	}

	return orHostile(name in likely ? likelyText(name, likely) : fc.constant(JSON.stringify(value)));
}

type Def = {
	readonly type: string;
	readonly shape?: Readonly<Record<string, z.ZodType>>;
	readonly innerType?: z.ZodType;
	readonly in?: z.ZodType;
	readonly options?: readonly z.ZodType[];
	readonly element?: z.ZodType;
	readonly entries?: Readonly<Record<string, string>>;
	readonly values?: readonly Json[];
};

/** What a contract takes, and what is nearly that. Members that it leaves open are what they are likely to be. */
export function textOf(schema: z.ZodType, likely: Likely, name = ''): Arbitrary<string> {
	const def = schema._zod.def as unknown as Def;
	const inner = def.innerType ?? def.in;
	if (def.shape !== undefined) {
		return orHostile(
			objectText(
				Object.entries(def.shape).map(([member, one]) => [member, textOf(one, likely, member)] as const),
			),
		);
	}

	if (name in likely || def.type === 'unknown' || def.type === 'any') {
		return orHostile(likelyText(name, likely));
	}

	if (inner !== undefined) {
		return fc.oneof(
			{weight: 6, arbitrary: textOf(inner, likely, name)},
			{weight: 1, arbitrary: fc.constant('null')},
		);
	}

	switch (def.type) {
		case 'union':
			return orHostile(fc.oneof(...(def.options ?? []).map(option => textOf(option, likely, name))));
		case 'array':
			return orHostile(
				fc
					.array(def.element === undefined ? hostileText : textOf(def.element, likely), {maxLength: 4})
					.map(texts => `[${texts.join(',')}]`),
			);
		case 'enum':
			return orHostile(
				fc.constantFrom(...Object.values(def.entries ?? {})).map(value => JSON.stringify(value)),
			);
		case 'literal':
			return orHostile(fc.constantFrom(...(def.values ?? [null])).map(value => JSON.stringify(value)));
		case 'boolean':
			return orHostile(fc.boolean().map(String));
		case 'number':
			return orHostile(fc.double({noNaN: true, noDefaultInfinity: true}).map(String));
		default:
			return orHostile(
				fc.oneof(
					likelyText(name, likely),
					fc.string().map(text => JSON.stringify(text)),
				),
			);
	}
}
