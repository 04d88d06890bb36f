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
		const at = this.#place(wordsOf(text));
		const [high = 0, low = 0] = this.#slots.subarray(at + 3, at + 5);
		return this.#isFree(at) ? undefined : [high, low];
	}

	/** Remember a pair for a text, in place of one that was there. */
	set(text: string, [high, low]: Pair): void {
		if (this.#size >= (this.#slots.length / stride) * loadMax) {
			this.#grow();
		}

		const words = wordsOf(text);
		const at = this.#place(words);
		this.#size += Number(this.#isFree(at));
		this.#slots.set([...words, high, low], at);
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
			const [a = 0, b = 0, c = 0] = old.subarray(at, at + 3);
			if (a !== 0) {
				this.#slots.set(old.subarray(at, at + stride), this.#place([a, b, c]));
			}
		}
	}
}

type Words = readonly [a: number, b: number, c: number];

/** The first is never zero, which marks a free slot. */
function wordsOf(text: string): Words {
	const digest = hash('sha1', text, 'buffer');
	return [digest.readUInt32LE(0) || 1, digest.readUInt32LE(4), digest.readUInt32LE(8)];
}

/** 32 bits of a text: enough to tell whether two texts of one key are the same. */
export function shortDigest(text: string): number {
	return hash('sha1', text, 'buffer').readUInt32LE(0);
}
