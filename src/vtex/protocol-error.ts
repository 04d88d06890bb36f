/**
 * What a protocol answers other than success. Rendered as `{"error": {"code", "message"}}`, because the Hub turns an error without content
 * into its own 500 (Gift Card Provider Protocol, 7). The message goes out: it tells the caller what to do and repeats nothing secret.
 */
export class ProtocolError extends Error {
	readonly status: number;
	readonly code: string;
	/** For the header Retry-After. */
	readonly retryAfterSeconds: number | undefined;

	constructor(
		status: number,
		code: string,
		message: string,
		options: ErrorOptions & {readonly retryAfterSeconds?: number} = {},
	) {
		super(message, options);
		this.name = 'ProtocolError';
		this.status = status;
		this.code = code;
		this.retryAfterSeconds = options.retryAfterSeconds;
	}
}
