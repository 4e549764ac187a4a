package store

// sealChecks are those of anonymous asks: nothing in the book names their askers.
func sealChecks() []check {
	const veils = `(SELECT id FROM member WHERE email LIKE '%` + sealedDomain + `')`
	return []check{
		{"anonymous_asker", `SELECT 'ask ' || a.number AS ref, CASE a.anonymous WHEN 1 THEN 'is anonymous, and its asker has a name' ELSE 'has an asker without a name, and is not anonymous' END AS detail
			FROM ask a JOIN ask_party p ON p.ask = a.number AND p.role = 'asker' WHERE (p.member IN ` + veils + `) <> (a.anonymous = 1)`},
		{"anonymous_mail", `SELECT 'ask ' || number AS ref, 'is anonymous, and the Message-ID of its asker is kept' AS detail FROM ask WHERE anonymous = 1 AND message_id <> ''`},
		{"veil_part", `SELECT 'ask ' || p.ask AS ref, 'a veil is its ' || p.role AS detail FROM ask_party p WHERE p.member IN ` + veils + ` AND p.role NOT IN ('asker', 'connector')`},
		{"veil_named", `SELECT 'member ' || id AS ref, 'is a veil with a name or a place on the staff list' AS detail FROM member
			WHERE id IN ` + veils + ` AND (name <> 'A colleague' OR on_staff <> 0 OR team <> '' OR aliases <> '[]' OR knows <> '[]' OR language <> '' OR joined_at <> 0)`},
		{"veil_address", `SELECT 'letter ' || key AS ref, 'to a veil, and names somebody' AS detail FROM letter
			WHERE member IN ` + veils + ` AND (name <> '' OR address NOT LIKE '%` + sealedDomain + `' OR kind <> 'introduction' AND reply_to NOT IN ('null', '[]')) OR address LIKE '%` + sealedDomain + `' AND coalesce(member, 0) NOT IN ` + veils},
		{"seal_of_nothing", `SELECT 'ask ' || s.ask AS ref, 'is sealed for another veil than its asker' AS detail FROM ask_sealed s
			WHERE NOT EXISTS (SELECT 1 FROM ask_party p WHERE p.ask = s.ask AND p.role = 'asker' AND p.member = s.veil)`},
		{"seal_missing", `SELECT 'ask ' || a.number AS ref, 'is anonymous and on the list, and nobody can tell whose it is' AS detail FROM ask a
			WHERE a.anonymous = 1 AND a.state IN ('open', 'helped', 'held') AND NOT EXISTS (SELECT 1 FROM ask_sealed s WHERE s.ask = a.number)`},
		{"seal_length", `SELECT 'ask ' || ask AS ref, 'its seal has ' || length(sealed) || ' octets' AS detail FROM ask_sealed WHERE length(sealed) <> 60 OR length(key) <> 16`},
		{"relay_missing", `SELECT 'ask ' || p.ask AS ref, 'an offer is ' || o.state || ' and was not passed on to both' AS detail FROM offer o JOIN ask_party p ON p.id = o.party JOIN ask a ON a.number = p.ask AND a.anonymous = 1
			WHERE o.state IN ('introduced', 'thanked') AND (SELECT count(*) FROM letter l WHERE l.key IN ('relay_to_asker/' || p.ask || '/m' || p.member || CASE WHEN o.round > 1 THEN '/' || o.round ELSE '' END,
				'relay_to_helper/' || p.ask || '/m' || p.member || CASE WHEN o.round > 1 THEN '/' || o.round ELSE '' END)) <> 2`},
	}
}
