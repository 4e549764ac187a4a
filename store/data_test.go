package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestDataIsComplete walks the schema: a column that names a member stands in a
// section of the letter, or in the list of those that need none.
func TestDataIsComplete(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	columns := []struct{ Tab, Col string }{}
	if err := s.read.Select(&columns, `SELECT m.name AS tab, c.name AS col FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose%'`); err != nil {
		t.Fatal(err)
	}
	references := map[string]bool{}
	keys := []struct{ Tab, Col string }{}
	if err := s.read.Select(&keys, `SELECT m.name AS tab, f."from" AS col FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f."table" = 'member'`); err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		references[k.Tab+"."+k.Col] = true
	}
	told := map[string]bool{}
	for _, section := range dataSections() {
		told[section.table+".member"] = true
	}
	n := 0
	for _, c := range columns {
		name := c.Tab + "." + c.Col
		if !references[name] && !slices.Contains([]string{"member", "giver", "veil"}, c.Col) {
			continue
		}
		n++
		if _, elsewhere := dataElsewhere()[name]; !told[name] && !elsewhere {
			t.Errorf("%s names a member: tell it in a section of dataSections (store/data.go), or say in dataElsewhere why not; and forget it in forgetWords (store/forget.go)", name)
		}
	}
	if n < 12 {
		t.Errorf("only %d columns name a member: the walk is wrong", n)
	}
	for name := range dataElsewhere() {
		if strings.HasPrefix(name, "outsider.") || strings.HasPrefix(name, "ask_sealed.") {
			continue // of other parts of the book
		}
		if !slices.ContainsFunc(columns, func(c struct{ Tab, Col string }) bool { return c.Tab+"."+c.Col == name }) {
			t.Errorf("%s is not a column", name)
		}
	}
}

// TestWordsAreForgotten walks the schema the other way: every column of text is
// emptied for somebody forgotten and for what grows old, or cannot hold words.
func TestWordsAreForgotten(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	columns := []string{}
	if err := s.read.Select(&columns, `SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose%' AND c.type IN ('TEXT', 'BLOB')`); err != nil {
		t.Fatal(err)
	}
	emptied := strings.Fields(`ask.title ask.body ask.message_id held_edit.title held_edit.body held_edit.held offer.words offer.message_id thanks.words
		question.words question.name question.names undoable.past bounce.address bounce.status bounce.day bounce_pause.address bounce_pause.status
		member.stable member.name member.email member.aliases member.team member.knows member.language member_address.address member_name.part
		intake.message_id intake.sender intake.duplicate intake_raw.raw wording.subject wording.text wording.html wording.sha256
		unconfirmed.acts unconfirmed.words learnt_address.address outsider.address question.address
		letter.name letter.address letter.language letter.reply_to letter.thread outbox.error forget_search.names book.value`)
	wordless := map[string]string{
		"codes, states and dates": `ask.state ask.needed_by held_edit.needed_by ask.team ask.published ask.held ask_party.role offer.state thanks.state question.kind question.candidates
			undoable.kind member.paused_until intake.state intake.reason intake.acts intake.mailbox intake.folder consequence.what referral.state outbox.state outbox.enhanced edition.date
			letter.kind book.name confirm.state intake.auth`,
		"keys and sums that hold no words": `question.letter undoable.letter letter.key letter.message_id outbox.key intake.sha256 forgotten_address.hash confirm.letter token_key.secret ask_sealed.key ask_sealed.sealed`,
	}
	known := map[string]bool{}
	for _, name := range emptied {
		known[name] = true
	}
	for _, list := range wordless {
		for name := range strings.FieldsSeq(list) {
			known[name] = true
		}
	}
	for _, name := range columns {
		if !known[name] {
			t.Errorf("%s can hold words: forget them in store/forget.go and store/retain.go, or say here that it cannot", name)
		}
	}
}

// What a letter about everything says of somebody who did everything.
func TestKnownTellsEverything(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	if err := s.clock(t.Context(), at(t, "2026-11-20 13:00"), nil, func(tx *Tx) error {
		for _, query := range []string{
			`INSERT INTO ask (number, title, body, state, created_at, listed_at) VALUES (900, 'title', 'canary-asks', 'open', 1, 1)`,
			`INSERT INTO ask_party (id, ask, role, member) VALUES (900, 900, 'asker', 1), (901, 900, 'metoo', 2)`,
			`INSERT INTO metoo (party, told_from, created_at) VALUES (901, 0, 5)`,
			`INSERT INTO thanks (id, giver, words, state, created_at) VALUES (900, 1, 'canary-thanked', 'private', 1), (901, 2, 'canary-thanks', 'private', 1)`,
			`INSERT INTO thanks_to (thanks, member) VALUES (901, 1)`,
			`INSERT INTO question (kind, member, letter, words, candidates, asked_at) VALUES ('which_ask', 1, 'l', 'canary-questions', '[]', 1)`,
		} {
			if err := tx.exec(query); err != nil {
				return fmt.Errorf("%s: %w", query, err)
			}
		}
		m, err := tx.member(1)
		if err != nil {
			return err
		}
		d, err := tx.known(m)
		if err != nil {
			return err
		}
		for _, name := range []string{"asks", "thanked", "thanks", "questions"} {
			i := slices.IndexFunc(d.Sections, func(s DataSection) bool { return s.Name == name })
			if i < 0 || !slices.ContainsFunc(d.Sections[i].Lines, func(l DataLine) bool { return strings.Contains(l.Words, "canary-"+name) }) {
				t.Errorf("%s are not told: %+v", name, d.Sections)
			}
		}
		return errUndo
	}); !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
}
