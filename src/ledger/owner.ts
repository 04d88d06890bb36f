/**
 * Something that names a customer, normalised. `corporate` marks the document of a company, which a person may present when
 * buying for it; it is told apart only where customers are resolved.
 */
export type Identifier = {
	readonly kind: 'profile' | 'document' | 'email';
	readonly value: string;
	readonly corporate?: true;
};

const byStrength = ['profile', 'document', 'email'] as const satisfies readonly Identifier['kind'][];

/**
 * Whether a card's owner is who presents it: the strongest kind of identifier that both sides have decides, and there one equal
 * value is enough (B11). `unknown` means that nothing can be compared; the card id, which is secret, then decides.
 */
export function ownerMatch(
	owner: readonly Identifier[],
	presented: readonly Identifier[],
): 'same' | 'other' | 'unknown' {
	for (const strength of byStrength) {
		const owned = new Set(owner.filter(({kind}) => kind === strength).map(({value}) => value));
		const shown = presented.filter(({kind}) => kind === strength);
		if (owned.size > 0 && shown.length > 0) {
			return shown.some(({value}) => owned.has(value)) ? 'same' : 'other';
		}
	}

	return 'unknown';
}
