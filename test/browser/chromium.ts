import {existsSync} from 'node:fs';
import {type Browser, type BrowserContextOptions, chromium, type Page} from 'playwright-core';

/** Where Linux distributions put it, and Chrome's own package. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** @throws Error that says how to install it, where there is none */
export async function launchChromium(args: readonly string[] = []): Promise<Browser> {
	const executablePath = places.find(place => existsSync(place));
	if (executablePath === undefined) {
		throw new Error(
			`There is no Chromium at ${places.join(' or ')}. On Debian and Ubuntu: apt-get install chromium.`,
		);
	}

	return chromium.launch({executablePath, args: ['--disable-dev-shm-usage', ...args]});
}

export type Window = {
	readonly page: Page;
	/** What the browser complained about: refused by the Content-Security-Policy, failed, or thrown. */
	readonly complaints: readonly string[];
};

export const telephone = {width: 360, height: 740} as const;
export const desk = {width: 1280, height: 900} as const;

/** A window of a shopper of their own, which the test closes. */
export async function openWindow(browser: Browser, options: BrowserContextOptions = {}): Promise<Window> {
	const context = await browser.newContext({viewport: telephone, locale: 'en-US', ...options});
	context.setDefaultTimeout(10_000);
	const page = await context.newPage();
	const complaints: string[] = [];
	page.on('console', message => {
		if (message.type() === 'error' || message.type() === 'warning') {
			complaints.push(message.text());
		}
	});
	page.on('pageerror', error => complaints.push(error.message));
	return {page, complaints};
}
