import {type Registry} from 'prom-client';
import {stageNames} from '../ledger/stages.ts';
import {type CommittedBatch, setbacks as setbackNames, type WriterWatch} from '../ledger/watch.ts';
import {writerDefinitions} from './definitions.ts';
import {instrumentsOf, startAtZero} from './instruments.ts';

/** What is counted of the ledger's writer: once for a batch, however many commands are in it. */
export function watchWriter(registry: Registry) {
	const {batchCommands, stageSeconds, commands, refusals, setbacks, ...rest} = instrumentsOf(
		registry,
		writerDefinitions,
	);
	startAtZero(setbacks, 'reason', setbackNames);
	const watch: WriterWatch = {
		committed(batch) {
			batchCommands.observe(batch.commands.length);
			stageSeconds.observe({stage: 'wait'}, batch.waitedMs / 1000);
			for (const stage of batch.stages === undefined ? [] : stageNames) {
				stageSeconds.observe({stage}, (batch.stages?.[stage] ?? 0) / 1000);
			}

			for (const {verb, result, refusal, count} of tallied(batch)) {
				commands.inc({verb, result}, count);
				if (refusal !== undefined) {
					refusals.inc({verb, refusal}, count);
				}
			}
		},
		setBack(reason) {
			setbacks.inc({reason});
		},
	};
	return {...rest, watch};
}

type Tally = {
	readonly verb: string;
	readonly result: 'done' | 'refused' | 'repeated';
	/** Of those that were refused for the first time. */
	readonly refusal: string | undefined;
	count: number;
};

/** How often each verb came to the same in a batch. Most batches are of one sort. */
function tallied({commands, outcomes}: CommittedBatch): Iterable<Tally> {
	const tallies = new Map<string, Tally>();
	outcomes.forEach((outcome, index) => {
		const verb = commands[index]?.verb ?? 'unknown';
		const refusal = outcome.kind === 'refused' && !outcome.isReplay ? outcome.refusal : undefined;
		const result = outcome.isReplay ? 'repeated' : outcome.kind;
		const key = `${verb} ${refusal ?? result}`;
		const known = tallies.get(key);
		if (known === undefined) {
			tallies.set(key, {verb, result, refusal, count: 1});
		} else {
			known.count++;
		}
	});
	return tallies.values();
}
