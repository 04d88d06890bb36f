-- Who ran which command, and how much value each may give out.

-- Every command of scripts/, written before it does anything.
CREATE TABLE actions (
	merchant_id integer NOT NULL,
	id          integer GENERATED ALWAYS AS IDENTITY,
	actor_id    integer NOT NULL,
	-- As which the actor ran it: roles change, what was done as one of them does not.
	role        smallint NOT NULL,
	command     text NOT NULL,
	-- By flag, without secrets and without what names a customer: their values are not stored.
	arguments   jsonb NOT NULL,
	begun_at    timestamptz(3) NOT NULL,
	-- Null while it runs, and for ever where its process was killed.
	ended_at    timestamptz(3),
	exit_code   smallint,
	CONSTRAINT actions_pkey PRIMARY KEY (merchant_id, id),
	CONSTRAINT actions_merchant_id_actor_id_fkey FOREIGN KEY (merchant_id, actor_id) REFERENCES actors (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- 1 viewer, 2 operator, 3 admin.
	CONSTRAINT actions_role_check CHECK (role IN (1, 2, 3)),
	-- Anything else than the name of a command could be what somebody typed after it.
	CONSTRAINT actions_command_check CHECK (command ~ '^[a-z]+:[a-z]+(-[a-z]+)*$'),
	-- What is no object has no flags by which a secret could have been left out.
	CONSTRAINT actions_arguments_check CHECK (jsonb_typeof(arguments) = 'object'),
	-- 0 done, 1 refused or failed, 2 wrong usage.
	CONSTRAINT actions_exit_code_check CHECK (exit_code IN (0, 1, 2)),
	-- An end without what it came to, or the other way round.
	CONSTRAINT actions_ended_check CHECK ((ended_at IS NULL) = (exit_code IS NULL))
);
-- A trail from which a row can be taken shows only what nobody minded.
CREATE TRIGGER actions_stay BEFORE DELETE OR TRUNCATE ON actions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('what was done stays in the trail');
-- Only the end is written later, and once.
CREATE TRIGGER actions_fixed BEFORE UPDATE ON actions FOR EACH ROW
	WHEN (OLD.ended_at IS NOT NULL OR (OLD.merchant_id, OLD.id, OLD.actor_id, OLD.role, OLD.command, OLD.arguments, OLD.begun_at)
		IS DISTINCT FROM (NEW.merchant_id, NEW.id, NEW.actor_id, NEW.role, NEW.command, NEW.arguments, NEW.begun_at))
	EXECUTE FUNCTION refuse_change('what was done stays as it was; only an open end is set');

-- What an action gave out, one row for each asset: reserved before anything moves, so that two at once cannot both have what is left of
-- a day, and then how much it really was.
CREATE TABLE action_values (
	merchant_id integer NOT NULL,
	action_id   integer NOT NULL,
	asset_id    integer NOT NULL,
	-- The merchant's local day.
	day         date NOT NULL,
	reserved    bigint NOT NULL,
	-- Null where nobody knows: then all that was reserved counts.
	moved       bigint,
	-- SHA-256 of the key under which it happens once, where it has one: repeated it does not count again.
	once        bytea,
	CONSTRAINT action_values_pkey PRIMARY KEY (merchant_id, action_id, asset_id),
	CONSTRAINT action_values_merchant_id_action_id_fkey FOREIGN KEY (merchant_id, action_id) REFERENCES actions (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	CONSTRAINT action_values_merchant_id_asset_id_fkey FOREIGN KEY (merchant_id, asset_id) REFERENCES assets (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- To give out less than nothing would make room below a cap; and more than was reserved has been held against none.
	CONSTRAINT action_values_moved_check CHECK (reserved > 0 AND moved BETWEEN 0 AND reserved),
	-- A key in clear, which may say anything, does not fit.
	CONSTRAINT action_values_once_check CHECK (octet_length(once) = 32)
);
-- All of a day, which a cap is held against.
CREATE INDEX action_values_merchant_id_asset_id_day_idx ON action_values (merchant_id, asset_id, day);
-- Without its value an action would have given out nothing.
CREATE TRIGGER action_values_stay BEFORE DELETE OR TRUNCATE ON action_values FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('what was given out stays in the trail');
-- Only what really moved is written later, and once.
CREATE TRIGGER action_values_fixed BEFORE UPDATE ON action_values FOR EACH ROW
	WHEN (OLD.moved IS NOT NULL OR (OLD.merchant_id, OLD.action_id, OLD.asset_id, OLD.day, OLD.reserved, OLD.once)
		IS DISTINCT FROM (NEW.merchant_id, NEW.action_id, NEW.asset_id, NEW.day, NEW.reserved, NEW.once))
	EXECUTE FUNCTION refuse_change('what was given out stays as it was; only how much moved is set');

-- How much a person of a role may give out of an asset. Without a row, without a limit.
CREATE TABLE role_limits (
	merchant_id integer NOT NULL,
	role        smallint NOT NULL,
	asset_id    integer NOT NULL,
	per_command bigint,
	per_day     bigint,
	CONSTRAINT role_limits_pkey PRIMARY KEY (merchant_id, role, asset_id),
	CONSTRAINT role_limits_merchant_id_asset_id_fkey FOREIGN KEY (merchant_id, asset_id) REFERENCES assets (merchant_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT,
	-- 2 operator, 3 admin. A viewer gives out nothing at all.
	CONSTRAINT role_limits_role_check CHECK (role IN (2, 3)),
	-- A limit below nothing would refuse what gives out nothing; and a row that limits nothing looks like a limit.
	CONSTRAINT role_limits_amounts_check CHECK (coalesce(per_command, per_day) IS NOT NULL AND per_command >= 0 AND per_day >= 0)
);
