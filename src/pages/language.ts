/** The languages of our pages, the first for whoever asks for none of them. */
export const languages = ['en', 'es', 'pt'] as const;
export type Language = (typeof languages)[number];

type Asked = {
	/** Koa's: what a browser asks for, best first. Without an argument, all of it. */
	readonly acceptsLanguages: {(): string[]; (...languages: string[]): string | false};
};

/** What a person without a country in their language reads numbers and dates in. */
const usualLocales: Readonly<Record<Language, string>> = {en: 'en', es: 'es', pt: 'pt-BR'};

/** The language of ours that a browser likes best. */
export function languageOf(ctx: Asked): Language {
	const best = ctx.acceptsLanguages(...languages);
	return languages.find(language => language === best) ?? languages[0];
}

/** How numbers and dates are written for this browser: as in its country, where it names one for the page's language. */
export function localeOf(ctx: Asked, language: Language): string {
	const regional = new RegExp(`^${language}-(?:[a-z]{2}|\\d{3})$`, 'i');
	return ctx.acceptsLanguages().find(tag => regional.test(tag)) ?? usualLocales[language];
}
