import test from 'ava';
import {openLog} from '../../src/http/log.ts';
import {keepLines} from '../helpers/log.ts';

function collect() {
	const {write, lines} = keepLines();
	return {log: openLog('info', {write}), lines};
}

test('what has the name of a secret is blacked out, whoever logs it', t => {
	const {log, lines} = collect();
	const names = [
		'appToken',
		'token',
		'password',
		'pin',
		'redemptionCode',
		'document',
		'email',
		'body',
		'headers',
		'client',
	];
	for (const name of names) {
		log.info({[name]: 'the secret'}, 'Careless');
	}

	t.is(lines.length, names.length);
	t.true(lines.every(line => line.includes('[redacted]') && !line.includes('the secret')));
});

test('an error is logged by its name, message and place; what hangs on it is not', t => {
	const {log, lines} = collect();

	log.error(
		{error: Object.assign(new RangeError('Too far'), {body: 'the secret', detail: 'the secret'})},
		'Failed',
	);

	t.like(JSON.parse(lines[0] ?? ''), {error: {name: 'RangeError', message: 'Too far'}, msg: 'Failed'});
	t.false(lines[0]?.includes('the secret'));
});

test('below its level nothing is logged', t => {
	const {log, lines} = collect();

	log.debug('Unheard');

	t.deepEqual(lines, []);
});
