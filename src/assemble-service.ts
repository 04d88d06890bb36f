import Router from '@koa/router';
import {openAdmins} from './admins/admins.ts';
import {openSignUps} from './admins/sign-ups.ts';
import {type Parts, publicUrlOf} from './assemble.ts';
import {paymentParts} from './assemble-payments.ts';
import {askParts, type Telemetry} from './assemble-telemetry.ts';
import {type HostRules, mayReturn} from './callbacks/hosts.ts';
import {runCallbacks} from './callbacks/loop.ts';
import {openCardCreation} from './cards/create.ts';
import {openCardReader} from './cards/read.ts';
import {openCardTransactions} from './cards/transactions.ts';
import {type Config} from './config.ts';
import {type ErrandLoop} from './errands.ts';
import {openAdmission} from './http/admission.ts';
import {createApp} from './http/app.ts';
import {mount, mountOpen} from './http/contract.ts';
import {docs} from './http/docs.ts';
import {watchInFlight} from './http/in-flight.ts';
import {type Log} from './http/log.ts';
import {openApiDocument} from './http/openapi.ts';
import {metricsRoute} from './http/metrics.ts';
import {orderHookRoute, type OrderHookParts} from './http/order-hook.ts';
import {type HttpServer} from './http/server.ts';
import {type State} from './http/state.ts';
import {jobs} from './jobs/jobs.ts';
import {type Loop, startJobs} from './jobs/loop.ts';
import {openRest} from './jobs/rest.ts';
import {openCredentialCheck} from './merchants/credential-check.ts';
import {type Credential} from './merchants/credentials.ts';
import {ensureFirstCredential} from './merchants/first-credential.ts';
import {runLooks} from './orders/loop.ts';
import {payRoutes} from './pages/pay.ts';
import {authorizationEndpoints} from './vtex/authorization/endpoints.ts';
import {authorizationRoutes} from './vtex/authorization/routes.ts';
import {giftCardEndpoints} from './vtex/giftcards/endpoints.ts';
import {type GiftCardParts} from './vtex/giftcards/parts.ts';
import {manifestEndpoint, paymentEndpoints} from './vtex/payments/endpoints.ts';

/* What only the service is made of: a script that answers no requests need not load it. */

export type Service = {
	/** Generated now, because the first merchant had none: to be shown this once. */
	readonly credential: Credential | undefined;
	/** From now on the recurring jobs run by themselves, until the service closes. */
	readonly beginJobs: () => void;
	/** Answer what is in flight, then close the parts too. */
	readonly close: () => Promise<void>;
};

// Longer than any request may take.
const drainMs = 13_000;

export type ServiceTools = {
	readonly server: HttpServer;
	readonly log: Log;
	/** The one that the parts were opened with. */
	readonly telemetry: Telemetry;
};

/** Let a listening server answer by these parts. */
export async function assembleService(
	parts: Parts,
	wanted: Config,
	{server, log, telemetry}: ServiceTools,
): Promise<Service> {
	const {prisma, pool, firstMerchant} = parts;
	warnOfOther(firstMerchant, wanted, log);
	// What only a sandbox does is done where the merchant is one, and not where somebody has asked for it too late.
	const config = {...wanted, sandbox: firstMerchant.sandbox};
	const credential = await ensureFirstCredential(prisma, firstMerchant, config);
	const {metrics, requests: watch} = telemetry;
	const inFlight = watchInFlight(log, undefined, watch);
	askParts(telemetry, parts, {inFlight, log});
	const router = new Router<State>({prefix: config.basePath});
	const giftCards = giftCardParts(parts, config);
	for (const endpoint of giftCardEndpoints) {
		mount(router, endpoint, giftCards);
	}

	const forPayments = paymentParts(parts, config);
	for (const endpoint of paymentEndpoints) {
		mount(router, endpoint, forPayments);
	}

	const credentials = openCredentialCheck(prisma, parts.clock);
	const ping = () => pool.query('SELECT 1');
	const publicUrl = publicUrlOf(config, server.port);
	const open = [...openRouters(parts, config, publicUrl), hookRouter({...parts, log})];
	const admission = openAdmission({
		waitingMs: parts.writer.waitingMs,
		onTurnedAway(count) {
			metrics.turnedAway(count);
			log.warn({count}, 'More writes came than can be answered soon: some were turned away with 503');
		},
	});
	const published = docs({
		document: () => openApiDocument({...config, publicUrl}),
		canTry: config.sandbox,
	});
	const app = createApp({
		...{log, watch, inFlight, credentials, ping, docs: published, router, open},
		metrics: metricsRoute({token: config.metricsToken, publicUrl, render: metrics.render}),
	});
	server.serve(app.callback(), admission.turnAway);
	const onFailure = (error: unknown, what: string) => {
		log.error({error}, what);
	};
	let loop: Loop | undefined;
	let callbackLoop: ErrandLoop | undefined;
	let lookLoop: ErrandLoop | undefined;
	return {
		credential,
		beginJobs() {
			metrics.beginJobs(jobs);
			loop ??= startJobs({
				parts: {...parts, beginRest: () => openRest(admission.isTurningAway)},
				watch: metrics.jobs,
				onDone: result => {
					log.debug(result, 'A job has run');
				},
				onFailure,
			});
			callbackLoop ??= runCallbacks(parts.callbacks, {onFailure});
			lookLoop ??= runLooks(parts.orders, {onFailure});
		},
		async close() {
			inFlight.beginDraining();
			await Promise.all([loop?.stop(), callbackLoop?.stop(), lookLoop?.stop(), server.close(drainMs)]);
			inFlight.close();
			admission.close();
			await parts.close();
			await telemetry.close();
		},
	};
}

/** The first merchant stays as it was made, whatever the configuration says of it by now. */
function warnOfOther(
	{name, sandbox}: Parts['firstMerchant'],
	wanted: Pick<Config, 'merchant' | 'sandbox'>,
	log: Log,
): void {
	if (name !== wanted.merchant) {
		log.warn({merchant: name}, 'MERCHANT has another name; the first merchant stays as it was made');
	}

	if (wanted.sandbox && !sandbox) {
		log.warn(
			{merchant: name},
			'SANDBOX is set, but the first merchant is no sandbox, and stays as it was made',
		);
	}
}

/** What asks for no credentials (rules C1): below the base path what VTEX calls, at the root what shoppers see. */
function openRouters(parts: Parts, config: Config, publicUrl: string): Router<State>[] {
	const {prisma, clock, payments, secretsKey} = parts;
	const protocol = new Router<State>({prefix: config.basePath});
	mountOpen(protocol, manifestEndpoint, paymentParts(parts, config));
	const rules: HostRules = {extraHosts: config.returnHosts, isSandbox: config.sandbox};
	const authorization = {
		admins: openAdmins(prisma),
		signUps: openSignUps(prisma),
		clock,
		publicUrl,
		mayReturn: (url: string) => mayReturn(url, rules),
	};
	for (const endpoint of authorizationEndpoints) {
		mountOpen(protocol, endpoint, authorization);
	}

	authorizationRoutes(protocol, authorization);
	const pages = new Router<State>();
	payRoutes(pages, {payments, secretsKey, publicUrl, mayReturn: authorization.mayReturn});
	return [protocol, pages];
}

/** The hook of orders stands at the root and has tokens of its own (rules C1). */
function hookRouter(parts: OrderHookParts): Router<State> {
	const hook = new Router<State>();
	orderHookRoute(hook, parts);
	return hook;
}

function giftCardParts({prisma, readerPrisma, ...parts}: Parts, {providerId}: Config): GiftCardParts {
	return {
		...parts,
		providerId,
		reader: openCardReader(readerPrisma),
		creation: openCardCreation(prisma, parts),
		transactions: openCardTransactions(readerPrisma),
	};
}
