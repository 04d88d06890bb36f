/** What a scrape shows: `name{label="value"}` → figure. */
export type Scrape = {
	readonly text: string;
	/** Names of the figures that have a value, without `_bucket`, `_sum` and `_count` of histograms. */
	readonly names: ReadonlySet<string>;
	/** The sum of a name's values over all label sets that have these labels; undefined where there is none. */
	readonly value: (name: string, labels?: Readonly<Record<string, string>>) => number | undefined;
	/** How many series a name has. */
	readonly series: (name: string) => number;
};

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const label = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Read the text format of Prometheus, to the letter: a line that is none of it is an error. */
export function readScrape(text: string): Scrape {
	const samples = text
		.split('\n')
		.filter(one => one !== '' && !one.startsWith('# HELP ') && !one.startsWith('# TYPE '))
		.map(one => {
			const [matched, name = '', labels = '', value = ''] = line.exec(one) ?? [];
			if (matched === undefined || Number.isNaN(Number(value.replace('Inf', 'Infinity')))) {
				throw new Error(`Prometheus could not read this line: ${one}`);
			}

			const pairs = [...labels.matchAll(label)].map(([, key = '', said = '']) => [key, said] as const);
			return {name, labels: new Map(pairs), value: Number(value)};
		});
	const histograms = new Set([...text.matchAll(/^# TYPE (\S+) histogram$/gm)].map(([, name = '']) => name));
	const baseOf = (name: string) => {
		const base = name.replace(/_(?:bucket|sum|count)$/, '');
		return histograms.has(base) ? base : name;
	};
	return {
		text,
		names: new Set(samples.map(({name}) => baseOf(name))),
		value(name, labels = {}) {
			const found = samples.filter(
				one =>
					one.name === name && Object.entries(labels).every(([key, said]) => one.labels.get(key) === said),
			);
			return found.length === 0 ? undefined : found.reduce((sum, {value}) => sum + value, 0);
		},
		series: name => samples.filter(one => baseOf(one.name) === name).length,
	};
}

/** The names of figures that an expression of Prometheus asks for, without those parts of histograms. */
export function namesIn(expression: string): string[] {
	const found = expression.match(/\b(?:monedero|process|nodejs)_\w+/g) ?? [];
	return [...new Set(found.map(name => name.replace(/_(?:bucket|sum|count)$/, '')))];
}
