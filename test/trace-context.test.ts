import test from 'ava';
import fc from 'fast-check';
import {beginUnrecorded, readTraceContext, traceHeaders} from '../src/trace-context.ts';

// The examples are those of https://www.w3.org/TR/trace-context/.

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const sampled = `00-${traceId}-${parentId}-01`;
const state = 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE';

test('a context is read as it was sent', t => {
	t.deepEqual(readTraceContext(sampled, state), {traceId, parentId, isSampled: true, state});
	t.like(readTraceContext(`00-${traceId}-${parentId}-00`, undefined), {isSampled: false, state: ''});
});

test('of the flags only the first counts', t => {
	t.true(readTraceContext(`00-${traceId}-${parentId}-ff`, undefined)?.isSampled);
	t.false(readTraceContext(`00-${traceId}-${parentId}-fe`, undefined)?.isSampled);
});

test('a later version is read by what this one knows of it', t => {
	t.like(readTraceContext(`cc-${traceId}-${parentId}-01-what-the-future-says`, undefined), {traceId});
	t.like(readTraceContext(`cc-${traceId}-${parentId}-01`, undefined), {traceId});
	t.is(readTraceContext(`cc-${traceId}-${parentId}-01.what`, undefined), undefined);
});

for (const [title, traceparent] of Object.entries({
	'no header': undefined,
	'the header twice': [sampled, sampled],
	'version ff': `ff-${traceId}-${parentId}-01`,
	'version 00 with more behind it': `${sampled}-more`,
	'a trace of zeros': `00-${'0'.repeat(32)}-${parentId}-01`,
	'a parent of zeros': `00-${traceId}-${'0'.repeat(16)}-01`,
	capitals: sampled.toUpperCase(),
	'a trace that is too short': `00-${traceId.slice(1)}-${parentId}-01`,
	'a letter that is no digit': `00-${traceId.slice(1)}g-${parentId}-01`,
	'no flags': `00-${traceId}-${parentId}`,
	'flags of one digit': `00-${traceId}-${parentId}-1`,
	'nothing in it': '',
	'blanks inside': `00 -${traceId}-${parentId}-01`,
})) {
	test(`${title}: there is no context, and nobody is refused for it`, t => {
		t.is(readTraceContext(traceparent, state), undefined);
	});
}

const long = 'x'.repeat(251);
const small = ['a', 'b', 'c', 'd', 'e'].map(key => `${key}=${'x'.repeat(120)}`).join(',');

for (const [title, tracestate, expected] of [
	['blanks around members go', ' rojo=1 ,\tcongo=2 ', 'rojo=1,congo=2'],
	['several headers are one list', ['rojo=1', 'congo=2'], 'rojo=1,congo=2'],
	['empty members are allowed', 'rojo=1,,congo=2', 'rojo=1,congo=2'],
	['a tenant at a vendor', '0tenant@vendor=1', '0tenant@vendor=1'],
	['a blank inside a value', 'rojo=a b', 'rojo=a b'],
	['a key twice', 'rojo=1,rojo=2', ''],
	['a key with a capital', 'Rojo=1', ''],
	['a key that begins with a digit', '1rojo=1', ''],
	['no value', 'rojo=', ''],
	['an equals sign in the value', 'rojo=1=2', ''],
	['a letter that is not ASCII', 'rojo=é', ''],
	['a line break', 'rojo=1\r\nX-Injected: 1', ''],
	['33 members', Array.from({length: 33}, (_, index) => `k${index}=1`).join(','), ''],
	['512 characters', `a=${long},b=${long},c=12`, `a=${long},b=${long},c=12`],
	['of more than 512 characters the large members go', `a=${long},b=${long},c=123`, `a=${long},c=123`],
	['and then the last ones', `${small},z=1`, small.split(',').slice(0, 4).join(',')],
] as const) {
	test(`tracestate: ${title}`, t => {
		const given = typeof tracestate === 'string' ? tracestate : [...tracestate];
		t.is(readTraceContext(sampled, given)?.state, expected);
	});
}

test('what is read is written as it came', t => {
	const context = readTraceContext(sampled, state);

	t.deepEqual(context && traceHeaders(context), {traceparent: sampled, tracestate: state});
	t.deepEqual(context && traceHeaders({...context, state: '', isSampled: false}), {
		traceparent: `00-${traceId}-${parentId}-00`,
	});
});

test('whatever is sent, what is passed on fits in a header and is read the same by the next', t => {
	fc.assert(
		fc.property(fc.string({maxLength: 80}), fc.string({maxLength: 80}), (parent, members) => {
			for (const traceparent of [parent, sampled]) {
				const context = readTraceContext(traceparent, members);
				if (context !== undefined) {
					const {traceparent: again, tracestate} = traceHeaders(context);
					t.deepEqual(readTraceContext(again, tracestate), context);
					t.regex(tracestate ?? '', /^[\x20-\x7e]*$/);
				}
			}
		}),
	);
});

test('a trace that nobody records has a number of its own, which the other side may use', t => {
	const [one, other] = [beginUnrecorded('callback'), beginUnrecorded('callback')];

	t.not(one.traceId, other.traceId);
	t.like(readTraceContext(one.headers['traceparent'], undefined), {traceId: one.traceId, isSampled: false});
});
