import {type Instant} from '../ledger/calendar.ts';

type Kept = {count: number; until: Instant};

/** Counts that fade: what one process knows by itself, of so many names and no more. */
export class Recollection {
	readonly #kept = new Map<string, Kept>();
	readonly #namesMax: number;
	readonly #clock: () => Instant;

	constructor(namesMax: number, clock: () => Instant) {
		this.#namesMax = namesMax;
		this.#clock = clock;
	}

	/** How often, zero where it has faded. */
	count(name: string): number {
		return this.#fresh(name)?.count ?? 0;
	}

	/** Once more; the first time says for how long all of them count. @returns how often by now */
	add(name: string, lastsMs: number): number {
		const kept = this.#fresh(name) ?? this.#keep(name, {count: 0, until: this.#clock() + lastsMs});
		return ++kept.count;
	}

	/** At least so often, until then. */
	raise(name: string, count: number, until: Instant): void {
		if (until > this.#clock() && count > this.count(name)) {
			this.#keep(name, {count, until});
		}
	}

	#fresh(name: string): Kept | undefined {
		const kept = this.#kept.get(name);
		return kept !== undefined && kept.until > this.#clock() ? kept : undefined;
	}

	/** The map keeps the order in which names came: the first is forgotten for a new one. */
	#keep(name: string, kept: Kept): Kept {
		this.#kept.delete(name);
		this.#kept.set(name, kept);
		if (this.#kept.size > this.#namesMax) {
			const [oldest = ''] = this.#kept.keys();
			this.#kept.delete(oldest);
		}

		return kept;
	}
}
