import test from 'ava';
import fc from 'fast-check';
import {DigestMap, type Pair} from '../../src/bulk/digest-map.ts';

const word = fc.integer({min: 0, max: 2 ** 32 - 1});
const pair = fc.tuple(word, word);

test('it remembers what a map remembers, over any texts, also when texts come again', t => {
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.string(), pair), {maxLength: 300}), entries => {
			const [digests, map] = [new DigestMap(), new Map<string, Pair>()];
			for (const [text, value] of entries) {
				digests.set(text, value);
				map.set(text, value);
			}

			return [...map].every(([text, [high, low]]) => {
				const found = digests.get(text);
				return found?.[0] === high && found[1] === low;
			});
		}),
	);
	t.pass();
});

test('it grows far beyond its first size, and knows nothing else', t => {
	const digests = new DigestMap();
	const count = 20_000;
	for (let index = 0; index < count; index++) {
		digests.set(`text ${index}`, [index, count - index]);
	}

	for (let index = 0; index < count; index++) {
		t.deepEqual(digests.get(`text ${index}`), [index, count - index]);
		t.is(digests.get(`other ${index}`), undefined);
	}
});
