package store

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// What is on its way to somebody who is forgotten does not leave, what others
// wrote with the name in it goes, and the log of the book holds none of it while
// the daemon works on.
func TestForgettingLeavesNothing(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "canarytitle", Text: "canarybody"})
	s.mail("2026-11-20 13:10", mark, Act{Kind: ActUnclear, Text: "Perhaps Priya Nair knows, canarywords."})
	if err := s.clock(t.Context(), at(t, "2026-11-20 13:20"), nil, func(tx *Tx) error {
		m, err := tx.memberAt(mark)
		if err != nil {
			return err
		}
		return tx.Enqueue([]Letter{{Key: "status/x", Kind: KindStatus, To: m.Recipient(), Subject: "x", Text: "Priya Nair thinks of you, canaryletter.", HTML: "<p>"}})
	}); err != nil {
		t.Fatal(err)
	}
	var number int64
	if err := s.read.Get(&number, `SELECT id FROM member WHERE email = ?`, priya); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Forget(t.Context(), priya, at(t, "2026-11-20 14:00"), say); err != nil {
		t.Fatal(err)
	}
	var waiting int
	if err := s.read.Get(&waiting, `SELECT count(*) FROM outbox o JOIN letter l ON l.id = o.letter WHERE l.member = ? AND o.state IN ('queued', 'retry', 'held') AND l.kind <> 'forgotten'`, number); err != nil || waiting != 0 {
		t.Errorf("%d letters still go to her, %v", waiting, err)
	}
	s.send("2026-11-20 14:05")
	done, err := s.SweepForgotten(context.Background(), at(t, "2026-11-20 14:10"), time.Minute)
	if err != nil || !done {
		t.Fatalf("done %v, %v", done, err)
	}
	for _, suffix := range []string{"", "-wal", ".forgotten"} {
		raw, err := os.ReadFile(s.Path() + suffix)
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range []string{"canarytitle", "canarybody", "canarywords", "canaryletter", "Priya", priya} {
			if bytes.Contains(raw, []byte(words)) {
				t.Errorf("%s is in the book%s", words, suffix)
			}
		}
	}
	wordings := []sentRow{}
	if err := s.read.Select(&wordings, `SELECT subject, text, html FROM wording`); err != nil {
		t.Fatal(err)
	}
	for _, w := range wordings {
		if text, _ := inflate(w.Text); strings.Contains(w.Subject+text, "canary") || strings.Contains(text, "Priya") {
			t.Errorf("a letter says %q", text)
		}
	}
	audit, err := s.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range audit.Findings {
		t.Errorf("audit: %+v", f)
	}
}
