package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The outbox, rule by rule, on one book.

// put enqueues one letter and returns its number.
func (s *scene) put(l Letter, now time.Time) (id int64) {
	s.Helper()
	err := s.clock(s.Context(), now, nil, func(t *Tx) error {
		if err := t.Enqueue([]Letter{l}); err != nil {
			return err
		}
		return t.get(&id, `SELECT max(id) FROM letter`)
	})
	if err != nil {
		s.Fatal(err)
	}
	return id
}

// Each letter is claimed when it is due, by who may claim it, and no other.
func TestClaimTakesWhatIsDue(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-23 07:30")
	rows := []struct {
		name, state    string
		digest         bool
		next, life     time.Duration
		later          bool
		claim, answers bool
	}{
		{"a digest", "queued", true, 0, time.Hour, false, true, false},
		{"a digest again", "retry", true, -time.Minute, time.Hour, false, true, false},
		{"due", "queued", false, 0, time.Hour, false, true, true},
		{"due again", "retry", false, -time.Minute, time.Hour, false, true, true},
		{"not yet", "queued", false, time.Millisecond, time.Hour, false, false, false},
		{"not yet again", "retry", false, time.Hour, 2 * time.Hour, false, false, false},
		{"due by a wrong clock", "queued", false, leap + time.Millisecond, 2 * leap, false, true, true},
		{"told within another", "queued", false, 0, time.Hour, true, false, false},
		{"over", "queued", false, 0, 0, false, false, false},
		{"a try is over", "retry", true, 0, 0, false, false, false},
		{"nearly over", "queued", false, 0, time.Millisecond, false, true, true},
		{"under way", "sending", false, 0, time.Hour, false, false, false},
		{"dotted", "dot_sent", false, 0, 0, false, false, false},
		{"sent", "sent", false, 0, time.Hour, false, false, false},
		{"failed", "failed", false, 0, time.Hour, false, false, false},
		{"in doubt", "in_doubt", false, 0, 0, false, false, false},
		{"held", "held", false, 0, 0, false, false, false},
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		l := Letter{Key: fmt.Sprintf("test/%d", i), Kind: KindStatus, To: Recipient{Name: "Mark", Email: mark}, Subject: r.name, Text: r.name, HTML: "<p>"}
		ids[i] = s.put(l, now)
	}
	for _, answers := range []bool{true, false} {
		for i, r := range rows {
			if _, err := s.write.Exec(`UPDATE outbox SET state = ?, digest = ?, next_at = ?, expires_at = ?, attempts = 3 WHERE letter = ?`,
				r.state, r.digest, millis(now.Add(r.next)), millis(now.Add(r.life)), ids[i]); err != nil {
				t.Fatal(err)
			}
			if r.later {
				if _, err := s.write.Exec(`INSERT INTO later (letter, due) VALUES (?, ?) ON CONFLICT DO NOTHING`, ids[i], millis(now)); err != nil {
					t.Fatal(err)
				}
			}
		}
		claim, want := s.Claim, []string{}
		if answers {
			claim = s.ClaimAnswers
		}
		for _, digests := range []bool{false, true} { // answers leave first
			for _, r := range rows {
				if r.digest == digests && (answers && r.answers || !answers && r.claim) {
					want = append(want, r.name)
				}
			}
		}
		var got []string
		for { // two by two: the older first
			claimed, err := claim(ctx, now, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(claimed) == 0 {
				break
			}
			for _, c := range claimed {
				var l Letter
				if err := s.Words(ctx, c.Wording, &l); err != nil {
					t.Fatal(err)
				}
				got = append(got, l.Subject)
				if c.Attempts != 4 || c.Letter.To.Email != mark || c.Letter.To.Member != 0 || l.Text != l.Subject {
					t.Errorf("%+v %+v", c, l)
				}
			}
		}
		s.check(strings.Join(got, ", "), strings.Join(want, ", "))
		for i, r := range rows {
			var state string
			if err := s.read.Get(&state, `SELECT state FROM outbox WHERE letter = ?`, ids[i]); err != nil {
				t.Fatal(err)
			}
			end := r.state
			switch {
			case answers && r.answers, !answers && r.claim:
				end = "sending"
			case r.life == 0 && (r.state == "queued" || r.state == "retry"):
				end = "expired"
			}
			if state != end {
				t.Errorf("%s is %s, want %s", r.name, state, end)
			}
		}
	}
	next, err := s.NextDue(ctx)
	if err != nil || !next.Equal(now) { // of the one that is told within another
		t.Errorf("next %s %v", next, err)
	}
}

// A digest is worth sending for twelve hours, any other letter for five days; the
// same letter goes once to the same person, and once to each other.
func TestLettersLiveAndAreOne(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-23 07:30")
	to := Recipient{Name: "It", Email: "it@carpenter.example"}
	first := s.put(Letter{Key: "admin/disk", Kind: KindAdmin, To: to, Text: "a"}, now)
	s.check(s.put(Letter{Key: "admin/disk", Kind: KindAdmin, To: to, Text: "b"}, now.Add(time.Hour)), first)
	s.check(s.put(Letter{Key: "admin/disk", Kind: KindAdmin, To: Recipient{Email: "other@carpenter.example"}, Text: "a"}, now), first+1)
	s.check(s.put(Letter{Key: "digest/2026-11-23/m2", Kind: KindDigest, To: Recipient{Member: 2, Email: mark}, Text: "a"}, now), first+2)
	var lives []int64
	if err := s.read.Select(&lives, `SELECT (expires_at - ?) / 3600000 FROM outbox ORDER BY letter`, millis(now)); err != nil {
		t.Fatal(err)
	}
	s.check(lives, []int64{120, 120, 12})
	ids := map[string]int64{}
	for _, c := range s.claimed(now) {
		ids[c.Letter.To.Email], ids[c.MessageID] = c.ID, c.ID
		if c.Letter.To.Email == mark && c.Letter.To.Member != 2 {
			t.Errorf("%+v", c.Letter.To)
		}
	}
	s.check(len(ids), 5) // three people; both copies of one letter have one Message-ID

	// Who gets a dot was claimed, all of them or none; each commit counts.
	if err := s.DotSent(ctx, []int64{first, 999}, now); err == nil {
		t.Error("a letter that nobody claimed gets its dot")
	}
	if err := s.DotSent(ctx, []int64{first}, now); err != nil {
		t.Errorf("the one that was claimed does not: %v", err)
	}
	s.check(s.dotted.Load(), 1)
	if err := s.DotSent(ctx, []int64{first + 1}, now); err != nil {
		t.Fatal(err)
	}
	s.check(s.dotted.Load(), 2)
	if err := s.DotSent(ctx, []int64{first}, now); err == nil {
		t.Error("a second dot")
	}
}

func (s *scene) claimed(now time.Time) []Outgoing {
	s.Helper()
	claimed, err := s.Claim(s.Context(), now, 100)
	if err != nil {
		s.Fatal(err)
	}
	return claimed
}

// A book that has seen fewer dots than lie beside it is an older one: it would
// send its letters again. What counts is the greatest whole line.
func TestOlderBookIsRefused(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-23 07:30")
	for n := range 3 {
		id := s.put(Letter{Key: fmt.Sprint("test/", n), Kind: KindStatus, To: Recipient{Email: mark}, Text: "a"}, now)
		s.claimed(now)
		if err := s.DotSent(ctx, []int64{id}, now); err != nil {
			t.Fatal(err)
		}
	}
	for lines, want := range map[string]error{
		"":                                     nil,
		"boot x 0 3\n":                         nil,
		"boot x 0 3\nd 1 1 2\na 1 1 3\n":       nil,
		"boot x 0 4\n":                         ErrOlder,
		"boot x 0 1\nd 1 1 9\nd 2 1 2\n":       ErrOlder, // not the last line, the greatest
		"boot x 0 3\nd 1 1 4":                  nil,      // the disk was full
		"boot x 0 3\nd 1 1\n\nd 1 1 4 4\nx\n":  nil,
		"boot x 0 3\nd 1 1 four\nd 1 1 4000\n": ErrOlder,
	} {
		path := filepath.Join(t.TempDir(), "book.db")
		if err := os.WriteFile(path+".dots", []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		dots, err := OpenDots(path)
		if err != nil {
			t.Fatal(err)
		}
		err = dots.outrun(ctx, s.Book)
		if !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%q: %v", lines, err)
		}
		if err == nil && dots.count.Load() != 3 {
			t.Errorf("%q: its lines will say %d", lines, dots.count.Load())
		}
		if err := dots.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
