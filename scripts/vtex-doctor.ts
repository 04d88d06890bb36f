import {type ProviderKeys} from '../src/assemble-setup.ts';
import {findVtexAccess, type KeyPurpose, keyPurposes, type VtexAccess} from '../src/merchants/vtex-keys.ts';
import {type Context, defineCommand} from './lib/command.ts';
import {counted} from './lib/counted.ts';
import {collect, countOf, printDiagnoses} from './lib/diagnosis-output.ts';
import {askProviderToken} from './lib/provider-keys.ts';
import {runAsScript} from './lib/run-command.ts';

export const vtexDoctor = defineCommand({
	name: 'vtex:doctor',
	summary:
		'Look at our public address as VTEX would, and at what the keys of its account may do; exit code 1 where something would not work.',
	details: [
		'It asks what VTEX asks: the name, TLS and its certificate, missing and wrong credentials byte for byte, a second slash, how fast it is ' +
			'(VTEX gives a card up after 1.5 s and a payment after 5 s). It changes nothing, and works while the service runs and when it does not.',
		'With --app-key the right credentials are tried as well; the app token is asked for, or read from the first line of standard input. They are ' +
			'sent only where the certificate is trusted and wrong ones are refused.',
		'It looks from this machine. Where the network leads its own name elsewhere, run it outside.',
	],
	flags: {
		'service-url': {
			type: 'text',
			placeholder: 'URL',
			description: 'The address that VTEX calls; without it PUBLIC_URL and BASE_PATH.',
		},
		'app-key': {
			type: 'text',
			placeholder: 'K',
			description: 'An app key of ours that should work; without it only wrong credentials are tried.',
		},
	},
	changes: false,
	examples: ['', '--json', '--app-key acme-4f1d2c3b4a59'],
	async run(context, {'service-url': typed, 'app-key': appKey}) {
		const {parts, print} = context;
		const {doctor, hub, limits, providerId} = parts.setup;
		const serviceUrl = typed ?? parts.setup.serviceUrl;
		const keys: ProviderKeys | undefined =
			appKey === undefined ? undefined : {appKey, appToken: await askProviderToken(appKey)};
		const accesses = await accessesOf(context);
		const isSimulated = accesses.some(([, {url}]) => url !== null);
		const found = [
			...(await collect(context, doctor.address({serviceUrl, isSimulated, keys}), print.value)),
			...(await collect(context, doctor.keys({hub, limits, providerId, serviceUrl, accesses}), print.value)),
		];
		printDiagnoses(print, found);
		const failures = countOf(found, 'failed');
		const warnings = countOf(found, 'warning');
		if (failures > 0) {
			throw new Error(
				`${counted(failures, 'thing')} would not work with VTEX; ${counted(warnings, 'warning')}.`,
			);
		}

		print.line(
			warnings === 0
				? print.styled('green', '\nAll of it works.')
				: print.styled('yellow', `\nIt works, with ${counted(warnings, 'warning')}.`),
		);
	},
});

async function accessesOf({parts, merchant}: Context): Promise<(readonly [KeyPurpose, VtexAccess])[]> {
	const found: (readonly [KeyPurpose, VtexAccess])[] = [];
	for (const purpose of Object.keys(keyPurposes) as KeyPurpose[]) {
		const access = await findVtexAccess(parts, merchant, purpose);
		if (access !== undefined) {
			found.push([purpose, access]);
		}
	}

	return found;
}

await runAsScript(import.meta.url, vtexDoctor);
