-- The Payment Provider Protocol: payments, what VTEX said about them, callbacks, PINs, and the sign-up of merchants.

-- ---------------------------------------------------------------------------------------------------------
-- Payments. The row is the root that everything about a payment locks first (A1); a create, a cancellation of a
-- payment that is not known yet, and each operation find it or make it.

ALTER TABLE payments
	-- Derived from the payment's id: our transaction id, and the scope of the keys of its commands.
	ADD COLUMN tid uuid NOT NULL,
	ADD COLUMN status smallint NOT NULL DEFAULT 0,
	ADD COLUMN refusal smallint,
	ADD COLUMN asset_id integer,
	ADD COLUMN value bigint,
	ADD COLUMN way smallint,
	ADD COLUMN cancellation_id uuid,
	-- When a hold that VTEX forgot is released (A6); null once nothing is held any more.
	ADD COLUMN hold_until timestamptz(3),
	-- A sandbox payment is concluded by itself, so or so.
	ADD COLUMN conclude_at timestamptz(3),
	ADD COLUMN conclude_approved boolean,
	ADD COLUMN decided_at timestamptz(3),
	-- 0 only locked, 1 pending, 2 approved, 3 denied, 4 cancelled.
	ADD CONSTRAINT payments_status_check CHECK (status BETWEEN 0 AND 4),
	-- 1 code, 2 wallet, 3 confirmed wallet, 4 sandbox.
	ADD CONSTRAINT payments_way_check CHECK (way BETWEEN 1 AND 4),
	-- A payment of less than nothing would fill the card it takes from.
	ADD CONSTRAINT payments_value_check CHECK (value >= 0),
	-- A denied or waiting payment with a hold would keep a shopper's value for nobody.
	ADD CONSTRAINT payments_hold_check CHECK (hold_id IS NULL OR status IN (2, 4)),
	-- A denied payment without its reason could not be answered the same way again.
	ADD CONSTRAINT payments_refusal_check CHECK ((refusal IS NOT NULL) = (status = 3)),
	-- A payment that looks cancelled under no id could not be answered the same way again.
	ADD CONSTRAINT payments_cancellation_check CHECK (status <> 4 OR cancellation_id IS NOT NULL);
-- Keys of two payments would meet in one scope.
CREATE UNIQUE INDEX payments_merchant_id_tid_key ON payments (merchant_id, tid);
CREATE INDEX payments_holding ON payments (merchant_id, hold_until) WHERE hold_until IS NOT NULL;
CREATE INDEX payments_concluding ON payments (merchant_id, conclude_at) WHERE conclude_at IS NOT NULL;

-- What VTEX said about a payment: erasable (B9). Card numbers, security codes and password fields never get here.
CREATE TABLE payment_particulars (
	merchant_id              integer NOT NULL,
	payment_id               text NOT NULL,
	method                   text NOT NULL,
	order_id                 text,
	reference                text,
	transaction_id           text,
	callback_url             text,
	return_url               text,
	delay_to_auto_settle     integer NOT NULL,
	delay_after_antifraud    integer NOT NULL,
	delay_to_cancel          integer NOT NULL,
	-- Whose wallet the shopper's page asks about.
	customer_id              bigint,
	-- Of the secret in the page's address; the page works until then, once.
	page_hash                bytea,
	page_until               timestamptz(3),
	particulars              jsonb NOT NULL,
	CONSTRAINT payment_particulars_pkey PRIMARY KEY (merchant_id, payment_id),
	CONSTRAINT payment_particulars_merchant_id_payment_id_fkey FOREIGN KEY (merchant_id, payment_id) REFERENCES payments (merchant_id, payment_id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- The secret itself does not fit here.
	CONSTRAINT payment_particulars_page_check CHECK (page_hash IS NULL OR octet_length(page_hash) = 32)
);
-- One address, one payment.
CREATE UNIQUE INDEX payment_particulars_merchant_id_page_hash_key ON payment_particulars (merchant_id, page_hash);

-- Settlements, refunds and cancellations as VTEX asked for them, those included that were refused or reduced, with what came
-- along (recipients of a split): erasable (B9). What moved is in the journal.
CREATE TABLE payment_requests (
	merchant_id integer NOT NULL,
	id          bigint GENERATED ALWAYS AS IDENTITY,
	payment_id  text NOT NULL,
	kind        smallint NOT NULL,
	request_id  text,
	asked       bigint,
	moved       bigint NOT NULL,
	refusal     smallint,
	at          timestamptz(3) NOT NULL,
	particulars jsonb NOT NULL,
	CONSTRAINT payment_requests_pkey PRIMARY KEY (merchant_id, id),
	-- 1 settlement, 2 cancellation, 3 refund.
	CONSTRAINT payment_requests_kind_check CHECK (kind IN (1, 2, 3))
);
CREATE INDEX payment_requests_merchant_id_payment_id_idx ON payment_requests (merchant_id, payment_id);

-- The outbox: a payment's outcome that VTEX is to be told, written in the transaction that decided it.
CREATE TABLE callbacks (
	merchant_id  integer NOT NULL,
	id           bigint GENERATED ALWAYS AS IDENTITY,
	payment_id   text NOT NULL,
	status       smallint NOT NULL DEFAULT 1,
	attempts     integer NOT NULL DEFAULT 0,
	-- When it is tried next; while one process tries, the time at which another may.
	next_at      timestamptz(3) NOT NULL,
	-- After that VTEX has cancelled the payment, and nobody listens.
	until        timestamptz(3) NOT NULL,
	created_at   timestamptz(3) NOT NULL,
	delivered_at timestamptz(3),
	problem      text,
	CONSTRAINT callbacks_pkey PRIMARY KEY (merchant_id, id),
	CONSTRAINT callbacks_merchant_id_payment_id_fkey FOREIGN KEY (merchant_id, payment_id) REFERENCES payments (merchant_id, payment_id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- 1 waiting, 2 delivered, 3 given up.
	CONSTRAINT callbacks_status_check CHECK (status IN (1, 2, 3)),
	-- Delivered without a time, or the other way round.
	CONSTRAINT callbacks_delivered_check CHECK ((status = 2) = (delivered_at IS NOT NULL))
);
-- A second callback after approval may end in a cancellation (known issue KI-740499).
CREATE UNIQUE INDEX callbacks_merchant_id_payment_id_key ON callbacks (merchant_id, payment_id);
CREATE INDEX callbacks_waiting ON callbacks (next_at) WHERE status = 1;

-- ---------------------------------------------------------------------------------------------------------
-- PINs of cards

CREATE TABLE card_pins (
	merchant_id  integer NOT NULL,
	card_id      bigint NOT NULL,
	pepper_id    smallint NOT NULL,
	pin_hash     bytea NOT NULL,
	misses       smallint NOT NULL DEFAULT 0,
	locked_until timestamptz(3),
	CONSTRAINT card_pins_pkey PRIMARY KEY (merchant_id, card_id),
	CONSTRAINT card_pins_merchant_id_card_id_fkey FOREIGN KEY (merchant_id, card_id) REFERENCES cards (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	CONSTRAINT card_pins_pepper_id_fkey FOREIGN KEY (pepper_id) REFERENCES peppers (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- A PIN in clear does not fit here.
	CONSTRAINT card_pins_pin_hash_check CHECK (octet_length(pin_hash) = 32),
	-- Misses below nothing would be free guesses.
	CONSTRAINT card_pins_misses_check CHECK (misses >= 0)
);

-- ---------------------------------------------------------------------------------------------------------
-- The configuration flow: admins, and merchants that sign up from VTEX's Admin

CREATE TABLE admins (
	-- Typed on a page that does not know the merchant yet, so unique across merchants.
	name          text NOT NULL,
	merchant_id   integer NOT NULL,
	role          smallint NOT NULL,
	password_salt bytea NOT NULL,
	password_hash bytea NOT NULL,
	misses        smallint NOT NULL DEFAULT 0,
	locked_until  timestamptz(3),
	created_at    timestamptz(3) NOT NULL DEFAULT now(),
	CONSTRAINT admins_pkey PRIMARY KEY (name),
	CONSTRAINT admins_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- Nobody could type it.
	CONSTRAINT admins_name_check CHECK (name <> ''),
	-- 1 viewer, 2 operator, 3 admin.
	CONSTRAINT admins_role_check CHECK (role IN (1, 2, 3)),
	-- A password in clear does not fit here.
	CONSTRAINT admins_password_check CHECK (octet_length(password_hash) = 32 AND octet_length(password_salt) >= 16),
	-- Misses below nothing would be free guesses.
	CONSTRAINT admins_misses_check CHECK (misses >= 0)
);
CREATE INDEX admins_merchant_id_idx ON admins (merchant_id);

-- From the token that VTEX asks for to the credentials that it fetches.
CREATE TABLE sign_ups (
	token_hash       bytea NOT NULL,
	application_id   text NOT NULL,
	return_url       text NOT NULL,
	token_until      timestamptz(3) NOT NULL,
	-- Set when an admin has logged in and consented, which the token allows once.
	merchant_id      integer,
	admin_name       text,
	code_hash        bytea,
	code_until       timestamptz(3),
	-- Set when the credentials were handed out, which the code allows once.
	completed_at     timestamptz(3),
	CONSTRAINT sign_ups_pkey PRIMARY KEY (token_hash),
	CONSTRAINT sign_ups_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- Neither secret fits here in clear.
	CONSTRAINT sign_ups_hash_check CHECK (octet_length(token_hash) = 32 AND (code_hash IS NULL OR octet_length(code_hash) = 32)),
	-- A code that belongs to no merchant would hand out credentials for nobody.
	CONSTRAINT sign_ups_code_check CHECK (num_nulls(merchant_id, admin_name, code_hash, code_until) IN (0, 4))
);
-- One code, one sign-up.
CREATE UNIQUE INDEX sign_ups_code_hash_key ON sign_ups (code_hash);
CREATE INDEX sign_ups_token_until_idx ON sign_ups (token_until);
CREATE INDEX sign_ups_merchant_id_idx ON sign_ups (merchant_id);

-- A PIN was changed, and unlocked, by whom and why: 4 in card_changes.
ALTER TABLE card_changes DROP CONSTRAINT card_changes_kind_check;
ALTER TABLE card_changes ADD CONSTRAINT card_changes_kind_check CHECK (kind IN (1, 2, 3, 4));
