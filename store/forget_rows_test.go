package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// plantedGone are all words of Priya's, so that none is planted in vain.
const plantedGone = 94

// TestForgettingReachesEveryRow forgets somebody in a book in which every place
// that can hold words holds one: hers are nowhere any more, in no column of no
// table and in no file beside the book, and everybody else's are where they were.
func TestForgettingReachesEveryRow(t *testing.T) {
	p := plantedBook(t)
	before := words(p.dump())
	n := 0
	for w := range before {
		if strings.HasPrefix(w, "gone") {
			n++
		}
	}
	if n != plantedGone {
		t.Fatalf("%d words are hers, want %d: the test proves nothing", n, plantedGone)
	}
	if _, err := p.Forget(t.Context(), priya, at(t, "2026-11-25 12:00"), say); err != nil {
		t.Fatal(err)
	}
	p.forgottenStates()
	p.nothingLeavesAgain()
	p.send("2026-11-25 12:01")
	if err := p.finishSearches(t.Context()); err != nil || p.number(`SELECT count(*) FROM forget_search`) != 1 {
		t.Error("the names are gone before anything was searched", err)
	}
	if done, err := p.SweepForgotten(context.Background(), at(t, "2026-11-25 12:02"), time.Minute); err != nil || !done {
		t.Fatalf("done %v, %v", done, err)
	}
	doomed, err := p.Doomed(t.Context(), "INBOX", at(t, "2026-11-25 12:03"), 100)
	if err != nil {
		t.Fatal(err)
	}
	ids := []int64{}
	for _, d := range doomed {
		ids = append(ids, d.ID)
	}
	if err := p.Erased(t.Context(), ids); err != nil {
		t.Fatal(err)
	}
	all := p.dump()
	after := words(all)
	for w, where := range before {
		switch {
		case strings.HasPrefix(w, "gone") && after[w] != "":
			t.Errorf("%s is still in %s", w, after[w])
		case strings.HasPrefix(w, "stays") && after[w] == "" && where != "later.letter ":
			t.Errorf("%s is no longer in %s", w, where)
		}
	}
	for column, values := range all {
		for _, own := range []string{"Priya N", priya} {
			if i := slices.IndexFunc(values, func(v string) bool { return strings.Contains(v, own) }); i >= 0 {
				t.Errorf("%s is still in %s: %s", own, column, values[i])
			}
		}
	}
	p.inNoFile()
}

// inNoFile looks for what is hers in the book's file and those beside it.
func (p *planted) inNoFile() {
	p.Helper()
	files, err := filepath.Glob(p.Path() + "*")
	if err != nil || len(files) < 3 {
		p.Fatal(files, err)
	}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			p.Fatal(err)
		}
		for _, own := range []string{"gone-", "Priya", priya} {
			if i := strings.Index(string(raw), own); i >= 0 {
				p.Errorf("%s is in %s: %q", own, filepath.Base(path), raw[i:min(i+40, len(raw))])
			}
		}
	}
}

// nothingLeavesAgain tries to send by hand what was kept from leaving.
func (p *planted) nothingLeavesAgain() {
	p.Helper()
	keys := []string{}
	if err := p.read.Select(&keys, `SELECT o.key FROM outbox o JOIN letter l ON l.id = o.letter WHERE l.member = 1 AND o.state IN ('expired', 'failed')`); err != nil || len(keys) != 4 {
		p.Fatal(keys, err)
	}
	for _, key := range keys {
		if _, err := p.Again(p.Context(), []string{key}, at(p, "2026-11-25 12:00")); !errors.Is(err, ErrLetterGone) {
			p.Errorf("%s leaves again: %v", key, err)
		}
	}
	if _, err := p.ReleaseLetters(p.Context(), keys[:1], at(p, "2026-11-25 12:00")); err == nil {
		p.Error("a letter to somebody forgotten is let go")
	}
	last := ""
	if err := p.read.Get(&last, `SELECT key FROM outbox WHERE key LIKE 'forgotten/%'`); err != nil {
		p.Fatal(err)
	}
	p.puts(`UPDATE outbox SET state = 'expired' WHERE key = ?`, last)
	if _, err := p.Again(p.Context(), []string{last}, at(p, "2026-11-25 12:00")); err != nil {
		p.Errorf("that they are forgotten may be said again: %v", err)
	}
}

// forgottenStates is what the states of rows are once somebody is forgotten.
func (p *planted) forgottenStates() {
	p.Helper()
	for query, want := range map[string]int{
		`SELECT count(*) FROM thanks WHERE words = '' AND state = 'private'`:                                                                                                        4,
		`SELECT count(*) FROM thanks WHERE state = 'public'`:                                                                                                                        2,
		`SELECT count(*) FROM question WHERE words || name = '' AND names = '[]' AND address = '' AND answered_at IS NULL`:                                                          0,
		`SELECT count(*) FROM question WHERE letter LIKE 'planted/1_' AND answered_at IS NULL`:                                                                                      3, // of others
		`SELECT count(*) FROM intake WHERE member = 1 AND state IN ('unconfirmed', 'quarantined')`:                                                                                  0,
		`SELECT count(*) FROM intake WHERE reason = 'forgotten' AND state = 'ignored' AND decided_at IS NOT NULL`:                                                                   2,
		`SELECT count(*) FROM intake WHERE member = 2 AND state IN ('unconfirmed', 'quarantined')`:                                                                                  2,
		`SELECT count(*) FROM consequence c JOIN intake i ON i.id = c.intake WHERE i.state = 'ignored' AND i.member = 1`:                                                            0,
		`SELECT count(*) FROM consequence c JOIN intake i ON i.id = c.intake WHERE i.state = 'ignored' AND i.member = 2`:                                                            1,
		`SELECT count(*) FROM intake WHERE member = 1 AND erase = 0`:                                                                                                                1,
		`SELECT count(*) FROM intake WHERE erase = 0`:                                                                                                                               14,
		`SELECT count(*) FROM confirm WHERE member = 1 AND state = 'over' AND ended_at IS NOT NULL`:                                                                                 1,
		`SELECT count(*) FROM confirm WHERE member = 2 AND state = 'waiting'`:                                                                                                       1,
		`SELECT count(*) FROM allowance WHERE member = 1`:                                                                                                                           0,
		`SELECT count(*) FROM allowance WHERE member = 2`:                                                                                                                           1,
		`SELECT count(*) FROM undoable WHERE done_at = 5 AND past = '' AND until = 5`:                                                                                               3,
		`SELECT count(*) FROM undoable WHERE done_at = 5 AND past = ''`:                                                                                                             3,
		`SELECT count(*) FROM outbox o JOIN letter l ON l.id = o.letter WHERE o.state = 'expired' AND error = 'forgotten'`:                                                          3,
		`SELECT count(*) FROM outbox o JOIN letter l ON l.id = o.letter WHERE l.member = 1 AND o.state IN ('queued', 'retry', 'held')`:                                              1, // you are forgotten
		`SELECT count(*) FROM outbox o JOIN letter l ON l.id = o.letter WHERE l.member = 2 AND o.state IN ('queued', 'retry', 'held') AND l.kind = 'status'`:                        3,
		`SELECT count(*) FROM undelivered_told u JOIN letter l ON l.id = u.letter WHERE l.member = 1`:                                                                               4,
		`SELECT count(*) FROM undelivered_told`:                                                                                                                                     4,
		`SELECT count(*) FROM address_waiting`:                                                                                                                                      1,
		`SELECT count(*) FROM later WHERE letter IN (SELECT id FROM letter WHERE member = 1)`:                                                                                       0,
		`SELECT count(*) FROM member WHERE id = 1 AND stable || team || language || paused_until = '' AND leader + on_staff + paused + weekly = 0 AND stopped = 1 AND knows = '[]'`: 1,
		`SELECT count(*) FROM member WHERE id = 2 AND leader + on_staff + paused + weekly = 4`:                                                                                      1,
		`SELECT count(*) FROM forgotten f JOIN member m ON m.id = f.member WHERE m.id = 1 AND f.joined_at = m.joined_at`:                                                            1,
		`SELECT count(*) FROM forgotten_address WHERE member = 1`:                                                                                                                   6,
		`SELECT count(*) FROM forgotten_address`:                                                                                                                                    6,
		`SELECT count(*) FROM letter WHERE kind = 'admin' AND member IS NULL`:                                                                                                       1,
	} {
		var n int
		if err := p.read.Get(&n, query); err != nil || n != want {
			p.Errorf("%s: %d, want %d, %v", query, n, want, err)
		}
	}
}
