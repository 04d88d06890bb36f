import {type OpenApi30} from '../helpers/openapi-3-0.ts';

const text = {type: 'string'};
const operation = {
	type: 'object',
	required: ['oid', 'value', 'date'],
	properties: {oid: text, value: {type: 'number'}, date: text},
};
const answering = (schema: object, status = 200) => ({
	responses: {[status]: {description: '', content: {'application/json': {schema}}}},
});
const transactions = '/giftcards/{giftCardId}/transactions';

/** What every reader of VTEX's documents relies on, in their form: it stands in for them where they are not at hand. */
export const smallDocument: OpenApi30 = {
	paths: {
		'/giftcards/_search': {
			post: answering({
				type: 'array',
				items: {
					type: 'object',
					required: ['id', 'provider', 'balance', '_self'],
					properties: {
						...{id: text, provider: text, balance: {type: 'number'}},
						_self: {type: 'object', required: ['href'], properties: {href: text}},
					},
				},
			}),
		},
		[transactions]: {post: answering({type: 'object', required: ['cardId', 'id', '_self']})},
		[`${transactions}/{tId}/settlements`]: {
			get: answering({type: 'array', items: {$ref: '#/components/schemas/operation'}}),
			post: answering({$ref: '#/components/schemas/operation'}),
		},
		'/payments': {
			post: answering({
				type: 'object',
				required: ['paymentId', 'status', 'authorizationId', 'tid', 'nsu', 'acquirer', 'code', 'message'],
				properties: {
					...{paymentId: text, authorizationId: text, tid: text, code: {...text, nullable: true}},
					status: {type: 'string', enum: ['approved', 'denied', 'undefined']},
				},
			}),
		},
		'/payments/{paymentId}/settlements': {
			post: answering(
				{
					type: 'object',
					required: ['settleId', 'value', 'code', 'message'],
					properties: {settleId: {...text, nullable: true}, value: {type: 'number'}},
				},
				500,
			),
		},
	},
	components: {schemas: {operation}},
};
