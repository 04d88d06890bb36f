import {randomBytes} from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import {
	CODE_LENGTH_MAX,
	codeCandidates,
	codeFromSeed,
	formatCode,
	hasValidCheckCharacter,
	lastFour,
	makeRedemptionCode,
	maskCode,
	normaliseCode,
	normaliseForeignCode,
} from '../../src/cards/redemption-code.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRTVWXYZ';
const seed = Buffer.alloc(32, 'a seed');

const codes = fc.nat().map(index => codeFromSeed(seed, index));

/** A source of randomness that gives these bytes, whatever it is asked for, and then fails. */
function scripted(...bytes: readonly number[]): (count: number) => Buffer {
	const left = [...bytes];
	return count => {
		if (left.length === 0) {
			throw new Error('No randomness is left.');
		}

		return Buffer.from(left.splice(0, count));
	};
}

const withCharacter = (code: string, at: number, character: string) =>
	code.slice(0, at) + character + code.slice(at + 1);

test('a new code has 16 characters of the alphabet, a right check character, and is normalised', t => {
	for (let n = 0; n < 500; n++) {
		const code = makeRedemptionCode(randomBytes);
		t.regex(code, /^[0-9A-HJKMNPQRTVWXYZ]{16}$/);
		t.true(hasValidCheckCharacter(code));
		t.is(normaliseCode(code), code);
	}
});

test('every random byte below 248 stands for one character, eight bytes for each, and the others are thrown away', t => {
	const counts = new Map<string, number>();
	for (let byte = 0; byte < 256; byte++) {
		const code = makeRedemptionCode(scripted(byte, ...Array.from({length: 23}, () => 0), 0));
		const first = byte < 248 ? code.charAt(0) : 'thrown away';
		t.true(byte < 248 || code === '0'.repeat(16));
		counts.set(first, (counts.get(first) ?? 0) + 1);
	}

	t.deepEqual(
		counts,
		new Map([...Array.from(alphabet).map(character => [character, 8] as const), ['thrown away', 8]]),
	);
});

test('all 15 characters before the check character come from the random bytes, in order', t => {
	const code = makeRedemptionCode(scripted(...Array.from({length: 24}, (_, index) => index)));

	t.is(code.slice(0, 15), alphabet.slice(0, 15));
});

test('where too many bytes are thrown away, more are asked for', t => {
	const code = makeRedemptionCode(
		scripted(...Array.from({length: 24}, () => 255), ...Array.from({length: 24}, () => 1)),
	);

	t.is(code.slice(0, 15), '1'.repeat(15));
});

test('the check character is the one that we printed yesterday', t => {
	t.true(hasValidCheckCharacter('0000000000000000'));
	t.is(codeFromSeed(seed, 0), 'R7AH053CH4WTX684');
	t.is(codeFromSeed(seed, 9999), 'XH25TRK1T02EXTGH');
});

test('of all 31 last characters exactly one is right', t => {
	fc.assert(
		fc.property(codes, code => {
			const right = Array.from(alphabet).filter(character =>
				hasValidCheckCharacter(withCharacter(code, 15, character)),
			);
			t.deepEqual(right, [code.charAt(15)]);
		}),
	);
});

test('every single wrong character is detected, wherever it stands', t => {
	fc.assert(
		fc.property(codes, code => {
			for (let at = 0; at < 16; at++) {
				for (const character of alphabet) {
					t.is(hasValidCheckCharacter(withCharacter(code, at, character)), character === code.charAt(at));
				}
			}
		}),
		{numRuns: 20},
	);
});

test('every swap of two different characters is detected, neighbours or not', t => {
	fc.assert(
		fc.property(codes, code => {
			for (let i = 0; i < 16; i++) {
				for (let j = i + 1; j < 16; j++) {
					const swapped = withCharacter(withCharacter(code, i, code.charAt(j)), j, code.charAt(i));
					t.is(hasValidCheckCharacter(swapped), swapped === code);
				}
			}
		}),
		{numRuns: 50},
	);
});

test('what has not the form of our codes has no right check character', t => {
	const code = codeFromSeed(seed, 1);
	for (const other of [
		'',
		code.slice(1),
		`${code}0`,
		`0${code}`,
		formatCode(code),
		code.toLowerCase(),
		`${code}\n`,
		'O'.repeat(16),
	]) {
		t.false(hasValidCheckCharacter(other), other);
	}
});

test('a code is found however it was typed: case, spaces, dashes, invisible marks and look-alikes', t => {
	const typed = '0123456789ABCDEV';
	for (const text of [
		'0123-4567-89AB-CDEV',
		' 0123 4567 89ab cdev ',
		'0123\u00A04567\u202F89AB\tCDEV\n',
		'0123\u20134567\u201489AB\u2212CDEV',
		'\uFEFF0123\u200B4567\u00AD89AB\u2060CDEV\u200F',
		'o123-4567-89AB-CDEV',
		'OI23-4S67-89AB-CDEU',
		'ol23-4s67-89ab-cdeu',
	]) {
		t.is(normaliseCode(text), typed, JSON.stringify(text));
	}
});

test('normalising twice is normalising once, whatever was typed', t => {
	const texts = fc.oneof(fc.string({unit: 'binary'}), fc.stringMatching(/^[0-9A-Za-z \-\u2013\u00A0ßıſﬁ]*$/));
	fc.assert(
		fc.property(texts, text => {
			const own = normaliseCode(text);
			const foreign = normaliseForeignCode(text);
			t.is(normaliseCode(own), own);
			t.is(normaliseForeignCode(foreign), foreign);
		}),
		{numRuns: 1000},
	);
});

test('a printed code is read back, and no printed code needs a look-alike', t => {
	fc.assert(
		fc.property(codes, code => {
			const printed = formatCode(code);
			t.regex(printed, /^(?:[0-9A-HJKMNPQRTVWXYZ]{4}-){3}[0-9A-HJKMNPQRTVWXYZ]{4}$/);
			t.is(normaliseCode(printed), code);
			t.is(normaliseCode(printed.toLowerCase()), code);
		}),
	);
});

test('A15: the same seed and index give the same code, another seed other codes', t => {
	t.is(codeFromSeed(Buffer.from(seed), 41), codeFromSeed(seed, 41));
	t.not(codeFromSeed(Buffer.alloc(32, 'b'), 41), codeFromSeed(seed, 41));
});

test('A15: ten thousand codes of one run are all different and all right', t => {
	const run = Array.from({length: 10_000}, (_, index) => codeFromSeed(seed, index));

	t.is(new Set(run).size, 10_000);
	t.true(run.every(hasValidCheckCharacter));
});

test('codes of a run use every character in every place about equally often', t => {
	const counts = new Map<string, number>();
	for (let index = 0; index < 3100; index++) {
		Array.from(codeFromSeed(seed, index)).forEach((character, at) => {
			counts.set(`${at}${character}`, (counts.get(`${at}${character}`) ?? 0) + 1);
		});
	}

	// 100 expected with a deviation of 10: six deviations either way, and the seed is fixed, so this cannot fail by bad luck.
	t.is(counts.size, 16 * 31);
	t.true([...counts.values()].every(count => count > 40 && count < 160));
});

test('a run has a seed of at least 32 bytes and whole indices from 0', t => {
	t.is(codeFromSeed(seed, Number.MAX_SAFE_INTEGER).length, 16);
	t.throws(() => codeFromSeed(Buffer.alloc(31), 0), {
		instanceOf: RangeError,
		message: /at least 32 random bytes/,
	});
	for (const index of [-1, 0.5, NaN, Number.MAX_SAFE_INTEGER + 1]) {
		t.throws(() => codeFromSeed(seed, index), {instanceOf: RangeError, message: /Count from 0/});
	}
});

test('a code of ours with a wrong check character never reaches the database', t => {
	const code = codeFromSeed(seed, 2);
	const wrong = withCharacter(code, 3, code.startsWith('7', 3) ? '8' : '7');

	t.deepEqual(codeCandidates(formatCode(code).toLowerCase(), false), [code]);
	t.deepEqual(codeCandidates(formatCode(wrong), false), []);
	t.deepEqual(codeCandidates('', false), []);
	t.deepEqual(codeCandidates('SUMMER-2027', false), []);
});

test('a merchant with migrated cards also looks up what was typed as it is', t => {
	const code = codeFromSeed(seed, 3);

	t.deepEqual(codeCandidates(' summer-2027 ', true), ['SUMMER-2027']);
	t.deepEqual(codeCandidates(code, true), [code]);
	t.deepEqual(codeCandidates(formatCode(code), true), [code, formatCode(code)]);
});

test('a foreign code has 6 to 255 characters', t => {
	t.deepEqual(codeCandidates('ABCDE', true), []);
	t.deepEqual(codeCandidates('ABCDEF', true), ['ABCDEF']);
	t.is(codeCandidates('A'.repeat(CODE_LENGTH_MAX), true).length, 1);
	t.deepEqual(codeCandidates('A'.repeat(CODE_LENGTH_MAX + 1), true), []);
});

test('text much longer than any code is not even read', t => {
	const code = codeFromSeed(seed, 4);
	const spaced = (length: number) => code + ' '.repeat(length - code.length);

	t.deepEqual(codeCandidates(spaced(2 * CODE_LENGTH_MAX), false), [code]);
	t.deepEqual(codeCandidates(spaced(2 * CODE_LENGTH_MAX + 1), false), []);
});

test('foreign codes differ by their dots and dashes, not by their case or the spaces around them', t => {
	t.is(normaliseForeignCode(' ol-12.ab '), 'OL-12.AB');
	t.not(normaliseForeignCode('OL12AB'), normaliseForeignCode('OL-12AB'));
	t.is(formatCode('OL-12.AB'), 'OL-12.AB');
});

test('only four characters of a code are shown, and nothing of a PIN behind a dot', t => {
	t.is(lastFour('0123456789ABCDEV'), 'CDEV');
	t.is(lastFour('60361234.9F3AC1'), '1234');
	t.is(lastFour('12.9F3AC1'), '12');
	t.is(lastFour('.9F3AC1'), '');
	t.is(maskCode('CDEV'), '************CDEV');
});
