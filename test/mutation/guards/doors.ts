import {guardsOf} from '../mutant.ts';

/* Who may come in, and what they and a log may learn: credentials, roles, contracts. */

const authentication = 'test/http/authentication.test.ts';
const check = 'test/merchants/credential-check.test.ts';

export const doorGuards = [
	...guardsOf('src/http/metrics.ts', ['test/http/metrics.test.ts'], {
		'the token of the metrics is compared': {
			text: 'return timingSafeEqual(digest(presented), expected);',
			instead: 'return digest(presented).length === expected.length;',
		},
		'without a token the metrics are for this machine': {
			text: "loopback.check(address, family === 4 ? 'ipv4' : 'ipv6') &&",
			instead: "family === (address.includes(':') ? 6 : 4) &&",
		},
		'a service that is reached from elsewhere has no metrics without a token': {
			text: 'return loopbackNames.test(new URL(publicUrl).host) ?',
			instead: "return loopbackNames.test(publicUrl === '' ? '' : 'localhost') ?",
		},
		'a proxy on this machine is told by its headers': {
			text: 'proxyHeaders.every(name => headers[name] === undefined)',
			instead: 'proxyHeaders.length > 0',
		},
		'a proxy on this machine is told by its version of HTTP': {
			text: "httpVersion === '1.1' &&",
			instead: "httpVersion !== '' &&",
		},
		'a proxy on this machine is told by the name it passes on': {
			text: "loopbackNames.test(headers.host ?? '') &&",
			instead: "(headers.host ?? '') !== '' &&",
		},
	}),
	...guardsOf('src/merchants/token.ts', [authentication], {
		'the token is compared': {
			text: 'return timingSafeEqual(hashToken(check.salt, appToken), check.hash);',
			instead: 'return hashToken(check.salt, appToken).length === check.hash.length;',
		},
		'each token has a salt of its own': {
			text: 'const salt = randomBytes(16);',
			instead: 'const salt = Buffer.alloc(16);',
			tests: ['test/merchants/credentials.test.ts'],
		},
	}),
	...guardsOf('src/merchants/credential-check.ts', [check, authentication], {
		'a revoked credential is none': {text: 'where: {revokedAt: null},', instead: ''},
		'a copy of the credentials that is too old is none': {
			text: '(known.has(appKey) ? ageMaxMs : retryUnknownAfterMs)',
			instead: '(known.has(appKey) ? 60_000 : retryUnknownAfterMs)',
		},
		'a new credential is looked for soon': {
			text: '(known.has(appKey) ? ageMaxMs : retryUnknownAfterMs)',
			instead: 'ageMaxMs * 3',
		},
		'a copy that was under way for too long is none': {
			text: 'clock() - current.at > ageMaxMs ? await refresh() : current',
			instead: 'current',
		},
		'a clock that was set back makes no copy young': {text: 'ageMs >= 0 && ', instead: ''},
		'an unknown key is compared with nobody': {
			text: 'known?.token ?? nobody, appToken) ? known?.caller : undefined',
			instead:
				'known?.token ?? nobody, appToken) ? known?.caller : current.known.values().next().value?.caller',
		},
	}),
	...guardsOf('src/merchants/credentials.ts', ['test/merchants/credentials.test.ts'], {
		'a merchant revokes its own credentials only': {
			text: 'where: {appKey, merchantId, revokedAt: null}',
			instead: 'where: {appKey, revokedAt: null}',
		},
		'a credential is revoked once': {
			text: 'where: {appKey, merchantId, revokedAt: null}',
			instead: 'where: {appKey, merchantId}',
		},
		'a key that is taken is refused': {text: 'if (count === 0) {', instead: 'if (count < 0) {'},
		'a token is not too short': {text: ' || appToken.length < tokenLengthMin', instead: ''},
	}),
	...guardsOf('src/vtex/authenticate.ts', [authentication], {
		'a key without a token is no pair': {
			text: 'isFilled(appKey) && isFilled(appToken)',
			instead: 'isFilled(appKey)',
		},
		'a blank header is none': {text: " && value.trim() !== ''", instead: ''},
	}),
	...guardsOf('src/http/caller.ts', ['test/http/caller.test.ts', authentication], {
		'nobody passes without credentials': {
			text: '\t\t\trefuse(ctx, 401);\n\t\t\treturn;',
			instead: '\t\t\trefuse(ctx, 401);\n\t\t\tawait next();\n\t\t\treturn;',
		},
		'nobody passes with wrong credentials': {
			text: '\t\t\trefuse(ctx, 403);\n\t\t\treturn;',
			instead: '\t\t\trefuse(ctx, 403);\n\t\t\tawait next();\n\t\t\treturn;',
		},
		'a refusal has no body': {text: '\tctx.body = null;\n', instead: "\tctx.body = 'No.';\n"},
	}),
	...guardsOf('src/http/app.ts', [authentication], {
		'credentials are looked at before routes': {
			text: 'app.use(knowCaller(credentials));\n\tapp.use(router.routes());',
			instead: 'app.use(router.routes());\n\tapp.use(knowCaller(credentials));',
		},
	}),
	...guardsOf('src/http/contract.ts', ['test/http/contract.test.ts', authentication], {
		'a viewer writes nothing': {
			text: "access === 'write' && caller.role !== 'provider'",
			instead: 'access === undefined',
		},
		'HEAD uses nothing up': {
			text: "if (ctx.method === 'HEAD') {",
			instead: "if (ctx.method === '') {",

			tests: ['test/vtex/authorization/sign-up.test.ts'],
		},
	}),
	...guardsOf(
		'src/http/body.ts',
		['test/http/server.test.ts', authentication, 'test/http/contract.test.ts'],
		{
			'a body has a limit': {text: "const bodyMax = '512kb';", instead: "const bodyMax = '512mb';"},
		},
	),
	...guardsOf('src/http/order-hook.ts', ['test/http/order-hook.test.ts'], {
		'a hook with a token that nobody knows is refused': {
			text: 'if (isPresented && owner === undefined) {',
			instead: 'if (!isPresented && owner !== undefined) {',
		},
		'a hook without a token rings for nobody': {
			text: "if (notification.kind !== 'ping' && owner === undefined) {",
			instead: "if (notification.kind === 'ping' && owner !== undefined) {",
		},
		"another account's notification rings for nobody": {
			text: 'notification.account !== null && notification.account !== account',
			instead: 'notification.account === undefined',
		},
	}),
	...guardsOf('src/http/log.ts', ['test/http/redaction.test.ts', 'test/http/log.test.ts'], {
		'secrets that something logs by name are blacked out': {
			text: "redact: {paths: secretNames, censor: '[redacted]'},",
			instead: '',
		},
		'an error is described by what holds no secret': {
			text: 'serializers: {error: safeCause},',
			instead: 'serializers: {error: pino.stdSerializers.err},',
		},
	}),
	...guardsOf('src/http/safe-cause.ts', ['test/http/redaction.test.ts', 'test/http/log.test.ts'], {
		'what the database says of a row is not told': {
			text: '...(!isOfDatabase && {message}),',
			instead: 'message,',
		},
		'the trace of an error is told without its sentence': {
			text: "stack.match(frames)?.slice(0, 8).join('\\n') ?? ''",
			instead: 'stack',
		},
	}),
	...guardsOf(
		'src/http/request-log.ts',
		['test/http/log.test.ts', 'test/http/server.test.ts', 'test/http/redaction.test.ts'],
		{
			'an operation id that is none is not passed on': {
				text: ' && operationIdText.test(operationId)) {',
				instead: ') {',
			},
			'a request is logged once': {
				text: 'if (state.isLogged) {',
				instead: "if (state.requestId === '') {",
				tests: ['test/http/contract.test.ts'],
			},
		},
	),
	...guardsOf(
		'src/vtex/endpoint.ts',
		[
			'test/http/contract.test.ts',
			'test/vtex/giftcards/create-transaction.test.ts',
			'test/vtex/payments/hostile-input.test.ts',
		],
		{
			'what comes in is checked against the contract': {
				text: "body: accept(body, call.body, 'body'),",
				instead: 'body: call.body as never,',
			},
			'what goes out is checked against the contract': {text: 'body: schema.parse(body)', instead: 'body'},
		},
	),
	...guardsOf(
		'src/vtex/giftcards/values.ts',
		[
			'test/vtex/giftcards/create-transaction.test.ts',
			'test/vtex/giftcards/create-operation.test.ts',
			'test/conformance/giftcards-operations.test.ts',
		],
		{
			'an amount is above zero': {text: 'if (amount.units <= 0n) {', instead: 'if (amount.units === -1n) {'},
		},
	),
];
