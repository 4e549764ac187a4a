package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sealedScene is a scene whose anonymous asks can be sealed.
func sealedScene(t *testing.T) *scene {
	s := newScene(t, "2026-11-20 12:00")
	s.settings.SealKeys = []string{filepath.Join(t.TempDir(), SealKeyName)}
	return s
}

// Of a mail behind a veil no remnant stands in the book or in its log, while the
// daemon works on.
func TestSealedMailLeavesNoRemnant(t *testing.T) {
	s := sealedScene(t)
	ctx, now := context.Background(), at(t, "2026-11-20 13:00")
	const secret = "X-Mailer: nobody may read this"
	raw := "From: priya\r\n" + strings.Repeat(secret+"\r\n", 2000) // over many pages
	if _, err := s.Receive(ctx, []Incoming{{Mailbox: "INBOX", UIDValidity: 1, UID: 1, Size: 9, Sender: "hash-of-priya", Raw: []byte(raw)}}, now); err != nil {
		t.Fatal(err)
	}
	pending, err := s.PendingIntake(ctx, 10)
	if err != nil || len(pending) != 1 {
		t.Fatal(pending, err)
	}
	if found := remnants(t, s, secret); found == "" {
		t.Error("the test looks in the wrong place")
	}
	err = s.Decide(ctx, pending[0], now, func(tx *Tx) error {
		view, err := tx.View(Refs{From: priya})
		if err != nil {
			return err
		}
		o, err := tx.Record(Event{Envelope: Envelope{From: priya, Member: view.Writer.ID, MessageID: "<secret@priya>"}, Verdict: Accepted, Reason: "test", Dup: "d", Nameless: true,
			Acts: []Act{{Kind: ActAsk, Title: "A class", Text: "It does not listen.", Anonymous: true}}})
		if err != nil {
			return err
		}
		return say(tx, o)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, trace := range []string{secret, "secret@priya", "hash-of-priya"} {
		if found := remnants(t, s, trace); found != "" {
			t.Errorf("%q stands in %s", trace, found)
		}
	}
}

func remnants(t *testing.T, s *scene, secret string) string {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		content, err := os.ReadFile(s.path + suffix)
		if err == nil && bytes.Contains(content, []byte(secret)) {
			return "askfirst.db" + suffix
		}
	}
	return ""
}

// Two seals of one person look like those of two, and one does not fit another
// ask or key.
func TestSeals(t *testing.T) {
	one, err := newSeal(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	two, err := newSeal(bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for member := range int64(200) {
		sealed, err := one.close(17, member+1)
		if err != nil || len(sealed) != 60 || seen[string(sealed)] {
			t.Fatalf("member %d: %d octets, %v", member, len(sealed), err)
		}
		seen[string(sealed)] = true
		if one.open(17, sealed) != member+1 || one.open(18, sealed) != 0 || two.open(17, sealed) != 0 || one.open(17, sealed[:20]) != 0 || one.open(17, nil) != 0 {
			t.Errorf("member %d is not opened, or by others", member)
		}
		sealed[30] ^= 1
		if one.open(17, sealed) != 0 {
			t.Error("a changed seal is opened")
		}
	}
}

// Sixty days after its end nobody can tell any more who asked.
func TestSealIsForgotten(t *testing.T) {
	s := sealedScene(t)
	s.event("2026-11-20 13:00", Event{Envelope: Envelope{From: priya}, Verdict: Accepted, Reason: "test", Nameless: true, Acts: []Act{{Kind: ActAsk, Title: "A class", Text: "It does not listen.", Anonymous: true}}})
	s.send("2026-11-20 13:10")
	s.event("2026-11-20 14:00", Event{Envelope: Envelope{From: priya}, Verdict: Accepted, Reason: "test", Acts: []Act{{Kind: ActWithdraw, Ask: 1}}})
	s.send("2026-11-20 14:10")
	left := func() (n int) {
		if err := s.read.Get(&n, `SELECT count(*) FROM ask_sealed`); err != nil {
			t.Fatal(err)
		}
		return n
	}
	var state string
	if err := s.read.Get(&state, `SELECT state FROM ask WHERE number = 1`); err != nil || state != "withdrawn" {
		t.Fatal(state, err)
	}
	s.publish("2027-01-18 12:00")
	if left() != 1 {
		t.Error("the seal is forgotten too soon")
	}
	s.publish("2027-01-20 12:00")
	if left() != 0 {
		t.Error("the seal is kept")
	}
}

// A server that repeats the address it refuses does not get it into the book
// beside the ask.
func TestRefusalOfAVeil(t *testing.T) {
	s := sealedScene(t)
	ctx := context.Background()
	s.event("2026-11-20 13:00", Event{Envelope: Envelope{From: priya}, Verdict: Accepted, Reason: "test", Nameless: true, Acts: []Act{{Kind: ActAsk, Title: "A class", Text: "It does not listen.", Anonymous: true}}})
	now := at(t, "2026-11-20 13:10")
	claimed, err := s.Claim(ctx, now, 10)
	if err != nil || len(claimed) != 1 || claimed[0].Letter.To.Email != priya {
		t.Fatalf("%+v, %v", claimed, err)
	}
	if err := s.Settle(ctx, []Result{{ID: claimed[0].ID, State: ResultPermanent, Code: 550, Enhanced: "5.1.1", Text: "no mailbox " + priya}}, now); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"outbox", "bounce", "letter", "undelivered_told"} {
		rows, err := s.read.Queryx(`SELECT * FROM ` + table)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			row := map[string]any{}
			if err := errors.Join(rows.MapScan(row), rows.Err()); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(fmt.Sprint(row), priya) {
				t.Errorf("%s: %v", table, row)
			}
		}
		rows.Close()
	}
}

// Whoever is forgotten takes the words of anonymous asks along, of one on the
// list and of one that ended; those of others stay.
func TestForgottenBehindVeils(t *testing.T) {
	s := sealedScene(t)
	for i, who := range []string{priya, priya, mark} {
		s.event("2026-11-20 13:00", Event{Envelope: Envelope{From: who}, Verdict: Accepted, Reason: "test", Nameless: true, Acts: []Act{{Kind: ActAsk, Title: fmt.Sprintf("canarytitle%d", i+1), Text: fmt.Sprintf("canarybody%d", i+1), Anonymous: true}}})
	}
	s.send("2026-11-20 13:10")
	s.publish("2026-11-23 07:30")
	s.send("2026-11-23 07:31")
	for ask := range int64(3) {
		s.mail("2026-11-23 08:00", ana, Act{Kind: ActOffer, Ask: ask + 1, Text: "I have one"})
	}
	s.event("2026-11-23 08:10", Event{Envelope: Envelope{From: priya}, Verdict: Accepted, Reason: "test", Acts: []Act{{Kind: ActWithdraw, Ask: 1}}})
	s.send("2026-11-23 08:20")
	for ask := range 3 {
		if _, err := s.write.Exec(`INSERT INTO held_edit (ask, held, title, body, needed_by, replaces, created_at) VALUES (?, 'private', ?, '', '', 0, 5)`, ask+1, fmt.Sprintf("canaryedit%d", ask+1)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Forget(t.Context(), priya, at(t, "2026-11-23 15:00"), say); err != nil {
		t.Fatal(err)
	}
	s.send("2026-11-23 15:10")
	if done, err := s.SweepForgotten(t.Context(), at(t, "2026-11-23 15:20"), time.Minute); err != nil || !done {
		t.Fatal(done, err)
	}
	for query, want := range map[string]int{
		`SELECT count(*) FROM intake WHERE member = 4 AND erase = 1`:                                                            2,
		`SELECT count(*) FROM intake WHERE member = 4 AND erase = 0`:                                                            1,
		`SELECT count(*) FROM wording WHERE subject <> 'erased' AND id IN (SELECT wording FROM wording_item WHERE ask < 3)`:     0,
		`SELECT count(*) > 0 FROM wording WHERE subject <> 'erased' AND id IN (SELECT wording FROM wording_item WHERE ask = 3)`: 1,
	} {
		if n := s.number(query); n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
	for i := range 3 {
		for _, what := range []string{"title", "body", "edit"} {
			if found := remnants(t, s, fmt.Sprintf("canary%s%d", what, i+1)); (found == "") != (i < 2) {
				t.Errorf("%s of ask %d: found %q", what, i+1, found)
			}
		}
	}
	s.audited()
}
