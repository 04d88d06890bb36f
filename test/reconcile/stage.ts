import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {type ExecutionContext} from 'ava';
import {saveVtexKeys} from '../../src/merchants/vtex-keys.ts';
import {buildCard, type BuiltCard} from '../helpers/build.ts';
import {type Clock, makeClock} from '../helpers/clock.ts';
import {shellWords} from '../helpers/examples.ts';
import {type Gateway, openGateway} from '../helpers/gateway.ts';
import {openStoreApi, type Sale, type SoldAtVtex, type StoreApi} from '../helpers/gateway-api.ts';
import {type Hub, openHub} from '../helpers/hub.ts';
import {ordersKey, storeKeys} from '../helpers/orders-api.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {newRequestId} from '../helpers/vtex.ts';

/*
 * Holds that are made over the protocols, beside a VTEX account whose Orders API and Payments Gateway are simulated. A purchase happens on both
 * sides; what a test leaves out on one of them is what the command has to find.
 */

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export type Bought = SoldAtVtex & {readonly card: BuiltCard; readonly debit: string};
export type Paid = SoldAtVtex & {readonly card: BuiltCard; readonly paymentId: string};

/** What a run with `--json` came to. */
export type Run = {
	readonly code: number | null;
	readonly stderr: string;
	readonly findings: readonly Record<string, unknown>[];
	readonly summary: Record<string, unknown>;
};

export type Stage = {
	readonly server: TestServer;
	readonly hub: Hub;
	readonly gateway: Gateway;
	readonly clock: Clock;
	readonly api: StoreApi;
	/** For files. */
	readonly folder: string;
	/** A purchase by gift card: the debit over the Hub's protocol, and VTEX's order and payment of the same. */
	readonly buyByCard: (value: number, sale?: Partial<Sale>) => Promise<Bought>;
	/** The same over the Payment Provider Protocol. */
	readonly buyByPayment: (value: number, sale?: Partial<Sale>) => Promise<Paid>;
	/** With the right token, or another one. */
	readonly enterKeys: (appToken?: string) => Promise<void>;
	readonly run: (...args: readonly string[]) => Promise<Run>;
	/** Of what was bought since a moment, once VTEX has had its time. */
	readonly since: (from: number) => Promise<Run>;
	/** Run the command that a finding offers, as somebody would who pastes it. */
	readonly mend: (t: ExecutionContext, finding: Record<string, unknown> | undefined) => Promise<void>;
	readonly close: () => Promise<void>;
};

export async function openStage(): Promise<Stage> {
	const cleanUps: (() => unknown)[] = [];
	const clock = makeClock();
	const server = await openTestServer({clock, env: {MERCHANT: 'acme', SANDBOX: 'true'}});
	const {parts, merchant} = server;
	const api = await openStoreApi({teardown: cleanUp => cleanUps.push(cleanUp)}, clock.now);
	const folder = await mkdtemp(path.join(os.tmpdir(), 'monedero-reconcile-'));
	const enterKeys: Stage['enterKeys'] = async (appToken = storeKeys['vtexappkey-lojamonedero-QWERTY']) => {
		const keys = {purpose: 'orders', account: 'acme', appKey: ordersKey, url: api.url, appToken} as const;
		await saveVtexKeys(parts, merchant, keys, clock.now());
	};
	await enterKeys();

	const run: Stage['run'] = async (...args) => {
		const typed = [...args, '--rate', '6000', '--json'];
		const {code, stdout, stderr} = await runHere(parts, 'orders:reconcile', typed);
		const values = jsonLines(stdout);
		return {
			...{code, stderr},
			findings: values.filter(({kind}) => kind !== 'summary'),
			summary: values.find(({kind}) => kind === 'summary') ?? {},
		};
	};

	return {
		...{server, clock, api, folder, enterKeys, run},
		...buyers(server, api),
		async since(from) {
			clock.advance(26 * hourMs);
			return run('--from', at(from));
		},
		async mend(t, finding) {
			const command = String(finding?.['command']);
			const [, , , name = '', , ...args] = shellWords(command);
			const {code, stderr} = await runHere(parts, name, args);
			t.is(code, 0, `${command}\n${stderr}`);
		},
		async close() {
			await Promise.all(cleanUps.map(cleanUp => cleanUp()));
			await server.close();
			await rm(folder, {recursive: true});
		},
	};
}

function buyers(
	server: TestServer,
	api: StoreApi,
): Pick<Stage, 'hub' | 'gateway' | 'buyByCard' | 'buyByPayment'> {
	const {parts} = server;
	const [hub, gateway] = [openHub(server), openGateway(server)];
	return {
		...{hub, gateway},
		async buyByCard(value, sale = {}) {
			const card = await buildCard(parts);
			const [groupId, paymentId] = [sale.groupId ?? newGroup(), newRequestId()];
			const debit = await hub.debit(card.id, value, {requestId: paymentId, orderInfo: {orderId: groupId}});
			const sold = api.sell({groupId, paymentId, cents: value * 100, cardId: card.id, tid: debit, ...sale});
			return {...sold, card, debit};
		},
		async buyByPayment(value, sale = {}) {
			const card = await buildCard(parts);
			const groupId = sale.groupId ?? newGroup();
			const paymentId = await gateway.pay(card.code, value, {orderId: groupId});
			return {...api.sell({groupId, paymentId, cents: value * 100, ...sale}), card, paymentId};
		},
	};
}

let purchases = 0;

/** The name of a purchase that nobody has made yet. */
export const newGroup = () => `1530${String(++purchases).padStart(9, '0')}`;

export const at = (ms: number) => new Date(ms).toISOString();
export const kindsOf = ({findings}: Pick<Run, 'findings'>) => findings.map(({kind}) => kind);
