import {type Endpoint} from '../endpoint.ts';
import {createCancellation} from './create-cancellation.ts';
import {createCard} from './create-card.ts';
import {createSettlement} from './create-settlement.ts';
import {createTransaction} from './create-transaction.ts';
import {getAuthorization} from './get-authorization.ts';
import {getCard} from './get-card.ts';
import {getTransaction} from './get-transaction.ts';
import {listCancellations} from './list-cancellations.ts';
import {listSettlements} from './list-settlements.ts';
import {listTransactions} from './list-transactions.ts';
import {type GiftCardParts} from './parts.ts';
import {search} from './search.ts';

/** The eleven endpoints, in the order of Gift Card Provider Protocol, 9. */
export const giftCardEndpoints: readonly Endpoint<GiftCardParts>[] = [
	search,
	getCard,
	createCard,
	createTransaction,
	listTransactions,
	getTransaction,
	getAuthorization,
	listCancellations,
	createCancellation,
	listSettlements,
	createSettlement,
];
