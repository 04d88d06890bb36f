/** Zero-based, both ends included. */
export type RestRange = {readonly from: number; readonly to: number};

const defaultRange: RestRange = {from: 0, to: 49};

/** More cards than this in one answer help nobody; Checkout asks for ten (known issue KI-770337). */
const widthMax = 100;

// `resources=0-9`, `giftcard=0-9` and `0-9` all occur (Gift Card Provider Protocol, 5).
const form = /^\s*(?:[a-z]+\s*=\s*)?(\d{1,9})\s*-\s*(\d{1,9})\s*$/i;

/** What REST-Range asks for; where it is missing or makes no sense, the protocol's default. */
export function readRestRange(header: string | string[] | undefined): RestRange {
	const [, from, to] = form.exec(String(header ?? '')) ?? [];
	if (from === undefined || Number(to) < Number(from)) {
		return defaultRange;
	}

	return {from: Number(from), to: Math.min(Number(to), Number(from) + widthMax - 1)};
}

/**
 * REST-Content-Range of an answer with `count` of `total` items: `resources 0-9/42`, and `resources 0-0/0` when there is
 * nothing at all. Behind the end it names the place that was asked for, so that whoever counts on stops.
 */
export function contentRange({from}: RestRange, count: number, total: number): string {
	const first = total === 0 ? 0 : from;
	return `resources ${first}-${first + Math.max(count, 1) - 1}/${total}`;
}
