import {type Check, Failure, Skip} from '../check.ts';
import {described, expectThat, isObject, objectOf, textMember} from '../expect.ts';
import {type Answer} from '../wire.ts';
import {newId} from './bodies.ts';
import {suiteHeader} from './gateway.ts';
import {type PaymentsRig} from './rig.ts';

const applicationId = 'vtex';

/** Where VTEX's Admin wants its browser back; the code is put behind it. */
export const vtexReturnUrl = 'https://vtex.myvtex.com/admin/provider-return?authorizationCode=';

/** How a merchant gets credentials (Payment Provider Protocol, 12). VTEX has none yet, so none are sent. */
export const signUpChecks: readonly Check<PaymentsRig>[] = [
	{
		id: 'P30',
		title: 'The sign-up gives a token and a page, and hands credentials to nobody who was not agreed with',
		why: "The page is what a merchant sees first, from within VTEX's Admin. Who answers a code that nobody was given gives the store away.",
		async run(rig) {
			const token = await askToken(rig);
			const page = await rig.wire.send('GET', redirectPath(token), {
				credentials: 'none',
				headers: {Accept: 'text/html'},
			});
			const isPage = page.status === 200 || (page.status >= 300 && page.status < 400);
			expectThat(isPage, 'a page or a redirect to one, to GET /authorization/redirect', page);
			const location = page.headers.location ?? '';
			expectThat(
				!/authorizationCode=[^&]+/i.test(location),
				'a person to be asked first',
				'an authorization code at once',
			);
			expectNoCredentials(
				await askCredentials(rig, newId()),
				'to an authorizationCode that nobody was given',
			);
			expectNoCredentials(await askCredentials(rig, token), 'to the token in place of a code');
		},
	},
	{
		id: 'P53',
		title: 'An authorization code gives credentials once',
		why: 'The code goes through the address of a browser, so it stands in histories and logs. Who finds it there must not get credentials for it.',
		async run(rig) {
			const {signUpCode, url} = rig.options;
			if (signUpCode === undefined) {
				const token = await askToken(rig);
				throw new Skip(
					`This needs a person: open ${url}${redirectPath(token)}, agree, and pass what stands behind authorizationCode= in the address that the page leads to as --sign-up-code.`,
				);
			}

			const first = await askCredentials(rig, signUpCode);
			const given = objectOf(first, 'to GET /authorization/credentials');
			for (const name of ['applicationId', 'appKey', 'appToken']) {
				rig.wire.keepSecret(textMember(given, name));
			}

			expectNoCredentials(await askCredentials(rig, signUpCode), 'to the same authorizationCode again');
		},
	},
];

/** @throws Skip where there is no sign-up, which is optional; Failure where it gives no token */
async function askToken({wire, options}: PaymentsRig): Promise<string> {
	const answer = await wire.send('POST', '/authorization/token', {
		body: {applicationId, returnUrl: options.signUpReturnUrl ?? vtexReturnUrl},
		credentials: 'none',
		headers: suiteHeader,
	});
	if ([401, 403, 404, 405, 501].includes(answer.status)) {
		throw new Skip(
			`The provider has no sign-up, which is optional: POST /authorization/token is answered ${answer.status}.`,
		);
	}

	const members = objectOf(answer, 'to POST /authorization/token');
	expectThat(members['applicationId'] === applicationId, `the applicationId "${applicationId}"`, answer);
	return textMember(members, 'token');
}

function redirectPath(token: string): string {
	return `/authorization/redirect?${new URLSearchParams({applicationId, token}).toString()}`;
}

async function askCredentials({wire}: PaymentsRig, authorizationCode: string): Promise<Answer> {
	const query = new URLSearchParams({applicationId, authorizationCode}).toString();
	return wire.send('GET', `/authorization/credentials?${query}`, {credentials: 'none', headers: suiteHeader});
}

function expectNoCredentials(answer: Answer, after: string): void {
	const given = isObject(answer.json) && ('appKey' in answer.json || 'appToken' in answer.json);
	if (given || answer.status < 400 || answer.status >= 500) {
		throw new Failure(
			`400, and no credentials, ${after}`,
			given ? `${answer.status} and credentials` : described(answer),
		);
	}
}
