-- Seals: a chain of SHA-256 over what the journal says, so that whoever changes it later, past every trigger, is found (docs/decisions/0029-seals.md).
-- They are made afterwards, by a job: a debit pays nothing for them.

CREATE TABLE seals (
	merchant_id      integer NOT NULL,
	number           integer NOT NULL,
	-- Entries after the first position, up to and with the second, by (incarnation, xid, id): an order in which nothing is ever added in
	-- front of what was sealed (B5).
	from_incarnation smallint NOT NULL,
	from_xid         bigint NOT NULL,
	from_entry       uuid NOT NULL,
	to_incarnation   smallint NOT NULL,
	to_xid           bigint NOT NULL,
	to_entry         uuid NOT NULL,
	entries          integer NOT NULL,
	-- Of the seal before this one; zeros for the first.
	previous         bytea NOT NULL,
	-- SHA-256 of the rest of this row and of every row that it seals, in their canonical form (src/ledger/seal/canonical.ts).
	hash             bytea NOT NULL,
	-- The first bytes of the SHA-256 of each row that it seals: they prove nothing, they tell which row was altered (src/ledger/seal/marks.ts).
	marks            bytea NOT NULL,
	sealed_at        timestamptz(3) NOT NULL,
	-- Two seals of one number would be two histories.
	CONSTRAINT seals_pkey PRIMARY KEY (merchant_id, number),
	CONSTRAINT seals_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- A chain begins with its first link.
	CONSTRAINT seals_number_check CHECK (number > 0),
	-- A seal of nothing proves nothing.
	CONSTRAINT seals_entries_check CHECK (entries > 0),
	-- A seal that ends where it begins, or before, would leave it open what it is about.
	CONSTRAINT seals_positions_check CHECK ((from_incarnation, from_xid, from_entry) < (to_incarnation, to_xid, to_entry)),
	-- Anything else is no SHA-256.
	CONSTRAINT seals_hash_check CHECK (octet_length(hash) = 32 AND octet_length(previous) = 32)
);
-- Marks are bytes of hashes; trying to compress them is work for nothing.
ALTER TABLE seals ALTER COLUMN marks SET STORAGE EXTERNAL;
-- A seal that can be made anew for what was changed is none.
CREATE TRIGGER seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seals FOR EACH STATEMENT
	EXECUTE FUNCTION refuse_change('seals are append-only; what they say is compared with the journal by ledger:verify');

-- The commands that were decided while a block of entries was written: an entry and its command have the same time. They are written nearly in
-- that order, so a summary of each range of pages finds them, for next to nothing at each debit. Refusals belong to no entry.
CREATE INDEX IF NOT EXISTS commands_by_time ON commands USING brin (decided_at) WITH (pages_per_range = 32, autosummarize = on) WHERE refusal IS NULL;

-- Ranges of pages that are new have no summary until autovacuum comes by, and would be read as a whole for every block. Only the owner of the
-- index may summarize, and the service need not be the owner.
CREATE FUNCTION summarize_commands() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
	AS $$ SELECT brin_summarize_new_values('commands_by_time'::regclass) $$;
-- It takes a lock that keeps maintenance of the table away for a moment.
REVOKE EXECUTE ON FUNCTION summarize_commands() FROM PUBLIC;
