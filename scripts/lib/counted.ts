/**
 * A number of things for people: `1 line`, `2 lines`, `1,044 postings`.
 * @param several - what more than one, or none, are called, where that is not one with an s
 */
export function counted(count: number, one: string, several = `${one}s`): string {
	return `${count.toLocaleString('en')} ${count === 1 ? one : several}`;
}
