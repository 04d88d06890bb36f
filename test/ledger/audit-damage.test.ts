import anyTest, {type TestFn} from 'ava';
import {checks} from '../../src/ledger/audit.ts';
import {type HealthyBooks, openHealthyBooks} from '../helpers/audit.ts';
import {cardDamages} from './audit/card-damage.ts';
import {commandDamages} from './audit/command-damage.ts';
import {type Damages} from './audit/damage.ts';
import {holdDamages} from './audit/hold-damage.ts';
import {houseDamages} from './audit/house-damage.ts';
import {journalDamages} from './audit/journal-damage.ts';
import {lotDamages} from './audit/lot-damage.ts';
import {orderDamages} from './audit/order-damage.ts';
import {paymentDamages} from './audit/payment-damage.ts';
import {sealDamages} from './audit/seal-damage.ts';

const test = anyTest as TestFn<HealthyBooks>;

test.before(async t => {
	t.context = await openHealthyBooks();
});

test.after.always(async t => t.context.close());

const damages: Damages = {
	...journalDamages,
	...cardDamages,
	...lotDamages,
	...holdDamages,
	...commandDamages,
	...paymentDamages,
	...orderDamages,
	...houseDamages,
	...sealDamages,
};

// One after the other, by one connection.
for (const [name, kinds] of Object.entries(damages)) {
	for (const [what, problem, ...statements] of kinds) {
		test.serial(`${what} is found where this is not true any more: ${name}`, async t => {
			const {ok, checks: results} = await t.context.auditDamaged(statements);

			t.false(ok);
			const {findings} = results.find(check => check.name === name) ?? {findings: []};
			t.true(
				findings.some(finding => problem.test(finding.problem) && finding['merchant'] === 1),
				JSON.stringify(
					results.filter(check => !check.ok),
					undefined,
					1,
				),
			);
		});
	}
}

test('every check has been seen to find something', t => {
	t.deepEqual(
		Object.keys(damages),
		checks.map(({name}) => name),
	);
});
