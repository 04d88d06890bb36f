-- Files that were imported: each is a run, and every command of a run names it, so that a wrong one can be taken back as a whole.

CREATE TABLE import_runs (
	merchant_id  integer NOT NULL,
	id           integer GENERATED ALWAYS AS IDENTITY,
	name         text NOT NULL,
	kind         smallint NOT NULL,
	-- SHA-256 of the file: under the same name another file is another import.
	digest       bytea NOT NULL,
	-- Lines with something to do.
	rows         integer NOT NULL,
	actor_id     integer NOT NULL,
	begun_at     timestamptz(3) NOT NULL,
	-- When its last line was done; null while it is interrupted.
	completed_at timestamptz(3),
	-- When it was begun to be taken back: from then on nothing more of it is imported.
	undone_at    timestamptz(3),
	CONSTRAINT import_runs_pkey PRIMARY KEY (merchant_id, id),
	CONSTRAINT import_runs_merchant_id_actor_id_fkey FOREIGN KEY (merchant_id, actor_id) REFERENCES actors (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- A run without a name could not be asked for.
	CONSTRAINT import_runs_name_check CHECK (length(name) BETWEEN 1 AND 200),
	-- 1 credits, 2 cards.
	CONSTRAINT import_runs_kind_check CHECK (kind IN (1, 2)),
	-- Anything else would recognise no file.
	CONSTRAINT import_runs_digest_check CHECK (octet_length(digest) = 32),
	-- A run of nothing is no import.
	CONSTRAINT import_runs_rows_check CHECK (rows > 0)
);
-- Two runs of one name: the wrong one would be taken back.
CREATE UNIQUE INDEX import_runs_merchant_id_name_key ON import_runs (merchant_id, name);
-- Imported once, a file does so under its name, whatever it is called now.
CREATE INDEX import_runs_merchant_id_digest_idx ON import_runs (merchant_id, digest);

-- The run that a command belongs to. No foreign key: a debit would pay for it, and runs are never deleted.
ALTER TABLE commands ADD COLUMN run_id integer;
-- All of a run, when it is taken back. Commands of no run, which is every command of a checkout, are not in it.
CREATE INDEX commands_of_run ON commands (merchant_id, run_id) WHERE run_id IS NOT NULL;
CREATE TRIGGER import_runs_stay BEFORE DELETE OR TRUNCATE ON import_runs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('commands refer to its rows');
CREATE TRIGGER import_runs_fixed BEFORE UPDATE OF merchant_id, id, name, kind, digest, actor_id ON import_runs FOR EACH ROW
	WHEN ((OLD.merchant_id, OLD.id, OLD.name, OLD.kind, OLD.digest, OLD.actor_id) IS DISTINCT FROM (NEW.merchant_id, NEW.id, NEW.name, NEW.kind, NEW.digest, NEW.actor_id))
	EXECUTE FUNCTION refuse_change('commands refer to it; import under another name');
