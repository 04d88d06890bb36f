import test from 'ava';
import {resultOf} from '../helpers/hub.ts';
import {openTestServer} from '../helpers/server.ts';

type Manifest = {readonly paymentMethods: readonly {readonly name: string}[]};

test('SANDBOX asked of a merchant that is none opens nothing, and the log says so', async t => {
	const first = await openTestServer();
	const later = await openTestServer({database: first.database, env: {SANDBOX: 'true'}});
	t.teardown(async () => {
		await later.close();
		await first.close();
	});

	const {paymentMethods} = resultOf<Manifest>(await later.call('GET', '/manifest'));

	t.false(paymentMethods.some(({name}) => name === 'BankInvoice'));
	t.true(later.logged().some(({msg}) => String(msg).startsWith('SANDBOX is set, but')));
});
