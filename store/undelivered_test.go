package store

import (
	"context"
	"strings"
	"testing"
)

func TestAdminHearsOfLettersThatDoNotArrive(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx := context.Background()
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.event("2026-11-22 15:00", Event{Envelope: Envelope{From: "eve@else.example"}, Verdict: Refused, Reason: ReasonNotStaff})
	claimed, err := s.Claim(ctx, at(t, "2026-11-22 15:00"), 10)
	if err != nil || len(claimed) != 2 {
		t.Fatal(claimed, err)
	}
	for _, c := range claimed { // refused for good: one to a member, one to a stranger
		if err := s.Settle(ctx, []Result{{ID: c.ID, State: ResultPermanent, Code: 550, Enhanced: "5.1.1"}}, at(t, "2026-11-22 15:00")); err != nil {
			t.Fatal(err)
		}
	}
	s.mail("2026-11-22 16:00", mark, Act{Kind: ActAsk, Title: "B", Text: "b"})
	s.publish("2026-11-22 17:00")
	s.publish("2026-11-22 17:01")
	var told []string
	for _, line := range s.send("2026-11-22 17:02") {
		if strings.HasPrefix(line, "admin") {
			told = append(told, line)
		}
	}
	s.check(len(told), 1)
	var reasons []string
	if err := s.read.SelectContext(ctx, &reasons, `SELECT address FROM letter WHERE kind = 'admin'`); err != nil {
		t.Fatal(err)
	}
	s.check(strings.Join(reasons, " "), "it@carpenter.example")
	s.audited()
}
