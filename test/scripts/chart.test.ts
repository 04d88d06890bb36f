import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {type Bar, type Chart, chartSvg, type Panel} from '../../scripts/lib/chart.ts';
import {writeSvg} from '../../scripts/lib/svg-file.ts';

const bar = (label: string, amount: bigint): Bar => ({label, amount, shown: `${amount} minor`});
const panel = (bars: readonly Bar[], scale = 2): Panel => ({
	...{title: 'BRL', axis: 'Owed, in BRL', scale, bars},
});
const chart = (...panels: readonly Panel[]): Chart => ({
	...{title: 'What is owed', subtitle: '2026-12-31 23:59 (America/Sao_Paulo)', description: 'Bars.', panels},
});

/** A strict reader of the XML that we write. @throws Error where it is not well-formed */
function assertWellFormed(t: ExecutionContext, svg: string): void {
	const open: string[] = [];
	const token =
		/<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<&]*(?:&(?:amp|lt|gt|quot|#39);[^"<&]*)*")*)\s*(\/?)>|([^<]+)/gi;
	let at = 0;
	for (const match of svg.matchAll(token)) {
		t.is(match.index, at, svg.slice(at, at + 80));
		at += match[0].length;
		const [, close, name = '', , empty, words] = match;
		if (words !== undefined) {
			t.notRegex(words.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, ''), /[&>]|(?![\n\t])\p{Cc}|\p{Cs}/u);
		} else if (close === '/') {
			t.is(open.pop(), name);
		} else if (empty !== '/') {
			open.push(name);
		}
	}

	t.is(at, svg.length);
	t.deepEqual(open, []);
}

const widths = (svg: string) =>
	[...svg.matchAll(/<rect class="bar"[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width));
const texts = (svg: string) =>
	[...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, words]) => words ?? '');

test('a chart is well-formed, loads nothing and runs nothing, and is the same text each time', t => {
	const svg = chartSvg(chart(panel([bar('0-29', 100n), bar('730+', 1n)]), panel([bar('PTS', 5n)], 0)));

	assertWellFormed(t, svg);
	t.notRegex(svg, /<script|<image|href|url\(|@import|@font-face/);
	t.deepEqual(
		[...svg.matchAll(/https?:[^"]*/g)].map(([address]) => address),
		['http://www.w3.org/2000/svg'],
	);
	t.is(chartSvg(chart(panel([bar('0-29', 100n), bar('730+', 1n)]), panel([bar('PTS', 5n)], 0))), svg);
});

test('title, moment, axis, labels and amounts are all there, and whoever cannot see it is told them', t => {
	const svg = chartSvg(chart(panel([bar('0-29', 12_00n), bar('none', 3_00n)])));
	const words = texts(svg);

	for (const expected of [
		...['What is owed', '2026-12-31 23:59 (America/Sao_Paulo)', 'BRL', 'Owed, in BRL'],
		...['0-29', '1200 minor', 'none', '300 minor'],
	]) {
		t.true(words.includes(expected), expected);
	}

	t.regex(svg, /role="img" aria-labelledby="title desc"/);
	t.regex(svg, /<title id="title">What is owed<\/title>/);
	t.regex(svg, /<desc id="desc">Bars\. 2026-12-31 23:59 \(America\/Sao_Paulo\)<\/desc>/);
	t.regex(svg, /<title>0-29: 1200 minor<\/title>/);
	t.regex(svg, /prefers-color-scheme: dark/);
});

test('bars are as long as their amounts, and the axis ends in a round figure at or above the longest', t => {
	for (const amounts of [[100n, 50n, 25n, 1n, 0n], [7n], [123_456_789_01n, 98_765_432_10n, 3n]]) {
		const svg = chartSvg(chart(panel(amounts.map((amount, index) => bar(`b${index}`, amount)))));
		const [longest = 0, ...others] = widths(svg);

		for (const [index, width] of others.entries()) {
			const expected = (longest * Number(amounts[index + 1])) / Number(amounts[0]);
			t.true(Math.abs(width - expected) <= 0.02, `${width} ${expected}`);
		}

		t.true(longest > 50 && longest < 900);
	}

	const ticks = (most: bigint, scale: number) =>
		texts(chartSvg(chart(panel([bar('a', most)], scale)))).filter(words => /^[\d.,]+$/.test(words));
	t.deepEqual(ticks(1234_00n, 2), ['0', '500', '1,000', '1,500']);
	t.deepEqual(ticks(100_00n, 2), ['0', '20', '40', '60', '80', '100']);
	t.deepEqual(ticks(3n, 0), ['0', '1', '2', '3']);
	t.deepEqual(ticks(0n, 2), ['0', '0.2']);
});

test('what people typed is text and never markup; a long label is cut and told whole; a hundred bars are the most that are drawn', t => {
	const evil = '<script>alert("1 & 2")</script>\u0007\uD800';
	const svg = chartSvg({...chart(panel([bar(evil, 5n)])), title: evil, subtitle: evil, description: evil});
	assertWellFormed(t, svg);
	t.notRegex(svg, /<script/);
	t.regex(svg, /&lt;script&gt;alert\(&quot;1 &amp; 2&quot;\)/);

	const long = chartSvg(chart(panel([bar('a label that nobody has room for at all', 5n)])));
	t.true(texts(long).includes('a label that nobody has roo…'));
	t.regex(long, /<title>a label that nobody has room for at all: /);

	const many = chartSvg(chart(panel(Array.from({length: 200}, (_, index) => bar(`b${index}`, 5n)))));
	t.true(texts(many).includes('and 80 more'));
	t.is(widths(many).length, 121);
	assertWellFormed(t, chartSvg(chart()));
	t.true(texts(chartSvg(chart())).includes('Nothing to show.'));
});

test('a file is replaced as a whole, and where it cannot be written nothing is left behind and the message says where', async t => {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-chart-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	const file = path.join(folder, 'chart.svg');
	writeFileSync(file, 'the one before');

	await writeSvg(file, chart(panel([bar('a', 1n)])));
	t.is(readFileSync(file, 'utf8'), chartSvg(chart(panel([bar('a', 1n)]))));
	await t.throwsAsync(writeSvg(folder, chart()), {
		message: /monedero-chart-.* cannot be written: .*\(\w+\)\.$/,
	});
	await t.throwsAsync(writeSvg(path.join(folder, 'none', 'chart.svg'), chart()), {message: /\(ENOENT\)/});
	t.deepEqual(readdirSync(folder), ['chart.svg']);
});
