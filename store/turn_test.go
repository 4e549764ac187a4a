package store

import (
	"fmt"
	"testing"
	"time"
)

// Ten thousand messages of one sender are taken in quickly, and one that comes
// after them is decided right after the turn that is being served.
func TestTurnOfANewcomer(t *testing.T) {
	if testing.Short() {
		t.Skip("ten thousand messages")
	}
	s, now := newScene(t, "2026-11-22 12:00"), at(t, "2026-11-22 15:00")
	ctx := t.Context()
	began := time.Now()
	for batch := range 100 {
		var in []Incoming
		for i := range 100 {
			n := batch*100 + i
			in = append(in, Incoming{Mailbox: "INBOX", UIDValidity: 1, UID: uint32(n + 1), Sender: "flood", Raw: fmt.Appendf(nil, "From: a@b\r\n\r\n%d", n)})
		}
		if _, err := s.Receive(ctx, in, now); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began)
	t.Logf("taken in after %v", took)
	if took > 30*time.Second {
		t.Errorf("10,000 messages took %v", took)
	}
	if _, err := s.Receive(ctx, []Incoming{{Mailbox: "INBOX", UIDValidity: 1, UID: 10_001, Sender: "newcomer", Raw: []byte("From: c@d\r\n\r\nHi")}}, now); err != nil {
		t.Fatal(err)
	}
	pending, err := s.PendingIntake(ctx, 100)
	if err != nil || len(pending) != 100 {
		t.Fatal(len(pending), err)
	}
	for i, in := range pending {
		if newcomer := in.UID == 10_001; newcomer != (i == 20) {
			t.Fatalf("place %d is uid %d", i, in.UID)
		}
	}
}
