import {type Check, type Diagnosis, type Instruments, type Patient, skipped} from './check.ts';

/**
 * Run checks one after the other, and tell each as it is done. What needs one that has failed is skipped: it could tell nothing, or
 * would send keys where nobody knows who reads them. One that says itself that there is nothing to try stands in nobody's way.
 */
export async function* examine(
	checks: readonly Check[],
	patient: Patient,
	instruments: Instruments,
): AsyncGenerator<Diagnosis> {
	/** By the id of a check that failed or could not be tried: the title of the one that has to be mended. */
	const causes = new Map<string, string>();
	for (const {id, title, needs = [], run} of checks) {
		const cause = needs.map(need => causes.get(need)).find(title => title !== undefined);
		const finding = cause === undefined ? await run(patient, instruments) : skipped(`Mend "${cause}" first.`);
		if (finding.outcome === 'failed' || cause !== undefined) {
			causes.set(id, cause ?? title);
		}

		yield {id, title, ...finding};
	}
}
