import {Ajv2020, type ValidateFunction} from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** One request and its answer, as they were on the wire. */
export type Exchange = {
	readonly method: string;
	/** From the origin, without the query. */
	readonly path: string;
	readonly sent: {readonly type: string | null; readonly body: string | undefined};
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
};

type Members = Readonly<Record<string, unknown>>;

export type Operation = {
	readonly method: string;
	/** As the document has it. */
	readonly path: string;
	/** From the origin: the path below its server's. */
	readonly fullPath: string;
	readonly operationId: string;
	readonly description: Members;
	readonly statuses: readonly number[];
};

/** An OpenAPI 3.1 document, to hold what is sent and answered against. */
export type Published = {
	readonly operations: readonly Operation[];
	readonly operationOf: (exchange: Pick<Exchange, 'method' | 'path'>) => Operation | undefined;
	/** What is wrong with the answer, and with a body that was understood. */
	readonly problems: (exchange: Exchange) => string[];
	/** What is wrong with a body that is sent to an operation. */
	readonly bodyProblems: (operationId: string, body: unknown, type?: string) => string[];
};

type Document = {
	readonly servers: readonly {readonly url: string}[];
	readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

const methods = ['get', 'post', 'put', 'delete', 'patch', 'head', 'options'];

export function openPublished(document: Document): Published {
	const ajv = new Ajv2020({strict: false, allErrors: true});
	// The package is CommonJS, and its types do not say what Node makes of that.
	(formats as unknown as (to: Ajv2020) => void)(ajv);
	ajv.addSchema(document, 'document');
	const validators = new Map<string, ValidateFunction>();
	const check = (pointer: string, value: unknown): string[] => {
		const validate = validators.get(pointer) ?? ajv.compile({$ref: `document#${pointer}`});
		validators.set(pointer, validate);
		return validate(value)
			? []
			: (validate.errors ?? []).map(
					({instancePath, message = '', params}) =>
						`${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`,
				);
	};
	const operations = operationsOf(document);
	const operationOf: Published['operationOf'] = ({method, path}) =>
		operations.find(one => one.method === method.toLowerCase() && matches(one.fullPath, path));

	const bodyOf = ({path, method, description}: Operation, body: unknown, type: string): string[] => {
		const content = resolved(document, description['requestBody'])?.['content'] as Members | undefined;
		const named = type.split(';', 1)[0]?.trim() ?? '';
		return content?.[named] === undefined
			? [`is not taken as ${named}`]
			: check(pointerTo('paths', path, method, 'requestBody', 'content', named, 'schema'), body);
	};

	return {
		operations,
		operationOf,
		bodyProblems(operationId, body, type = 'application/json') {
			const operation = operations.find(one => one.operationId === operationId);
			return operation === undefined ? [`there is no ${operationId}`] : bodyOf(operation, body, type);
		},
		problems(exchange) {
			const {method, path, sent, status, headers, text} = exchange;
			const operation = operationOf(exchange);
			if (operation === undefined) {
				return [`${method} ${path} is not in the document`];
			}

			const responses = operation.description['responses'] as Members;
			const response = resolved(document, responses[status]);
			if (response === undefined) {
				return [`${operation.operationId} does not name ${status}: ${text.slice(0, 200)}`];
			}

			const isUnderstood = status < 300 && sent.body !== undefined;
			return [
				...(isUnderstood ? bodyOf(operation, bodyIn(sent.type, sent.body), sent.type ?? '') : []),
				...missingHeaders(document, response, headers),
				...answerProblems(response, {headers, text}, (type, value) => {
					const place = ['content', type, 'schema'];
					const {$ref} = responses[status] as {$ref?: string};
					return check(
						$ref === undefined
							? pointerTo(
									'paths',
									operation.path,
									method.toLowerCase(),
									'responses',
									String(status),
									...place,
								)
							: $ref.slice(1) + pointerTo(...place),
						value,
					);
				}),
			].map(problem => `${operation.operationId} ${status}: ${problem}`);
		},
	};
}

function operationsOf(document: Document): Operation[] {
	return Object.entries(document.paths).flatMap(([path, item]) => {
		const [server] = (item['servers'] ?? document.servers) as Document['servers'];
		const prefix = new URL(server?.url ?? '').pathname.replace(/\/$/, '');
		return methods
			.filter(method => method in item)
			.map(method => {
				const description = item[method] as Members;
				return {
					method,
					path,
					fullPath: prefix + path,
					operationId: String(description['operationId']),
					description,
					statuses: Object.keys(description['responses'] as Members).map(Number),
				};
			});
	});
}

/** Whether a path is one of a template's: `/giftcards/{giftCardId}`. */
export function matches(template: string, path: string): boolean {
	const [wanted, given] = [template.split('/'), path.split('/')];
	return (
		wanted.length === given.length &&
		wanted.every((segment, index) => segment === given[index] || /^\{\w+\}$/.test(segment))
	);
}

function resolved(document: unknown, part: unknown): Members | undefined {
	const {$ref} = (part ?? {}) as {$ref?: string};
	return $ref === undefined
		? (part as Members | undefined)
		: ($ref
				.slice(2)
				.split('/')
				.reduce<unknown>((inner, name) => (inner as Members)[name], document) as Members);
}

function missingHeaders(document: Document, response: Members, headers: Headers): string[] {
	return Object.entries((response['headers'] ?? {}) as Members)
		.filter(([name, header]) => resolved(document, header)?.['required'] === true && !headers.has(name))
		.map(([name]) => `the header ${name} is missing`);
}

function answerProblems(
	response: Members,
	{headers, text}: Pick<Exchange, 'headers' | 'text'>,
	check: (type: string, value: unknown) => string[],
): string[] {
	const content = response['content'] as Members | undefined;
	if (content === undefined) {
		return text === '' ? [] : ['it has a body, and should have none'];
	}

	const type = headers.get('content-type')?.split(';', 1)[0] ?? '';
	return content[type] === undefined
		? [`it is ${type === '' ? 'of no type' : type}, not ${Object.keys(content).join(' or ')}`]
		: check(type, type === 'application/json' ? (JSON.parse(text) as unknown) : text);
}

function bodyIn(type: string | null, body: string): unknown {
	return type?.startsWith('application/x-www-form-urlencoded') === true
		? Object.fromEntries(new URLSearchParams(body))
		: (JSON.parse(body) as unknown);
}

/** A JSON pointer as the fragment of an address. */
export function pointerTo(...names: readonly string[]): string {
	return names
		.map(name => `/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
		.join('');
}

/**
 * Keep what this process asks a service and is answered, whoever asks, until it is told to stop.
 * @param origin - of the service
 */
export function keepExchanges(origin: string): {readonly exchanges: Exchange[]; readonly stop: () => void} {
	const {fetch} = globalThis;
	const exchanges: Exchange[] = [];
	globalThis.fetch = async (input, init) => {
		const request = new Request(input, init);
		const body = init?.body === undefined || init.body === null ? undefined : await request.clone().text();
		const response = await fetch(input, init);
		const {pathname} = new URL(request.url);
		if (request.url.startsWith(`${origin}/`)) {
			exchanges.push({
				method: request.method,
				path: pathname,
				sent: {type: request.headers.get('content-type'), body},
				status: response.status,
				headers: response.headers,
				text: await response.clone().text(),
			});
		}

		return response;
	};
	return {
		exchanges,
		stop() {
			globalThis.fetch = fetch;
		},
	};
}
