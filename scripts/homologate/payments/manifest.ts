import {type Check, Failure} from '../check.ts';
import {expectThat, isObject, type Members, objectOf, shown} from '../expect.ts';
import {type Answer} from '../wire.ts';
import {suiteHeader} from './gateway.ts';
import {knownMethods} from './offer.ts';
import {type PaymentsRig} from './rig.ts';

const splits = ['onAuthorize', 'onCapture', 'disabled'];
const fieldTypes = ['text', 'password', 'select'];

/** What the provider says of itself (Payment Provider Protocol, 4). */
export const manifestChecks: readonly Check<PaymentsRig>[] = [
	{
		id: 'P01',
		title: 'The manifest is served without credentials, and lists payment methods',
		why: 'VTEX reads it before a merchant has any credentials; the methods in it decide which conditions the merchant can set up, and which tests the suite runs.',
		async run(rig) {
			const answer = await askManifest(rig);
			expectThat(isJson(answer), 'the manifest as application/json', contentTypeOf(answer));
			expectThat(answer.ms < rig.answerMs, `the manifest within ${rig.answerMs} ms`, `${answer.ms} ms`);
			const methods = methodsOf(answer);
			expectThat(methods.length > 0, 'at least one entry in paymentMethods', answer);
			for (const method of methods) {
				const isWhole = typeof method['name'] === 'string' && method['name'] !== '';
				expectThat(isWhole, 'a name in every entry of paymentMethods', shown(method));
				expectThat(
					splits.includes(String(method['allowsSplit'])),
					`allowsSplit as one of ${splits.join(', ')}`,
					shown(method),
				);
			}
		},
	},
	{
		id: 'P32',
		title: 'The manifest spells the methods as VTEX does, and its other members have their types',
		why: 'VTEX compares names letter by letter, so "visa" is a method that nobody can choose; a delay that is a number, or a setting of unknown type, breaks the page on which merchants set the provider up.',
		async run(rig) {
			const answer = await askManifest(rig);
			methodsOf(answer).forEach(({name}) => {
				const meant = knownMethods.find(known => known.toLowerCase() === String(name).toLowerCase());
				expectThat(
					meant === undefined || knownMethods.includes(String(name)),
					`the name spelled ${shown(meant)}`,
					shown(name),
				);
			});
			const {customFields, autoSettleDelay, metadataFields} = objectOf(answer);
			expectFields(customFields ?? []);
			if (autoSettleDelay !== undefined && autoSettleDelay !== null) {
				const isWhole =
					isObject(autoSettleDelay) && ['minimum', 'maximum'].every(end => isHours(autoSettleDelay[end]));
				expectThat(
					isWhole,
					'autoSettleDelay with minimum and maximum as texts of whole hours',
					shown(autoSettleDelay),
				);
			}

			expectThat(
				isMetadata(metadataFields ?? []),
				'at most 3 metadataFields, each a text of at most 20 characters',
				shown(metadataFields),
			);
		},
	},
];

async function askManifest({wire}: PaymentsRig): Promise<Answer> {
	return wire.send('GET', '/manifest', {credentials: 'none', headers: suiteHeader});
}

function methodsOf(answer: Answer): readonly Members[] {
	const {paymentMethods} = objectOf(answer, 'to GET /manifest without credentials');
	if (!Array.isArray(paymentMethods) || !paymentMethods.every(isObject)) {
		throw new Failure('a list of objects as paymentMethods', shown(paymentMethods));
	}

	return paymentMethods;
}

function expectFields(fields: unknown): void {
	if (!Array.isArray(fields)) {
		throw new Failure('a list as customFields', shown(fields));
	}

	for (const field of fields as readonly unknown[]) {
		const isWhole =
			isObject(field) &&
			typeof field['name'] === 'string' &&
			fieldTypes.includes(String(field['type'])) &&
			(field['type'] !== 'select' || isOptions(field['options']));
		expectThat(
			isWhole,
			`a name and a type of ${fieldTypes.join(', ')} in every entry of customFields, a select with options of text and value`,
			shown(field),
		);
	}
}

function isOptions(options: unknown): boolean {
	return (
		Array.isArray(options) &&
		options.every(one => isObject(one) && typeof one['text'] === 'string' && typeof one['value'] === 'string')
	);
}

function isHours(text: unknown): boolean {
	return typeof text === 'string' && /^\d+$/.test(text);
}

function isMetadata(fields: unknown): boolean {
	return (
		Array.isArray(fields) &&
		fields.length <= 3 &&
		fields.every(field => typeof field === 'string' && field.length <= 20)
	);
}

export function isJson(answer: Answer): boolean {
	return /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentTypeOf(answer));
}

export function contentTypeOf({headers}: Answer): string {
	return headers['content-type'] ?? 'no Content-Type';
}
