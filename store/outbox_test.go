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

// What each result does to each letter, together and alone.
func TestSettleResults(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-23 07:30")
	sent, soon, never := "sent", time.Minute, time.Duration(0)
	for i, c := range []struct {
		result          ResultState
		digest, doubted bool
		attempts        int
		life            time.Duration
		want            string // state, attempts, doubted
		next            time.Duration
	}{
		{ResultSent, true, false, 1, time.Hour, sent + " 1 0", never},
		{ResultSent, false, true, 2, time.Hour, sent + " 2 1", never},
		{ResultPermanent, false, false, 1, time.Hour, "failed 1 0", never},
		{ResultUnsent, false, false, 1, time.Hour, "queued 0 0", never},
		{ResultUnsent, true, false, 3, time.Hour, "retry 2 0", never},
		{ResultInDoubt, true, false, 1, time.Hour, "in_doubt 1 0", never},
		{ResultInDoubt, false, false, 3, time.Hour, "retry 3 1", soon},
		{ResultInDoubt, false, true, 2, time.Hour, "in_doubt 2 1", never},
		{ResultTemporary, false, false, 1, time.Hour, "retry 1 0", soon},
		{ResultTemporary, false, true, 9, 3 * time.Hour, "retry 9 1", time.Hour},
		{ResultTemporary, true, false, 4, 10 * time.Minute, "retry 4 0", 10 * time.Minute}, // it expires there
	} {
		id := s.put(Letter{Key: fmt.Sprintf("test/%d", i), Kind: KindStatus, To: Recipient{Email: mark}, Text: "a"}, now)
		other := s.put(Letter{Key: fmt.Sprintf("other/%d", i), Kind: KindStatus, To: Recipient{Email: mark}, Text: "a"}, now)
		if _, err := s.write.Exec(`UPDATE outbox SET state = 'dot_sent', digest = ?, doubted = ?, attempts = ?, expires_at = ? WHERE letter = ?`, c.digest, c.doubted, c.attempts, millis(now.Add(c.life)), id); err != nil {
			t.Fatal(err)
		}
		if err := s.Settle(ctx, []Result{{ID: other, State: ResultSent, Code: 250}, {ID: id, State: c.result, Code: 451, Enhanced: "4.2.0", Text: "says the server"}}, now); err != nil {
			t.Fatal(err)
		}
		var got string
		var next int64
		if err := s.read.QueryRow(`SELECT state || ' ' || attempts || ' ' || doubted, next_at FROM outbox WHERE letter = ?`, id).Scan(&got, &next); err != nil {
			t.Fatal(err)
		}
		if got != c.want || (strings.HasPrefix(got, "retry") || strings.HasPrefix(got, "queued")) && !instant(next).Equal(now.Add(c.next)) {
			t.Errorf("%d %s: %s at %s, want %s after %v", i, c.result, got, instant(next), c.want, c.next)
		}
		var sentAt *int64
		if err := s.read.Get(&sentAt, `SELECT sent_at FROM outbox WHERE letter = ?`, other); err != nil || sentAt == nil || *sentAt != millis(now) {
			t.Errorf("%d: the letter beside it: %v %v", i, sentAt, err)
		}
		if err := s.FailWaiting(ctx, []Result{{ID: id, State: ResultPermanent, Code: 550, Text: "no"}}, now); err != nil {
			t.Fatal(err)
		}
		end := strings.Fields(c.want)[0]
		if end == "retry" {
			end = "failed"
		}
		var states []string
		if err := s.read.Select(&states, `SELECT state FROM outbox WHERE letter IN (?, ?) ORDER BY letter`, id, other); err != nil {
			t.Fatal(err)
		}
		s.check(states, []string{end, sent})
	}
	if err := s.Settle(ctx, []Result{{ID: 1, State: "odd"}}, now); err == nil {
		t.Error("an unknown result is one")
	}
	// Nothing leaves an outbox that is held, and all of it afterwards.
	id := s.put(Letter{Key: "test/held", Kind: KindStatus, To: Recipient{Email: mark}, Text: "a"}, now)
	if err := s.HoldAll(ctx, "a test", now); err != nil {
		t.Fatal(err)
	}
	s.check(len(s.claimed(now)), 0)
	if _, _, err := s.ReleaseAll(ctx, now); err != nil {
		t.Fatal(err)
	}
	claimed := map[int64]bool{}
	for _, c := range s.claimed(now) {
		claimed[c.ID] = true
	}
	s.check(claimed[id], true)
}
