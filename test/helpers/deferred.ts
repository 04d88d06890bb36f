/** A promise that the test settles by hand, to stop time at a point. */
export function deferred<Value = void>(): {
	readonly promise: Promise<Value>;
	readonly resolve: (value: Value) => void;
} {
	let settle: ((value: Value) => void) | undefined;
	const promise = new Promise<Value>(resolve => {
		settle = resolve;
	});
	return {promise, resolve: value => settle?.(value)};
}
