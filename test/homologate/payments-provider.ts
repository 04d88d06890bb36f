import {once, setMaxListeners} from 'node:events';
import http, {type IncomingMessage, type ServerResponse} from 'node:http';
import {type AddressInfo} from 'node:net';
import {json} from 'node:stream/consumers';
import {setTimeout as delay} from 'node:timers/promises';
import {type Book, openBook} from './payments-book.ts';
import {type PaymentChoice, type PaymentFault} from './payments-faults.ts';
import {type Has, type Kind, type Members, type Reply} from './payments-moves.ts';
import {openTeller, type Teller} from './payments-teller.ts';

/** A provider of payments in memory that does everything right but what it is told to get wrong, and as it chooses where it may. */
export type SmallProvider = {
	readonly url: string;
	readonly appKey: string;
	readonly appToken: string;
	/** What the page of the sign-up gives a merchant who agrees. */
	readonly authorizationCode: string;
	readonly close: () => Promise<void>;
};

const [appKey, appToken] = ['small-key', 'small-token-0123456789'] as const;
const authorizationCode = 'code-0123456789';

/** How long a slow one takes. */
export const slowMs = 60;

const nothing: Reply = {status: 404, body: {}};

export async function openSmallProvider(
	traits: readonly (PaymentFault | PaymentChoice)[] = [],
): Promise<SmallProvider> {
	const has: Has = trait => traits.includes(trait);
	const ended = new AbortController();
	// As many callbacks as there are payments hang on it.
	setMaxListeners(0, ended.signal);
	const book = openBook(has);
	const replyTo = openDesk({book, tell: openTeller(book, has, ended.signal), signUp: openSignUp(has), has});
	const server = http.createServer((request, response) => {
		replyTo(request).then(
			reply => {
				send(response, reply);
			},
			() => {
				request.destroy();
			},
		);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address() as AddressInfo;
	return {
		...{url: `http://127.0.0.1:${port}`, appKey, appToken, authorizationCode},
		async close() {
			ended.abort();
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}

type Desk = {
	readonly book: Book;
	readonly tell: Teller;
	readonly signUp: (method: string, url: URL) => Reply | undefined;
	readonly has: Has;
};

function openDesk({book, tell, signUp, has}: Desk) {
	const create = async (body: Members): Promise<Reply> => {
		const {reply, payment} = await book.create(body);
		if (payment !== undefined) {
			const told = tell(payment);
			await (has('a callback before the answer') ? told : undefined);
		}

		return reply;
	};

	return async (request: IncomingMessage): Promise<Reply> => {
		const {method = '', url: address = ''} = request;
		const url = new URL(address, 'http://localhost');
		const body = method === 'POST' ? ((await json(request)) as Members) : {};
		const signedUp = has('no sign-up') ? undefined : signUp(method, url);
		if (signedUp !== undefined) {
			return signedUp;
		}

		const [, root, id = '', kind = ''] = url.pathname.split('/');
		if (!(root === 'manifest' && !has('a manifest behind credentials')) && !isKnown(request, has)) {
			return {status: 403, body: ''};
		}

		if (has('slow answers') && (root === 'manifest' || kind === 'refunds')) {
			await delay(slowMs);
		}

		if (root === 'manifest') {
			return {status: 200, body: manifest(has)};
		}

		if (root !== 'payments' || method !== 'POST') {
			return nothing;
		}

		if (id === '') {
			return create(body);
		}

		if (kind === 'inbound' || kind === 'inbound-request') {
			if (has('no inbound requests')) {
				return nothing;
			}

			return kind === 'inbound' || !has('one path for inbound requests') ? inbound(body) : nothing;
		}

		return book.operate(decodeURIComponent(id), kind as Kind, body);
	};
}

function isKnown({headers, rawHeaders}: IncomingMessage, has: Has): boolean {
	const isSuite = headers['x-vtex-api-is-testsuite'] === 'true';
	if (has('200 for wrong credentials') || (isSuite && has("the suite's header opens everything"))) {
		return true;
	}

	if (has('header names in one case only') && !rawHeaders.includes('X-PROVIDER-API-AppKey')) {
		return false;
	}

	const families = has('one family of headers only') ? ['provider'] : ['provider', 'vtex'];
	return families.some(
		family =>
			headers[`x-${family}-api-appkey`] === appKey && headers[`x-${family}-api-apptoken`] === appToken,
	);
}

function manifest(has: Has): Members {
	const name = has('a method in another case') ? 'privateLabels' : 'Privatelabels';
	const methods = [name, 'BankInvoice'].map(one => ({name: one, allowsSplit: 'disabled'}));
	return {
		paymentMethods: has('a manifest without methods') ? [] : methods,
		customFields: [{name: 'Shop', type: 'text'}],
		autoSettleDelay: {minimum: has('a delay that is a number in the manifest') ? 0 : '0', maximum: '120'},
	};
}

function inbound({paymentId, requestId}: Members): Reply {
	const responseData = {statusCode: 200, contentType: 'application/json', content: '{"status":"approved"}'};
	return {status: 200, body: {paymentId, requestId, code: null, message: null, responseData}};
}

function openSignUp(has: Has): Desk['signUp'] {
	const codes = new Set([authorizationCode]);
	return (method, {pathname, searchParams}) => {
		const code = searchParams.get('authorizationCode') ?? '';
		switch (`${method} ${pathname}`) {
			case 'POST /authorization/token':
				return {status: 200, body: {applicationId: 'vtex', token: 'token-0123456789'}};
			case 'GET /authorization/redirect':
				return {status: 200, body: '<form method="post">Agree?</form>'};
			case 'GET /authorization/credentials': {
				const isGiven = codes.has(code) || has('credentials for any code');
				codes.delete(has('a code that works twice') ? '' : code);
				return isGiven
					? {status: 200, body: {applicationId: 'vtex', appKey, appToken}}
					: {status: 400, body: {code: 'unknown_code', message: 'Sign up again.'}};
			}

			default:
				return undefined;
		}
	};
}

function send(response: ServerResponse, {status, body}: Reply): void {
	const isText = typeof body === 'string';
	response.writeHead(status, {'Content-Type': isText ? 'text/html' : 'application/json'});
	response.end(isText ? body : JSON.stringify(body));
}
