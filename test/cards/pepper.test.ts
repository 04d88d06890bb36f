import {createHmac} from 'node:crypto';
import test from 'ava';
import {makeRedemptionCode} from '../../src/cards/redemption-code.ts';
import {hashCode, pepperCheckValue} from '../../src/cards/pepper.ts';

const key = Buffer.alloc(32, 7);
const otherKey = Buffer.alloc(32, 8);
const code = makeRedemptionCode(bytes => Buffer.alloc(bytes, 3));

test('a code is stored as the HMAC-SHA-256 of its normalised form under the pepper', t => {
	t.deepEqual(hashCode(code, key), createHmac('sha256', key).update(code, 'utf8').digest());
	t.is(hashCode(code, key).length, 32);
});

test('another pepper, or another code, gives another hash', t => {
	t.notDeepEqual(hashCode(code, key), hashCode(code, otherKey));
	t.notDeepEqual(hashCode(code, key), hashCode(code.replace(/.$/, '_'), key));
});

test('a pepper is recognised by its check value, which is not the key and no code of ours', t => {
	t.deepEqual(pepperCheckValue(key), pepperCheckValue(Buffer.from(key)));
	t.notDeepEqual(pepperCheckValue(key), pepperCheckValue(otherKey));
	t.is(pepperCheckValue(key).length, 32);
	t.notDeepEqual(pepperCheckValue(key), key);
	t.notDeepEqual(pepperCheckValue(key), hashCode(code, key));
});
