import helmet from 'helmet';
import {icon} from '../pages/page.ts';
import {type Context} from './state.ts';

/** The page around the viewer. Its links are relative: whatever a proxy puts before them, they lead to where the page came from. */
export function docsPage(files: string, canTry: boolean): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Monedero: API</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${files}/swagger-ui.css">
<link rel="stylesheet" href="${files}/docs.css">
</head>
<body>
<div id="docs"></div>
<noscript><p>To be shown as a page, this needs JavaScript. The document itself is <a href="openapi.json">openapi.json</a>.</p></noscript>
<script src="${files}/swagger-ui-bundle.js"></script>
<script src="${files}/docs.js" data-can-try="${canTry}"></script>
</body>
</html>
`;
}

/**
 * Starts the viewer. It asks nobody but us: no validator, no document from elsewhere by the address's query. Where nothing can be tried, there is nothing to type
 * credentials into either.
 */
export const docsScript = `'use strict';
const canTry = document.currentScript.dataset.canTry === 'true';
const nothing = () => null;
SwaggerUIBundle({
	url: 'openapi.json',
	domNode: document.getElementById('docs'),
	presets: [SwaggerUIBundle.presets.apis],
	plugins: canTry ? [] : [{components: {AuthorizeBtnContainer: nothing, authorizeOperationBtn: nothing}}],
	layout: 'BaseLayout',
	supportedSubmitMethods: canTry ? ['get', 'post'] : [],
	persistAuthorization: false,
	queryConfigEnabled: false,
	validatorUrl: null,
	deepLinking: true,
	defaultModelsExpandDepth: 0,
});
`;

export const docsStyle = `html { box-sizing: border-box; }
*, *::before, *::after { box-sizing: inherit; }
body { margin: 0; background: #fafafa; font-family: system-ui, sans-serif; }
noscript p { padding: 1rem; }
#docs .renderedMarkdown { overflow-wrap: anywhere; }
@media (max-width: 40rem) {
	#docs .opblock-tag { flex-wrap: wrap; }
	#docs .opblock-tag small { flex-basis: 100%; padding: 0; }
}
`;

/** Scripts and styles of ours only, calls to us only, no frame around it, and nowhere for a form to go. */
export function protectDocs({req, res}: Context): void {
	const secure = helmet({
		contentSecurityPolicy: {
			useDefaults: false,
			directives: {
				defaultSrc: ["'none'"],
				scriptSrc: ["'self'"],
				styleSrc: ["'self'"],
				// The viewer's style has its icons inside.
				imgSrc: ["'self'", 'data:'],
				connectSrc: ["'self'"],
				formAction: ["'none'"],
				frameAncestors: ["'none'"],
				baseUri: ["'none'"],
			},
		},
		frameguard: {action: 'deny'},
		referrerPolicy: {policy: 'no-referrer'},
		// A promise about the whole host, which only its operator can make.
		strictTransportSecurity: false,
	});
	secure(req, res, error => {
		if (error !== undefined) {
			throw error as Error;
		}
	});
}
