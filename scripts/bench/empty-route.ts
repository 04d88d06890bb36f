import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import Router from '@koa/router';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import {z} from 'zod';
import {answerParent} from './child.ts';

/**
 * The ceiling: what a route costs that reads and checks the same bodies as the service and then does nothing. No
 * credentials, no log, no database. Every figure of the service is to be read against this one on the same machine.
 */
export type EmptyRouteAnswer = {readonly port: number};

const Text = z.string().nullish();

const Debit = z.looseObject({
	operation: z.enum(['Debit', 'Credit']),
	value: z.union([z.number(), z.string()]),
	requestId: z.string().min(1),
	description: Text,
	redemptionToken: Text,
	redemptionCode: Text,
	orderInfo: z
		.looseObject({
			orderId: Text,
			clientProfile: z.looseObject({email: Text, document: Text}).nullish(),
		})
		.nullish(),
});

const Search = z.looseObject({
	client: z.looseObject({id: Text, email: Text, document: Text}).nullish(),
	cart: z.looseObject({redemptionCode: Text, relationName: Text}).nullish(),
});

const router = new Router({prefix: '/v1'});

router.post('/giftcards/:cardId/transactions', ctx => {
	const {cardId} = ctx.params;
	const {requestId} = Debit.parse(ctx.request.body);
	ctx.body = {cardId, id: requestId, _self: {href: `/giftcards/${cardId}/transactions/${requestId}`}};
});

router.post('/giftcards/_search', ctx => {
	const {cart} = Search.parse(ctx.request.body);
	ctx.body = [{id: cart?.redemptionCode, provider: 'Empty', balance: 5.9, _self: {href: '/giftcards/empty'}}];
});

router.get('/giftcards/:cardId', ctx => {
	const {cardId} = ctx.params;
	ctx.body = {
		id: cardId,
		redemptionCode: '***********ASDQ',
		balance: 870,
		emissionDate: '2014-04-24T20:22:58.163',
		expiringDate: '2016-01-01T00:00:00',
		currencyCode: 'BRL',
		discount: false,
		transactions: {href: `/giftcards/${cardId}/transactions`},
	};
});

const app = new Koa();
app.use(bodyParser({enableTypes: ['json'], extendTypes: {json: ['+json', 'text/json']}}));
app.use(router.routes());
const handle = app.callback();
const server = createServer((request, response) => void handle(request, response));

answerParent(async (): Promise<EmptyRouteAnswer> => {
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	return {port: (server.address() as AddressInfo).port};
});
