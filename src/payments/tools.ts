import {type Guesses} from '../cards/guesses.ts';
import {type PayingCards} from '../cards/paying-card.ts';
import {type CardPricing} from '../cards/pricing.ts';
import {type CardSearch} from '../cards/search.ts';
import {type Peppers} from '../cards/peppers.ts';
import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Writer} from '../ledger/writer.ts';
import {type Assets} from '../merchants/assets.ts';
import {type PaymentReader} from './find.ts';
import {type Wallets} from './wallet.ts';

/** Whether a PIN opens some cards. `none`: no card of them has one. A PIN that is missing is `wrong`, and counts as no miss. */
export type PinCheck = {
	readonly check: (
		merchantId: number,
		cards: readonly {readonly cardId: string; readonly publicId: string}[],
		pin: string | null,
	) => Promise<'right' | 'wrong' | 'locked' | 'none'>;
};

export type PaymentParts = {
	readonly prisma: PrismaClient;
	/** For look-ups that checkout waits for. */
	readonly readerPrisma: PrismaClient;
	readonly writer: Pick<Writer, 'submit'>;
	readonly assets: Assets;
	readonly pricing: CardPricing;
	readonly search: Pick<CardSearch, 'findByCode'>;
	readonly peppers: Peppers;
	readonly pins: PinCheck;
	readonly guesses: Guesses;
	readonly clock: () => Instant;
};

export type PaymentOptions = {
	/** The text of SECRETS_KEY; addresses of shoppers' pages derive from it. */
	readonly secretsKey: string;
	/** Without a trailing slash. */
	readonly publicUrl: string;
	/** The weakest identifier on which a wallet pays at once (A3). */
	readonly walletIdentity: 'profile' | 'document' | 'email';
	/** Seconds. */
	readonly delayToAutoSettle: number;
	readonly delayToAutoSettleAfterAntifraud: number;
	readonly delayToCancel: number;
	/** A payment was asked for again with another amount or currency, and got its first answer (A8). */
	readonly onChanged?: (merchantId: number, paymentId: string) => void;
	/** Told of failures that nobody is answered: the log. */
	readonly onFailure?: (error: unknown, what: string) => void;
};

/** What everything about payments is done with. */
export type PaymentTools = PaymentParts & {
	readonly options: PaymentOptions;
	readonly payingCards: PayingCards;
	readonly reader: PaymentReader;
	readonly wallets: Wallets;
};
