import {createHash, createHmac} from 'node:crypto';
import {type Instant} from '../ledger/calendar.ts';
import {type Payment} from './payment.ts';

/**
 * The secret in the address of a payment's page: derived, so that a repeated create answers the same address, and unguessable
 * without SECRETS_KEY. Only its hash is stored.
 */
export function pageSecretOf(secretsKey: string, tid: string): string {
	return createHmac('sha256', secretsKey).update(`page ${tid}`).digest('base64url');
}

/** The 32 bytes under which a page is found. */
export function pageHashOf(secret: string): Buffer {
	return createHash('sha256').update(secret).digest();
}

/** Where the shopper concludes the payment; null for a payment without a page. */
export function paymentUrlOf(
	{secretsKey, publicUrl}: {readonly secretsKey: string; readonly publicUrl: string},
	{tid, particulars}: Payment,
): string | null {
	const hasPage = (particulars?.pageHash ?? null) !== null;
	return hasPage ? `${publicUrl}/pay/${pageSecretOf(secretsKey, tid)}` : null;
}

/** Whether the shopper did not answer in time. The payment is denied for it soon. */
export function isPageLate({status, particulars}: Payment, now: Instant): boolean {
	return status === 'pending' && now >= (particulars?.pageUntil ?? now);
}
