package main

import (
	"fmt"
	"strings"
	"testing"
)

// asksUnnamed has Priya ask without a name, and Mark offer and write with her.
func asksUnnamed(t *testing.T) *sealedWeek {
	w := &sealedWeek{town: namedTown(inProcess(t))}
	w.at("2026-11-22 12:00")
	w.asks(anonymousAsks()[0])
	w.writes("ruth", "A stapler", "Any.")
	w.at("2026-11-22 15:00")
	w.at("2026-11-23 07:30")
	w.answers("mark", "asks", "#1, I can help, canaryoffer", phone)
	w.answers("ana", "asks", "me too #1", phone)
	w.at("2026-11-23 08:00")
	w.reply(anonymousAsks()[0], "Mark would like to help", "Would canarytuesday do?", phone)
	w.at("2026-11-23 08:30")
	w.answers("mark", "An answer: A class", "Yes, canarylibrary.", phone)
	w.at("2026-11-23 09:00")
	return w
}

// joined are rows of the book that join an instant of Priya's going to the ask.
func (w *sealedWeek) joined() (found []string) {
	w.Helper()
	db := w.open()
	for _, query := range []string{
		`SELECT * FROM forgotten f JOIN ask a ON f.at IN (a.closed_at, a.listed_at) WHERE a.anonymous = 1`,
		`SELECT * FROM intake i JOIN ask a ON i.decided_at = a.closed_at WHERE a.anonymous = 1`,
		`SELECT * FROM letter l JOIN outbox o ON o.letter = l.id JOIN letter k ON k.at IN (l.at, o.changed_at) WHERE k.kind IN ('forgotten', 'forget_confirm') AND l.key LIKE '%/1/%' AND l.member <> k.member`,
		`SELECT * FROM question q JOIN forgotten f ON q.answered_at = f.at JOIN member m ON m.id = q.member WHERE m.email LIKE '%sealed.invalid'`,
		`SELECT * FROM consequence c JOIN consequence k ON k.intake = c.intake AND k.what = 'letter' JOIN letter l ON l.id = k.ref WHERE l.kind = 'forgotten' AND (c.what = 'ask' AND c.ref = 1)`,
	} {
		for _, row := range w.rows(db, query) {
			found = append(found, fmt.Sprintf("%s: %.300v", query, row))
		}
	}
	return found
}

// Whoever is forgotten takes the anonymous asks along, and nothing shows whose
// they were.
func TestForgottenWithAnonymousAsk(t *testing.T) {
	for _, way := range []string{"mail", "command"} {
		t.Run(way, func(t *testing.T) {
			w := asksUnnamed(t)
			for _, words := range []string{"xylophone", "canaryoffer", "canarytuesday", "canarylibrary"} {
				if len(w.wherever(words)) == 0 {
					t.Fatalf("%s is nowhere: the test proves nothing", words)
				}
			}
			if way == "mail" {
				w.writes("priya", "", "please forget me")
				w.at("2026-11-23 10:00")
				w.answers("priya", "forgotten?", "Yes please", phone)
				w.at("2026-11-23 10:10")
			} else {
				w.must("forget", "priya@carpenter.example", "--at", "2026-11-23T10:10:00Z")
			}
			w.at("2026-11-23 10:20")
			w.at("2026-11-23 10:30")
			for _, words := range []string{"xylophone", "canaryoffer", "canarytuesday", "canarylibrary"} {
				if found := w.wherever(words); len(found) > 0 {
					t.Errorf("%s is still in %v", words, found)
				}
			}
			w.expect("mark", "is all set", 0)
			if found := w.joined(); len(found) > 0 {
				t.Errorf("joined:\n%s", strings.Join(found, "\n"))
			}
			w.audited()
			w.at("2026-11-24 07:30")
			w.at("2026-11-24 08:30")
			w.expect("mark", "is all set", 1)
			w.expect("ana", "No longer on the list", 1)
			w.answers("mark", "An answer: A class", "Are you still there?", phone)
			w.at("2026-11-24 09:00")
			w.audited()
			if n := w.counts(`SELECT count(*) FROM ask WHERE number = 1 AND state = 'withdrawn' AND title = 'Removed'`); n != 1 {
				t.Error("the ask is still there")
			}
		})
	}
}

// Whoever leaves the staff list takes them off the list, and helpers hear on the
// next day that they are not needed, not why.
func TestLeftWithAnonymousAsk(t *testing.T) {
	w := asksUnnamed(t)
	whole := w.settings()
	w.leaves(whole, "priya")
	w.at("2026-11-23 10:00")
	w.at("2026-11-23 10:10")
	if n := w.counts(`SELECT count(*) FROM ask WHERE number = 1 AND state = 'withdrawn'`); n != 1 {
		t.Error("the ask is on the list still")
	}
	w.expect("mark", "A class", 3)
	w.audited()
	w.at("2026-11-24 07:30")
	w.at("2026-11-24 07:40")
	w.says(w.letter("mark", "is all set: A class"), "It was good of you to offer", "not takes part", "not Priya")
	w.expect("mark", "is all set", 1)
	w.expect("mark", "takes part no longer", 0)
	w.audited()
	writeFile(t, w.config, whole)
	w.at("2026-11-24 10:00")
	w.audited()
}
