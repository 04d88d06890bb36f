import {type Registry} from 'prom-client';
import {type AnsweredRequest} from '../http/watch.ts';
import {orderHookPath} from '../orders/source.ts';
import {requestDefinitions} from './definitions.ts';
import {instrumentsOf, startAtZero} from './instruments.ts';

// Whatever a client calls its method, we know these.
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
// Codes are words of ours; should one ever be made of what came, it must not fill the memory of the monitoring.
const codesMax = 100;
// By which an alert goes: they are there before the first of them.
const ourFaults = ['internal', 'unavailable', 'overloaded', 'deadline'];

/** What is counted of requests. Costs some half a microsecond for each. */
export function watchRequests(registry: Registry) {
	const {requestSeconds, errors, credentials, ...rest} = instrumentsOf(registry, requestDefinitions);
	for (const protocol of ['giftcards', 'payments']) {
		for (const code of ourFaults) {
			errors.inc({protocol, code}, 0);
		}
	}

	startAtZero(credentials, 'reason', reasons);
	startAtZero(rest.guesses, 'result', ['missed', 'limited']);
	const codes = new Set<string>();
	const boundedCode = (code: string) => {
		if (codes.size < codesMax) {
			codes.add(code);
		}

		return codes.has(code) ? code : 'other';
	};
	return {
		...rest,
		answered: (request: AnsweredRequest): void => {
			const {method, route = 'none', status, ms, errorCode} = request;
			requestSeconds.observe(
				{method: methods.has(method) ? method : 'other', route, status: classOf(status)},
				ms / 1000,
			);
			if (errorCode !== undefined) {
				errors.inc({protocol: protocolOf(route), code: boundedCode(errorCode)});
			}

			const reason = status === 401 || status === 403 ? reasonOf(request) : undefined;
			if (reason !== undefined) {
				credentials.inc({reason});
			}
		},
	};
}

const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

function classOf(status: number): string {
	return classes[Math.floor(status / 100) - 1] ?? 'other';
}

/** Whose protocol a route belongs to. */
function protocolOf(route: string): string {
	const [, first = ''] = route.split('/');
	switch (first) {
		case 'giftcards': {
			return 'giftcards';
		}

		case 'payments':
		case 'manifest': {
			return 'payments';
		}

		case 'authorization': {
			return 'authorization';
		}

		default: {
			return 'other';
		}
	}
}

const reasons = ['missing', 'wrong', 'role', 'hook'] as const;

/** Undefined where it was no program's credentials: pages refuse forms of other sites, and passwords of admins, by the same statuses. */
function reasonOf({caller, route, status}: AnsweredRequest): (typeof reasons)[number] | undefined {
	if (caller !== undefined) {
		return 'role';
	}

	if (route !== undefined) {
		return route === orderHookPath ? 'hook' : undefined;
	}

	return status === 401 ? 'missing' : 'wrong';
}
