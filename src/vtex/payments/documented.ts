import {codeTable} from '../code-table.ts';
import {refusalReasons, unknownReason, waitingReason} from './error-replies.ts';

/* What endpoints of payments have in common in the published document. */

/** Why a payment is not approved, or an operation not done, in Markdown. */
export const reasons = codeTable([...Object.values(refusalReasons), waitingReason, unknownReason]);

export const refused = {
	replyStatuses: [500],
	statuses: {
		500: `Refused, with a null id: nothing has changed. The gateway asks again for a day, and then tells the merchant. Or the request failed on our side.\n\n${reasons}`,
	},
};
