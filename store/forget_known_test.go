package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// plantMore is what the planted book needs besides, so that no answer to "what
// do you know about me?" and no table of an export is empty.
func (p *planted) plantMore() {
	for _, query := range []string{
		`INSERT INTO ask_party (id, ask, role, member) VALUES (901, 3, 'invited', 1), (902, 3, 'connector', 2), (903, 3, 'invited', 3), (904, 3, 'connector', 1), (905, 2, 'invited', 4), (906, 2, 'connector', 3), (907, 3, 'metoo', 1), (908, 2, 'metoo', 3)`,
		`INSERT INTO metoo (party, told_from, created_at) VALUES (907, 0, 5), (908, 0, 5)`,
		`INSERT INTO referral (invited, connector, state, created_at) VALUES (901, 902, 'invited', 5), (903, 904, 'withdrawn', 5), (905, 906, 'invited', 5)`,
	} {
		if _, err := p.write.Exec(query); err != nil {
			p.Fatalf("%s: %v", query, err)
		}
	}
}

// TestKnownTellsEachPlace asks what is known of somebody in a book in which every
// place holds a word of its own: each is told, and nobody else's.
func TestKnownTellsEachPlace(t *testing.T) {
	p := plantedBook(t)
	p.plantMore()
	if _, err := p.write.Exec(`INSERT INTO bounce (member, address, hard, status, day, at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70) SELECT 1, 'older', 0, '', '', 1 FROM n`); err != nil {
		t.Fatal(err)
	}
	var d *Data
	if err := p.clock(t.Context(), at(t, "2026-11-25 12:00"), nil, func(tx *Tx) error {
		m, err := tx.memberAt(priya)
		if err != nil {
			return err
		}
		d, err = tx.known(*m)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range d.Sections {
		var lines []string
		for i, l := range s.Lines {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d %s %s", l.Ask, l.State, l.Words)))
			if i > 0 && l.At.After(s.Lines[i-1].At) {
				t.Errorf("%s: an older one stands before a newer one", s.Name)
			}
		}
		if s.Name == "bounces" {
			if len(lines) != mostLines || s.More != 71-mostLines {
				t.Errorf("%d lines, and %d more", len(lines), s.More)
			}
			lines = lines[:1]
		}
		if s.Name == "mails" || s.Name == "letters" {
			lines = []string{fmt.Sprint(len(lines))}
		}
		slices.Sort(lines)
		got[s.Name] = strings.Join(lines, "; ")
	}
	for name, want := range map[string]string{
		"asks":      "1 closed gone-title1: gone-body1",
		"offers":    "2 thanked gone-her-offer2",
		"joined":    "3",
		"invited":   "3 invited",
		"named":     "3 withdrawn",
		"thanked":   "0 public gone-thanks4; 1 public gone-thanks1",
		"thanks":    "0 public gone-thanks5; 2 public gone-thanks2",
		"questions": "0 answered gone-q2; 0 answered gone-qaddress@home.example; 0 waiting four; 0 waiting gone-q1; 0 waiting one; 0 waiting x@home.example",
		"undo":      "0 edit; 0 thanks; 1 thanks; 2 offer",
		"bounces":   "0 gone-status gone-bounce@home.example",
		"resting":   "0  gone-resting@home.example",
		"unproven":  "0 waiting gone-unprovenwords",
		"proofs":    "0 waiting",
		"learnt":    "0  gone-learnt@home.example",
		"mails":     "9",
		"letters":   "13",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("%v are told, too", slices.Collect(maps.Keys(got)))
	}
}

// The answer goes to the registered address, wherever the question came from.
func TestDataGoesHome(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	o := s.mail("2026-11-20 13:00", "m.evans@home.example", Act{Kind: ActData})
	if len(o.Facts) == 1 && slices.ContainsFunc(o.Facts[0].Data.Sections, func(s DataSection) bool { return len(s.Lines) == 0 }) {
		t.Error("a section without lines")
	}
	if len(o.Facts) != 1 || o.Facts[0].To.Email != mark || o.Facts[0].Data == nil || o.Facts[0].Data.Member.ID != 2 {
		t.Errorf("%+v", o.Facts)
	}
}

// TestExportOfOneIsTheirs hands over one person's part of that book, table by
// table.
func TestExportOfOneIsTheirs(t *testing.T) {
	p := plantedBook(t)
	p.plantMore()
	rows := map[string]int{}
	var all strings.Builder
	if err := p.Export(t.Context(), 1, func(r Row) error {
		rows[r.Table]++
		line, err := json.Marshal(r)
		all.Write(line)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"address_waiting": 1, "allowance": 1, "ask": 1, "ask_party": 5, "bounce": 1, "bounce_pause": 1, "confirm": 1, "consequence": 17, "edition": 1, "held_edit": 1, "intake": 9, "intake_raw": 9,
		"later": 3, "learnt_address": 1, "letter": 13, "member": 1, "member_address": 2, "metoo": 1, "offer": 1, "outbox": 13, "question": 6, "referral": 2, "thanks": 4, "thanks_to": 2, "unconfirmed": 1, "undoable": 5, "wording": 13, "wording_item": 7}
	if fmt.Sprint(rows) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", rows, want)
	}
	told := map[string]bool{}
	for _, w := range plantedWord.FindAllString(all.String(), -1) {
		told[w] = true
	}
	for w := range told {
		if strings.HasPrefix(w, "stays") {
			t.Errorf("%s is somebody else's", w)
		}
	}
	for w := range strings.FieldsSeq(`acts alias body1 bounce edit1 error failed her-offer2 her-offerid2 id1 knows language learnt letter mid name old past q1 q2 qaddress
		qname1 qname2 qnames1 qnames2 replyto resting stable status team thanks1 thanks2 thanks4 thanks5 thread title1 tongue unprovenwords waiting-held`) {
		if !told["gone-"+w] {
			t.Errorf("gone-%s is hers and not handed over", w)
		}
	}
	for _, secret := range []string{"dup", "sender", "part"} {
		if told["gone-"+secret] {
			t.Errorf("gone-%s is a secret", secret)
		}
	}
}
