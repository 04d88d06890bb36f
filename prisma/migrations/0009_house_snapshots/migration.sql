-- What house accounts have, without adding up all of history: a snapshot below a horizon of transactions, and the tail above it (B5).

-- Which server this is, as pg_control_system() tells it; null where the role may not ask, as managed databases may have it. What is built on
-- it does without then: house accounts are added up from all of history. Each branch is planned when it is taken, so that a role that may not
-- ask is not refused for the branch it never takes.
CREATE FUNCTION server_id() RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
BEGIN
	IF has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') THEN
		RETURN (SELECT system_identifier FROM pg_catalog.pg_control_system());
	END IF;
	RETURN NULL;
END
$$;

-- Where transactions were numbered. Their numbers are the server's: what was written elsewhere and restored here has numbers that mean
-- nothing to this one. It belongs to the installation, as peppers do, so it has no merchant.
CREATE TABLE incarnations (
	id        smallint NOT NULL,
	-- The server's, as pg_control_system() tells it: another one after a restore elsewhere, the same after a failover.
	system_id bigint NOT NULL,
	opened_at timestamptz(3) NOT NULL DEFAULT now(),
	CONSTRAINT incarnations_pkey PRIMARY KEY (id),
	-- A number before the first would stand below entries that nobody took.
	CONSTRAINT incarnations_id_check CHECK (id > 0)
);
INSERT INTO incarnations (id, system_id) SELECT 1, server_id() WHERE server_id() IS NOT NULL;
-- What was numbered where would be told by nobody any more, and horizons would mean other entries.
CREATE TRIGGER incarnations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON incarnations FOR EACH STATEMENT
	EXECUTE FUNCTION refuse_change('entries and horizons refer to its rows; open another incarnation');

-- The incarnation in which an entry's xid counts. The default is a constant, so that a debit pays nothing for it; whoever opens an
-- incarnation changes it under a lock of the table (src/ledger/incarnation.ts).
ALTER TABLE entries ADD COLUMN incarnation smallint NOT NULL DEFAULT 1;
-- Entries are written nearly in the order of their xid, so a summary of each range of pages finds the tail, for next to nothing at each debit.
-- As a bigint, because not every version of PostgreSQL has BRIN for xid8.
CREATE INDEX entries_by_horizon ON entries USING brin (incarnation, (xid::text::bigint)) WITH (pages_per_range = 32, autosummarize = on);

-- Up to where a merchant's snapshots go: they hold every entry of former incarnations, and of this one those whose xid is below the horizon.
CREATE TABLE house_horizons (
	merchant_id integer NOT NULL,
	incarnation smallint NOT NULL,
	horizon     bigint NOT NULL,
	taken_at    timestamptz(3) NOT NULL,
	-- One horizon for all accounts of a merchant: two of them could not be added to one tail.
	CONSTRAINT house_horizons_pkey PRIMARY KEY (merchant_id),
	CONSTRAINT house_horizons_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- A horizon of no transactions that ever were.
	CONSTRAINT house_horizons_horizon_check CHECK (horizon > 0)
);
CREATE FUNCTION horizon_only_advances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'horizon % of merchant % violates constraint "house_horizons_advance": it was at % already', NEW.horizon, NEW.merchant_id, OLD.horizon
		USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'house_horizons_advance';
END
$$;
-- A horizon that goes back, while the balances below it stay, would count what lies between twice. Only another incarnation begins anew.
CREATE TRIGGER house_horizons_advance BEFORE UPDATE ON house_horizons FOR EACH ROW
	WHEN ((NEW.incarnation, NEW.horizon) < (OLD.incarnation, OLD.horizon))
	EXECUTE FUNCTION horizon_only_advances();

-- What an account's postings below the merchant's horizon come to. It can be made anew from them at any time.
CREATE TABLE house_snapshots (
	merchant_id integer NOT NULL,
	account     smallint NOT NULL,
	asset_id    integer NOT NULL,
	balance     bigint NOT NULL,
	CONSTRAINT house_snapshots_pkey PRIMARY KEY (merchant_id, account, asset_id),
	CONSTRAINT house_snapshots_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES house_horizons (merchant_id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- Bounded accounts are stored with their cards; a second balance of theirs could differ.
	CONSTRAINT house_snapshots_account_check CHECK (account BETWEEN 10 AND 59)
);
