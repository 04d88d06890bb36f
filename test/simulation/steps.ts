/* A history: what is asked, what goes wrong and when all is looked at, decided before anything happens. One step is one line of JSON. */

/** How often a request is sent at the same time, and to which service first; the copies go round. */
type Sending = {readonly n: number; readonly via: number; readonly copies: number};

/** The Hub's requests; `of` is the step whose transaction is meant. Amounts are cents. */
export type HubStep = Sending &
	(
		| {readonly do: 'debit' | 'credit'; readonly card: number; readonly cents: number}
		| {readonly do: 'settle' | 'cancel'; readonly of: number; readonly cents: number}
	);

/** The Gateway's requests. `later` is concluded by the sandbox, which calls back. */
export type GatewayStep = Sending &
	(
		| {readonly do: 'pay'; readonly card: number; readonly cents: number}
		| {readonly do: 'later'; readonly cents: number; readonly approves: boolean}
		| {readonly do: 'paySettle' | 'payRefund'; readonly of: number; readonly cents: number}
		| {readonly do: 'payCancel'; readonly of: number}
	);

/** What an admin does by a command; `of` is the step whose debit is held. Signed cents for an adjustment. */
export type AdminStep = {readonly n: number} & (
	| {readonly do: 'grant' | 'adjust'; readonly card: number; readonly cents: number}
	| {readonly do: 'issue'; readonly cents: number}
	| {readonly do: 'block' | 'unblock' | 'extend'; readonly card: number}
	| {readonly do: 'holdCapture' | 'holdRelease' | 'holdRefund'; readonly of: number; readonly cents: number}
	| {readonly do: 'import'; readonly cards: readonly number[]; readonly cents: number}
	| {readonly do: 'undo'; readonly of: number}
	| {readonly do: 'jobs'}
);

/** Somebody looks, which changes nothing. */
export type LookStep = Sending & {readonly do: 'read' | 'search'; readonly card: number};

/** Process 0 and 1 are the services, 2 is the admins' desk. */
export type FaultStep = {readonly n: number; readonly do: 'fault'} & (
	| {readonly fault: 'kill-service' | 'restart-service'; readonly which: number}
	| {readonly fault: 'kill-desk'}
	| {readonly fault: 'kill-database'; readonly withBackends: boolean}
	| {readonly fault: 'kill-backend'; readonly which: number}
	| {readonly fault: 'stall-service' | 'stall-backend'; readonly which: number; readonly ms: number}
	| {readonly fault: 'lose-answers'; readonly which: number; readonly count: number}
	| {readonly fault: 'lose-commits'; readonly which: number; readonly count: number}
	| {readonly fault: 'cut-clients' | 'cut-database'; readonly which: number}
	| {readonly fault: 'full-disk'; readonly ms: number}
	| {readonly fault: 'clock-jump'; readonly which: number; readonly ms: number}
);

/** Everything is made whole, what was not answered is asked again, and all promises are looked at. */
export type CheckStep = {readonly n: number; readonly do: 'check'};

/** What somebody is promised something by. */
export type AskStep = HubStep | GatewayStep | AdminStep;
export type Step = AskStep | LookStep | FaultStep | CheckStep;
export type FaultName = FaultStep['fault'];

export const faultNames: readonly FaultName[] = [
	'kill-service',
	'restart-service',
	'kill-desk',
	'kill-database',
	'kill-backend',
	'stall-service',
	'stall-backend',
	'lose-answers',
	'lose-commits',
	'cut-clients',
	'cut-database',
	'full-disk',
	'clock-jump',
];

/** One step a line. */
export function historyText(steps: readonly Step[]): string {
	return steps.map(step => `${JSON.stringify(step)}\n`).join('');
}

/** @throws SyntaxError naming the line that is no step */
export function parseHistory(text: string): Step[] {
	return text
		.split('\n')
		.map((line, index) => ({line: line.trim(), number: index + 1}))
		.filter(({line}) => line !== '')
		.map(({line, number}) => {
			try {
				const step = JSON.parse(line) as Partial<Step>;
				if (typeof step.n === 'number' && typeof step.do === 'string') {
					return step as Step;
				}
			} catch {
				// Told below.
			}

			throw new SyntaxError(`Line ${number} of the history is no step: ${line.slice(0, 80)}`);
		});
}

export function isAsk(step: Step): step is AskStep {
	return !['read', 'search', 'fault', 'check'].includes(step.do);
}
