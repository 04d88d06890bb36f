import {guardsOf} from '../mutant.ts';

/* Where we go and lead: callbacks, pages, forms. */

const hosts = 'test/callbacks/hosts.test.ts';

export const addressGuards = [
	...guardsOf('src/callbacks/hosts.ts', [hosts], {
		'a callback goes over HTTPS': {
			text: 'if (!isSecure && !isLoopback) {',
			instead: "if (!isSecure && host === '') {",
		},
		'a callback goes to VTEX, or where it was configured': {
			text: 'if (!isConfigured && !isVtex) {',
			instead: "if (!isConfigured && !isVtex && host === '') {",
		},
		'a host below a domain is told from one that ends like it': {
			text: 'host.endsWith(`.${domain}`))',
			instead: 'host.endsWith(domain))',
		},
		'VTEX is called on its own port': {text: 'port === 443 && vtexDomains', instead: 'vtexDomains'},
		'this machine is called for a sandbox only': {
			text: 'rules.isSandbox && isLoopback',
			instead: 'isLoopback',
		},
		'an address is taken as it is or not at all': {
			text: 'matched === undefined || !hostForm.test(host)',
			instead: 'matched === undefined',
		},
		'an address has a limit': {text: 'url.length > urlLengthMax ? [] : ', instead: ''},
		"our VTEX keys go to VTEX's gateway, or where it was configured": {
			text: 'takesKeys: isConfigured || host.endsWith(`.${gatewayDomain}`)',
			instead: 'takesKeys: true',
		},
		'the port of a configured host counts': {
			text: 'return port === wanted && ',
			instead: 'return wanted > 0 && ',
		},
		'a star stands for what is below a host': {
			text: "name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name",
			instead: "name.startsWith('*.') ? host.endsWith(name.slice(2)) : host === name",
		},
	}),
	...guardsOf('src/callbacks/addresses.ts', ['test/callbacks/addresses.test.ts'], {
		'private networks are not called': {
			text: 'addresses.filter(({address}) => isPublic(address))',
			instead: 'addresses',
		},
		'IPv4 that is not public is known': {text: "!notPublic.check(address, 'ipv4')", instead: 'true'},
		'IPv6 that is not public is known': {text: "global6.check(address, 'ipv6') && ", instead: ''},
		'IPv6 that carries other addresses is known': {
			text: " && !notPublic6.check(address, 'ipv6')",
			instead: '',
		},
	}),
	...guardsOf(
		'src/callbacks/attempt.ts',
		['test/callbacks/delivery.test.ts', 'test/callbacks/callbacks.test.ts'],
		{
			'nobody is called who waits no longer': {text: 'if (until <= clock()) {', instead: 'if (until < 0) {'},
			'an attempt ends before its lease': {
				text: 'clock() + timeoutMs > leasedUntil',
				instead: 'clock() < 0',
			},
		},
	),
	...guardsOf('src/pages/form.ts', ['test/pages/pay.test.ts', 'test/vtex/authorization/sign-up.test.ts'], {
		'a form has the token of its page': {
			text: 'return shown.length === wanted.length && timingSafeEqual(shown, wanted);',
			instead: 'return shown.length === wanted.length;',
		},
		'a form comes from a page of ours': {
			text: "if (site !== undefined && site !== 'same-origin' && site !== 'none') {",
			instead: "if (site === '') {",
		},
		"a form's origin is ours": {
			text: 'origin === undefined ||\n',
			instead: 'origin === undefined || origin.length > 0 ||\n',
		},
		'a form has a limit': {text: "formLimit: '4kb'", instead: "formLimit: '4mb'"},
	}),
	...guardsOf('src/pages/pay.ts', ['test/pages/pay.test.ts'], {
		'a page leads back to where it may': {
			text: ' && mayReturn(returnUrl) ? returnUrl',
			instead: ' ? returnUrl',
		},
		'a blank PIN is no guess': {
			text: "if (pin === '' && needsPin(found.payment)) {",
			instead: "if (pin === '-' && needsPin(found.payment)) {",
		},
	}),
	...guardsOf('src/payments/shopper.ts', ['test/payments/page.test.ts'], {
		'a page answers once, and not when its time is over': {
			text: "payment?.status === 'pending' && !isPageLate(payment, clock())",
			instead: "payment?.status === 'pending'",
		},
		'a payment that ended is not answered by its page': {
			text: "payment?.status === 'pending' && !isPageLate(payment, clock())",
			instead: 'payment !== undefined && !isPageLate(payment, clock())',
		},
	}),
];
