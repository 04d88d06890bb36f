import {z} from 'zod';
import {openEndpoint, type OpenEndpoint} from '../endpoint.ts';
import {ProtocolError} from '../protocol-error.ts';
import {type AuthorizationParts} from './parts.ts';

const noParams = z.object({});
// Visible ASCII: it is a name among programs, and becomes a part of the app key.
const applicationId = z
	.string()
	.regex(/^[\x21-\x7e]{1,100}$/, 'must be 1 to 100 visible ASCII characters without spaces');
const secretText = z.string().min(1, 'is missing').max(200, 'is longer than 200 characters');

/** The query of an address that belongs to a sign-up, each parameter once. */
export const authorizationQuery = {
	redirect: z.object({applicationId, token: secretText}),
	credentials: z.object({applicationId, authorizationCode: secretText}),
};

/** The fields of the form, for the published document. */
export const signUpForm = authorizationQuery.redirect
	.extend({name: z.string(), password: z.string()})
	.meta({id: 'SignUpForm'});

const exampleReturnUrl = 'https://lojamonedero.myvtex.com/admin/affiliations/return';

/** The first step: VTEX asks for the token with which the browser will come (Payment Provider Protocol, 12). */
const createToken = openEndpoint(
	{
		method: 'post',
		path: '/authorization/token',
		summary: 'Begin the sign-up of a merchant.',
		access: 'open',
		params: noParams,
		body: z
			.looseObject({
				applicationId: applicationId.describe('Who asks for credentials, as the admin is shown it.'),
				returnUrl: z
					.string()
					.max(2000, 'is longer than 2000 characters')
					.describe(
						"Where the browser goes in the end, with the code right behind it. HTTPS, on a host of VTEX's or one that RETURN_HOSTS lists.",
					),
			})
			.meta({id: 'SignUpRequest'}),
		reply: z.object({applicationId: z.string(), token: z.string()}).meta({id: 'SignUpToken'}),
		documented: {
			operationId: 'beginSignUp',
			statuses: {429: '`too_many_sign_ups`: too many were begun from this address.'},
			example: {
				body: {applicationId: 'vtex', returnUrl: `${exampleReturnUrl}?authorizationCode=`},
				reply: {applicationId: 'vtex', token: 'sXw2bD7fPq0mT5hJ9kLcVn4R'},
			},
		},
	},
	async ({signUps, mayReturn, clock}: AuthorizationParts, {body, address}) => {
		const returnUrl = plainUrl(body.returnUrl);
		if (returnUrl === undefined || !mayReturn(returnUrl)) {
			throw new ProtocolError(
				400,
				'return_url_not_allowed',
				"returnUrl must be an https address of VTEX's, or of a host that RETURN_HOSTS lists.",
			);
		}

		const request = {applicationId: body.applicationId, returnUrl, address};
		const begun = await signUps.begin(request, new Date(clock()));
		if (begun.kind === 'tooMany') {
			const {retryAfterSeconds} = begun;
			throw new ProtocolError(
				429,
				'too_many_sign_ups',
				`Too many sign-ups were begun from this address. Try again in ${retryAfterSeconds} seconds.`,
				{retryAfterSeconds},
			);
		}

		return {headers: notStored, body: {applicationId: body.applicationId, token: begun.token}};
	},
);

/** The last step: VTEX exchanges the code that the browser has brought. */
const getCredentials = openEndpoint(
	{
		method: 'get',
		path: '/authorization/credentials',
		summary: 'Exchange an authorization code for credentials, once.',
		access: 'open',
		params: noParams,
		body: z.undefined(),
		reply: z
			.object({applicationId: z.string(), appKey: z.string(), appToken: z.string()})
			.meta({id: 'SignUpCredentials'}),
		documented: {
			operationId: 'completeSignUp',
			query: authorizationQuery.credentials,
			statuses: {
				400: '`authorization_code_not_valid`: unknown, used, too old, or of another `applicationId`.',
			},
			example: {
				reply: {applicationId: 'vtex', appKey: 'lojamonedero-x7k2', appToken: 'token-of-this-sign-up'},
			},
		},
	},
	async ({signUps, clock}: AuthorizationParts, {query}) => {
		const asked = authorizationQuery.credentials.safeParse(query);
		const credential =
			asked.data &&
			(await signUps.complete(
				{applicationId: asked.data.applicationId, code: asked.data.authorizationCode},
				new Date(clock()),
			));
		if (asked.data === undefined || credential === undefined) {
			throw new ProtocolError(
				400,
				'authorization_code_not_valid',
				'This authorizationCode is unknown, used, too old, or of another applicationId. Begin the sign-up again.',
			);
		}

		return {headers: notStored, body: {applicationId: asked.data.applicationId, ...credential}};
	},
);

/** The steps of the configuration flow that answer JSON. */
export const authorizationEndpoints: readonly OpenEndpoint<AuthorizationParts>[] = [
	createToken,
	getCredentials,
];

const notStored = {'Cache-Control': 'no-store'};

/** As a browser reads it, which is how it is checked, kept and sent: a code at its end cannot change its host. */
function plainUrl(text: string): string | undefined {
	return URL.canParse(text) ? new URL(text).href : undefined;
}
