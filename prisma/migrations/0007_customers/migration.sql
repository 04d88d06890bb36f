-- Customers who turn out to be one, and customers who want to be forgotten.

ALTER TABLE customers
	-- The customer that this one became (A13). Its identifiers are that one's now; ids of it that are kept elsewhere lead there.
	ADD COLUMN merged_into bigint,
	-- When all that names this customer was removed (B9). Its cards are closed; what they moved stays in the books.
	ADD COLUMN erased_at   timestamptz(3),
	ADD CONSTRAINT customers_merchant_id_merged_into_fkey FOREIGN KEY (merchant_id, merged_into) REFERENCES customers (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- Whoever followed such a customer would never arrive.
	ADD CONSTRAINT customers_merged_into_check CHECK (merged_into <> id);
-- Most customers are nobody else.
CREATE INDEX customers_merged ON customers (merchant_id, merged_into) WHERE merged_into IS NOT NULL;

-- An erasure must find what VTEX said about a customer's payments. Those paid by a code name nobody.
CREATE INDEX payments_of_customers ON payments (merchant_id, customer_id) WHERE customer_id IS NOT NULL;

-- Payments, journals of changes and people keep a customer's number; it must not come to mean nobody, or somebody else.
CREATE TRIGGER customers_stay BEFORE DELETE OR TRUNCATE ON customers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('cards and payments refer to its rows; erase a customer instead');
-- A merge cannot be taken back: since then nobody can say whose an order was. What was erased stays so.
CREATE TRIGGER customers_fixed BEFORE UPDATE OF merchant_id, id, merged_into, erased_at ON customers FOR EACH ROW
	WHEN ((OLD.merchant_id, OLD.id) IS DISTINCT FROM (NEW.merchant_id, NEW.id)
		OR (OLD.merged_into IS NOT NULL AND OLD.merged_into IS DISTINCT FROM NEW.merged_into)
		OR (OLD.erased_at IS NOT NULL AND (OLD.erased_at, OLD.merged_into) IS DISTINCT FROM (NEW.erased_at, NEW.merged_into)))
	EXECUTE FUNCTION refuse_change('a customer keeps its number, and what was merged or erased stays so');

-- Who is given something must still be there. The customer's row is locked by it, so that a merge or an erasure under way is waited for: one
-- that was looked up a moment ago may be somebody else by now.
CREATE FUNCTION customer_must_live() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	wanted bigint;
	lives boolean;
BEGIN
	IF TG_TABLE_NAME = 'cards' THEN
		wanted := NEW.owner_id;
	ELSIF TG_TABLE_NAME = 'customers' THEN
		wanted := NEW.merged_into;
	ELSE
		wanted := NEW.customer_id;
	END IF;
	SELECT merged_into IS NULL AND erased_at IS NULL INTO lives FROM customers
	WHERE merchant_id = NEW.merchant_id AND id = wanted FOR SHARE;
	IF NOT lives THEN
		RAISE EXCEPTION 'a row of % violates constraint "%": customer % was merged or erased', TG_TABLE_NAME, TG_NAME, wanted
			USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
	END IF;
	RETURN NEW;
END
$$;
-- An e-mail address of somebody who was erased, or who would be found under a number that is nobody's any more.
CREATE TRIGGER customer_identifiers_of_the_living BEFORE INSERT OR UPDATE OF customer_id ON customer_identifiers
	FOR EACH ROW EXECUTE FUNCTION customer_must_live();
-- A card that nobody would find. Debits do not name the owner, so they never come here.
CREATE TRIGGER cards_of_the_living BEFORE INSERT OR UPDATE OF owner_id ON cards
	FOR EACH ROW WHEN (NEW.owner_id IS NOT NULL) EXECUTE FUNCTION customer_must_live();
-- A ring of customers, each of whom became the other: the last link of one would lead to somebody who is merged already.
CREATE TRIGGER customers_into_the_living BEFORE INSERT OR UPDATE OF merged_into ON customers
	FOR EACH ROW WHEN (NEW.merged_into IS NOT NULL) EXECUTE FUNCTION customer_must_live();

-- Who merged or erased a customer, and why. The reason is free text, so it may be erased (B9).
CREATE TABLE customer_changes (
	merchant_id integer NOT NULL,
	id          bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	kind        smallint NOT NULL,
	-- Of a merge: the customer that became this one.
	other_id    bigint,
	at          timestamptz(3) NOT NULL,
	actor_id    integer NOT NULL,
	reason      text NOT NULL,
	CONSTRAINT customer_changes_pkey PRIMARY KEY (merchant_id, id),
	CONSTRAINT customer_changes_merchant_id_customer_id_fkey FOREIGN KEY (merchant_id, customer_id) REFERENCES customers (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	CONSTRAINT customer_changes_merchant_id_other_id_fkey FOREIGN KEY (merchant_id, other_id) REFERENCES customers (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	CONSTRAINT customer_changes_merchant_id_actor_id_fkey FOREIGN KEY (merchant_id, actor_id) REFERENCES actors (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- 1 merge, 2 erase.
	CONSTRAINT customer_changes_kind_check CHECK (kind IN (1, 2)),
	-- A merge that does not say with whom, or an erasure that drags somebody else in.
	CONSTRAINT customer_changes_other_check CHECK ((kind = 1) = (other_id IS NOT NULL))
);
CREATE INDEX customer_changes_merchant_id_customer_id_idx ON customer_changes (merchant_id, customer_id);
