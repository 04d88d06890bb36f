import {setTimeout as delay} from 'node:timers/promises';

/** Look again and again until a condition holds. @throws {Error} when it does not within the limit */
export async function until(
	what: string,
	holds: () => boolean | Promise<boolean>,
	limitMs = 60_000,
): Promise<void> {
	const end = performance.now() + limitMs;
	while (!(await holds())) {
		if (performance.now() > end) {
			throw new Error(`It did not come to pass within ${limitMs} ms that ${what}.`);
		}

		await delay(2);
	}
}
