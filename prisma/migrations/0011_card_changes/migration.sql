-- Cards get a new code, and a later date, by whom and why: 5 and 6 in card_changes.

ALTER TABLE card_changes
	DROP CONSTRAINT card_changes_kind_check,
	-- The date that a card had before it was extended: a card is shown as it stood at an earlier moment.
	ADD COLUMN former_expires_at timestamptz(3),
	-- 1 block, 2 unblock, 3 close, 4 PIN, 5 reissue, 6 extend. Anything else would be a change that nobody can read.
	ADD CONSTRAINT card_changes_kind_check CHECK (kind IN (1, 2, 3, 4, 5, 6)),
	-- A date that no extension replaced would be taken for the card's own.
	ADD CONSTRAINT card_changes_former_expires_at_check CHECK (former_expires_at IS NULL OR kind = 6);
