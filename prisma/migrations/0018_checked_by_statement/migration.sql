-- What was checked for each row is checked once for each statement: an import adds hundreds of rows at a time, and looking up the customer or
-- the card of each by itself took longer than writing it.

-- As customer_must_live, for all rows that a statement added: who is given something must still be there, and stays so until the transaction
-- ends. All are locked, in one order; whoever adds rows for several customers adds them in that order, too, since each row's reference locks
-- its customer before. Each is looked up by its key, whatever the statistics say: the plan is kept while the table grows.
CREATE FUNCTION customers_must_live() RETURNS trigger LANGUAGE plpgsql
	SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
	merchants integer[];
	wanted bigint[];
	gone bigint;
BEGIN
	IF TG_TABLE_NAME = 'cards' THEN
		SELECT array_agg(merchant_id), array_agg(id) INTO merchants, wanted
		FROM (SELECT DISTINCT merchant_id, owner_id AS id FROM added WHERE owner_id IS NOT NULL ORDER BY 1, 2) a;
	ELSE
		SELECT array_agg(merchant_id), array_agg(id) INTO merchants, wanted
		FROM (SELECT DISTINCT merchant_id, customer_id AS id FROM added ORDER BY 1, 2) a;
	END IF;
	SELECT min(id) FILTER (WHERE merged_into IS NOT NULL OR erased_at IS NOT NULL) INTO gone
	FROM (
		SELECT c.id, c.merged_into, c.erased_at
		FROM unnest(merchants, wanted) AS w(merchant_id, id) JOIN customers c ON c.merchant_id = w.merchant_id AND c.id = w.id
		FOR SHARE OF c
	) locked;
	IF gone IS NOT NULL THEN
		RAISE EXCEPTION 'a row of % violates constraint "%": customer % was merged or erased', TG_TABLE_NAME, TG_NAME, gone
			USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
	END IF;
	RETURN NULL;
END
$$;

-- An e-mail address of somebody who was erased, or who would be found under a number that is nobody's any more.
CREATE OR REPLACE TRIGGER customer_identifiers_of_the_living AFTER INSERT ON customer_identifiers REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION customers_must_live();
-- The same, of one that moves to somebody else.
CREATE TRIGGER customer_identifiers_to_the_living BEFORE UPDATE OF customer_id ON customer_identifiers
	FOR EACH ROW EXECUTE FUNCTION customer_must_live();
-- A card that nobody would find.
CREATE OR REPLACE TRIGGER cards_of_the_living AFTER INSERT ON cards REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION customers_must_live();
-- The same, of one that goes to somebody else. Debits do not name the owner, so they never come here.
CREATE TRIGGER cards_to_the_living BEFORE UPDATE OF owner_id ON cards
	FOR EACH ROW WHEN (NEW.owner_id IS NOT NULL) EXECUTE FUNCTION customer_must_live();
