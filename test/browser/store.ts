import {createServer} from 'node:http';
import {type AddressInfo} from 'node:net';
import {type TestContext} from '../helpers/test-context.ts';

export type Store = {
	readonly returnUrl: string;
	/** The `Referer` of each visit. */
	readonly referrers: readonly (string | undefined)[];
};

/** A store on an origin of its own, to which shoppers come back. */
export async function withStore(
	t: TestContext,
	{body = '<h1>Thank you for your order</h1>', leadsOnTo}: {body?: string; leadsOnTo?: string} = {},
): Promise<Store> {
	const referrers: (string | undefined)[] = [];
	const server = createServer((request, response) => {
		if (request.url?.startsWith('/checkout') === true) {
			referrers.push(request.headers.referer);
		}

		if (leadsOnTo !== undefined) {
			response.writeHead(302, {Location: leadsOnTo}).end();
			return;
		}

		response.setHeader('Content-Type', 'text/html; charset=utf-8');
		response.end(`<!doctype html><link rel="icon" href="data:,">${body}`);
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const {port} = server.address() as AddressInfo;
	return {returnUrl: `http://127.0.0.1:${port}/checkout/return?order=v5234981lvr-01`, referrers};
}
