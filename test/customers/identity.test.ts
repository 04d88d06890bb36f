import test from 'ava';
import fc from 'fast-check';
import {
	IDENTIFIER_LENGTH_MAX,
	identifierKey,
	identifiersOf,
	isAliasAddress,
	normaliseDocument,
	normaliseEmail,
	normaliseProfileId,
	ownerMatch,
	resolveCustomer,
	type ClientFields,
	type Identifier,
	type Resolution,
} from '../../src/customers/identity.ts';

const profile = (value: string): Identifier => ({kind: 'profile', value});
const document = (value: string): Identifier => ({kind: 'document', value});
const company = (value: string): Identifier => ({kind: 'document', value, corporate: true});
const email = (value: string): Identifier => ({kind: 'email', value});

function normalises(
	normalise: (text: string | null | undefined) => string | undefined,
	text: string | null | undefined,
	value: string | undefined,
): void {
	test(`${normalise.name} of ${text === undefined ? 'nothing' : JSON.stringify(text)} is ${value ?? 'nothing'}`, t => {
		t.is(normalise(text), value);
	});
}

for (const normalise of [normaliseProfileId, normaliseDocument, normaliseEmail]) {
	for (const text of [undefined, null, '', '   ', '***', 'a***@s***.com']) {
		normalises(normalise, text, undefined);
	}
}

normalises(
	normaliseProfileId,
	' 7E9EB348-A1B2-4C0D-9D5E-6F0123456789 ',
	'7e9eb348-a1b2-4c0d-9d5e-6f0123456789',
);
normalises(normaliseProfileId, '3b1abc17', '3b1abc17');
normalises(normaliseProfileId, '00000000-0000-0000-0000-000000000000', undefined);
normalises(
	normaliseProfileId,
	'00000000-0000-0000-0000-000000000001',
	'00000000-0000-0000-0000-000000000001',
);
normalises(normaliseProfileId, 'ann@example.com', undefined);
normalises(normaliseProfileId, 'a\u0000b', undefined);

normalises(normaliseDocument, '529.982.247-25', '52998224725');
normalises(normaliseDocument, ' 52998224725 ', '52998224725');
normalises(normaliseDocument, '12.abc.345/01de-35', '12ABC34501DE35');
normalises(normaliseDocument, 'ῢ1', 'Υ1');
normalises(normaliseDocument, '000.000.000-00', undefined);
normalises(normaliseDocument, '000.000.000-01', '00000000001');
normalises(normaliseDocument, '.-/', undefined);
normalises(normaliseDocument, '***.982.247-**', undefined);

normalises(normaliseEmail, ' Ann@Example.COM ', 'ann@example.com');
normalises(normaliseEmail, 'ann+gifts@example.com', 'ann+gifts@example.com');
normalises(normaliseEmail, 'ann', undefined);
normalises(normaliseEmail, '@example.com', undefined);
normalises(normaliseEmail, 'ann@', undefined);
normalises(normaliseEmail, 'ann@bob@example.com', undefined);
normalises(normaliseEmail, 'an n@example.com', undefined);
normalises(normaliseEmail, '0f1e2d3c4b5a69788796a5b4c3d2e1f0@ct.vtex.com.br', undefined);

test('an identifier has at most 256 characters', t => {
	const longest = 'a'.repeat(IDENTIFIER_LENGTH_MAX);
	const at = (length: number) => `${'a'.repeat(length - '@example.com'.length)}@example.com`;

	t.is(normaliseProfileId(longest), longest);
	t.is(normaliseProfileId(`${longest}a`), undefined);
	t.is(normaliseDocument(longest), longest.toUpperCase());
	t.is(normaliseDocument(`${longest}a`), undefined);
	t.is(normaliseEmail(at(256)), at(256));
	t.is(normaliseEmail(at(257)), undefined);
});

test('normalising an identifier again changes nothing', t => {
	const texts = fc.oneof(
		fc.string({unit: 'grapheme'}),
		fc.emailAddress(),
		fc.uuid(),
		fc.stringMatching(/^[0-9./ aZ-]*$/),
	);
	fc.assert(
		fc.property(texts, text => {
			for (const normalise of [normaliseProfileId, normaliseDocument, normaliseEmail]) {
				const once = normalise(text);
				t.is(once === undefined ? undefined : normalise(once), once);
			}
		}),
		{numRuns: 2000},
	);
});

for (const address of [
	'0f1e2d3c4b5a69788796a5b4c3d2e1f0@ct.vtex.com.br',
	'john@shop.com-207700027841b.ct.vtex.com.br',
	'JOHN@SHOP.COM-207700027841B.CT.VTEX.COM.BR',
	'0f1e2d3c@ct.shop.com',
	'0f1e2d3c@ct.shop.com.br',
]) {
	test(`${address} is an alias and names nobody (B11)`, t => {
		t.true(isAliasAddress(address));
		t.is(normaliseEmail(address), undefined);
	});
}

for (const address of [
	'ct@example.com',
	'ann@ct.gov',
	'ann@mail.ct.gov',
	'ann@act.vtex.com.br',
	'ann@ct-shop.com.br',
	'ann@my-ct.shop.com.br',
	'ann@vtex.com.br',
	'ct.vtex.com.br@example.com',
]) {
	test(`${address} is a person's own address`, t => {
		t.false(isAliasAddress(address));
		t.is(normaliseEmail(address), address);
	});
}

const identifies = test.macro((t, client: ClientFields, identifiers: readonly Identifier[]) => {
	t.deepEqual(identifiersOf(client), identifiers);
});

test(
	'a client is named by profile id, personal document, corporate document and e-mail, in that order',
	identifies,
	{id: 'P1', email: 'Ann@Example.com', document: '529.982.247-25', corporateDocument: '12.345.678/0001-95'},
	[profile('p1'), document('52998224725'), company('12345678000195'), email('ann@example.com')],
);
test(
	'an anonymous client has no identifiers',
	identifies,
	{id: '', email: null, document: '000.000.000-00'},
	[],
);
test(
	'a document sent as personal and corporate is personal',
	identifies,
	{document: '1.2', corporateDocument: '12'},
	[document('12')],
);
test('an e-mail address sent as id is an e-mail address', identifies, {id: 'Ann@Example.com'}, [
	email('ann@example.com'),
]);
test(
	'the same e-mail address sent twice counts once',
	identifies,
	{id: 'Ann@Example.com', email: 'ann@example.com'},
	[email('ann@example.com')],
);
test(
	'masked values and aliases are left out and the rest counts',
	identifies,
	{id: 'P1', email: 'x@ct.vtex.com.br', document: '***'},
	[profile('p1')],
);

test('a document has one key however it came, and kinds never share a key', t => {
	t.is(identifierKey(company('12')), identifierKey(document('12')));
	t.not(identifierKey(profile('12')), identifierKey(document('12')));
});

function matches(
	given: string,
	owner: readonly Identifier[],
	presented: readonly Identifier[],
	expected: ReturnType<typeof ownerMatch>,
): void {
	test(`B11: ${given}: ${expected}`, t => {
		t.is(ownerMatch(owner, presented), expected);
	});
}

matches('the profile id is the same', [profile('p1')], [profile('p1')], 'same');
matches('the profile id is another', [profile('p1')], [profile('p2')], 'other');
matches(
	'another profile id outweighs the same document and e-mail',
	[profile('p1'), document('1'), email('a@x')],
	[profile('p2'), document('1'), email('a@x')],
	'other',
);
matches(
	'the same profile id outweighs another document and e-mail',
	[profile('p1'), document('1'), email('a@x')],
	[profile('p1'), document('2'), email('b@x')],
	'same',
);
matches(
	'without a profile id on one side the document decides',
	[document('1'), email('a@x')],
	[profile('p1'), document('1'), email('b@x')],
	'same',
);
matches(
	'another document outweighs the same e-mail',
	[document('1'), email('a@x')],
	[document('2'), email('a@x')],
	'other',
);
matches(
	'with nothing else in common the e-mail decides for',
	[document('1'), email('a@x')],
	[profile('p1'), email('a@x')],
	'same',
);
matches(
	'with nothing else in common the e-mail decides against',
	[profile('p1'), email('a@x')],
	[document('1'), email('b@x')],
	'other',
);
matches('one equal document of two is enough', [document('1')], [document('2'), company('1')], 'same');
matches("a company card is its company's", [company('1')], [document('2'), company('3')], 'other');
matches('no kind in common', [profile('p1')], [document('1'), email('a@x')], 'unknown');
matches('a card without an owner', [], [profile('p1')], 'unknown');
matches('a client without identity', [profile('p1')], [], 'unknown');

const ann = {kind: 'customer', customerId: 'ann'} as const;
const acme = {kind: 'customer', customerId: 'acme'} as const;
const unknown = {kind: 'unknown'} as const;
const conflict = {kind: 'conflict'} as const;

/** Ann and Bob have logged in once, Cleo never has; Acme is a company, Umbra one with a profile of its own. */
const found = new Map(
	(
		[
			['ann', profile('p-ann')],
			['ann', document('1')],
			['ann', email('ann@x')],
			['bob', profile('p-bob')],
			['bob', document('2')],
			['bob', email('bob@x')],
			['cleo', email('cleo@x')],
			['acme', document('900')],
			['umbra', document('901')],
		] as const
	).map(([customerId, identifier]) => [identifierKey(identifier), customerId]),
);
const profilesOf = new Map([
	['ann', new Set(['p-ann'])],
	['bob', new Set(['p-bob'])],
	['umbra', new Set(['p-umbra'])],
]);

function resolves(given: string, presented: readonly Identifier[], expected: Resolution): void {
	test(`A3: ${given}: ${expected.kind}`, t => {
		t.deepEqual(resolveCustomer(presented, found, profilesOf), expected);
	});
}

resolves('a known profile id', [profile('p-ann')], ann);
resolves('a known document', [document('1')], ann);
resolves('a known e-mail', [email('ann@x')], ann);
resolves('all three name the same customer', [profile('p-ann'), document('1'), email('ann@x')], ann);
resolves('a known profile id with an e-mail nobody has', [profile('p-ann'), email('new@x')], ann);
resolves('a known document with an e-mail nobody has', [document('1'), email('new@x')], ann);
resolves("a known profile id with somebody else's e-mail", [profile('p-ann'), email('bob@x')], conflict);
resolves("a known profile id with somebody else's document", [profile('p-ann'), document('2')], conflict);
resolves("a known document with somebody else's e-mail", [document('1'), email('bob@x')], conflict);
resolves('two e-mails of two customers', [email('ann@x'), email('bob@x')], conflict);
resolves(
	'a new profile id with the e-mail of one whose profile id is known',
	[profile('p-new'), email('ann@x')],
	conflict,
);
resolves(
	'a new profile id with the document of one whose profile id is known',
	[profile('p-new'), document('1')],
	conflict,
);
resolves('a new profile id with the e-mail of one who never logged in', [profile('p-new'), email('cleo@x')], {
	kind: 'customer',
	customerId: 'cleo',
});
resolves('nobody has any of them', [profile('p-new'), document('3'), email('new@x')], unknown);
resolves('nothing is presented', [], unknown);

resolves('a known company, bought for by somebody new', [document('3'), company('900')], acme);
resolves('a known company alone', [company('900')], acme);
resolves('a known person buying for a known company stays that person', [document('1'), company('900')], ann);
resolves(
	'a known person buying for an unknown company stays that person',
	[email('ann@x'), company('999')],
	ann,
);
resolves(
	'a conflict between persons is not settled by their company',
	[document('1'), email('bob@x'), company('900')],
	conflict,
);
resolves('a new profile id buying for a company that has none', [profile('p-new'), company('900')], acme);
resolves(
	'a new profile id buying for a company that has another one',
	[profile('p-new'), company('901')],
	unknown,
);
resolves("the company's number typed as a personal document", [document('900')], acme);

test('A3: a customer known under two profile ids is found by either', t => {
	const both = new Map([...found, ['profile:p-ann-2', 'ann']]);
	const ofBoth = new Map([...profilesOf, ['ann', new Set(['p-ann', 'p-ann-2'])]]);

	for (const known of ['p-ann', 'p-ann-2']) {
		t.deepEqual(resolveCustomer([profile(known), email('ann@x')], both, ofBoth), ann);
	}

	t.deepEqual(resolveCustomer([profile('p-new'), email('ann@x')], both, ofBoth), conflict);
});

test('A3: whoever is resolved was named by a personal identifier, or nobody personal is known; and nobody else was', t => {
	const any = fc.constantFrom(
		...['p-ann', 'p-bob', 'p-new'].map(profile),
		...['1', '2', '3', '900'].map(document),
		...['900', '901', '999'].map(company),
		...['ann@x', 'bob@x', 'cleo@x', 'new@x'].map(email),
	);
	fc.assert(
		fc.property(fc.uniqueArray(any, {maxLength: 5}), presented => {
			const resolution = resolveCustomer(presented, found, profilesOf);
			const named = (those: readonly Identifier[]) =>
				new Set(those.flatMap(one => found.get(identifierKey(one)) ?? []));
			const persons = named(presented.filter(({corporate}) => corporate === undefined));
			if (resolution.kind === 'customer') {
				t.deepEqual([...(persons.size > 0 ? persons : named(presented))][0], resolution.customerId);
				t.true(persons.size <= 1);
			} else {
				t.true(resolution.kind === 'conflict' ? persons.size > 0 : persons.size === 0);
			}
		}),
	);
});
