import {readFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {type VtexAccess} from '../../../src/merchants/vtex-keys.ts';
import {OrderSourceError} from '../../../src/orders/source.ts';
import {type Hub, openHub} from '../../../src/vtex/hub/client.ts';
import {wantedEntry} from '../../../src/vtex/hub/entry.ts';
import {isRegistered, proveSearch, register, unregister} from '../../../src/vtex/hub/register.ts';
import {openReceiver} from '../../helpers/receiver.ts';
import {
	accountKey,
	accountToken,
	nativeEntry,
	openRegistry,
	type RegistryEntry,
	type RegistryOptions,
} from '../../helpers/simulated-registry.ts';

const keys = {appKey: 'acme-1', appToken: 'token-of-ours-0123456789'};
const wanted = wantedEntry({
	id: 'Monedero',
	serviceUrl: 'https://cards.example.com/v1',
	caption: 'Gift card',
});
const other: RegistryEntry = {
	id: 'Other',
	serviceUrl: 'https://other.example.com/v1',
	oauthProvider: 'vtex',
	preAuthEnabled: true,
	cancelEnabled: true,
	appKey: 'k',
	appToken: 't',
};

async function store(t: ExecutionContext, options: RegistryOptions = {}) {
	const registry = await openRegistry(t, options);
	const access: VtexAccess = {
		...{account: 'acme', url: registry.url, appKey: accountKey, appToken: accountToken},
		...{isSandbox: true, changedAt: new Date(0)},
	};
	const hub = openHub();
	const go = async (over: Partial<Hub> = {}) =>
		register({...hub, ...over}, access, {wanted, keys, before: await hub.list(access)});
	return {registry, access, hub, go};
}

const ids = (entries: readonly {readonly id: string}[]) => entries.map(({id}) => id);

async function problemOf(t: ExecutionContext, work: () => Promise<unknown>) {
	const {problem, message} = await t.throwsAsync(work, {instanceOf: OrderSourceError});
	return {problem, message};
}

test('the entry is put with its keys under its id, and listed as wanted', async t => {
	const {registry, go} = await store(t, {replacesNative: false});

	const outcome = await go();

	t.true(isRegistered(outcome, wanted));
	t.like(outcome, {lost: [], restored: null, problem: null});
	t.like(registry.entries.get('monedero'), {...wanted, ...keys});
	t.deepEqual(registry.changes(), ['PUT Monedero']);
});

test('the native entry, which the first one replaces, is put back as it was, without any keys', async t => {
	const native = {...nativeEntry, caption: 'Vale', extra: 'kept'};
	const {registry, go} = await store(t, {entries: [native, other]});

	const outcome = await go();

	t.deepEqual(ids(outcome.after), ['Monedero', 'Other', 'VtexGiftCard']);
	t.is(outcome.restored?.id, 'VtexGiftCard');
	t.deepEqual(outcome.lost, []);
	t.deepEqual(registry.entries.get('vtexgiftcard'), native);
	t.deepEqual(registry.changes(), ['PUT Monedero', 'PUT VtexGiftCard']);
});

test('a native entry that VTEX does not take back is lost, and it is said why', async t => {
	const {registry, go} = await store(t);
	registry.trouble('PUT /api/giftcardproviders/VtexGiftCard', 500);

	const outcome = await go();

	t.deepEqual([ids(outcome.lost), outcome.restored], [['VtexGiftCard'], null]);
	t.regex(outcome.restoreProblem ?? '', /answered 500/);
	t.true(isRegistered(outcome, wanted));
});

test('a native entry that is refused when it is put back is lost too, and ends nothing', async t => {
	const {registry, go} = await store(t);
	registry.trouble('PUT /api/giftcardproviders/VtexGiftCard', 403);

	t.deepEqual(ids((await go()).lost), ['VtexGiftCard']);
});

test('one that VTEX takes and lists otherwise is lost', async t => {
	const {registry, go} = await store(t);
	registry.trouble('PUT /api/giftcardproviders/VtexGiftCard', response => response.writeHead(200).end());

	const outcome = await go();

	t.deepEqual(ids(outcome.lost), ['VtexGiftCard']);
	t.regex(outcome.restoreProblem ?? '', /lists it otherwise/);
});

test('an entry of somebody else that is gone is told, and not touched', async t => {
	const {registry, hub, access} = await store(t, {entries: [nativeEntry, other], replacesNative: false});
	const before = await hub.list(access);
	registry.entries.delete('other');

	const outcome = await register(hub, access, {wanted, keys, before});

	t.deepEqual(ids(outcome.lost), ['Other']);
	t.deepEqual(registry.changes(), ['PUT Monedero']);
});

const putOurs = 'PUT /api/giftcardproviders/Monedero';
const foundOut = (what: string) =>
	`${what} in place of the answer tells nothing of what was done: the list is compared, and the native entry put back`;

function assertFoundOut(t: ExecutionContext, outcome: Awaited<ReturnType<typeof register>>): void {
	t.regex(outcome.problem ?? '', /VTEX (?:answered|did not answer)/);
	t.true(isRegistered(outcome, wanted));
	t.is(outcome.restored?.id, 'VtexGiftCard');
}

for (const [what, trouble] of [
	['an error of VTEX', {then: 500}],
	['a page', {then: response => response.writeHead(200).end('<html>log in</html>')}],
] as const satisfies readonly (readonly [
	string,
	Parameters<Awaited<ReturnType<typeof openRegistry>>['trouble']>[1],
])[]) {
	test(foundOut(what), async t => {
		const {registry, go} = await store(t);
		registry.trouble(putOurs, trouble);

		assertFoundOut(t, await go());
	});
}

// By itself: it puts a time-out of its own in the place of one of everybody's.
test.serial(foundOut('silence'), async t => {
	const {registry, go} = await store(t);
	const timeoutMs = 12_345;
	// It is over when the change is done, and not before, however long that takes.
	const isOver = new AbortController();
	const timeout = AbortSignal.timeout.bind(AbortSignal);
	Object.assign(AbortSignal, {timeout: (ms: number) => (ms === timeoutMs ? isOver.signal : timeout(ms))});
	t.teardown(() => Object.assign(AbortSignal, {timeout}));
	registry.trouble(putOurs, {
		then() {
			isOver.abort();
		},
	});

	const {put} = openHub({timeoutMs});
	const outcome = await go({put});

	assertFoundOut(t, outcome);
	t.regex(outcome.problem ?? '', /did not answer within 12\.345 s/);
});

test('an error of VTEX that did nothing leaves everything as it was', async t => {
	const {registry, go} = await store(t);
	registry.trouble('PUT', 500);

	const outcome = await go();

	t.false(isRegistered(outcome, wanted));
	t.deepEqual([ids(outcome.after), ids(outcome.lost)], [['VtexGiftCard'], []]);
});

test('keys that may only look are refused with the name of the resource that they lack', async t => {
	const {registry, go} = await store(t);
	registry.resources.delete('edit');

	const {problem, message} = await problemOf(t, go);

	t.is(problem, 'refused');
	t.regex(message, /refuses the keys for our gift card provider \(403\)/);
	t.regex(message, /GiftCard, "Edit Gift Card providers", which no predefined one has/);
	t.deepEqual(registry.changes(), ['PUT Monedero']);
});

test('keys that may not even look are told so for the list', async t => {
	const {registry, hub, access} = await store(t);
	registry.resources.delete('view');

	t.regex((await problemOf(t, () => hub.list(access))).message, /"View Gift Card providers"/);
});

test('where the list cannot be had afterwards, it is said that nobody knows', async t => {
	const {registry, hub, access} = await store(t);
	const before = await hub.list(access);
	registry.trouble('GET /api/giftcardproviders', 503);

	const {message} = await problemOf(t, () => register(hub, access, {wanted, keys, before}));

	t.regex(message, /VTEX took the change\. .*answered 503.* nobody knows how it stands/);
});

test('more than a page of providers is listed whole, by id, each once', async t => {
	const many = Array.from({length: 120}, (_, index) => ({
		...other,
		id: `p${String(index).padStart(3, '0')}`,
	}));
	const {hub, access, registry} = await store(t, {entries: many.toReversed()});

	t.deepEqual(ids(await hub.list(access)), ids(many));
	t.deepEqual(
		registry.asked.map(({headers}) => headers['rest-range']),
		['resources=0-49', 'resources=50-99', 'resources=100-149'],
	);
});

test('a Hub that takes no notice of ranges is asked no more than twice', async t => {
	const same = Array.from({length: 50}, (_, index) => ({...other, id: `p${index}`}));
	const {hub, access, registry} = await store(t);
	registry.trouble(
		'GET',
		...Array.from({length: 3}, () => (response: {end: (text: string) => void}) => {
			response.end(JSON.stringify(same));
		}),
	);

	t.is((await hub.list(access)).length, 50);
	t.is(registry.asked.length, 2);
});

test('an entry is removed, and the others stay', async t => {
	const {registry, hub, access} = await store(t, {entries: [nativeEntry, {...other, id: 'Monedero'}]});

	const outcome = await unregister(hub, access, {id: 'Monedero', before: await hub.list(access)});

	t.deepEqual([ids(outcome.after), outcome.lost, outcome.problem], [['VtexGiftCard'], [], null]);
	t.deepEqual(registry.changes(), ['DELETE Monedero']);
	await t.notThrowsAsync(hub.remove(access, 'Monedero'), 'What is gone already is removed, too.');
});

test('a search through the Hub reaches the provider with the keys that VTEX has', async t => {
	const provider = await openReceiver(t, [response => response.writeHead(200).end('[]')]);
	const {hub, access} = await store(t, {
		entries: [{...other, ...keys, id: 'Monedero', serviceUrl: provider.at('/v1')}],
	});

	t.is(await proveSearch(hub, access, 'Monedero', {attempts: 1, waitMs: 0}), null);
	t.like(provider.received[0], {method: 'POST', path: '/v1//giftcards/_search'});
	t.is(provider.received[0]?.headers['x-provider-api-apptoken'], keys.appToken);
});

test('a provider that refuses the keys is a search that failed; it is tried as often as was said', async t => {
	const provider = await openReceiver(t, [403, 403, response => response.writeHead(200).end('[]')]);
	const {hub, access, registry} = await store(t, {
		entries: [{...other, id: 'Monedero', serviceUrl: provider.at('/v1')}],
	});

	t.regex((await proveSearch(hub, access, 'Monedero', {attempts: 2, waitMs: 1})) ?? '', /answered 500/);
	t.is(await proveSearch(hub, access, 'Monedero', {attempts: 2, waitMs: 1}), null);
	t.is(registry.asked.length, 3);
});

test('what VTEX answers is in no message', async t => {
	const {registry, hub, access} = await store(t);
	const said =
		(status: number) => (response: {writeHead: (status: number) => {end: (text: string) => void}}) => {
			response.writeHead(status).end('{"appToken":"secret-of-others"}');
		};
	registry.trouble('GET', said(200), said(500), said(403));

	for (let index = 0; index < 3; index++) {
		t.notRegex((await problemOf(t, () => hub.list(access))).message, /secret/);
	}
});

/** VTEX's published documents, which are not ours to have here. */
const folder = process.env['VTEX_OPENAPI_DIR'];

test("what is put and read is what VTEX's document of the Hub says, where that is at hand", async t => {
	if (folder === undefined || folder === '') {
		t.pass();
		return;
	}

	const {components, paths} = JSON.parse(
		await readFile(path.join(folder, 'VTEX - GiftCard Hub API.json'), 'utf8'),
	) as HubDocument;
	const {required, properties} = components.schemas.CreateUpdateGiftCardProviderbyIDRequest;
	const {registry, go} = await store(t);
	await go();
	const sent = JSON.parse(registry.asked.find(({method}) => method === 'PUT')?.body ?? '') as Record<
		string,
		unknown
	>;

	t.deepEqual(
		required.filter(member => !(member in sent)),
		[],
	);
	for (const [member, value] of Object.entries(sent).filter(([member]) => member !== 'caption')) {
		t.is(properties[member]?.type, typeof value, member);
	}

	t.deepEqual(Object.keys(paths['/api/giftcardproviders/{giftCardProviderId}'] ?? {}).toSorted(), [
		'delete',
		'get',
		'put',
	]);
});

type HubDocument = {
	readonly components: {
		readonly schemas: {
			readonly CreateUpdateGiftCardProviderbyIDRequest: {
				readonly required: readonly string[];
				readonly properties: Readonly<Record<string, {readonly type: string}>>;
			};
		};
	};
	readonly paths: Readonly<Record<string, object>>;
};

test('an id goes out as one segment of the path', async t => {
	const {registry, hub, access} = await store(t);

	await problemOf(t, () => (hub satisfies Hub).search(access, '../../oms?x'));

	t.is(registry.asked[0]?.path, '/api/giftcardproviders/..%2F..%2Foms%3Fx/giftcards/_search');
});
