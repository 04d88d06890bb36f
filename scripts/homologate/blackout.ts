/** Takes out of texts what must stand in no report. */
export type Blackout = {
	readonly keepSecret: (secret: string) => void;
	readonly hide: (text: string) => string;
};

/** What stands in place of something secret. */
export const bar = '█████';

// Fewer characters stand in ordinary words, too; nobody's secret is that short but a PIN, which is hidden by the name of its member.
const lengthMin = 5;

/** Members whose values are secret wherever they stand in JSON: codes, PINs, card numbers and what goes with them. */
const secretMembers =
	/("(?:redemptionCode|redemptionToken|pin|csc|cvv|password|appKey|appToken|applicationKey|cardNumber|holderToken)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;
/** A card's number is called `number`, as a house's is. */
const cardNumbers = /("(?:number|bin)"\s*:\s*)"[\d ]{6,23}"/gi;

export function openBlackout(secrets: readonly string[]): Blackout {
	const patterns = new Map<string, RegExp>();
	const keepSecret = (secret: string) => {
		const text = secret.trim();
		if (text.length >= lengthMin && !patterns.has(text)) {
			patterns.set(text, new RegExp(writtenForms(text).map(escaped).join('|'), 'gi'));
		}
	};
	secrets.forEach(keepSecret);
	return {
		keepSecret,
		hide(text) {
			const members = text.replace(secretMembers, `$1"${bar}"`).replace(cardNumbers, `$1"${bar}"`);
			return [...patterns.values()].reduce((left, pattern) => left.replace(pattern, bar), members);
		},
	};
}

/** As it stands, as in JSON, and as in an address. */
function writtenForms(text: string): string[] {
	return [...new Set([text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)])];
}

function escaped(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
