import {isPublic, type Resolve} from '../../callbacks/addresses.ts';
import {serviceUrlProblems, withoutUser} from '../hub/service-url.ts';
import {type Check, failed, type Finding, passed, skipped, warning} from './check.ts';
import {type Handshake, NoAnswerError, shakeHands} from './probe.ts';

const dayMs = 86_400_000;
// Those who renew by themselves do so a month before the end; whoever is later than that has a broken clockwork.
const daysMin = 14;

const elsewhere =
	'If other machines reach it, it is this one that cannot: try it from outside with curl, or run the doctor there.';

/** What can be told of an address before anything is sent to it. */
export const addressChecks: readonly Check[] = [
	{
		id: 'address',
		title: 'The address is one for VTEX',
		run({serviceUrl, isSimulated}) {
			const problems = serviceUrlProblems(serviceUrl, {isSimulated});
			const shown = withoutUser(serviceUrl);
			const worst = problems.some(({weight}) => weight === 'failed') ? failed : warning;
			return problems.length === 0
				? passed(`${shown}: https, a domain, a path, no slash at its end.`)
				: worst(
						`${shown}: ${problems.map(({problem}) => problem).join(' ')}`,
						isSimulated && worst === warning
							? 'It does for a VTEX that is simulated on this machine.'
							: problems.map(({advice}) => advice).join(' '),
					);
		},
	},
	{
		id: 'dns',
		title: 'Its name leads to the internet',
		needs: ['address'],
		run: ({serviceUrl, isSimulated}, {resolve}) =>
			isSimulated ? skipped('VTEX is simulated on this machine.') : dnsFinding(new URL(serviceUrl), resolve),
	},
	{
		id: 'tls',
		title: 'TLS 1.2 or later is spoken',
		needs: ['dns'],
		run: (patient, instruments) =>
			isSecure(patient)
				? handshakeFinding(async () => {
						const {protocol} = await shakeHands(patient.serviceUrl, instruments);
						return (await speaksOlder(() => shakeHands(patient.serviceUrl, instruments, 'TLSv1.2')))
							? passed(`${protocol}, and TLS 1.2 for who has nothing newer.`)
							: warning(
									`${protocol}, and nothing older.`,
									'Allow TLS 1.2 too, which is what VTEX documents: ssl_protocols TLSv1.2 TLSv1.3.',
								);
					})
				: skipped('It is plain http.'),
	},
	{
		id: 'certificate',
		title: 'The certificate is trusted',
		needs: ['tls'],
		run: (patient, instruments) =>
			isSecure(patient)
				? handshakeFinding(async () =>
						certificateFinding(await shakeHands(patient.serviceUrl, instruments), instruments.now()),
					)
				: skipped('It is plain http.'),
	},
];

const isSecure = ({serviceUrl}: {readonly serviceUrl: string}) => serviceUrl.startsWith('https:');

/** Addresses behind a name. VTEX may take any of them, so each has to be on the internet. */
async function dnsFinding({hostname}: URL, resolve: Resolve): Promise<Finding> {
	const {problem, addresses} = await new Promise<{problem: string | null; addresses: string[]}>(done => {
		resolve(hostname, {all: true}, (error, found) => {
			done(
				error === null
					? {problem: null, addresses: found.map(({address}) => address)}
					: {problem: error.code ?? 'unknown error', addresses: []},
			);
		});
	});
	const hidden = addresses.filter(address => !isPublic(address)).sort();
	if (addresses.length === 0) {
		return failed(
			`${hostname} leads nowhere (${problem ?? 'no address'}).`,
			'Make an A or AAAA record for it, and wait until it is known.',
		);
	}

	return hidden.length === 0
		? passed(`${hostname} is ${addresses.toSorted().join(', ')}.`)
		: failed(
				`${hostname} is ${hidden.join(', ')}, which is no address of the internet.`,
				`Let its records name public addresses only. ${elsewhere}`,
			);
}

async function speaksOlder(shake: () => Promise<Handshake>): Promise<boolean> {
	try {
		await shake();
		return true;
	} catch (error) {
		if (error instanceof NoAnswerError) {
			return false;
		}

		throw error;
	}
}

async function handshakeFinding(work: () => Promise<Finding>): Promise<Finding> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof NoAnswerError)) {
			throw error;
		}

		return /^(?:ERR_SSL|EPROTO|CLOSED|ECONNRESET)/.test(error.code)
			? failed(
					`TLS could not be agreed on (${error.code}).`,
					'Serve https at this port, with TLS 1.2 or later: ssl_protocols TLSv1.2 TLSv1.3.',
				)
			: failed(error.message, `Start the service and its proxy, and open the port. ${elsewhere}`);
	}
}

/** @param now - in milliseconds */
export function certificateFinding({distrust, validTo}: Handshake, now: number): Finding {
	if (distrust !== null) {
		const [found, advice] = distrusts[distrust] ?? [
			`It is not trusted (${distrust}).`,
			'Have a certificate of an authority that everybody trusts.',
		];
		return failed(found, advice);
	}

	const days = Math.floor((validTo - now) / dayMs);
	return days < daysMin
		? warning(
				`It ends in ${days} ${days === 1 ? 'day' : 'days'}.`,
				'Renew it, and see why that did not happen by itself.',
			)
		: passed(`It is trusted, and valid for ${days} days more.`);
}

const missingLink: readonly [string, string] = [
	'Its chain ends before an authority that is known: an intermediate certificate is missing, or the authority is one of your own.',
	'Serve the full chain (fullchain.pem, not cert.pem).',
];
const selfSigned: readonly [string, string] = [
	'It is signed by itself or by an authority of your own.',
	'Have a certificate of an authority that everybody trusts, such as Let’s Encrypt.',
];

/** By what Node calls it: what that means, and what to do. */
const distrusts: Readonly<Record<string, readonly [found: string, advice: string]>> = {
	CERT_HAS_EXPIRED: ['It has expired.', 'Renew it.'],
	CERT_NOT_YET_VALID: ['It is not valid yet.', 'See that the clocks are right, or have another one.'],
	DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
	SELF_SIGNED_CERT_IN_CHAIN: selfSigned,
	UNABLE_TO_GET_ISSUER_CERT: missingLink,
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: missingLink,
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: missingLink,
	ERR_TLS_CERT_ALTNAME_INVALID: [
		'It is for another name.',
		'Have one that names this domain, and see that the proxy serves it for this name.',
	],
};
