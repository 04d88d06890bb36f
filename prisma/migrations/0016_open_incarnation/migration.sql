-- Opening an incarnation changes the default of a column, which only the owner of the table may. The service need not be the owner: this
-- function is, and does nothing else, and that only where there is no incarnation that counts (src/ledger/incarnation.ts).

-- The names of what it uses are looked up in these schemas alone, whatever the caller has set, and its own temporary tables come last.
-- How long it waits for the table is the caller's lock_timeout.
CREATE FUNCTION open_incarnation() RETURNS smallint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	opened smallint;
BEGIN
	IF server_id() IS NULL THEN
		RETURN NULL;
	END IF;
	LOCK TABLE entries IN ACCESS EXCLUSIVE MODE;
	-- Another process may have opened it while we waited.
	SELECT i.id INTO opened FROM incarnations i
	WHERE i.id = (SELECT max(id) FROM incarnations) AND i.system_id = server_id() AND NOT EXISTS (
		SELECT FROM house_horizons h
		WHERE h.incarnation = i.id AND h.horizon > pg_snapshot_xmin(pg_current_snapshot())::text::bigint
	);
	IF opened IS NOT NULL THEN
		RETURN opened;
	END IF;
	-- Entries of the first incarnation are there, also where nobody could say on which server it was.
	INSERT INTO incarnations (id, system_id) SELECT coalesce(max(i.id), 1) + 1, server_id() FROM incarnations i RETURNING id INTO opened;
	EXECUTE format('ALTER TABLE entries ALTER COLUMN incarnation SET DEFAULT %s', opened);
	RETURN opened;
END
$$;
-- Whoever may connect could otherwise hold up all checkouts for as long as it waits for the table.
REVOKE EXECUTE ON FUNCTION open_incarnation() FROM PUBLIC;
