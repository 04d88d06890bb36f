import {Counter, Gauge, Histogram, Registry} from 'prom-client';
import {type Definition, helpOf} from './definition.ts';

type Label<D extends Definition> = D['labels'][number];

type Instrument<D extends Definition> = D['type'] extends 'counter'
	? Counter<Label<D>>
	: D['type'] extends 'gauge'
		? Gauge<Label<D>>
		: Histogram<Label<D>>;

/** An instrument for each definition of a group. */
export type Instruments<Group extends Record<string, Definition>> = {
	readonly [Name in keyof Group]: Instrument<Group[Name]>;
};

/** A registry of one service: tests run several in a process, and the library's own would mix them up. */
export function openRegistry(): Registry {
	return new Registry();
}

/** Make the instruments of a group, in a registry. */
export function instrumentsOf<Group extends Record<string, Definition>>(
	registry: Registry,
	group: Group,
): Instruments<Group> {
	const made = Object.entries(group).map(([key, definition]) => [key, instrumentOf(registry, definition)]);
	return Object.fromEntries(made) as Instruments<Group>;
}

function instrumentOf(registry: Registry, definition: Definition) {
	const {name, type, labels, buckets = []} = definition;
	const common = {name, help: helpOf(definition), labelNames: [...labels], registers: [registry]};
	switch (type) {
		case 'counter': {
			return new Counter(common);
		}

		case 'gauge': {
			return new Gauge(common);
		}

		case 'histogram': {
			return new Histogram({...common, buckets: [...buckets]});
		}
	}
}

/** Show zeros from the start: a rate sees the first of something only where there was a nought before it. */
export function startAtZero<Label extends string>(
	counter: Counter<Label>,
	label: Label,
	values: readonly string[],
): void {
	for (const value of values) {
		counter.inc({[label]: value} as Partial<Record<Label, string>>, 0);
	}
}

/** Show a figure that is counted elsewhere: it takes the place of what was shown before. */
export function showTotal(counter: Counter, total: number): void {
	counter.reset();
	counter.inc(total);
}
