-- Why something was done, in one word beside the sentence that somebody wrote: words can be counted, and name nobody.
-- 1 courtesy, 2 campaign, 3 migration, 4 correction, 5 request, 6 lost, 7 stolen, 8 damaged, 9 fraud, 10 delivered, 11 returned, 12 test, 13 other.

ALTER TABLE entry_notes
	ADD COLUMN reason_code smallint,
	-- A number without a word is no reason that anybody could have chosen, and would be missing from every count.
	ADD CONSTRAINT entry_notes_reason_code_check CHECK (reason_code IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));

ALTER TABLE card_changes
	ADD COLUMN reason_code smallint,
	-- The same, of a card that was changed.
	ADD CONSTRAINT card_changes_reason_code_check CHECK (reason_code IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));

ALTER TABLE customer_changes
	ADD COLUMN reason_code smallint,
	-- The same, of a customer who was merged or erased.
	ADD CONSTRAINT customer_changes_reason_code_check CHECK (reason_code IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));
