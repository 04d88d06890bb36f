import {codeTable} from '../code-table.ts';
import {refusalReplies} from './error-replies.ts';

/* When endpoints of cards answer statuses that some of them have in common, for the published document. */

export const unknownCard = {404: '`card_not_found`: there is no such card, or it is of another merchant.'};

export const unknownTransaction = {
	404: '`card_not_found` or `transaction_not_found`: there is no such card, or that card has no such transaction.',
};

const refusals = Object.values(refusalReplies).flatMap(([status, code, message]) =>
	status === 422 ? [[code, message] as const] : [],
);

export const refused = {
	409: '`request_id_conflict`: the `requestId` was used for another operation, value or currency.',
	422: `Refused, and nothing has changed.\n\n${codeTable(refusals)}`,
};
