import {
	type Check,
	failed,
	type Finding,
	type Instruments,
	passed,
	type Patient,
	skipped,
	warning,
} from './check.ts';
import {type Answer, type Call, NoAnswerError, probe} from './probe.ts';

const search: Call = {method: 'POST', path: '/giftcards/_search', body: {client: {}, cart: {}}};
const card: Call = {method: 'GET', path: '/giftcards/monedero-doctor'};
// Nobody's, and of the kind that VTEX probes with.
const wrongPair = {
	'X-PROVIDER-API-AppKey': 'monedero-doctor',
	'X-PROVIDER-API-AppToken': 'not-a-token-of-anybody',
};

const replaced =
	'Let nothing between VTEX and Monedero replace its answers: no error pages, no log-in, no cache.';

/** What it answers, as VTEX would ask (Gift Card Provider Protocol, 2 and 3). */
export const answerChecks: readonly Check[] = [
	{
		id: 'reached',
		title: 'The service answers',
		needs: ['certificate'],
		run: asked(search, ({status}) =>
			[502, 503, 504].includes(status)
				? failed(
						`Something in front of it answers ${status}.`,
						'Start Monedero, and see that the proxy passes on to HOST:PORT.',
					)
				: passed('It answers.'),
		),
	},
	{
		id: 'missing',
		title: 'Missing credentials get an empty 401',
		needs: ['reached'],
		run: refusing(401, [
			[search, 'a search without credentials'],
			[card, 'a card without credentials'],
			[{...search, headers: {'X-PROVIDER-API-AppKey': 'monedero-doctor'}}, 'a search with an app key alone'],
		]),
	},
	{
		id: 'wrong',
		title: 'Wrong credentials get an empty 403',
		needs: ['reached'],
		run: refusing(403, [
			[{...search, headers: wrongPair}, 'a search with wrong credentials'],
			[{...card, headers: wrongPair}, 'a card with wrong credentials'],
		]),
	},
	{
		id: 'slash',
		title: 'A second slash changes nothing',
		needs: ['reached', 'wrong'],
		run: refusing(403, [
			[{...search, path: `/${search.path}`, headers: wrongPair}, 'a search behind two slashes (KI-669575)'],
		]),
	},
	{
		id: 'search',
		title: 'The right credentials may search',
		// Nothing that takes wrong ones, and nobody whose certificate is not trusted, is sent the right ones.
		needs: ['reached', 'wrong'],
		run: (patient, instruments) =>
			patient.keys === undefined
				? skipped('No credentials are at hand; --app-key gives some.')
				: asked({...search, headers: headersOf(patient)}, searchFinding)(patient, instruments),
	},
	{
		id: 'manifest',
		title: 'Everybody may read the manifest',
		needs: ['reached'],
		run: asked({method: 'GET', path: '/manifest'}, answer =>
			answer.status === 200 && Array.isArray(jsonOf(answer, 'paymentMethods'))
				? passed('/manifest answers.')
				: warning(
						`/manifest is answered ${describe(answer)}.`,
						`It is asked for where the cards are a payment method too. ${replaced}`,
					),
		),
	},
];

/** The headers of the pair that is at hand; none where there is none. */
export function headersOf({keys}: Pick<Patient, 'keys'>): Readonly<Record<string, string>> {
	return keys === undefined
		? {}
		: {'X-PROVIDER-API-AppKey': keys.appKey, 'X-PROVIDER-API-AppToken': keys.appToken};
}

/** The search that all of this is tried with. */
export const searchCall = (patient: Pick<Patient, 'keys'>): Call => ({
	...search,
	headers: headersOf(patient),
});

/** Ask, and judge the answer. */
export function asked(
	call: Call,
	judge: (answer: Answer, instruments: Instruments) => Finding,
): Check['run'] {
	return async ({serviceUrl}, instruments) => {
		try {
			return judge(await probe(serviceUrl, call, instruments), instruments);
		} catch (error) {
			return unanswered(error);
		}
	};
}

/** What is said where nobody answered. @throws what is another error */
export function unanswered(error: unknown): Finding {
	if (!(error instanceof NoAnswerError)) {
		throw error;
	}

	return failed(
		error.message,
		'See that the service runs and its proxy reaches it, and that the port is open to the internet.',
	);
}

/** Ask, and see that each call is refused with a status and an empty body: byte for byte, for VTEX looks at both. */
function refusing(expected: 401 | 403, calls: readonly (readonly [Call, string])[]): Check['run'] {
	return async (patient, instruments) => {
		for (const [call, what] of calls) {
			const finding = await asked(call, answer => refusalFinding(answer, expected, what))(
				patient,
				instruments,
			);
			if (finding.outcome !== 'passed') {
				return finding;
			}
		}

		return passed(`${expected} without a body.`);
	};
}

/** @param what - what was asked, as a part of a sentence */
export function refusalFinding(answer: Answer, expected: 401 | 403, what: string): Finding {
	const {status, body, headers} = answer;
	if (status === expected) {
		return body.length === 0
			? passed(`${expected} without a body.`)
			: failed(`It answers ${what} with ${status} and ${body.length} bytes, and VTEX wants none.`, replaced);
	}

	const found = `It answers ${what} with ${status}, and VTEX wants ${expected}.`;
	if (status >= 300 && status < 400) {
		return failed(
			`${found} That is a redirect${headers.location === undefined ? '' : ` to ${shown(headers.location)}`}, and VTEX follows none.`,
			'Register the address that needs no redirect; a proxy that merges slashes must pass them on instead.',
		);
	}

	if (status < 300) {
		return failed(
			`${found} VTEX may cancel the transactions of a provider that takes such calls.`,
			'See what stands at this address: a cache, or another service.',
		);
	}

	return failed(
		found,
		status === 404 ? `See that PUBLIC_URL and BASE_PATH lead to Monedero. ${replaced}` : replaced,
	);
}

function searchFinding(answer: Answer): Finding {
	const {status} = answer;
	if (status === 403) {
		return failed(
			'The credentials that were given are refused.',
			'See credentials:list: the key may be revoked, another merchant’s, or only a viewer’s, or the token a wrong one.',
		);
	}

	return status === 200 && Array.isArray(jsonOf(answer))
		? passed('A search is answered with a list.')
		: failed(`A search is answered ${describe(answer)}, and VTEX wants 200 with a list.`, replaced);
}

/** What an answer is, without repeating what is in it. */
function describe({status, headers, body}: Answer): string {
	return `${status} with ${body.length} bytes of ${shown(headers['content-type'] ?? 'no type')}`;
}

/** The body, or a member of it; undefined where it is no JSON. */
function jsonOf({body}: Answer, member?: string): unknown {
	try {
		const value = JSON.parse(body.toString()) as unknown;
		return member === undefined ? value : (value as Record<string, unknown> | null)?.[member];
	} catch {
		return undefined;
	}
}

/** What somebody else wrote into a header, without the query, which may hold a secret. */
const shown = (text: string) =>
	text
		.replaceAll(/[^\x20-\x7e]/g, '?')
		.replace(/[?#].*$/, '')
		.slice(0, 120);
