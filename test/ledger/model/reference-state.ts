/* What the reference of the model remembers: see reference.ts. */

export type ReferenceLot = {
	/** Unknown for a child lot until the ledger has named it. */
	id: string | null;
	readonly parent: ReferenceLot | null;
	readonly issued: number;
	readonly isPromotional: boolean;
	readonly expiresAt: number;
	remaining: number;
	held: number;
};

export type Unit = {readonly lot: ReferenceLot; state: 'held' | 'captured' | 'released' | 'refunded'};
export type ReferenceOperation =
	| {
			readonly kind: 'hold';
			readonly card: ReferenceCard;
			readonly units: Unit[];
			readonly isFirstUse: boolean;
	  }
	| {readonly kind: 'credit'; readonly card: ReferenceCard; readonly lot: ReferenceLot; reversed: number};

export type ReferenceCard = {
	status: 'active' | 'blocked' | 'closed';
	readonly isSingleUse: boolean;
	readonly isRestricted: boolean;
	readonly isRechargeable: boolean;
	readonly startsAt: number;
	expiresAt: number;
	entries: number;
	readonly lots: ReferenceLot[];
	/** Of a used single-use card: what refunds opened and nobody has spent again. */
	opened: number | null;
};

export type ReferenceCommand =
	| {
			readonly verb: 'authorize';
			readonly card: ReferenceCard;
			readonly amount: number;
			readonly assetId: number;
			readonly by: 'owner' | 'other' | 'nobody';
	  }
	| {
			readonly verb: 'credit';
			readonly card: ReferenceCard;
			readonly amount: number;
			readonly assetId: number;
			readonly isPromotional: boolean;
	  }
	| {readonly verb: 'capture' | 'undo'; readonly operation: ReferenceOperation; readonly amount: number}
	| {
			readonly verb: 'transfer';
			readonly card: ReferenceCard;
			readonly target: ReferenceCard;
			/** Zero for everything. */
			readonly amount: number;
			readonly assetId: number;
	  }
	| {
			readonly verb: 'adjust';
			readonly card: ReferenceCard;
			readonly amount: number;
			readonly expiresAt: number;
	  }
	| {readonly verb: 'expire' | 'close'; readonly card: ReferenceCard};

/** What moved, with the operation that began; or the name of the refusal. */
export type ReferenceOutcome = string | {readonly moved: number; readonly operation?: ReferenceOperation};
export type ReferenceHold = Extract<ReferenceOperation, {kind: 'hold'}>;
export type ReferenceCredit = Extract<ReferenceOperation, {kind: 'credit'}>;

export function addLot(
	card: ReferenceCard,
	born: Pick<ReferenceLot, 'parent' | 'issued' | 'isPromotional' | 'expiresAt'>,
): ReferenceLot {
	const lot = {...born, id: null, remaining: born.issued, held: 0};
	card.lots.push(lot);
	return lot;
}
