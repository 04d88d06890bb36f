-- In one statement an UPDATE silently misses a row that another part of it inserts, and one that is not there any more. The writer's
-- statement counts what it changed, and this undoes the batch when the count is not that of the rows that it holds the locks of. The
-- database itself must refuse: COMMIT is on its way behind the statement.
CREATE FUNCTION expect_rows(table_name text, expected int, changed bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF changed <> expected THEN
		RAISE EXCEPTION 'A batch changed % rows of % where it held the locks of %; nothing was written.', changed, table_name, expected
			USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'rows_as_locked';
	END IF;
	RETURN true;
END
$$;
