import {type Members} from './schemas.ts';

/* What operations have in common, and refer to. */

export const ref = (place: string): Members => ({$ref: `#/components/${place}`});

export const errorSchema = ref('schemas/Error');

/** On every answer. */
export const usualHeaders = {
	'X-Request-Id': ref('headers/RequestId'),
	'X-VTEX-Operation-Id': ref('headers/OperationId'),
};

/** On every answer that says: later. */
export const laterHeaders = {'Retry-After': ref('headers/RetryAfter')};

/** What may become of a body: status → name of the response, and when. */
export const bodyFailures = {
	400: ['NotUnderstood', 'What was sent cannot be understood; the message names the member.'],
	413: ['TooLarge', 'The body is too large: JSON above 512 kB, a form above 4 kB.'],
	415: ['NotReadable', 'The body is not what it has to be sent as.'],
} as const;

/** What may become of anything that waits for something. */
export const failures = {
	500: ['Failed', 'It failed on our side; the log tells more under the id in the message.'],
	503: ['Later', 'Not now. Send the same again after as many seconds as Retry-After says.'],
} as const;

const withError = (status: string, [name, description]: readonly [string, string]): [string, Members] => [
	name,
	{
		description,
		headers: {...(status === '503' && laterHeaders), ...usualHeaders},
		content: {'application/json': {schema: errorSchema}},
	},
];

const withoutBody = (description: string): Members => ({
	description: `${description} There is no body.`,
	headers: usualHeaders,
});

const apiKey = (name: string, description: string) => ({type: 'apiKey', in: 'header', name, description});

export const components = {
	schemas: {
		Error: {
			type: 'object',
			description: 'What is wrong, for programs and for people. It repeats nothing secret.',
			properties: {
				error: {
					type: 'object',
					properties: {
						code: {type: 'string'},
						message: {type: 'string'},
					},
					required: ['code', 'message'],
					additionalProperties: false,
				},
			},
			required: ['error'],
			additionalProperties: false,
		},
	},
	headers: {
		RequestId: {
			description:
				'Ours, unique; the log tells more under it. Absent only from a 503 that comes before anything is looked at.',
			schema: {type: 'string'},
		},
		OperationId: {description: 'As it was sent, where it was.', schema: {type: 'string'}},
		RetryAfter: {description: 'Seconds.', required: true, schema: {type: 'string', pattern: '^\\d+$'}},
	},
	responses: {
		CredentialsMissing: withoutBody('Credentials are missing.'),
		CredentialsWrong: withoutBody('Credentials are wrong, or may not do this.'),
		TokenMissing: withoutBody('The token is missing.'),
		TokenWrong: withoutBody('The token is wrong.'),
		...Object.fromEntries(
			Object.entries({...bodyFailures, ...failures}).map(([status, failure]) => withError(status, failure)),
		),
	},
	securitySchemes: {
		providerAppKey: apiKey('X-PROVIDER-API-AppKey', 'The app key that the merchant was given.'),
		providerAppToken: apiKey('X-PROVIDER-API-AppToken', 'The token that belongs to it.'),
		vtexAppKey: apiKey('X-VTEX-API-AppKey', 'The same key under the older name.'),
		vtexAppToken: apiKey('X-VTEX-API-AppToken', 'The same token under the older name.'),
		hookToken: apiKey('X-Monedero-Hook-Token', 'What the hook of orders was configured with.'),
	},
};
