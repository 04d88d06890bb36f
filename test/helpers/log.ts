/** Keeps what is logged. */
export function keepLines() {
	const lines: string[] = [];
	return {
		write: (line: string) => {
			lines.push(line);
		},
		lines,
		/** Every line, parsed. */
		parsed: () => lines.map(line => JSON.parse(line) as Record<string, unknown>),
	};
}
