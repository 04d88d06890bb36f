-- Value moves from card to card, and balances are corrected by people.

-- What a correction adds comes from the account adjustment, which says so on the lot too: it was not given for anything, and a funding
-- account would count it among what was sold or given away.
ALTER TABLE lots
	DROP CONSTRAINT lots_origin_check,
	-- Value comes from a funding account (10 to 19) or from a correction (40), never from what was redeemed or expired.
	ADD CONSTRAINT lots_origin_check CHECK (origin BETWEEN 10 AND 19 OR origin = 40);
