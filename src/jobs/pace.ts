/** How many cards a sweep takes at once, and how long it rests afterwards. */
export type Pace = {readonly chunk: number; readonly restMs: number};

export const firstPace: Pace = {chunk: 16, restMs: 0};

// With fewer, a database whose every commit is slow would never get through a large campaign.
const chunkMin = 4;
// A batch of the writer; a larger chunk would only be cut in two.
const chunkMax = 256;
// Locks are held for about as long as the commit takes, and a checkout that wants one of these cards waits for it.
const goodMs = 50;
const restMsMax = 1000;

/**
 * The next pace after a chunk took so long to commit (B13). A slow commit means that others are busy: smaller chunks then, and a
 * rest as long as the work, so that bulk work never takes more than half of the writer's time.
 */
export function nextPace({chunk}: Pace, tookMs: number): Pace {
	const next = tookMs > goodMs ? Math.floor(chunk / 2) : tookMs < goodMs / 2 ? chunk * 2 : chunk;
	return {chunk: Math.min(Math.max(next, chunkMin), chunkMax), restMs: Math.min(tookMs, restMsMax)};
}
