import test from 'ava';
import fc from 'fast-check';
import {readProviders} from '../../../src/vtex/hub/contracts.ts';
import {
	aftermathOf,
	differencesOf,
	entryOf,
	type HubProvider,
	isNative,
	isSameHost,
	sortedById,
	wantedEntry,
} from '../../../src/vtex/hub/entry.ts';

const entry = (id: string, over: Partial<HubProvider> = {}): HubProvider => ({
	...wantedEntry({id, serviceUrl: `https://${id.toLowerCase()}.example.com/v1`, caption: null}),
	...over,
});
const ids = (entries: readonly HubProvider[]) => entries.map(({id}) => id);

test('an entry of ours authorizes first, can be cancelled, and has VTEX as its oauthProvider', t => {
	t.deepEqual(wantedEntry({id: 'Monedero', serviceUrl: 'https://a.example.com/v1', caption: 'Gift card'}), {
		id: 'Monedero',
		serviceUrl: 'https://a.example.com/v1',
		oauthProvider: 'vtex',
		preAuthEnabled: true,
		cancelEnabled: true,
		caption: 'Gift card',
	});
});

test('ids are the same in any case', t => {
	t.is(entryOf([entry('monedero')], 'Monedero')?.id, 'monedero');
	t.true(isNative({id: 'vtexgiftcard'}));
	t.false(isNative({id: 'VtexGiftCard2'}));
});

test('differences name each member, what it is and what is wanted', t => {
	const found = entry('Monedero', {serviceUrl: 'https://old.example.com/v1', cancelEnabled: false});

	t.deepEqual(differencesOf(found, entry('Monedero')), [
		{
			member: 'serviceUrl',
			is: 'https://old.example.com/v1',
			wanted: 'https://monedero.example.com/v1',
		},
		{member: 'cancelEnabled', is: false, wanted: true},
	]);
	t.deepEqual(differencesOf(found, found), []);
});

test('what became of the others: gone, changed, and ours is none of them', t => {
	const before = [entry('VtexGiftCard'), entry('Monedero'), entry('Ana'), entry('Bia')];
	const after = [
		entry('monedero', {caption: 'new'}),
		entry('bia', {preAuthEnabled: false}),
		entry('Ana'),
		entry('New'),
	];

	const {gone, changed} = aftermathOf(before, after, 'Monedero');

	t.deepEqual([ids(gone), ids(changed)], [['VtexGiftCard'], ['Bia']]);
});

test('whatever was listed before is kept, gone or changed, each once', t => {
	const some = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'ours'), {maxLength: 5});
	fc.assert(
		fc.property(some, some, fc.boolean(), (before, after, isChanged) => {
			const now = after.map(id => entry(id, isChanged ? {caption: 'other'} : {}));
			const {gone, changed} = aftermathOf(
				before.map(id => entry(id)),
				now,
				'ours',
			);
			const others = before.filter(id => id !== 'ours');
			const kept = others.filter(id => after.includes(id) && !isChanged);
			return [...kept, ...ids(gone), ...ids(changed)].toSorted().join() === others.toSorted().join();
		}),
	);
	t.pass();
});

test('entries are sorted by their ids, whatever their case', t => {
	t.deepEqual(ids(sortedById([entry('b'), entry('C'), entry('A')])), ['A', 'b', 'C']);
});

test('hosts are compared with their ports', t => {
	t.true(isSameHost('https://a.example.com/v1', 'https://A.example.com/other'));
	t.false(isSameHost('https://a.example.com/v1', 'https://a.example.com:8443/v1'));
	t.false(isSameHost('', 'https://a.example.com/v1'));
});

test('a list is read though members are missing, and keeps the document that it was read from', t => {
	const document = {id: 'VtexGiftCard', serviceUrl: null, extra: {a: 1}, _self: {href: 'x'}};

	const [native] = readProviders([document]);

	t.like(native, {id: 'VtexGiftCard', serviceUrl: '', caption: null, cancelEnabled: false});
	t.deepEqual(native?.document, document);
});

for (const answer of ['nothing', null, {}, [{serviceUrl: 'x'}], [null]]) {
	test(`${JSON.stringify(answer)} is no list of providers`, t => {
		t.throws(() => readProviders(answer === 'nothing' ? undefined : answer), {
			message: /something else than a list/,
		});
	});
}
