export function min(a: bigint, b: bigint): bigint {
	return a < b ? a : b;
}

export function sum(amounts: readonly bigint[]): bigint {
	return amounts.reduce((total, amount) => total + amount, 0n);
}

/**
 * How much of what is `left` an operation over `amount` moves (A9): all that it asks for while that is left. VTEX sends
 * the value of the whole again after partial operations, and then exactly the rest moves. Null: refused.
 */
export function portion(amount: bigint, left: bigint, whole: bigint): bigint | null {
	if (amount <= left) {
		return amount;
	}

	return amount === whole && left > 0n ? left : null;
}

/**
 * How much of what is `left` moves when a person asks, who must find what was typed and nothing else: the amount itself, or for zero all
 * that is left. Null: refused.
 */
export function exactly(amount: bigint, left: bigint): bigint | null {
	const moved = amount === 0n ? left : amount;
	return moved > 0n && moved <= left ? moved : null;
}
