-- A payment is one row, written once in its final image: root, memory of its create (B16) and what VTEX said about it. Its primary key is
-- the lock of a payment that is not there yet, so that no row is made only to be locked, and then changed or deleted again.

DELETE FROM payments WHERE status = 0;

ALTER TABLE payments
	ALTER COLUMN status DROP DEFAULT,
	DROP CONSTRAINT payments_status_check,
	-- 1 pending, 2 approved, 3 denied, 4 cancelled.
	ADD CONSTRAINT payments_status_check CHECK (status BETWEEN 1 AND 4),
	-- When the hold was released because VTEX forgot it: a settlement that comes late takes the value again (A6), by a hold of its own.
	ADD COLUMN timed_out_at timestamptz(3),
	ADD COLUMN former_hold_id uuid,
	-- What VTEX said: erasable (B9). Card numbers, security codes and password fields never get here.
	ADD COLUMN method text,
	ADD COLUMN order_id text,
	ADD COLUMN reference text,
	ADD COLUMN transaction_id text,
	ADD COLUMN callback_url text,
	ADD COLUMN return_url text,
	ADD COLUMN delay_to_auto_settle integer,
	ADD COLUMN delay_after_antifraud integer,
	ADD COLUMN delay_to_cancel integer,
	-- Whose wallet the shopper's page asks about.
	ADD COLUMN customer_id bigint,
	-- Of the secret in the page's address; the page works until then, once.
	ADD COLUMN page_hash bytea,
	ADD COLUMN page_until timestamptz(3),
	ADD COLUMN particulars jsonb NOT NULL DEFAULT '{}';

UPDATE payments p SET method = q.method, order_id = q.order_id, reference = q.reference, transaction_id = q.transaction_id,
	callback_url = q.callback_url, return_url = q.return_url, delay_to_auto_settle = q.delay_to_auto_settle,
	delay_after_antifraud = q.delay_after_antifraud, delay_to_cancel = q.delay_to_cancel, customer_id = q.customer_id,
	page_hash = q.page_hash, page_until = q.page_until, particulars = q.particulars
FROM payment_particulars q WHERE q.merchant_id = p.merchant_id AND q.payment_id = p.payment_id;
DROP TABLE payment_particulars;

ALTER TABLE payments
	-- The page's secret itself does not fit here.
	ADD CONSTRAINT payments_page_check CHECK (page_hash IS NULL OR octet_length(page_hash) = 32),
	-- A time-out that released nothing would let a settlement take value that was never given back.
	ADD CONSTRAINT payments_timed_out_check CHECK (timed_out_at IS NULL OR (status = 4 AND hold_id IS NOT NULL AND former_hold_id IS NULL)),
	-- Value that was taken again without a hold, or by the hold that was released.
	ADD CONSTRAINT payments_former_hold_check CHECK (former_hold_id IS NULL OR (hold_id IS NOT NULL AND hold_id <> former_hold_id)),
	-- A create that is half remembered could not be answered again; a tombstone (a cancellation that came first) has none of it.
	ADD CONSTRAINT payments_created_check CHECK (
		num_nulls(way, asset_id, value, method, delay_to_auto_settle, delay_after_antifraud, delay_to_cancel) IN (0, 7)
	);
-- One address, one payment. Most payments have no page.
CREATE UNIQUE INDEX payments_page ON payments (merchant_id, page_hash) WHERE page_hash IS NOT NULL;

-- A tid derives from merchant and payment id, which are the primary key: two payments of one tid would be a broken SHA-256.
DROP INDEX payments_merchant_id_tid_key;
