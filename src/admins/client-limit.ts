import {RateLimiterMemory, RateLimiterRes} from 'rate-limiter-flexible';

/** Counts what clients do, by their address (rules B12: never by merchant, or one attacker would close the shop). */
export type ClientLimit = {
	/** Counts once more; the whole seconds to wait where it was once too often, `undefined` where it may be done. */
	readonly take: (address: string) => Promise<number | undefined>;
	/** It was no attempt to be counted after all. */
	readonly giveBack: (address: string) => Promise<void>;
};

/** So often in so many seconds, which begin with the first time. */
export type Frequency = {readonly times: number; readonly seconds: number};

/** Counts in this process only: with several processes a client has as many times more. */
export function openClientLimit({times, seconds}: Frequency): ClientLimit {
	const limiter = new RateLimiterMemory({points: times, duration: seconds});
	return {
		async take(address) {
			try {
				await limiter.consume(networkOf(address));
				return undefined;
			} catch (error) {
				if (error instanceof RateLimiterRes) {
					return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
				}

				throw error;
			}
		},
		async giveBack(address) {
			await limiter.reward(networkOf(address));
		},
	};
}

/** Who has one address of IPv6 has the 2^64 of its network: they count as one. */
export function networkOf(address: string): string {
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
	if (mapped !== undefined || !address.includes(':')) {
		return mapped ?? address;
	}

	const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
	const first = head === '' ? [] : head.split(':');
	const last = tail === undefined || tail === '' ? [] : tail.split(':');
	const zeros = Array.from({length: Math.max(0, 8 - first.length - last.length)}, () => '0');
	const groups = tail === undefined ? first : [...first, ...zeros, ...last];
	return groups.slice(0, 4).join(':');
}
