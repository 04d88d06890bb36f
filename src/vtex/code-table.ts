/** Codes and what each says, as a table in Markdown; each code once. */
export function codeTable(codes: Iterable<readonly [code: string, message: string]>): string {
	const rows = Array.from(new Map(codes), ([code, message]) => `| \`${code}\` | ${message} |`);
	return ['| Code | Says |', '|---|---|', ...rows].join('\n');
}
