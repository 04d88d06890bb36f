import {hash} from 'node:crypto';

// Three words of digest, and two of value: a million texts take 42 MB, whatever their length, outside of the heap.
const stride = 5;
const loadMax = 0.75;
const capacityMin = 1024;

/** Two whole numbers from 0 to 2³² − 1. */
export type Pair = readonly [high: number, low: number];

/**
 * Remembers a pair of numbers for each of millions of texts, in little memory: it keeps 96 bits of a digest in place of the text.
 * Two of four million texts are taken for each other with a chance of 1 in 10¹⁶.
 */
export class DigestMap {
	#slots = new Uint32Array(capacityMin * stride);
	#size = 0;

	get(text: string): Pair | undefined {
		if (this.#size === 0) {
			return undefined;
		}

		const at = this.#place(wordsOf(text));
		return this.#isFree(at) ? undefined : [this.#slots[at + 3] ?? 0, this.#slots[at + 4] ?? 0];
	}

	/** Remember a pair for a text that has none. @returns the one that it has */
	note(text: string, pair: Pair): Pair | undefined {
		const words = wordsOf(text);
		const at = this.#place(words);
		if (!this.#isFree(at)) {
			return [this.#slots[at + 3] ?? 0, this.#slots[at + 4] ?? 0];
		}

		this.#put(words, pair);
		return undefined;
	}

	/** Remember a pair for a text, in place of one that was there. */
	set(text: string, pair: Pair): void {
		this.#put(wordsOf(text), pair);
	}

	#put(words: Words, [high, low]: Pair): void {
		if (this.#size >= (this.#slots.length / stride) * loadMax) {
			this.#grow();
		}

		const slots = this.#slots;
		const at = this.#place(words);
		this.#size += Number(this.#isFree(at));
		[slots[at], slots[at + 1], slots[at + 2]] = words;
		slots[at + 3] = high;
		slots[at + 4] = low;
	}

	#isFree(at: number): boolean {
		return this.#slots[at] === 0;
	}

	/** The slot of a digest, or the free one where it belongs. */
	#place([a, b, c]: Words): number {
		const capacity = this.#slots.length / stride;
		for (let index = b % capacity; ; index = (index + 1) % capacity) {
			const at = index * stride;
			const isSame = this.#slots[at] === a && this.#slots[at + 1] === b && this.#slots[at + 2] === c;
			if (isSame || this.#isFree(at)) {
				return at;
			}
		}
	}

	#grow(): void {
		const old = this.#slots;
		this.#slots = new Uint32Array(old.length * 2);
		for (let at = 0; at < old.length; at += stride) {
			const [a, b, c] = [old[at] ?? 0, old[at + 1] ?? 0, old[at + 2] ?? 0];
			if (a !== 0) {
				this.#slots.set(old.subarray(at, at + stride), this.#place([a, b, c]));
			}
		}
	}
}

type Words = readonly [a: number, b: number, c: number];

/** The first is never zero, which marks a free slot. */
function wordsOf(text: string): Words {
	const digest = digestOf(text);
	return [wordAt(digest, 0) || 1, wordAt(digest, 4), wordAt(digest, 8)];
}

/** 32 bits of a text: enough to tell whether two texts of one key are the same. */
export function shortDigest(text: string): number {
	return wordAt(digestOf(text), 0);
}

/** A character for each byte: a buffer for each of millions of digests would be more work to give back than the digest itself. */
function digestOf(text: string): string {
	return hash('sha1', text, 'binary');
}

function wordAt(digest: string, at: number): number {
	const low = digest.charCodeAt(at) | (digest.charCodeAt(at + 1) << 8);
	const high = digest.charCodeAt(at + 2) | (digest.charCodeAt(at + 3) << 8);
	return high * 2 ** 16 + low;
}
