import {type Definition} from './definition.ts';

/* What comes from the database, and what the process itself is like. */

export const sharedDefinitions = {
	callbacksWaiting: {
		name: 'monedero_callbacks_waiting',
		type: 'gauge',
		help: 'Callbacks in the outbox that have not arrived and are not given up.',
		labels: ['merchant'],
		isShared: true,
	},
	callbacksOverdue: {
		name: 'monedero_callbacks_overdue_seconds',
		type: 'gauge',
		help: 'How long the callback that is due for longest has been due: nobody tries it.',
		labels: ['merchant'],
		isShared: true,
	},
	callbacksOldest: {
		name: 'monedero_callbacks_oldest_seconds',
		type: 'gauge',
		help: 'Age of the oldest callback that has not arrived: VTEX waits for it.',
		labels: ['merchant'],
		isShared: true,
	},
	ordersWaiting: {
		name: 'monedero_orders_waiting',
		type: 'gauge',
		help: 'Orders that were rung for and have not been looked at since.',
		labels: ['merchant'],
		isShared: true,
	},
	ordersOverdue: {
		name: 'monedero_orders_overdue_seconds',
		type: 'gauge',
		help: 'How long the order that is due for longest has been due: nobody looks, or VTEX refuses our keys.',
		labels: ['merchant'],
		isShared: true,
	},
	unsealed: {
		name: 'monedero_unsealed_entries',
		type: 'gauge',
		help: 'Entries of the journal after the last seal; counted up to 10,000.',
		labels: ['merchant'],
		isShared: true,
	},
	sealLag: {
		name: 'monedero_seal_lag_seconds',
		type: 'gauge',
		help: 'Age of the oldest entry that is not sealed.',
		labels: ['merchant'],
		isShared: true,
	},
	auditAt: {
		name: 'monedero_audit_last_timestamp_seconds',
		type: 'gauge',
		help: 'When ledger:audit or ledger:verify last ended without having been typed wrongly; absent where it never was.',
		labels: ['command'],
		isShared: true,
	},
	auditOk: {
		name: 'monedero_audit_last_ok',
		type: 'gauge',
		help: '1 where the last runs found nothing, 0 where one had findings or failed; a run for another merchant does not make it 1 again.',
		labels: ['command'],
		isShared: true,
	},
	liability: {
		name: 'monedero_liability',
		type: 'gauge',
		help: 'What a merchant owes, in whole units of the currency or of points: available and held, value past its date until it is swept included, debts of shoppers taken off. At most a minute old.',
		labels: ['merchant', 'currency'],
		isShared: true,
	},
	readAt: {
		name: 'monedero_database_figures_timestamp_seconds',
		type: 'gauge',
		help: 'When the figures that come from the database were last read: backlog (callbacks, orders, seals, audits) or liability.',
		labels: ['figures'],
	},
	readFailures: {
		name: 'monedero_database_figures_failures_total',
		type: 'counter',
		help: 'Readings of those figures that failed or took too long; the former ones are shown on.',
		labels: ['figures'],
	},
} as const satisfies Record<string, Definition>;

export const processDefinitions = {
	loopLag: {
		name: 'monedero_event_loop_lag_seconds',
		type: 'gauge',
		help: 'How late timers of the thread that serves were since the last scrape: half of them (50), most (99), the latest (100).',
		labels: ['percentile'],
	},
	loopBusy: {
		name: 'monedero_event_loop_busy_seconds_total',
		type: 'counter',
		help: 'Time in which the thread that serves had something to do; its rate is the share of a core.',
		labels: [],
	},
	cpu: {
		name: 'process_cpu_seconds_total',
		type: 'counter',
		help: 'Processor time of the process, all threads.',
		labels: [],
	},
	memory: {
		name: 'process_resident_memory_bytes',
		type: 'gauge',
		help: 'Memory of the process.',
		labels: [],
	},
	heap: {
		name: 'nodejs_heap_size_used_bytes',
		type: 'gauge',
		help: 'What is in use of the heap of the thread that serves.',
		labels: [],
	},
	startedAt: {
		name: 'process_start_time_seconds',
		type: 'gauge',
		help: 'When the process began.',
		labels: [],
	},
	build: {
		name: 'monedero_build_info',
		type: 'gauge',
		help: 'Always 1; the labels say what runs.',
		labels: ['version', 'node'],
	},
} as const satisfies Record<string, Definition>;
