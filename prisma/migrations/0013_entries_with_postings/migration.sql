-- Entries and postings are checked without adding up again what was proven already (docs/decisions/0003-postings-checked-by-statement.md).

-- B2, on the side of the entry: at commit it must have postings. That those sum to zero for each asset is proven by
-- postings_with_their_entry whenever a statement adds any, postings are never changed or taken away, and none is of nothing
-- (postings_amount_check): where there is one, there are two that balance. This runs once for each entry, and adding up what was
-- just added up made each of them cost twice as much.
CREATE OR REPLACE FUNCTION entry_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM postings WHERE merchant_id = NEW.merchant_id AND entry_id = NEW.id LIMIT 1;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'entry % violates constraint "entries_balanced": it needs at least two postings that sum to zero for each asset', NEW.id
			USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entries_balanced';
	END IF;
	RETURN NULL;
END
$$;

-- B2, on the side of the postings: they may only join an entry of their own transaction, and those that a statement adds must balance
-- among themselves. What the entry had before balances then, because the statement that added it was checked like this one, and so
-- does the sum of both. Reading it again would only tell what is known.
CREATE OR REPLACE FUNCTION postings_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	offender uuid;
BEGIN
	SELECT a.entry_id INTO offender
	FROM (SELECT DISTINCT merchant_id, entry_id FROM added) a
	LEFT JOIN entries e ON e.merchant_id = a.merchant_id AND e.id = a.entry_id
	WHERE e.xid IS DISTINCT FROM pg_current_xact_id()
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'a posting of entry % violates constraint "postings_with_their_entry": this transaction did not write that entry', offender
			USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'postings_with_their_entry';
	END IF;

	SELECT entry_id INTO offender
	FROM added
	GROUP BY merchant_id, entry_id, asset_id
	HAVING sum(amount) <> 0
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'entry % violates constraint "entries_balanced": its postings must sum to zero for each asset', offender
			USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entries_balanced';
	END IF;
	RETURN NULL;
END
$$;
