-- How a store's orders reach the loyalty program: keys to read them with, hooks that announce them, a queue of orders to look at.

-- A merchant's keys of its own VTEX account: one pair reads the orders and owns the hook of states, a second pair only owns the hook of
-- returns, because each pair owns one hook.
CREATE TABLE vtex_keys (
	merchant_id  integer NOT NULL,
	purpose      smallint NOT NULL,
	account      text NOT NULL,
	-- Where this account is simulated; null for VTEX itself.
	url          text,
	app_key      text NOT NULL,
	-- Encrypted with SECRETS_KEY.
	app_token    bytea NOT NULL,
	changed_at   timestamptz(3) NOT NULL,
	-- VTEX refused them: nothing is asked with them until somebody has seen to it.
	refused_at   timestamptz(3),
	-- VTEX has had enough for now.
	paused_until timestamptz(3),
	swept_at     timestamptz(3),
	CONSTRAINT vtex_keys_pkey PRIMARY KEY (merchant_id, purpose),
	CONSTRAINT vtex_keys_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- 1 orders, 2 returns.
	CONSTRAINT vtex_keys_purpose_check CHECK (purpose IN (1, 2)),
	-- The account is part of the host's name: with a slash or a dot in it the keys would go to somebody else's.
	CONSTRAINT vtex_keys_account_check CHECK (account ~ '^[a-z0-9][a-z0-9-]{0,61}$'),
	-- A token in clear does not fit here: what is encrypted begins with the byte 1, which no header can hold.
	CONSTRAINT vtex_keys_app_token_check CHECK (octet_length(app_token) > 29 AND get_byte(app_token, 0) = 1)
);
-- A pair owns one hook: a second purpose, or merchant, with the same pair would overwrite the hook of the first.
CREATE UNIQUE INDEX vtex_keys_account_app_key_key ON vtex_keys (account, app_key);

-- The hooks that we want VTEX to have. The merchant of a notification is known by the token in its header.
CREATE TABLE order_hooks (
	merchant_id   integer NOT NULL,
	purpose       smallint NOT NULL,
	url           text NOT NULL,
	-- Encrypted with SECRETS_KEY, because it has to be said again when VTEX has dropped the hook.
	token         bytea NOT NULL,
	-- Keyed, to find the hook by what stands in a header.
	token_hash    bytea NOT NULL,
	-- When VTEX took it last; null when it never did.
	configured_at timestamptz(3),
	checked_at    timestamptz(3),
	-- Why VTEX did not take it, or could not be asked.
	problem       text,
	CONSTRAINT order_hooks_pkey PRIMARY KEY (merchant_id, purpose),
	-- A hook without the keys that own it could neither be checked nor removed.
	CONSTRAINT order_hooks_merchant_id_purpose_fkey FOREIGN KEY (merchant_id, purpose) REFERENCES vtex_keys (merchant_id, purpose) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- A token in clear fits in neither column.
	CONSTRAINT order_hooks_token_check CHECK (octet_length(token) > 29 AND get_byte(token, 0) = 1 AND octet_length(token_hash) = 32)
);
-- A token that named two hooks would name no merchant.
CREATE UNIQUE INDEX order_hooks_token_hash_key ON order_hooks (token_hash);

-- The orders that somebody rang for: ids and times only (B9). One row for an order, however often it was rung for.
CREATE TABLE order_looks (
	merchant_id  integer NOT NULL,
	order_id     text NOT NULL,
	status       smallint NOT NULL DEFAULT 1,
	-- How often it was rung for, ever. A look that began at fewer rings than there are now has not answered the last of them.
	rings        integer NOT NULL DEFAULT 1,
	-- How many looks were begun, ever: it tells a look from those before and after it.
	looks        integer NOT NULL DEFAULT 0,
	-- How many looks have failed since one was good.
	failures     integer NOT NULL DEFAULT 0,
	-- The document must be of this time or later, else it lags behind what was announced.
	at_least     text COLLATE "C",
	-- Last.
	rung_at      timestamptz(3) NOT NULL,
	next_at      timestamptz(3) NOT NULL,
	-- While one process looks; after that another may.
	leased_until timestamptz(3),
	looked_at    timestamptz(3),
	-- What the last look came to, in a word.
	outcome      text,
	problem      text,
	CONSTRAINT order_looks_pkey PRIMARY KEY (merchant_id, order_id),
	CONSTRAINT order_looks_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- 1 waiting, 2 done, 3 given up.
	CONSTRAINT order_looks_status_check CHECK (status IN (1, 2, 3)),
	-- The id becomes part of an address, and must not lead to another one.
	CONSTRAINT order_looks_order_id_check CHECK (order_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
	-- Times in two forms could not be compared as text.
	CONSTRAINT order_looks_at_least_check CHECK (at_least ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$'),
	-- Done without having been looked at, or while somebody still looks.
	CONSTRAINT order_looks_done_check CHECK (status <> 2 OR (looked_at IS NOT NULL AND leased_until IS NULL)),
	-- Given up without a reason, nobody could mend it.
	CONSTRAINT order_looks_given_up_check CHECK (status <> 3 OR (problem IS NOT NULL AND leased_until IS NULL))
);
CREATE INDEX order_looks_waiting ON order_looks (merchant_id, next_at) WHERE status = 1;
