import test from 'ava';
import {messageOf} from '../../scripts/lib/run-command.ts';

test('what the database client says of a row is not printed, and its code is', t => {
	for (const name of ['PrismaClientKnownRequestError', 'DriverAdapterError']) {
		const error = Object.assign(new Error('Failing row contains (ann@example.com).'), {name, code: 'P2010'});

		t.regex(messageOf(error), new RegExp(`\\(${name} P2010\\)`));
		t.notRegex(messageOf(error), /ann@example/);
	}

	t.is(messageOf(new Error('There is no such card.')), 'There is no such card.');
});
