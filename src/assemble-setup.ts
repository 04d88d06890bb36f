import {type Config} from './config.ts';
import {type Diagnosis, type KeyRing, type Patient} from './vtex/doctor/check.ts';
import {type Doctor, openDoctor} from './vtex/doctor/doctor.ts';
import {type Hub, openHub} from './vtex/hub/client.ts';
import {type ListedProvider, type ProviderKeys} from './vtex/hub/contracts.ts';
import {
	type Difference,
	differencesOf,
	entryOf,
	type HubProvider,
	isNative,
	isSameHost,
	isSameId,
	nativeId,
	wantedEntry,
} from './vtex/hub/entry.ts';
import {
	isRegistered,
	type Outcome,
	type ProofLimits,
	proveSearch,
	register,
	unregister,
} from './vtex/hub/register.ts';
import {serviceUrlProblems} from './vtex/hub/service-url.ts';
import {requestLimits} from './vtex/orders/request.ts';

/** How Monedero is made known to a store's VTEX account, for commands. */
export type VtexSetup = {
	/** Our id in a Hub. */
	readonly providerId: string;
	/** The address for VTEX: PUBLIC_URL and BASE_PATH. */
	readonly serviceUrl: string;
	readonly hub: Hub;
	readonly doctor: Doctor;
	readonly limits: KeyRing['limits'];
	readonly proof: ProofLimits;
};

// A process that has just looked for new credentials looks again a second later.
const proof: ProofLimits = {attempts: 3, waitMs: 1200};

export function setupOf({
	providerId,
	publicUrl,
	basePath,
}: Pick<Config, 'providerId' | 'publicUrl' | 'basePath'>): VtexSetup {
	const serviceUrl = publicUrl + basePath;
	return {providerId, serviceUrl, hub: openHub(), doctor: openDoctor(), limits: requestLimits, proof};
}

export {
	differencesOf,
	entryOf,
	isNative,
	isRegistered,
	isSameHost,
	isSameId,
	nativeId,
	proveSearch,
	register,
	serviceUrlProblems,
	unregister,
	wantedEntry,
};
export type {Diagnosis, Difference, HubProvider, ListedProvider, Outcome, Patient, ProviderKeys};
