/**
 * What a batch spends its time on, in this order. `lock` has in it what is loaded in the same breath, and `load` what is asked for afterwards.
 * `write` puts the statement together; what the database takes for it is in `commit`, which is sent behind it, but for a transaction pooler
 * without names, where it is waited for. `commit` includes what client and connection add.
 */
export const stageNames = ['lock', 'load', 'decide', 'write', 'commit'] as const;
export type Stage = (typeof stageNames)[number];

/** How long each stage of a batch took, milliseconds. A plain object, because it travels between threads. */
export type Stages = Readonly<Record<Stage, number>>;

/** Times the stages of one batch: each lap is added to the stage that it ends. */
export class Stopwatch {
	readonly #times: Record<Stage, number> = {lock: 0, load: 0, decide: 0, write: 0, commit: 0};
	#since = performance.now();

	/** From the lap before until now was this stage. */
	lap(stage: Stage): void {
		const now = performance.now();
		this.#times[stage] += now - this.#since;
		this.#since = now;
	}

	get stages(): Stages {
		return this.#times;
	}
}
