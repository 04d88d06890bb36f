/*
 * Bars as SVG, for reports that are to be looked at: a document that stands by itself, without scripts, fonts or anything to load, for
 * light and dark screens. The same chart is the same text.
 */

/** One bar. `amount` is in minor units and not negative; `shown` is how people read it, with its currency. */
export type Bar = {readonly label: string; readonly amount: bigint; readonly shown: string};

/** Bars that share an axis: those of one asset, with so many decimals. */
export type Panel = {
	readonly title: string;
	/** What the bars measure, and in what: `Owed, in BRL`. */
	readonly axis: string;
	readonly scale: number;
	readonly bars: readonly Bar[];
};

export type Chart = {
	readonly title: string;
	/** The moment and its time zone, and whatever else must be known. */
	readonly subtitle: string;
	/** For whoever cannot see it. */
	readonly description: string;
	readonly panels: readonly Panel[];
};

const width = 960;
const margin = 32;
const gap = 12;
const barHeight = 18;
const rowHeight = 28;
const headHeight = 92;
const panelHead = 44;
const axisHeight = 58;
// What a character of 13 pixels takes at most, since nobody tells how wide the reader's font is.
const characterWidth = 7.6;
const labelMax = 28;
const barsMax = 120;
const ticksMax = 5;

const style = `
	.background { fill: #ffffff } .text { fill: #1f2933 } .dim { fill: #5f6c7b } .bar { fill: #0b6e99 } .grid { stroke: #d9e0e7 } .value { stroke: #ffffff }
	text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif }
	.heading { font-size: 20px; font-weight: 600 } .panel { font-size: 15px; font-weight: 600 }
	.number { font-variant-numeric: tabular-nums } .value { paint-order: stroke; stroke-width: 4px; stroke-linejoin: round } .end { text-anchor: end } .middle { text-anchor: middle }
	@media (prefers-color-scheme: dark) {
		.background { fill: #11181f } .text { fill: #e8edf2 } .dim { fill: #9fb0c0 } .bar { fill: #4fb3d9 } .grid { stroke: #2c3946 } .value { stroke: #11181f }
	}`;

/** A chart as an SVG document. */
export function chartSvg({title, subtitle, description, panels}: Chart): string {
	const drawn: string[] = [];
	let top = headHeight;
	for (const panel of panels) {
		drawn.push(`<g transform="translate(0 ${top})">`, ...panelLines(panel), '</g>');
		top += panelHead + shownBars(panel).length * rowHeight + axisHeight;
	}

	if (panels.length === 0) {
		drawn.push(text('Nothing to show.', margin, top + 8, 'dim'));
		top += rowHeight;
	}

	const height = top + margin / 2;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
		`<title id="title">${escaped(title)}</title>`,
		`<desc id="desc">${escaped(`${description} ${subtitle}`)}</desc>`,
		`<style>${style}\n</style>`,
		`<rect class="background" width="${width}" height="${height}"/>`,
		text(title, margin, 42, 'text heading'),
		text(subtitle, margin, 66, 'dim'),
		...drawn,
		'</svg>',
		'',
	].join('\n');
}

/** A panel's title, its axis with lines behind the bars, and the bars with their labels and amounts. */
function panelLines(panel: Panel): string[] {
	const bars = shownBars(panel);
	const labelWidth = widthOf(bars.map(({label}) => shortened(label)));
	const left = margin + labelWidth + gap;
	const right = width - margin - widthOf(bars.map(({shown}) => shown)) - gap;
	const most = Math.max(...bars.map(({amount}) => Number(amount)), 0);
	const {step, count} = ticksOf(most, panel.scale);
	const x = (amount: number) => left + ((right - left) * amount) / (step * count);
	const bottom = panelHead + bars.length * rowHeight;
	return [
		text(panel.title, margin, 22, 'text panel'),
		...Array.from({length: count + 1}, (_, index) => index * step).flatMap(at => [
			`<line class="grid" x1="${pixels(x(at))}" x2="${pixels(x(at))}" y1="${panelHead - 8}" y2="${bottom}"/>`,
			text(tickText(at, panel.scale), x(at), bottom + 18, 'dim number middle'),
		]),
		text(panel.axis, (left + right) / 2, bottom + 38, 'dim middle'),
		...bars.flatMap((bar, index) => barLines(bar, {y: panelHead + index * rowHeight, left, x})),
	];
}

function barLines(
	{label, amount, shown}: Bar,
	{y, left, x}: {readonly y: number; readonly left: number; readonly x: (amount: number) => number},
): string[] {
	const end = x(Number(amount));
	const baseline = y + barHeight - 4;
	return [
		`<g><title>${escaped(`${label}: ${shown}`)}</title>`,
		text(shortened(label), left - gap, baseline, 'text end'),
		`<rect class="bar" x="${pixels(left)}" y="${y}" width="${pixels(end - left)}" height="${barHeight}" rx="2"/>`,
		text(shown, end + gap / 2, baseline, 'text number value'),
		'</g>',
	];
}

/** Nobody can read more bars than these; what is left out is said where they end. */
function shownBars({bars}: Panel): readonly Bar[] {
	const left = bars.length - barsMax;
	return left <= 0
		? bars
		: [...bars.slice(0, barsMax), {label: `and ${left} more`, amount: 0n, shown: 'not shown'}];
}

/** Steps of 1, 2 or 5 times a power of ten, in minor units, and how many of them cover everything. */
function ticksOf(most: number, scale: number): {readonly step: number; readonly count: number} {
	const whole = 10 ** scale;
	const least = Math.max(most, whole) / ticksMax;
	const power = 10 ** Math.floor(Math.log10(least));
	const factor = [1, 2, 5, 10].find(candidate => candidate * power >= least) ?? 10;
	// Never finer than the asset.
	const step = Math.max(1, Math.round(factor * power));
	return {step, count: Math.max(1, Math.ceil(most / step))};
}

function tickText(minorUnits: number, scale: number): string {
	return (minorUnits / 10 ** scale).toLocaleString('en', {maximumFractionDigits: scale});
}

function widthOf(texts: readonly string[]): number {
	return Math.ceil(Math.max(...texts.map(({length}) => length), 0) * characterWidth);
}

function shortened(label: string): string {
	return label.length > labelMax ? `${label.slice(0, labelMax - 1)}…` : label;
}

function text(words: string, x: number, y: number, classes: string): string {
	return `<text class="${classes}" x="${pixels(x)}" y="${pixels(y)}">${escaped(words)}</text>`;
}

function pixels(at: number): string {
	return String(Math.round(at * 100) / 100);
}

const entities: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/** What people typed must not become markup, and XML has no control characters and no halves of pairs. */
function escaped(words: string): string {
	return words
		.replaceAll(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, ' ')
		.replaceAll(/[&<>"']/g, character => entities[character] ?? '');
}
