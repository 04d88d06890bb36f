import test from 'ava';
import {createHash} from 'node:crypto';
import {payTexts, type PayTexts} from '../../src/pages/texts.ts';
import {get, withStage} from './stage.ts';

test('nobody may frame, store, index or extend a page, and its address is told to nobody', async t => {
	const {pageUrl} = await withStage(t);

	const {headers, text} = await get(pageUrl);

	const [, style = ''] = /<style>([^]*)<\/style>/.exec(text) ?? [];
	const hash = createHash('sha256').update(style).digest('base64');
	t.is(
		headers.get('content-security-policy'),
		`default-src 'none';style-src 'sha256-${hash}';img-src data:;form-action 'self';frame-ancestors 'none';base-uri 'none'`,
	);
	t.is(headers.get('x-frame-options'), 'DENY');
	t.is(headers.get('referrer-policy'), 'no-referrer');
	t.is(headers.get('cache-control'), 'no-store');
	t.is(headers.get('x-content-type-options'), 'nosniff');
	t.is(headers.get('x-robots-tag'), 'noindex');
	t.notRegex(text, /<script|\son\w+=|style=/);
});

test('a form may lead where its answer redirects to, and on from there over HTTPS', async t => {
	const formActionOf = async (returnUrl: string) => {
		const {pageUrl} = await withStage(t, {returnUrl, mayReturn: () => true});
		const {headers} = await get(pageUrl);
		return /form-action ([^;]*)/.exec(headers.get('content-security-policy') ?? '')?.[1];
	};

	t.is(await formActionOf('https://store.vtexpayments.com.br/return'), "'self' https:");
	t.is(await formActionOf('http://127.0.0.1:8080/return'), "'self' http://127.0.0.1:*");
	t.is(await formActionOf('not an address'), "'self'");
});

test('the page speaks the language that the browser likes best, English where we have none of them', async t => {
	const {pageUrl} = await withStage(t);
	const languageFor = async (accepted: string) => {
		const {text, headers} = await get(pageUrl, accepted);
		t.regex(headers.get('vary') ?? '', /Accept-Language/);
		return /<html lang="(\w+)">/.exec(text)?.[1];
	};

	t.is(await languageFor('pt-BR,pt;q=0.9,en;q=0.8'), 'pt');
	t.is(await languageFor('es-419,es;q=0.9'), 'es');
	t.is(await languageFor('de-DE,de;q=0.9,es;q=0.5,en;q=0.4'), 'es');
	t.is(await languageFor('en-GB'), 'en');
	t.is(await languageFor('ja'), 'en');
	t.is(await languageFor('*'), 'en');
	t.is(await languageFor(';;q=,x'), 'en');
});

test('numbers are written as in the country that the browser names', async t => {
	const {pageUrl} = await withStage(t);
	const sumFor = async (accepted: string) =>
		/class="sum">([^<]*)</.exec((await get(pageUrl, accepted)).text)?.[1]?.replaceAll(/\s/g, ' ');

	t.is(await sumFor('es-MX'), 'BRL 1,284.56');
	t.is(await sumFor('es'), '1284,56 BRL');
	t.is(await sumFor('pt'), 'R$ 1.284,56');
	t.is(await sumFor('en-XYZ-u-nu-arab'), 'R$1,284.56');
});

test('no language says the same as another, and none leaves a text out', t => {
	const {en, ...others} = payTexts;
	const said = (texts: PayTexts) =>
		Object.entries(texts).flatMap(([name, text]) => {
			if (typeof text === 'function') {
				return [[name, (text as (...values: string[]) => string)('ONE', 'TWO')] as const];
			}

			return typeof text === 'string'
				? [[name, text] as const]
				: Object.entries(text).map(([part, words]) => [`${name}.${part}`, words] as const);
		});
	const english = new Map(said(en));
	for (const [language, texts] of Object.entries(others)) {
		for (const [name, text] of said(texts)) {
			t.not(text, english.get(name), `${language} ${name}`);
			const values = (words = '') => ['ONE', 'TWO'].filter(value => words.includes(value));
			t.deepEqual(values(text), values(english.get(name)), `${language} ${name}`);
		}
	}
});
