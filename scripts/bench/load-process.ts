import {answerParent} from './child.ts';
import {runLoad, type LoadPlan, type LoadResult, type RenderRequest} from './load.ts';
import {runOpenLoad, type OpenLoadPlan} from './open-load.ts';
import {
	creditRequests,
	debitRequests,
	paymentRequests,
	readRequests,
	searchRequests,
	type Caller,
	type SeededCard,
} from './requests.ts';

export type Workload = 'debits' | 'points' | 'payments' | 'reads' | 'searches';

/** First the cards and the wallets of points, once; then runs. A process apart, because the load client must not share the bench's event loop. */
export type LoadQuestion =
	| {
			readonly caller: Caller;
			readonly cards: readonly SeededCard[];
			readonly wallets: readonly SeededCard[];
	  }
	| ({readonly workload: Workload} & Omit<LoadPlan, 'request'>)
	/** Whether or not those before are answered: the answer is an `OpenLoadResult`. */
	| ({readonly workload: Workload} & Omit<OpenLoadPlan, 'request'>)
	| ({readonly creditEachCard: number} & Pick<LoadPlan, 'target' | 'connections'>);

/** `cpuMicroseconds`: what one request cost this process, user and system together. */
export type LoadAnswer = LoadResult & {readonly cpuMicroseconds: number};

let caller: Caller = {appKey: '', appToken: '', basePath: ''};
let cards: readonly SeededCard[] = [];
let wallets: readonly SeededCard[] = [];

answerParent(async message => {
	const question = message as LoadQuestion;
	if ('cards' in question) {
		({caller, cards, wallets} = question);
		return undefined;
	}

	if ('creditEachCard' in question) {
		const request = creditRequests(caller, cards, question.creditEachCard);
		return measure({...question, warmUpMs: 0, duration: {requests: cards.length}, request});
	}

	const request = requestsOf(question.workload);
	return 'perSecond' in question ? runOpenLoad({...question, request}) : measure({...question, request});
});

function requestsOf(workload: Workload): RenderRequest {
	switch (workload) {
		case 'debits':
			return debitRequests(caller, cards);
		case 'points':
			return debitRequests(caller, wallets);
		case 'payments':
			return paymentRequests(caller, cards);
		case 'reads':
			return readRequests(caller, cards);
		case 'searches':
			return searchRequests(caller, cards);
	}
}

async function measure(plan: LoadPlan): Promise<LoadAnswer> {
	const before = process.cpuUsage();
	const result = await runLoad(plan);
	const {user, system} = process.cpuUsage(before);
	return {...result, cpuMicroseconds: (user + system) / result.sent};
}
