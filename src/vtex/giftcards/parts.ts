import {type CardCreation} from '../../cards/create.ts';
import {type CardPricing} from '../../cards/pricing.ts';
import {type CardReader} from '../../cards/read.ts';
import {type CardDirectory} from '../../cards/resolve.ts';
import {type CardSearch} from '../../cards/search.ts';
import {type CardTransactions} from '../../cards/transactions.ts';
import {type Instant} from '../../ledger/calendar.ts';
import {type Writer} from '../../ledger/writer.ts';
import {type Assets} from '../../merchants/assets.ts';

/** What the endpoints of the Gift Card Provider Protocol need. */
export type GiftCardParts = {
	/** Our id in the merchant's Gift Card Hub. */
	readonly providerId: string;
	readonly clock: () => Instant;
	readonly assets: Assets;
	readonly writer: Writer;
	readonly directory: CardDirectory;
	readonly reader: CardReader;
	readonly search: CardSearch;
	readonly pricing: CardPricing;
	readonly creation: CardCreation;
	readonly transactions: CardTransactions;
};
