import {parentPort, workerData} from 'node:worker_threads';
import {v7} from 'uuid';
import {openDatabase} from '../db/client.ts';
import {packError} from '../db/portable-error.ts';
import {commitHere} from './commit.ts';
import {type Stages} from './stages.ts';
import {type Answer, type Question, type ThreadOptions} from './commit-thread.ts';

/* What runs in the thread of `commit-thread.ts`: connections of its own, and one batch after the other. */

const {url, statementNames} = workerData as ThreadOptions;

function tell(answer: Answer): void {
	parentPort?.postMessage(answer);
}

const database = await openDatabase(url, {
	purpose: 'writer',
	statementNames,
	onConnectionError: error => {
		tell({kind: 'broken', error: packError(error)});
	},
});
const commit = commitHere({prisma: database.prisma, clock: Date.now, newId: v7});

async function answer({number, batch}: Extract<Question, {kind: 'commit'}>): Promise<void> {
	let stages: Stages | undefined;
	try {
		const outcomes = await commit(batch, told => {
			stages = told;
		});
		tell({kind: 'done', number, outcomes, stages});
	} catch (error) {
		tell({kind: 'failed', number, error: packError(error)});
	}
}

parentPort?.on('message', (question: Question) => {
	if (question.kind === 'commit') {
		void answer(question);
	} else {
		// Without its port, nothing keeps the thread alive.
		void database.close().then(() => parentPort?.close());
	}
});
tell({kind: 'ready'});
