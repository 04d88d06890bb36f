import test from 'ava';
import fc from 'fast-check';
import {sealText, unsealText} from '../../src/db/seal.ts';

const how = {secretsKey: 's'.repeat(48), use: 'trial', owner: '1'};

test('a sealed text opens under its own key, use and owner only, and is never sealed the same way twice', t => {
	fc.assert(
		fc.property(fc.string({unit: 'binary'}), text => {
			const sealed = sealText(text, how);
			t.is(unsealText(sealed, how), text);
			t.notDeepEqual(sealText(text, how), sealed);
			for (const other of [{secretsKey: 'x'.repeat(48)}, {use: 'other'}, {owner: '2'}]) {
				t.throws(() => unsealText(sealed, {...how, ...other}));
			}
		}),
		{numRuns: 20},
	);
});

test('a byte that was changed is noticed, and the first one tells what is sealed from any text of a header', t => {
	const sealed = sealText('secret', how);

	for (let index = 1; index < sealed.length; index++) {
		const changed = Uint8Array.from(sealed);
		changed[index] = (changed[index] ?? 0) ^ 1;
		t.throws(() => unsealText(changed, how), undefined, String(index));
	}

	t.is(sealed[0], 1);
	t.true(sealText('', how).length >= 29);
});
