-- A payment's row is born in its final image: its unique key is the lock of a payment that is not there yet, so that no row is made
-- only to be locked, and then changed or deleted again.

DELETE FROM payments WHERE status = 0;
ALTER TABLE payments
	ALTER COLUMN status DROP DEFAULT,
	DROP CONSTRAINT payments_status_check,
	-- 1 pending, 2 approved, 3 denied, 4 cancelled.
	ADD CONSTRAINT payments_status_check CHECK (status BETWEEN 1 AND 4);

-- A tid derives from merchant and payment id, which are the primary key: two payments of one tid would be a broken SHA-256.
DROP INDEX payments_merchant_id_tid_key;

-- The writer writes both rows in one statement, and payments are never deleted; the check cost a lock of the payment's row each time.
ALTER TABLE payment_particulars DROP CONSTRAINT payment_particulars_merchant_id_payment_id_fkey;

-- One address, one payment. Most payments have no page.
DROP INDEX payment_particulars_merchant_id_page_hash_key;
CREATE UNIQUE INDEX payment_particulars_page ON payment_particulars (merchant_id, page_hash) WHERE page_hash IS NOT NULL;
