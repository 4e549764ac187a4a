package store

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// planted is a book after some days of four colleagues, in which every place
// that can hold words holds a word of its own: "gone…" where it is Priya's or
// about her, "stays…" where it is not.
type planted struct {
	*scene
	n int
}

// puts runs a query that writes one word into one row.
func (p *planted) puts(query string, args ...any) {
	p.Helper()
	result, err := p.write.Exec(query, args...)
	if err != nil {
		p.Fatalf("%s: %v", query, err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		p.Fatalf("%s: %d rows, %v", query, n, err)
	}
}

// says puts a letter with a word into the outbox that has left, or has not.
func (p *planted) says(word string, l Letter, state string) {
	p.Helper()
	p.n++
	if l.Kind = KindStatus; l.Key == "" {
		l.Key = fmt.Sprintf("status/planted/%d", p.n)
	}
	if l.Text == "" {
		l.Text = word
	}
	if l.Subject == "" {
		l.Subject = "x"
	}
	if err := p.clock(p.Context(), at(p, "2026-11-24 12:00"), nil, func(tx *Tx) error { return tx.Enqueue([]Letter{l}) }); err != nil {
		p.Fatal(err)
	}
	p.puts(`UPDATE outbox SET state = ? WHERE letter = (SELECT max(id) FROM letter)`, state)
}

// message is a decided message of a member's, in which a word stands.
func (p *planted) message(word string, member any, state, reason string) (id int64) {
	p.Helper()
	p.uid++
	p.puts(`INSERT INTO intake (mailbox, uidvalidity, uid, sha256, size, oversize, received_at, state, reason, decided_at, member, filed) VALUES ('INBOX', 1, ?, ?, 9, 0, 5, ?, ?, iif(? = 'unconfirmed', NULL, 5), ?, 0)`,
		p.uid, Sum([]byte(word)), state, reason, state, member)
	if err := p.read.Get(&id, `SELECT max(id) FROM intake`); err != nil {
		p.Fatal(err)
	}
	p.puts(`INSERT INTO intake_raw (intake, raw) VALUES (?, CAST(? AS BLOB))`, id, word)
	return id
}

// dump is every value of every row, by table and column.
func (p *planted) dump() map[string][]string {
	p.Helper()
	tables := []string{}
	if err := p.read.Select(&tables, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`); err != nil {
		p.Fatal(err)
	}
	all := map[string][]string{}
	for _, table := range tables {
		rows, err := p.read.Queryx(`SELECT * FROM ` + table)
		if err != nil {
			p.Fatal(err)
		}
		for rows.Next() {
			row := map[string]any{}
			if err := rows.MapScan(row); err != nil {
				p.Fatal(err)
			}
			for column, value := range row {
				text := fmt.Sprint(value)
				if raw, ok := value.([]byte); ok {
					if text = string(raw); table == "wording" {
						text, _ = inflate(raw)
					}
				}
				all[table+"."+column] = append(all[table+"."+column], text)
			}
		}
		rows.Close()
	}
	return all
}

var plantedWord = regexp.MustCompile(`(gone|stays)-[a-z0-9-]+`)

// words are those planted that are somewhere, and where.
func words(all map[string][]string) map[string]string {
	found := map[string]string{}
	for column, values := range all {
		for _, w := range plantedWord.FindAllString(strings.Join(values, "\x00"), -1) {
			found[w] += column + " "
		}
	}
	return found
}

// plantedBook is the book: #1 is Priya's ask, #2 Mark's, whom she helps, and #3
// Mark's, with which she has nothing to do.
func plantedBook(t *testing.T) *planted {
	p := &planted{scene: newScene(t, "2026-11-20 12:00")}
	p.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	p.mail("2026-11-20 13:01", mark, Act{Kind: ActAsk, Title: "B", Text: "b"})
	p.mail("2026-11-20 13:02", mark, Act{Kind: ActAsk, Title: "C", Text: "c"})
	p.publish("2026-11-23 07:30")
	p.send("2026-11-23 07:31")
	p.mail("2026-11-23 08:00", mark, Act{Kind: ActOffer, Ask: 1, Text: "x"})
	p.mail("2026-11-23 08:01", priya, Act{Kind: ActOffer, Ask: 2, Text: "x"})
	p.mail("2026-11-23 08:02", ana, Act{Kind: ActOffer, Ask: 3, Text: "x"})
	p.mail("2026-11-23 08:03", ana, Act{Kind: ActMeToo, Ask: 1, Text: "x"})
	p.mail("2026-11-23 09:00", priya, Act{Kind: ActThanks, Ask: 1, Text: "one"})
	p.mail("2026-11-23 09:01", mark, Act{Kind: ActThanks, Ask: 2, Text: "two"})
	p.mail("2026-11-23 09:02", mark, Act{Kind: ActThanks, Ask: 3, Text: "three"})
	p.mail("2026-11-23 09:03", priya, Act{Kind: ActThanks, Members: []int64{3}, Text: "four"})
	p.mail("2026-11-23 09:04", sam, Act{Kind: ActThanks, Members: []int64{1}, Text: "five"})
	p.mail("2026-11-23 09:05", sam, Act{Kind: ActThanks, Members: []int64{2}, Text: "six"})
	p.send("2026-11-23 10:00")
	p.plantAsks()
	p.plantPeople()
	p.plantMail()
	p.plantLetters()
	return p
}

func (p *planted) plantAsks() {
	for number, word := range map[int]string{1: "gone", 2: "stays", 3: "stays"} {
		p.puts(`UPDATE ask SET title = ?, body = ?, message_id = ? WHERE number = ?`, fmt.Sprintf("%s-title%d", word, number), fmt.Sprintf("%s-body%d", word, number), fmt.Sprintf("%s-id%d", word, number), number)
		p.puts(`INSERT INTO held_edit (ask, held, title, body, needed_by, replaces, created_at) VALUES (?, 'private', ?, 'b', '', 0, 5)`, number, fmt.Sprintf("%s-edit%d", word, number))
	}
	for number, word := range map[int]string{1: "gone-hers", 2: "gone-her", 3: "stays"} {
		p.puts(`UPDATE offer SET words = ?, message_id = ? WHERE party = (SELECT id FROM ask_party WHERE ask = ? AND role = 'helper')`, fmt.Sprintf("%s-offer%d", word, number), fmt.Sprintf("%s-offerid%d", word, number), number)
	}
	for text, word := range map[string]string{"one": "gone-thanks1", "two": "gone-thanks2", "three": "stays-thanks3", "four": "gone-thanks4", "five": "gone-thanks5", "six": "stays-thanks6"} {
		p.puts(`UPDATE thanks SET words = ?, state = 'public' WHERE words = ?`, word, text)
	}
	thanks := func(word string) (id int64) {
		if err := p.read.Get(&id, `SELECT id FROM thanks WHERE words = ?`, word); err != nil {
			p.Fatal(err)
		}
		return id
	}
	party := func(ask int, role string, member int) (id int64) {
		if err := p.read.Get(&id, `SELECT id FROM ask_party WHERE ask = ? AND role = ? AND member = ?`, ask, role, member); err != nil {
			p.Fatal(err)
		}
		return id
	}
	question := `INSERT INTO question (kind, member, letter, words, name, names, candidates, asked_at, answered_at, thanks, party, address) VALUES (?, ?, ?, ?, ?, ?, '[]', 5, iif(? = 'open', NULL, 6), ?, ?, ?)`
	for i, q := range []struct {
		kind                string
		member              int
		words, name, names  string
		state               string
		thanks, party, addr any
	}{
		{"which_ask", 1, "gone-q1", "gone-qname1", `["gone-qnames1"]`, "open", nil, nil, ""},
		{"which_ask", 1, "gone-q2", "gone-qname2", `["gone-qnames2"]`, "answered", nil, nil, ""},
		{"share", 3, "gone-q3", "", "[]", "open", thanks("gone-thanks1"), nil, ""},
		{"share", 2, "gone-q4", "", "[]", "open", thanks("gone-thanks2"), nil, ""},
		{"share", 3, "gone-q5", "", "[]", "open", thanks("gone-thanks4"), nil, ""},
		{"which_person", 3, "gone-q6", "", "[]", "open", nil, party(2, "helper", 1), ""},
		{"which_person", 3, "gone-q7", "", "[]", "open", nil, party(1, "metoo", 4), ""},
		{"which_ask", 3, "gone-q8 is what PRIYA NAIR said", "", "[]", "open", nil, nil, ""},
		{"which_person", 3, "", "Priya N. gone-q9", "[]", "open", nil, nil, ""},
		{"which_person", 3, "", "", `["gone-q10","priya nair"]`, "open", nil, nil, ""},
		{KindKnownAddress, 3, "gone-q11", "", "[]", "open", nil, nil, priya},
		{KindKnownAddress, 1, "", "", "[]", "answered", nil, nil, "gone-qaddress@home.example"},
		{"which_ask", 3, "stays-q12", "", `["mark"]`, "open", nil, nil, ""},
		{"share", 2, "stays-q13", "Mark", "[]", "open", thanks("stays-thanks3"), nil, "stays-q@home.example"},
		{"which_person", 3, "stays-q14", "", "[]", "open", nil, party(3, "helper", 4), ""},
	} {
		p.puts(question, q.kind, q.member, fmt.Sprintf("planted/%d", i), q.words, q.name, q.names, q.state, q.thanks, q.party, q.addr)
	}
}

func (p *planted) plantPeople() {
	for id, w := range map[int]string{1: "gone", 2: "stays"} {
		p.puts(`UPDATE member SET stable = ?, team = ?, knows = ?, aliases = ?, language = ?, leader = 1, paused = 1, paused_until = '2030-01-01', weekly = 1 WHERE id = ?`,
			w+"-stable", w+"-team", `["`+w+`-knows"]`, `["`+w+`-alias@home.example","`+w[:1]+`@home.example"]`, w+"-language", id)
		p.puts(`INSERT INTO member_name (part, member) VALUES (?, ?)`, w+"-part", id)
		p.puts(`INSERT INTO member_address (address, member) VALUES (?, ?)`, w+"-learnt@home.example", id)
		p.puts(`INSERT INTO learnt_address (address, member, question, learnt_at) VALUES (?, ?, 1, 5)`, w+"-learnt@home.example", id)
		p.puts(`INSERT INTO outsider (address, member, mails, news, last_at) VALUES (?, ?, 1, 1, 5)`, w+"-outsider@home.example", id)
		p.puts(`INSERT INTO outsider (address, member, mails, news, last_at) VALUES (?, 3, 1, 1, 5)`, w+"-alias@home.example", id)
		p.puts(`INSERT INTO bounce (member, address, hard, status, day, at) VALUES (?, ?, 1, ?, '', 5)`, id, w+"-bounce@home.example", w+"-status")
		p.puts(`INSERT INTO bounce_pause (member, address, status, since) VALUES (?, ?, '', 5)`, id, w+"-resting@home.example")
		p.puts(`INSERT INTO allowance (member, full_at) VALUES (?, 5) ON CONFLICT (member) DO UPDATE SET full_at = 5`, id)
		p.puts(`INSERT INTO confirm (member, letter, state, asked_at) VALUES (?, ?, 'waiting', 5)`, id, fmt.Sprintf("confirm/planted/%d", id))
		p.puts(`INSERT INTO undoable (member, kind, ask, intake, letter, past, done_at, until) VALUES (?, 'edit', 0, 3, '', ?, 5, 9000000000000)`, id, w+"-past")
	}
	p.puts(`INSERT INTO undoable (member, kind, ask, intake, letter, past, done_at, until) VALUES (3, 'edit', 3, 3, '', 'gone-past2 of Priya Nair', 5, 9000000000000)`)
	p.puts(`INSERT INTO undoable (member, kind, ask, intake, letter, past, done_at, until) VALUES (4, 'edit', 1, 3, '', 'gone-past3', 5, 9000000000000)`)
	for name, value := range map[string]string{"reload": "2026-11-20T12:00:00Z gone-reload Priya Nair has no address", "trouble smtp": "5 gone-trouble of priya@carpenter.example", "trouble imap": "5 stays-trouble",
		keptName: base64.StdEncoding.EncodeToString([]byte("staff")) + " gone-kept"} {
		p.puts(`INSERT INTO book (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	}
}

func (p *planted) plantMail() {
	for text, w := range map[string]string{"raw 1": "gone-raw1", "raw 2": "stays-raw2", "raw 3": "stays-raw3", "raw 4": "gone-raw4", "raw 5": "gone-raw5", "raw 6": "stays-raw6", "raw 8": "gone-raw8", "raw 9": "gone-raw9",
		"raw 10": "stays-raw10", "raw 11": "gone-raw11", "raw 12": "gone-raw12", "raw 13": "stays-raw13"} {
		p.puts(`UPDATE intake_raw SET raw = CAST(? AS BLOB) WHERE raw = CAST(? AS BLOB)`, w, text)
		if strings.HasPrefix(w, "stays") {
			p.puts(`UPDATE intake SET message_id = ?, sender = ?, duplicate = ? WHERE id = (SELECT intake FROM intake_raw WHERE raw = CAST(? AS BLOB))`, w+"-mid", w+"-sender", w+"-dup", w)
		}
	}
	p.puts(`UPDATE intake SET message_id = 'gone-mid', sender = 'gone-sender', duplicate = 'gone-dup' WHERE id = 1`)
	p.puts(`UPDATE intake SET message_id = 'gone-mid8', erase = 2 WHERE id = 5`)
	p.message("stays-pending", 1, "pending", "") // let out of quarantine, say: its turn comes
	p.puts(`UPDATE intake SET decided_at = NULL WHERE state = 'pending'`)
	p.message("gone-report G@Home.example", 0, "ignored", "bounce")
	p.message("stays-report s@home.example", 0, "ignored", "bounce")
	p.message("stays-mention g@home.example", 0, "ignored", "x")
	for member, w := range map[int]string{1: "gone", 2: "stays"} {
		p.message(w+"-quarantined", member, "quarantined", "unreadable")
		id := p.message(w+"-unproven", member, "unconfirmed", "")
		p.puts(`INSERT INTO unconfirmed (intake, member, acts, words, since, until) VALUES (?, ?, ?, ?, 5, 9000000000000)`, id, member, w+"-acts", w+"-unprovenwords")
		id = p.message(w+"-stranger", 0, "refused", ReasonOtherAddress)
		var q int64
		if err := p.write.Get(&q, `INSERT INTO question (kind, member, letter, words, candidates, asked_at, address) VALUES (?, ?, ?, '', '[]', 5, 'x@home.example') RETURNING id`, KindKnownAddress, member, w); err != nil {
			p.Fatal(err)
		}
		p.puts(`INSERT INTO address_waiting (intake, question) VALUES (?, ?)`, id, q)
		id = p.message(w+"-ignored", member, "ignored", "x")
		p.puts(`INSERT INTO consequence (intake, what, ref) VALUES (?, 'member', ?)`, id, member)
		p.message(w+"-again", member, "refused", "x")
		again := p.message(w+"-andagain", 0, "refused", "x") // the same bytes, as the server showed them once more
		p.puts(`UPDATE intake SET sha256 = (SELECT sha256 FROM intake WHERE id = ?) WHERE id = ?`, again-1, again)
	}
}

func (p *planted) plantLetters() {
	to := func(member int64) Recipient {
		return Recipient{member, people[member-1].Name, people[member-1].Email, "en"}
	}
	sent := func(word string, l Letter) { p.says(word, l, "sent") }
	for member, w := range map[int64]string{1: "gone", 2: "stays"} {
		sent(w+"-letter", Letter{To: Recipient{member, w + "-name Smith-" + w, w + "-old@home.example", w + "-tongue"}, Thread: []string{w + "-thread"}, ReplyTo: []Recipient{{Name: w + "-replyto"}}})
		p.puts(`UPDATE outbox SET error = ? WHERE letter = (SELECT max(id) FROM letter)`, w+"-error")
		sent("x", Letter{To: Recipient{0, w + "-stranger-name", w + "-alias@home.example", ""}, Thread: []string{w + "-stranger-thread"}}) // before it was known
	}
	sent("x", Letter{To: Recipient{3, "stays-shared-name", "g@home.example", ""}}) // the address was Sam's then
	sent("gone-items", Letter{To: to(3), Items: []Item{{1, 3}, {2, 1}}})
	sent("stays-items", Letter{To: to(3), Items: []Item{{1, 3}, {2, 2}}})
	var thanks []int64
	if err := p.read.Select(&thanks, `SELECT id FROM thanks WHERE words IN ('gone-thanks4', 'stays-thanks3') ORDER BY words`); err != nil {
		p.Fatal(err)
	}
	sent("gone-thanking", Letter{To: to(3), Thanks: thanks})
	sent("stays-thanking", Letter{To: to(3), Thanks: thanks[1:]})
	for intake, word := range map[int]string{1: "gone-answer", 9: "gone-thanked", 8: "gone-thanks", 2: "stays-answer", 10: "stays-thanked"} {
		sent(word, Letter{To: to(3)})
		p.puts(`INSERT INTO consequence (intake, what, ref) SELECT ?, 'letter', max(id) FROM letter`, intake)
	}
	sent("gone-share", Letter{To: to(3), Key: "planted/3"})
	sent("stays-share", Letter{To: to(3), Key: "planted/13"})
	sent("gone-key", Letter{To: to(3), Key: "introduction/2/m1"})
	sent("gone-longkey", Letter{To: to(3), Key: "left/2/m1/17"})
	sent("stays-key", Letter{To: to(3), Key: "left/2/m12/m11"})
	sent("", Letter{To: to(3), Subject: "gone-subject of Priya Nair", Text: "stay"})
	sent("", Letter{To: to(3), Text: "gone-text: ask priya@carpenter.example"})
	sent("", Letter{To: to(3), Text: "gone-alias: ask gone-ALIAS@home.example"})
	sent("", Letter{To: to(3), Text: "gone-oldaddress: ask gone-old@home.example"})
	sent("", Letter{To: to(3), Text: "gone-endofline: ask Gone-Name\n\tSMITH-gone"})
	sent("", Letter{To: to(3), Text: "gone-oldshort: ask gone-name S."})
	sent("", Letter{To: to(3), HTML: "<p>gone-html, says Priya N."})
	sent("", Letter{To: to(3), HTML: "<p>stays-html, says Mark E."})
	sent("x", Letter{To: to(3), ReplyTo: []Recipient{{Name: "Priya Nair", Email: "gone-intro"}}})
	sent("x", Letter{To: to(3), ReplyTo: []Recipient{{Name: "Mark Evans", Email: "stays-intro"}}})
	for _, state := range []string{"queued", "retry", "held"} {
		p.says("gone-waiting-"+state, Letter{To: to(1)}, state)
		p.puts(`INSERT INTO later (letter, due) SELECT max(id), 5 FROM letter`)
		p.says("stays-waiting-"+state, Letter{To: to(2)}, state)
	}
	p.says("gone-failed", Letter{To: to(1)}, "failed")
	for i, word := range []string{"gone-digest", "stays-digest"} {
		p.says(word, Letter{To: to(3), Thanks: thanks[i:]}, "queued")
		p.puts(`UPDATE outbox SET digest = 1 WHERE letter = (SELECT max(id) FROM letter)`)
	}
}
