export type Answer = {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** The parsed body; `undefined` when it is empty or not JSON. */
	readonly json: unknown;
};

export type CallOptions = {
	/** Sent as JSON; text and bytes are sent as they are. */
	readonly body?: unknown;
	/** Over the credentials and the content type; `null` leaves a header out. */
	readonly headers?: Readonly<Record<string, string | null>>;
};

/** Ask over HTTP, as VTEX does unless told otherwise. */
export async function ask(
	url: string,
	method: string,
	credentials: Readonly<Record<string, string>>,
	{body, headers = {}}: CallOptions = {},
): Promise<Answer> {
	const sent = new Headers(credentials);
	if (body !== undefined) {
		sent.set('Content-Type', 'application/vnd.vtex.giftcards.v1+json');
	}

	for (const [name, value] of Object.entries(headers)) {
		if (value === null) {
			sent.delete(name);
		} else {
			sent.set(name, value);
		}
	}

	const response = await fetch(url, {
		method,
		headers: sent,
		...(body !== undefined && {body: payloadOf(body)}),
	});
	const text = await response.text();
	return {status: response.status, headers: response.headers, text, json: parsed(text)};
}

/**
 * Ask until there is an answer. Of those who want the same row at the same moment, a busy machine tells some to come back, as it does
 * VTEX: that is no answer yet.
 */
export async function untilAnswered<Reply extends {readonly status: number}>(
	call: () => Promise<Reply>,
): Promise<Reply> {
	const reply = await call();
	return reply.status === 503 ? untilAnswered(call) : reply;
}

function payloadOf(body: unknown): string | Uint8Array<ArrayBuffer> {
	if (typeof body === 'string') {
		return body;
	}

	return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
}

function parsed(text: string): unknown {
	try {
		return text === '' ? undefined : (JSON.parse(text) as unknown);
	} catch {
		return undefined;
	}
}
