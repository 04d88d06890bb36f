import {searchCall, unanswered} from './answer-checks.ts';
import {type Check, failed, type Finding, passed, warning} from './check.ts';
import {probe} from './probe.ts';

// The card of a checkout is waited for so long, and a payment so long (Gift Card Provider Protocol, 6).
const cardMsMax = 1500;
const paymentMsMax = 5000;
const skewMsMax = 30_000;

/** How fast it is, and what time it has. */
export const paceChecks: readonly Check[] = [
	{
		id: 'latency',
		title: 'It is fast enough for VTEX',
		// It sends the right credentials, where they are at hand.
		needs: ['search'],
		async run(patient, instruments) {
			const durations: number[] = [];
			try {
				while (durations.length < instruments.laps) {
					durations.push((await probe(patient.serviceUrl, searchCall(patient), instruments)).durationMs);
				}
			} catch (error) {
				return unanswered(error);
			}

			return paceFinding(durations, {isWhole: patient.keys !== undefined});
		},
	},
	{
		id: 'clock',
		title: 'Its clock is right',
		needs: ['reached'],
		async run(patient, instruments) {
			try {
				const before = instruments.now();
				const {headers} = await probe(patient.serviceUrl, searchCall({keys: undefined}), instruments);
				return clockFinding(Date.parse(headers.date ?? ''), before, instruments.now());
			} catch (error) {
				return unanswered(error);
			}
		},
	},
];

/**
 * Durations against what VTEX waits.
 * @param durations - in milliseconds, one at least
 * @param isWhole - the calls went through to the database, which those without credentials do not
 */
export function paceFinding(durations: readonly number[], {isWhole}: {readonly isWhole: boolean}): Finding {
	const sorted = durations.toSorted((one, other) => one - other);
	const [median = 0, worst = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
	const found =
		`Of ${durations.length} calls, each on a connection of its own, the median took ${Math.round(median)} ms and the slowest ` +
		`${Math.round(worst)} ms.${isWhole ? '' : ' They had no credentials, so no database is in that.'}`;
	const advice = 'Run it nearer to VTEX or to its database, and look at what stands between.';
	if (median > cardMsMax || worst > paymentMsMax) {
		return failed(`${found} VTEX gives a card up after 1.5 s and a payment after 5 s.`, advice);
	}

	return worst > cardMsMax ? warning(`${found} VTEX gives a card up after 1.5 s.`, advice) : passed(found);
}

/** The time of an answer against that of the machine that asked, both ends of the exchange. All in milliseconds. */
export function clockFinding(at: number, before: number, after: number): Finding {
	if (Number.isNaN(at)) {
		return warning('The answer has no Date.', 'Let the proxy leave it in, so that clocks can be compared.');
	}

	// A Date has whole seconds.
	const skewMs = at < before - 1000 ? before - 1000 - at : Math.max(0, at - after);
	const seconds = Math.round(skewMs / 1000);
	return skewMs > skewMsMax
		? warning(
				`It is ${seconds} s ${at > after ? 'ahead' : 'behind'}.`,
				'Let both machines follow a time server: cards expire, and holds are released, by the clock.',
			)
		: passed(seconds === 0 ? 'To the second.' : `Within ${seconds} s.`);
}
