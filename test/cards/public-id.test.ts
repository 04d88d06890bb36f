import test from 'ava';
import {newPublicId, uuidOf, wireIdOf} from '../../src/cards/public-id.ts';

test('an id travels as 32 hexadecimal digits and comes back as the same UUID', t => {
	const uuid = newPublicId();

	t.regex(uuid, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
	t.regex(wireIdOf(uuid), /^[0-9a-f]{32}$/);
	t.is(uuidOf(wireIdOf(uuid)), uuid);
	t.not(newPublicId(), uuid);
});

for (const text of [
	'',
	'A'.repeat(32),
	'a'.repeat(31),
	'a'.repeat(33),
	`${'a'.repeat(32)}\n`,
	newPublicId(),
]) {
	test(`"${text.trim()}" (${text.length} characters) is nobody's id`, t => {
		t.is(uuidOf(text), undefined);
	});
}
