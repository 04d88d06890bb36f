import test from 'ava';
import fc from 'fast-check';
import {createResponseReader, UnreadableAnswerError} from '../../scripts/bench/response-reader.ts';

const answer = (status: number, body: string): string =>
	`HTTP/1.1 ${status} Reason\r\nContent-Type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/** Feeds the text cut into pieces, each in the same reused buffer, as a socket with `onread` does. */
function statusesOf(text: string, cuts: readonly number[]): number[] {
	const statuses: number[] = [];
	const read = createResponseReader(status => statuses.push(status));
	const buffer = Buffer.alloc(4096, '\r\n\r\n');
	const bounds = [0, ...[...cuts].sort((a, b) => a - b), text.length];
	for (let i = 1; i < bounds.length; i++) {
		read(buffer, buffer.write(text.slice(bounds[i - 1], bounds[i]), 'latin1'));
	}

	return statuses;
}

test('an answer that arrives whole is read with its status', t => {
	t.deepEqual(statusesOf(answer(200, '{"id":"x"}'), []), [200]);
});

test('answers are the same wherever the network cuts them', t => {
	const text = [
		answer(200, '{"a":"\r\n\r\n"}'),
		answer(401, ''),
		'HTTP/1.1 204 No\r\nA: b\r\n\r\n',
		answer(503, '{}'),
	].join('');

	fc.assert(
		fc.property(fc.array(fc.nat(text.length), {maxLength: 12}), cuts => {
			t.deepEqual(statusesOf(text, cuts), [200, 401, 204, 503]);
		}),
	);
});

test('an answer is not reported before its last byte', t => {
	const text = answer(200, '{"id":"x"}');

	t.deepEqual(statusesOf(text.slice(0, -1), []), []);
});

test('an answer without a length is refused rather than measured wrongly', t => {
	t.throws(
		() => statusesOf('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n', []),
		{
			instanceOf: UnreadableAnswerError,
		},
	);
});

test('bytes that are no HTTP answer are refused', t => {
	t.throws(() => statusesOf('SSH-2.0-OpenSSH_9.2 content-length: 3\r\n\r\n', []), {
		instanceOf: UnreadableAnswerError,
	});
});

test('a head that never ends is refused', t => {
	const read = createResponseReader(() => undefined);
	const junk = Buffer.alloc(40_000, 'x');

	read(junk, junk.length);
	t.throws(
		() => {
			read(junk, junk.length);
		},
		{instanceOf: UnreadableAnswerError},
	);
});
