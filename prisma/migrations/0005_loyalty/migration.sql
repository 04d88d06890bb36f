-- Loyalty programs: points with a rate to each currency, wallets that hold them, and what orders have earned.

-- ---------------------------------------------------------------------------------------------------------
-- Programs. What they say may change, except their asset and what their points were worth at a time.

CREATE TABLE programs (
	merchant_id            integer NOT NULL,
	id                     integer GENERATED ALWAYS AS IDENTITY,
	name                   text NOT NULL,
	asset_id               integer NOT NULL,
	-- What checkout shows of a wallet.
	caption                text NOT NULL,
	-- When earned and given points end: 1 never, 2 days after, at the end of a local day, 3 the end of a month, 4 the end of a year. The
	-- count is how many days, or how many months or years after the one that they were earned in.
	expiry_kind            smallint NOT NULL,
	expiry_count           integer NOT NULL DEFAULT 0,
	-- The same of points that were paid for.
	purchased_expiry_kind  smallint NOT NULL,
	purchased_expiry_count integer NOT NULL DEFAULT 0,
	-- How many local days earned points wait before they can be spent.
	pending_days           integer NOT NULL DEFAULT 0,
	-- Units that one order may redeem, at least and at most.
	redemption_min         bigint NOT NULL DEFAULT 1,
	redemption_max         bigint,
	-- Units that a wallet may carry, and that it may earn in a local day and with one order.
	balance_max            bigint,
	day_max                bigint,
	order_max              bigint,
	-- How long points that come back to an expired lot can be spent, and how long after their first date at most (A11).
	grace_days             integer NOT NULL DEFAULT 30,
	grace_cap_days         integer NOT NULL DEFAULT 365,
	-- What becomes of points that are to be taken back and were spent: 1 a debt of the wallet, 2 recorded as owed on the lot (A10).
	clawback               smallint NOT NULL,
	-- How orders earn; null for a program whose points are only given.
	earn_rules             jsonb,
	created_at             timestamptz(3) NOT NULL DEFAULT now(),
	CONSTRAINT programs_pkey PRIMARY KEY (merchant_id, id),
	CONSTRAINT programs_merchant_id_asset_id_fkey FOREIGN KEY (merchant_id, asset_id) REFERENCES assets (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- A program without a name could not be addressed by any script.
	CONSTRAINT programs_name_check CHECK (name <> ''),
	-- Points that would end before they were earned, or that no version of the program knows how to end.
	CONSTRAINT programs_expiry_check CHECK (
		expiry_kind BETWEEN 1 AND 4 AND expiry_count BETWEEN 0 AND 36600
		AND purchased_expiry_kind BETWEEN 1 AND 4 AND purchased_expiry_count BETWEEN 0 AND 36600
	),
	-- Points that could be spent before they were earned.
	CONSTRAINT programs_pending_check CHECK (pending_days BETWEEN 0 AND 3660),
	-- A least redemption above the most would let nobody redeem anything.
	CONSTRAINT programs_redemption_check CHECK (redemption_min >= 1 AND coalesce(redemption_max >= redemption_min, true)),
	-- A cap of nothing would be a program that earns nothing and does not say so.
	CONSTRAINT programs_caps_check CHECK (coalesce(balance_max > 0, true) AND coalesce(day_max > 0, true) AND coalesce(order_max > 0, true)),
	-- Value that would be lost the moment it is given back.
	CONSTRAINT programs_grace_check CHECK (grace_days BETWEEN 0 AND 3660 AND grace_cap_days BETWEEN 0 AND 36600),
	-- A policy that no version of the program knows.
	CONSTRAINT programs_clawback_check CHECK (clawback IN (1, 2))
);
-- Scripts address a program by its name, which must mean one.
CREATE UNIQUE INDEX programs_merchant_id_name_key ON programs (merchant_id, name);
-- Two programs over one asset would give the same points two rates.
CREATE UNIQUE INDEX programs_merchant_id_asset_id_key ON programs (merchant_id, asset_id);

-- Points that nobody could price, end or take back any more.
CREATE TRIGGER programs_stay BEFORE DELETE OR TRUNCATE ON programs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('its points would be left without it');
-- The asset is what the points in the journal are counted in.
CREATE TRIGGER programs_fixed BEFORE UPDATE OF merchant_id, id, asset_id ON programs FOR EACH ROW
	WHEN ((OLD.merchant_id, OLD.id, OLD.asset_id) IS DISTINCT FROM (NEW.merchant_id, NEW.id, NEW.asset_id))
	EXECUTE FUNCTION refuse_change('points are counted in it; make a new program');

-- What one minor unit of the points is worth in minor units of a currency, from an instant on until a later row's.
CREATE TABLE program_rates (
	merchant_id    integer NOT NULL,
	program_id     integer NOT NULL,
	currency_id    integer NOT NULL,
	effective_from timestamptz(3) NOT NULL,
	numerator      bigint NOT NULL,
	denominator    bigint NOT NULL,
	created_at     timestamptz(3) NOT NULL DEFAULT now(),
	CONSTRAINT program_rates_pkey PRIMARY KEY (merchant_id, program_id, currency_id, effective_from),
	CONSTRAINT program_rates_merchant_id_program_id_fkey FOREIGN KEY (merchant_id, program_id) REFERENCES programs (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	CONSTRAINT program_rates_merchant_id_currency_id_fkey FOREIGN KEY (merchant_id, currency_id) REFERENCES assets (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- Points worth nothing, or less: dividing by such a rate takes no points for any value.
	CONSTRAINT program_rates_rate_check CHECK (numerator > 0 AND denominator > 0)
);
-- What points were worth is what shoppers were told and what liability was reported with.
CREATE TRIGGER program_rates_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON program_rates FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('what points were worth was told to shoppers; add a rate that is effective later');

-- ---------------------------------------------------------------------------------------------------------
-- Wallets

ALTER TABLE cards
	ADD COLUMN is_wallet boolean NOT NULL DEFAULT false,
	-- The wallet that took over from this one when two customers turned out to be one (A13): what comes back here moves on there.
	ADD COLUMN forwards_to bigint,
	ADD CONSTRAINT cards_merchant_id_forwards_to_fkey FOREIGN KEY (merchant_id, forwards_to) REFERENCES cards (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- A wallet is found by its owner alone; without one nobody could ever spend it.
	ADD CONSTRAINT cards_wallet_check CHECK (NOT is_wallet OR owner_id IS NOT NULL),
	-- Value that moves on from a card to itself would never arrive.
	ADD CONSTRAINT cards_forwards_to_check CHECK (forwards_to <> id);
-- One wallet for each customer and asset (A16): its caps would be doubled by a second one.
CREATE UNIQUE INDEX cards_wallets_key ON cards (merchant_id, owner_id, asset_id) WHERE is_wallet;

-- ---------------------------------------------------------------------------------------------------------
-- What orders have earned (A12)

ALTER TABLE orders
	-- The document's own text, `2026-03-12T14:02:12.9051144Z`: a timestamp would drop its last digit, and with it the order of two versions.
	ALTER COLUMN applied_version TYPE text COLLATE "C" USING NULL,
	-- The entry that first gave points for the order; all later ones answer it.
	ADD COLUMN earning_id uuid;

ALTER TABLE order_bookings
	-- Units that the order had earned and a cap kept away: decided as the booked ones are, so that a later look gives none of them.
	ADD COLUMN forgone bigint NOT NULL DEFAULT 0,
	-- Clawbacks end at zero here too.
	ADD CONSTRAINT order_bookings_forgone_check CHECK (forgone >= 0);
