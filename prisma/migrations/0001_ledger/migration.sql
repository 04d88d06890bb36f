-- Monedero's ledger. Written by hand and read as SQL: every constraint and trigger says what it prevents.
--
-- Small numbers stand for words (account, kind, status …); src/ledger/chart.ts and its neighbours hold the
-- lists, and a test compares the CHECKs below with them. Every table carries merchant_id and every primary and
-- unique key contains it, so that merchants can be distributed over databases one day; application keys and
-- peppers, which belong to the installation, are the exceptions.
--
-- Foreign keys guard what people change. The rows that a debit writes are guarded by the constraint triggers at
-- the end of this file and by the audit instead: a foreign key there would run a query for every row.

-- ---------------------------------------------------------------------------------------------------------
-- Merchants, their assets, and who may speak for them

CREATE TABLE merchants (
	id            integer GENERATED ALWAYS AS IDENTITY,
	name          text NOT NULL,
	time_zone     text NOT NULL,
	currency      text NOT NULL,
	sandbox       boolean NOT NULL DEFAULT false,
	-- Migrated cards may keep codes that are not of our form; only then is a code with a wrong check character looked up.
	foreign_codes boolean NOT NULL DEFAULT false,
	created_at    timestamptz(3) NOT NULL DEFAULT now(),
	CONSTRAINT merchants_pkey PRIMARY KEY (id),
	-- A merchant without a name could not be addressed by any script.
	CONSTRAINT merchants_name_check CHECK (name <> '')
);
-- Scripts and configuration address a merchant by its name, which must mean one.
CREATE UNIQUE INDEX merchants_name_key ON merchants (name);

CREATE TABLE assets (
	merchant_id integer NOT NULL,
	id          integer GENERATED ALWAYS AS IDENTITY,
	code        text NOT NULL,
	scale       smallint NOT NULL,
	kind        smallint NOT NULL,
	CONSTRAINT assets_pkey PRIMARY KEY (merchant_id, id),
	CONSTRAINT assets_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- Minor units beyond what a JSON number can carry exactly would come back changed.
	CONSTRAINT assets_scale_check CHECK (scale BETWEEN 0 AND 6),
	-- 1 money, 2 points.
	CONSTRAINT assets_kind_check CHECK (kind IN (1, 2))
);
-- Two assets of one code would split a merchant's books in two.
CREATE UNIQUE INDEX assets_merchant_id_code_key ON assets (merchant_id, code);

CREATE TABLE actors (
	merchant_id integer NOT NULL,
	id          integer GENERATED ALWAYS AS IDENTITY,
	kind        smallint NOT NULL,
	name        text NOT NULL,
	CONSTRAINT actors_pkey PRIMARY KEY (merchant_id, id),
	CONSTRAINT actors_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- 1 credential, 2 person, 3 job.
	CONSTRAINT actors_kind_check CHECK (kind IN (1, 2, 3))
);
-- Entries name the actor by this row (B9), so one actor must not have two of them.
CREATE UNIQUE INDEX actors_merchant_id_kind_name_key ON actors (merchant_id, kind, name);

CREATE TABLE credentials (
	app_key     text NOT NULL,
	merchant_id integer NOT NULL,
	token_salt  bytea NOT NULL,
	token_hash  bytea NOT NULL,
	role        smallint NOT NULL,
	actor_id    integer NOT NULL,
	created_at  timestamptz(3) NOT NULL DEFAULT now(),
	revoked_at  timestamptz(3),
	-- The application key alone says which merchant calls, so it is unique across merchants.
	CONSTRAINT credentials_pkey PRIMARY KEY (app_key),
	CONSTRAINT credentials_merchant_id_actor_id_fkey FOREIGN KEY (merchant_id, actor_id) REFERENCES actors (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- A token in clear, or cut short, would not have the length of a SHA-256.
	CONSTRAINT credentials_token_hash_check CHECK (octet_length(token_hash) = 32 AND octet_length(token_salt) >= 16),
	-- 1 provider, 2 viewer.
	CONSTRAINT credentials_role_check CHECK (role IN (1, 2))
);
CREATE INDEX credentials_merchant_id_idx ON credentials (merchant_id);

CREATE TABLE peppers (
	id          smallint GENERATED ALWAYS AS IDENTITY,
	check_value bytea NOT NULL,
	created_at  timestamptz(3) NOT NULL DEFAULT now(),
	CONSTRAINT peppers_pkey PRIMARY KEY (id),
	-- The pepper itself never reaches the database; this value only recognises it (B8).
	CONSTRAINT peppers_check_value_check CHECK (octet_length(check_value) = 32)
);
-- One pepper under two ids would leave it open which of them a card's code was hashed with.
CREATE UNIQUE INDEX peppers_check_value_key ON peppers (check_value);

-- ---------------------------------------------------------------------------------------------------------
-- Customers. Personal data lives here and in entry_notes, holds and card_changes only: tables that may be erased (B9).

CREATE TABLE customers (
	merchant_id integer NOT NULL,
	id          bigint GENERATED ALWAYS AS IDENTITY,
	created_at  timestamptz(3) NOT NULL DEFAULT now(),
	CONSTRAINT customers_pkey PRIMARY KEY (merchant_id, id),
	CONSTRAINT customers_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT ON UPDATE RESTRICT
);

CREATE TABLE customer_identifiers (
	merchant_id integer NOT NULL,
	kind        smallint NOT NULL,
	value       text NOT NULL,
	customer_id bigint NOT NULL,
	-- One identifier names one customer: otherwise a search could show somebody else's cards (A3).
	CONSTRAINT customer_identifiers_pkey PRIMARY KEY (merchant_id, kind, value),
	CONSTRAINT customer_identifiers_merchant_id_customer_id_fkey FOREIGN KEY (merchant_id, customer_id) REFERENCES customers (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- 1 profile, 2 document, 3 e-mail.
	CONSTRAINT customer_identifiers_kind_check CHECK (kind IN (1, 2, 3)),
	-- An empty identifier would make all customers without one the same customer.
	CONSTRAINT customer_identifiers_value_check CHECK (value <> '')
);
CREATE INDEX customer_identifiers_merchant_id_customer_id_idx ON customer_identifiers (merchant_id, customer_id);

-- ---------------------------------------------------------------------------------------------------------
-- Cards and their lots: what a decision locks and reads.
-- B7: no column that changes with a debit stands in an index, so that every debit is an in-place (HOT) update.

CREATE TABLE cards (
	merchant_id   integer NOT NULL,
	id            bigint GENERATED BY DEFAULT AS IDENTITY,
	-- 128 random bits; 32 hexadecimal digits on the wire.
	public_id     uuid NOT NULL,
	asset_id      integer NOT NULL,
	status        smallint NOT NULL DEFAULT 1,
	available     bigint NOT NULL DEFAULT 0,
	held          bigint NOT NULL DEFAULT 0,
	debt          bigint NOT NULL DEFAULT 0,
	version       bigint NOT NULL DEFAULT 0,
	restricted    boolean NOT NULL DEFAULT false,
	single_use    boolean NOT NULL DEFAULT false,
	rechargeable  boolean NOT NULL DEFAULT true,
	owner_id      bigint,
	pepper_id     smallint,
	code_hash     bytea,
	code_last4    text,
	caption       text,
	relation_name text,
	emitted_at    timestamptz(3) NOT NULL,
	expires_at    timestamptz(3),
	created_at    timestamptz(3) NOT NULL DEFAULT now(),
	CONSTRAINT cards_pkey PRIMARY KEY (merchant_id, id),
	CONSTRAINT cards_merchant_id_asset_id_fkey FOREIGN KEY (merchant_id, asset_id) REFERENCES assets (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	CONSTRAINT cards_merchant_id_owner_id_fkey FOREIGN KEY (merchant_id, owner_id) REFERENCES customers (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	CONSTRAINT cards_pepper_id_fkey FOREIGN KEY (pepper_id) REFERENCES peppers (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- The promise itself: a card is never spent beyond its balance, whatever the program above believes.
	CONSTRAINT cards_available_check CHECK (available >= 0),
	-- More captured or released than was held.
	CONSTRAINT cards_held_check CHECK (held >= 0),
	-- Debt is what a shopper owes: its balance is the sum of its postings and never above zero (A10).
	CONSTRAINT cards_debt_check CHECK (debt <= 0),
	-- A version below zero would let a stale image pass for a new card.
	CONSTRAINT cards_version_check CHECK (version >= 0),
	-- 1 active, 2 blocked, 3 closed.
	CONSTRAINT cards_status_check CHECK (status IN (1, 2, 3)),
	-- A closed card with value in flight could neither settle nor be seen (A13).
	CONSTRAINT cards_closed_check CHECK (status <> 3 OR held = 0),
	-- A code in clear does not fit here; a hash without its pepper could never be found again (B8).
	CONSTRAINT cards_code_check CHECK (
		num_nulls(code_hash, pepper_id, code_last4) IN (0, 3) AND coalesce(octet_length(code_hash) = 32 AND length(code_last4) <= 4, true)
	)
) WITH (fillfactor = 80);
-- VTEX names a card by this id in every request; it must find one card.
CREATE UNIQUE INDEX cards_merchant_id_public_id_key ON cards (merchant_id, public_id);
-- Two cards behind one code would make "exactly one card" a guess.
CREATE UNIQUE INDEX cards_merchant_id_code_hash_key ON cards (merchant_id, code_hash);
CREATE INDEX cards_merchant_id_owner_id_idx ON cards (merchant_id, owner_id);
CREATE INDEX cards_merchant_id_relation_name_idx ON cards (merchant_id, relation_name);

CREATE TABLE lots (
	merchant_id    integer NOT NULL,
	-- The entry that issued the lot has the same id; a child lot (A11) has one of its own.
	id             uuid NOT NULL,
	card_id        bigint NOT NULL,
	-- The funding account the value came from.
	origin         smallint NOT NULL,
	issued         bigint NOT NULL,
	remaining      bigint NOT NULL,
	held           bigint NOT NULL DEFAULT 0,
	-- True while nothing remains. It changes once in a lot's life, unlike remaining, and may stand in an index predicate (B7).
	spent          boolean NOT NULL,
	spendable_from timestamptz(3) NOT NULL,
	expires_at     timestamptz(3),
	parent_id      uuid,
	root_id        uuid,
	-- What a clawback could not take (A10): paid first from value restored to this lot.
	owed           bigint NOT NULL DEFAULT 0,
	CONSTRAINT lots_pkey PRIMARY KEY (merchant_id, id),
	CONSTRAINT lots_merchant_id_card_id_fkey FOREIGN KEY (merchant_id, card_id) REFERENCES cards (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- Value comes from a funding account (10 to 19), never from what was redeemed or expired.
	CONSTRAINT lots_origin_check CHECK (origin BETWEEN 10 AND 19),
	-- A lot of nothing would be walked at every debit and never leave.
	CONSTRAINT lots_issued_check CHECK (issued > 0),
	-- More taken out of a lot than it has, or more put back than was taken.
	CONSTRAINT lots_remaining_check CHECK (remaining >= 0 AND held >= 0 AND remaining + held <= issued),
	-- A lot marked spent is in no index: with a remainder it would be value that nobody can find.
	CONSTRAINT lots_spent_check CHECK (spent = (remaining = 0)),
	-- Owing less than nothing would pay a clawback out twice.
	CONSTRAINT lots_owed_check CHECK (owed >= 0),
	-- A child without its root would escape the cap on restored dates (A11).
	CONSTRAINT lots_parent_check CHECK ((parent_id IS NULL) = (root_id IS NULL))
) WITH (fillfactor = 80);
-- Dates and identities never change, so they may be index keys. Drained lots leave these indexes.
CREATE INDEX lots_unspent_by_card ON lots (merchant_id, card_id) WHERE NOT spent;
CREATE INDEX lots_unspent_by_expiry ON lots (merchant_id, expires_at) WHERE NOT spent AND expires_at IS NOT NULL;

-- Who blocked a card, and why. The reason is free text, so it may be erased (B9).
CREATE TABLE card_changes (
	merchant_id integer NOT NULL,
	id          bigint GENERATED ALWAYS AS IDENTITY,
	card_id     bigint NOT NULL,
	kind        smallint NOT NULL,
	at          timestamptz(3) NOT NULL,
	actor_id    integer NOT NULL,
	reason      text NOT NULL,
	CONSTRAINT card_changes_pkey PRIMARY KEY (merchant_id, id),
	CONSTRAINT card_changes_merchant_id_card_id_fkey FOREIGN KEY (merchant_id, card_id) REFERENCES cards (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	CONSTRAINT card_changes_merchant_id_actor_id_fkey FOREIGN KEY (merchant_id, actor_id) REFERENCES actors (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- 1 block, 2 unblock, 3 close.
	CONSTRAINT card_changes_kind_check CHECK (kind IN (1, 2, 3))
);
CREATE INDEX card_changes_merchant_id_card_id_idx ON card_changes (merchant_id, card_id);

-- A run of cards:issue under a key. Its codes derive from the seed, kept encrypted so that an interrupted run can
-- print them again, and destroyed after it completed (A15).
CREATE TABLE issue_runs (
	merchant_id  integer NOT NULL,
	key          text NOT NULL,
	parameters   text NOT NULL,
	count        integer NOT NULL,
	seed         bytea,
	created_at   timestamptz(3) NOT NULL,
	completed_at timestamptz(3),
	CONSTRAINT issue_runs_pkey PRIMARY KEY (merchant_id, key),
	CONSTRAINT issue_runs_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- Without its seed an unfinished run would leave funded cards whose codes nobody knows.
	CONSTRAINT issue_runs_seed_check CHECK (seed IS NOT NULL OR completed_at IS NOT NULL)
);

-- ---------------------------------------------------------------------------------------------------------
-- Roots: what arrives before any card is known, locked before cards (A1).

CREATE TABLE payments (
	merchant_id integer NOT NULL,
	payment_id  text NOT NULL,
	hold_id     uuid,
	created_at  timestamptz(3) NOT NULL DEFAULT now(),
	-- A create and a cancellation of one payment that cross must meet on one row.
	CONSTRAINT payments_pkey PRIMARY KEY (merchant_id, payment_id)
);

CREATE TABLE orders (
	merchant_id     integer NOT NULL,
	order_id        text NOT NULL,
	-- lastChange of the document that was applied: an older one changes nothing (A12).
	applied_version timestamptz(6),
	CONSTRAINT orders_pkey PRIMARY KEY (merchant_id, order_id)
);

CREATE TABLE order_bookings (
	merchant_id integer NOT NULL,
	order_id    text NOT NULL,
	card_id     bigint NOT NULL,
	units       bigint NOT NULL,
	CONSTRAINT order_bookings_pkey PRIMARY KEY (merchant_id, order_id, card_id),
	-- An order earns nothing or something, never less than nothing: clawbacks end at zero (A12).
	CONSTRAINT order_bookings_units_check CHECK (units >= 0)
);

-- ---------------------------------------------------------------------------------------------------------
-- The journal: append-only.

-- A command, remembered for ever with what became of it. The fingerprint (A18) is three columns, verb, amount and
-- asset; the outcome is three more, because it is rendered again and not replayed from a stored body (B16).
CREATE TABLE commands (
	merchant_id integer NOT NULL,
	-- The card or hold that the key belongs to; all zeros for commands of a script.
	scope       uuid NOT NULL,
	space       smallint NOT NULL,
	key         text NOT NULL,
	verb        smallint NOT NULL,
	amount      bigint NOT NULL,
	asset_id    integer NOT NULL,
	refusal     smallint,
	-- The hold, or the (first) entry, that the command made.
	outcome_id  uuid,
	-- What really moved: less than the amount when only a rest was left (A9).
	moved       bigint,
	decided_at  timestamptz(3) NOT NULL,
	-- One command, one effect: the last wall behind a request that arrives twice.
	CONSTRAINT commands_pkey PRIMARY KEY (merchant_id, scope, space, key),
	-- An empty key would make all commands without one the same command; a huge one does not fit into the index.
	CONSTRAINT commands_key_check CHECK (length(key) BETWEEN 1 AND 512),
	-- Either refused, or done with an id that VTEX can settle under; never both, never neither.
	CONSTRAINT commands_outcome_check CHECK ((refusal IS NULL) = (outcome_id IS NOT NULL) AND (refusal IS NULL) = (moved IS NOT NULL))
);

CREATE TABLE entries (
	merchant_id  integer NOT NULL,
	id           uuid NOT NULL,
	kind         smallint NOT NULL,
	occurred_at  timestamptz(3) NOT NULL,
	recorded_at  timestamptz(3) NOT NULL,
	-- The authorization or credit that this entry answers.
	answers      uuid,
	-- The command's first entry, where a command made more than one (A9); otherwise the entry itself.
	operation_id uuid,
	actor_id     integer NOT NULL,
	-- The transaction that wrote it: postings may only be added by the same one, and horizons are drawn by it (B5).
	xid          xid8 NOT NULL DEFAULT pg_current_xact_id(),
	CONSTRAINT entries_pkey PRIMARY KEY (merchant_id, id),
	-- A kind of entry that no version of the program knows.
	CONSTRAINT entries_kind_check CHECK (kind BETWEEN 1 AND 20)
);
CREATE INDEX entries_answering ON entries (merchant_id, answers) WHERE answers IS NOT NULL;

CREATE TABLE postings (
	merchant_id   integer NOT NULL,
	entry_id      uuid NOT NULL,
	account       smallint NOT NULL,
	-- 0 for the merchant's house accounts.
	card_id       bigint NOT NULL DEFAULT 0,
	asset_id      integer NOT NULL,
	-- + into the account, - out of it.
	amount        bigint NOT NULL,
	balance_after bigint,
	version       bigint,
	-- One posting per entry, card and account: two would blur what the balance after means (B2).
	CONSTRAINT postings_pkey PRIMARY KEY (merchant_id, entry_id, account, card_id, asset_id),
	-- A posting of nothing is noise that hides a bug (A5).
	CONSTRAINT postings_amount_check CHECK (amount <> 0),
	-- Bounded accounts (1 available, 2 held, 3 debt) belong to a card, house accounts (10 and above) to nobody's card;
	-- only bounded ones have a balance after and a version.
	CONSTRAINT postings_account_check CHECK (
		(account BETWEEN 1 AND 3 AND card_id <> 0 AND balance_after IS NOT NULL AND version IS NOT NULL)
		OR (account BETWEEN 10 AND 59 AND card_id = 0 AND balance_after IS NULL AND version IS NULL)
	),
	-- History must not show a card below zero either, nor a debt above it.
	CONSTRAINT postings_balance_after_check CHECK (balance_after IS NULL OR (account = 3 AND balance_after <= 0) OR (account <> 3 AND balance_after >= 0)),
	-- The first entry of a card makes version 1; zero would hide a gap before it.
	CONSTRAINT postings_version_check CHECK (version > 0)
);
-- Two entries under one version would mean that somebody decided on a stale card (B2).
CREATE UNIQUE INDEX postings_card_history ON postings (merchant_id, card_id, account, version) WHERE card_id <> 0;

-- What an entry did to one lot (B1). A hold's leg is named where the lot was taken for one.
CREATE TABLE lot_movements (
	merchant_id     integer NOT NULL,
	entry_id        uuid NOT NULL,
	lot_id          uuid NOT NULL,
	leg             smallint,
	remaining_delta bigint NOT NULL,
	held_delta      bigint NOT NULL,
	CONSTRAINT lot_movements_pkey PRIMARY KEY (merchant_id, entry_id, lot_id),
	-- A movement of nothing is noise that hides a bug, as a posting of nothing is.
	CONSTRAINT lot_movements_delta_check CHECK (remaining_delta <> 0 OR held_delta <> 0)
);

-- What was said about an entry: order, request, description, reason. Erasable (B9). A hold carries its own.
CREATE TABLE entry_notes (
	merchant_id integer NOT NULL,
	entry_id    uuid NOT NULL,
	order_id    text,
	request_id  text,
	description text,
	reason      text,
	CONSTRAINT entry_notes_pkey PRIMARY KEY (merchant_id, entry_id)
);

-- ---------------------------------------------------------------------------------------------------------
-- Holds: an authorization and what became of it.

CREATE TABLE holds (
	merchant_id integer NOT NULL,
	-- The id of the entry that authorized it, and the transaction id that VTEX is given.
	id          uuid NOT NULL,
	-- 1 gift card, 2 payment.
	source      smallint NOT NULL,
	order_id    text,
	request_id  text,
	description text,
	opened_at   timestamptz(3) NOT NULL,
	expires_at  timestamptz(3),
	CONSTRAINT holds_pkey PRIMARY KEY (merchant_id, id),
	-- A hold that neither protocol would answer for.
	CONSTRAINT holds_source_check CHECK (source IN (1, 2))
);

CREATE TABLE hold_legs (
	merchant_id      integer NOT NULL,
	hold_id          uuid NOT NULL,
	leg              smallint NOT NULL,
	card_id          bigint NOT NULL,
	asset_id         integer NOT NULL,
	-- What VTEX speaks of: a value in a currency; and what the card gave for it, in units of its asset (A5).
	currency_id      integer NOT NULL,
	value            bigint NOT NULL,
	units            bigint NOT NULL,
	rate_numerator   bigint,
	rate_denominator bigint,
	-- Cumulative, in value.
	captured         bigint NOT NULL DEFAULT 0,
	released         bigint NOT NULL DEFAULT 0,
	refunded         bigint NOT NULL DEFAULT 0,
	single_use       boolean NOT NULL DEFAULT false,
	CONSTRAINT hold_legs_pkey PRIMARY KEY (merchant_id, hold_id, leg),
	-- A leg of nothing could never be settled; one of negative units would fill the card it takes from.
	CONSTRAINT hold_legs_value_check CHECK (value > 0 AND units >= 0),
	-- Half a rate could not be computed with.
	CONSTRAINT hold_legs_rate_check CHECK (num_nulls(rate_numerator, rate_denominator) IN (0, 2) AND coalesce(rate_numerator > 0 AND rate_denominator > 0, true)),
	-- Captured and released together beyond what was authorized, in whatever order VTEX sent them.
	CONSTRAINT hold_legs_captured_check CHECK (captured >= 0 AND released >= 0 AND captured + released <= value),
	-- More given back than was ever taken.
	CONSTRAINT hold_legs_refunded_check CHECK (refunded >= 0 AND refunded <= captured)
) WITH (fillfactor = 80);
-- A single-use card is used while one of its holds lives (A14); only such cards' legs are in this index.
CREATE INDEX hold_legs_of_single_use_cards ON hold_legs (merchant_id, card_id) WHERE single_use;

-- ---------------------------------------------------------------------------------------------------------
-- Walls

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '% on % is refused: %', lower(TG_OP), TG_TABLE_NAME,
		coalesce(TG_ARGV[0], 'the journal is append-only; write a new entry that corrects the old one')
		USING ERRCODE = 'restrict_violation';
END
$$;

-- History is never edited: neither a posting's amount nor a command's outcome, not even by an administrator in haste.
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER postings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON postings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER lot_movements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lot_movements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER commands_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commands FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Cards, lots and holds change, but their history would dangle if they disappeared.
CREATE TRIGGER cards_stay BEFORE DELETE OR TRUNCATE ON cards FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('entries refer to its rows; close a card instead');
CREATE TRIGGER lots_stay BEFORE DELETE OR TRUNCATE ON lots FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('movements refer to its rows');
CREATE TRIGGER holds_stay BEFORE DELETE OR TRUNCATE ON holds FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('entries refer to its rows; release a hold instead');
CREATE TRIGGER hold_legs_stay BEFORE DELETE OR TRUNCATE ON hold_legs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('entries refer to its rows; release a hold instead');

-- An amount of 500 with two decimals is five; with another scale every amount ever written would mean something else.
CREATE TRIGGER assets_fixed BEFORE UPDATE OF merchant_id, id, code, scale, kind ON assets FOR EACH ROW
	WHEN ((OLD.merchant_id, OLD.id, OLD.code, OLD.scale, OLD.kind) IS DISTINCT FROM (NEW.merchant_id, NEW.id, NEW.code, NEW.scale, NEW.kind))
	EXECUTE FUNCTION refuse_change('amounts in the journal depend on it; make a new asset');
-- A card that changed its currency would turn reais into dollars; one that changed its id would lose its keys.
CREATE TRIGGER cards_fixed BEFORE UPDATE OF merchant_id, id, public_id, asset_id ON cards FOR EACH ROW
	WHEN ((OLD.merchant_id, OLD.id, OLD.public_id, OLD.asset_id) IS DISTINCT FROM (NEW.merchant_id, NEW.id, NEW.public_id, NEW.asset_id))
	EXECUTE FUNCTION refuse_change('a card keeps its id and its currency; issue a new card');
-- A lot's dates and amount never change; value restored after expiry goes into a child lot (A11).
CREATE TRIGGER lots_fixed BEFORE UPDATE OF merchant_id, id, card_id, origin, issued, spendable_from, expires_at, parent_id, root_id ON lots FOR EACH ROW
	WHEN ((OLD.merchant_id, OLD.id, OLD.card_id, OLD.origin, OLD.issued, OLD.spendable_from, OLD.expires_at, OLD.parent_id, OLD.root_id)
		IS DISTINCT FROM (NEW.merchant_id, NEW.id, NEW.card_id, NEW.origin, NEW.issued, NEW.spendable_from, NEW.expires_at, NEW.parent_id, NEW.root_id))
	EXECUTE FUNCTION refuse_change('a lot keeps its dates and amount; open a child lot');
-- What was authorized, on which card and at which rate, is what VTEX was told.
CREATE TRIGGER hold_legs_fixed BEFORE UPDATE OF merchant_id, hold_id, leg, card_id, asset_id, currency_id, value, units, rate_numerator, rate_denominator, single_use ON hold_legs FOR EACH ROW
	WHEN ((OLD.merchant_id, OLD.hold_id, OLD.leg, OLD.card_id, OLD.asset_id, OLD.currency_id, OLD.value, OLD.units, OLD.rate_numerator, OLD.rate_denominator, OLD.single_use)
		IS DISTINCT FROM (NEW.merchant_id, NEW.hold_id, NEW.leg, NEW.card_id, NEW.asset_id, NEW.currency_id, NEW.value, NEW.units, NEW.rate_numerator, NEW.rate_denominator, NEW.single_use))
	EXECUTE FUNCTION refuse_change('an authorization keeps its amount and rate; make a new hold');

-- The hold's id is the transaction id that VTEX was given; what was said about it may be erased (B9).
CREATE TRIGGER holds_fixed BEFORE UPDATE OF merchant_id, id, source, opened_at ON holds FOR EACH ROW
	WHEN ((OLD.merchant_id, OLD.id, OLD.source, OLD.opened_at) IS DISTINCT FROM (NEW.merchant_id, NEW.id, NEW.source, NEW.opened_at))
	EXECUTE FUNCTION refuse_change('an authorization keeps its id; make a new hold');
-- Entries name their actor for ever (B9). Its name may be erased; its row stays.
CREATE TRIGGER actors_stay BEFORE DELETE OR TRUNCATE ON actors FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('entries refer to its rows');
CREATE TRIGGER actors_fixed BEFORE UPDATE OF merchant_id, id, kind ON actors FOR EACH ROW
	WHEN ((OLD.merchant_id, OLD.id, OLD.kind) IS DISTINCT FROM (NEW.merchant_id, NEW.id, NEW.kind))
	EXECUTE FUNCTION refuse_change('entries refer to it; make a new actor');

-- B2, on the side of the entry: at commit it must have at least two postings, summing to zero for each asset. An
-- entry without postings would have no posting to check.
CREATE FUNCTION entry_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	lines bigint;
	unbalanced boolean;
BEGIN
	SELECT sum(p.lines), bool_or(p.total <> 0) INTO lines, unbalanced
	FROM (
		SELECT count(*) AS lines, sum(amount) AS total
		FROM postings
		WHERE merchant_id = NEW.merchant_id AND entry_id = NEW.id
		GROUP BY asset_id
	) p;
	IF lines IS NULL OR lines < 2 OR unbalanced THEN
		RAISE EXCEPTION 'entry % violates constraint "entries_balanced": it needs at least two postings that sum to zero for each asset', NEW.id
			USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entries_balanced';
	END IF;
	RETURN NULL;
END
$$;
-- Deferred, because the postings of an entry come after it.
CREATE CONSTRAINT TRIGGER entries_balanced AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION entry_must_balance();

-- B2, on the side of the postings: they may only join an entry of their own transaction, and the statement that adds
-- them must leave their entries balanced. Otherwise value could be moved by an entry that was read, reported and
-- sealed yesterday, or by one whose check above had been made immediate. Once for each statement, because a deferred
-- check of every posting cost a sixth of all debits (docs/decisions/0003-postings-checked-by-statement.md).
CREATE FUNCTION postings_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
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

	SELECT p.entry_id INTO offender
	FROM (SELECT DISTINCT merchant_id, entry_id FROM added) a
	JOIN postings p ON p.merchant_id = a.merchant_id AND p.entry_id = a.entry_id
	GROUP BY p.merchant_id, p.entry_id, p.asset_id
	HAVING sum(p.amount) <> 0
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'entry % violates constraint "entries_balanced": its postings must sum to zero for each asset', offender
			USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entries_balanced';
	END IF;
	RETURN NULL;
END
$$;
-- Value out of nowhere, or moved by an entry that was closed long ago.
CREATE TRIGGER postings_with_their_entry AFTER INSERT ON postings REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION postings_must_balance();
