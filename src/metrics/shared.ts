import {type Registry} from 'prom-client';
import {type Backlog} from './backlog.ts';
import {sharedDefinitions} from './shared-definitions.ts';
import {instrumentsOf} from './instruments.ts';
import {type MerchantLiability} from './liability.ts';
import {refreshing, type RefreshOptions} from './refresh.ts';

export type SharedReaders = {
	readonly backlog: () => Promise<Backlog>;
	readonly liability: () => Promise<readonly MerchantLiability[]>;
	readonly onFailure: RefreshOptions['onFailure'];
};

const backlogEveryMs = 10_000;
const liabilityEveryMs = 60_000;
// A scrape shows what it has by then: nothing of the service, and no scrape, waits for a database that is busy.
const patienceMs = 750;

/** The figures that come from the database. They are read when somebody scrapes, and never for nobody. */
export function watchShared(registry: Registry) {
	const instruments = instrumentsOf(registry, sharedDefinitions);
	let readers: ReturnType<typeof openReaders> | undefined;
	return {
		open(shared: SharedReaders): void {
			readers = openReaders(shared);
		},
		async show(): Promise<void> {
			if (readers === undefined) {
				return;
			}

			const {backlog, liability} = readers;
			// One after the other: they take one connection of those that reports and jobs share.
			await inTime(backlog.refresh().then(liability.refresh));
			const shown = backlog.latest();
			if (shown !== undefined) {
				showBacklog(instruments, shown.value);
				instruments.readAt.set({figures: 'backlog'}, shown.at / 1000);
			}

			const owed = liability.latest();
			if (owed !== undefined) {
				showLiability(instruments, owed.value);
				instruments.readAt.set({figures: 'liability'}, owed.at / 1000);
			}

			instruments.readFailures.reset();
			instruments.readFailures.inc({figures: 'backlog'}, backlog.failures());
			instruments.readFailures.inc({figures: 'liability'}, liability.failures());
		},
	};
}

function openReaders({backlog, liability, onFailure}: SharedReaders) {
	return {
		backlog: refreshing(backlog, {everyMs: backlogEveryMs, onFailure}),
		liability: refreshing(liability, {everyMs: liabilityEveryMs, onFailure}),
	};
}

async function inTime(work: Promise<void>): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<void>(resolve => {
		timer = setTimeout(resolve, patienceMs);
	});
	await Promise.race([work, late]);
	clearTimeout(timer);
}

type SharedInstruments = ReturnType<typeof instrumentsOf<typeof sharedDefinitions>>;

/** A merchant, or an audit, that is gone is shown no more. */
function showBacklog(to: SharedInstruments, {merchants, audits}: Backlog): void {
	const gauges = {
		callbacks: to.callbacksWaiting,
		callbacksOverdue: to.callbacksOverdue,
		callbacksOldest: to.callbacksOldest,
		orders: to.ordersWaiting,
		ordersOverdue: to.ordersOverdue,
		unsealed: to.unsealed,
		sealLag: to.sealLag,
	};
	for (const [figure, gauge] of Object.entries(gauges)) {
		gauge.reset();
		for (const backlog of merchants) {
			gauge.set({merchant: backlog.merchant}, backlog[figure as keyof typeof gauges]);
		}
	}

	to.auditAt.reset();
	to.auditOk.reset();
	for (const {command, at, isOk} of audits) {
		to.auditAt.set({command}, at);
		to.auditOk.set({command}, isOk ? 1 : 0);
	}
}

function showLiability(to: SharedInstruments, liabilities: readonly MerchantLiability[]): void {
	to.liability.reset();
	for (const {merchant, currency, owed} of liabilities) {
		to.liability.set({merchant, currency}, owed);
	}
}
