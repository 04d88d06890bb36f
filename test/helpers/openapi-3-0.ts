import {Ajv2020, type ValidateFunction} from 'ajv/dist/2020.js';
import {type Exchange, matches, pointerTo} from './published.ts';

type Members = Readonly<Record<string, unknown>>;

/** A document as VTEX publishes them. */
export type OpenApi30 = {
	readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
	readonly components?: Members;
};

export type Judgement = {
	/** Which answer of the document: `POST /payments 200`. */
	readonly answer: string;
	readonly problems: readonly string[];
};

export type Foreign = {
	/** All that the document says a body of. */
	readonly answers: readonly string[];
	/** Undefined where the document says nothing of such an answer. */
	readonly judge: (exchange: Exchange) => Judgement | undefined;
};

const json = 'application/json';

/** An OpenAPI 3.0 document of somebody else's, to hold answers against. @param basePath - before its paths */
export function openForeign(document: OpenApi30, basePath: string): Foreign {
	const ajv = new Ajv2020({strict: false, allErrors: true, validateFormats: false});
	ajv.addSchema(modern(document) as Members, 'document');
	const validators = new Map<string, ValidateFunction>();
	const validatorOf = (pointer: string): ValidateFunction => {
		const validate = validators.get(pointer) ?? ajv.compile({$ref: `document#${pointer}`});
		validators.set(pointer, validate);
		return validate;
	};
	const answers = answersOf(document);
	return {
		answers: answers.map(({name}) => name),
		judge({method, path, status, text}) {
			const answer = answers.find(
				one =>
					one.method === method.toLowerCase() && one.status === status && matches(basePath + one.path, path),
			);
			if (answer === undefined) {
				return undefined;
			}

			const validate = validatorOf(answer.pointer);
			validate(JSON.parse(text));
			const problems = (validate.errors ?? []).map(
				({instancePath, message = ''}) =>
					`${answer.name}: ${instancePath.replaceAll(/\d+/g, 'N') || 'the body'} ${message}`,
			);
			return {answer: answer.name, problems};
		},
	};
}

function answersOf({paths}: OpenApi30) {
	return Object.entries(paths).flatMap(([path, item]) =>
		['get', 'post'].flatMap(method => {
			const {responses = {}} = (item[method] ?? {}) as {responses?: Record<string, {content?: Members}>};
			return Object.keys(responses)
				.filter(status => responses[status]?.content?.[json] !== undefined)
				.map(status => ({
					...{method, path, status: Number(status), name: `${method.toUpperCase()} ${path} ${status}`},
					pointer: pointerTo('paths', path, method, 'responses', status, 'content', json, 'schema'),
				}));
		}),
	);
}

/** With `nullable` said as JSON Schema says it. */
function modern(value: unknown): unknown {
	if (Array.isArray(value)) {
		return value.map(modern);
	}

	if (typeof value !== 'object' || value === null) {
		return value;
	}

	const {nullable, ...members} = Object.fromEntries(
		Object.entries(value).map(([name, inner]) => [name, modern(inner)]),
	);
	if (nullable !== true || typeof members['type'] !== 'string') {
		return members;
	}

	const {enum: values} = members as {enum?: readonly unknown[]};
	return {
		...members,
		type: [members['type'], 'null'],
		...(values !== undefined && {enum: [...values, null]}),
	};
}
