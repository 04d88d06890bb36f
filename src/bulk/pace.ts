/** How long a chunk takes when nobody is in its way, as far as is known; at first nothing is. */
export type ChunkPace = {readonly usualMs: number | null};

export const firstChunkPace: ChunkPace = {usualMs: null};

// Others want the database when a chunk takes so much longer than usual. Below that it is the noise of any machine.
const slowdownMax = 6;
// One lucky chunk must not make all others look slow for ever.
const forgettingPerChunk = 1.05;
const restMsMax = 1000;

/**
 * How long to rest after a chunk that took so long (B13): not at all as a rule; where others are busy, as long as it took, so that bulk
 * work takes no more than half of the writer's time then.
 */
export function nextChunkPace({usualMs}: ChunkPace, tookMs: number): ChunkPace & {readonly restMs: number} {
	const usual = Math.min(tookMs, usualMs === null ? tookMs : usualMs * forgettingPerChunk);
	return {usualMs: usual, restMs: tookMs > slowdownMax * usual ? Math.min(tookMs, restMsMax) : 0};
}
