-- Wrong redemption codes and PINs, counted by who tried them and from where (rules B12). The columns are those that the library
-- rate-limiter-flexible writes by their order; the merchant stands at the beginning of the key.

CREATE TABLE guess_limits (
	-- Merchant, and a keyed hash of who tries: `1:` and 43 characters of base64url.
	key    text NOT NULL,
	-- Misses since the first of them.
	points integer NOT NULL,
	-- Milliseconds since 1970 at which they are forgotten.
	expire bigint NOT NULL,
	CONSTRAINT guess_limits_pkey PRIMARY KEY (key),
	-- A document, an e-mail or an address in clear does not fit.
	CONSTRAINT guess_limits_key_check CHECK (key ~ '^[0-9]{1,10}:[A-Za-z0-9_-]{43}$'),
	-- A row below zero would be free guesses.
	CONSTRAINT guess_limits_points_check CHECK (points >= 0)
);
-- The job that forgets finds what is over without reading the rest.
CREATE INDEX guess_limits_expire_idx ON guess_limits (expire);
