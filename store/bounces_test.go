package store

import (
	"context"
	"testing"
)

// A server that says at once that there is no such mailbox counts as a report
// does; a full mailbox and a policy do not.
func TestRefusalsAreScored(t *testing.T) {
	for status, want := range map[string]int{"5.1.1": 1, "5.2.2": 0, "5.7.1": 0, "": 0} {
		s := newScene(t, "2026-11-20 12:00")
		ctx := context.Background()
		for range mostBounces {
			s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
		}
		claimed, err := s.Claim(ctx, at(t, "2026-11-20 13:10"), 10)
		if err != nil || len(claimed) != mostBounces {
			t.Fatalf("%d letters, %v", len(claimed), err)
		}
		for _, letter := range claimed {
			if err := s.Settle(ctx, []Result{{ID: letter.ID, State: ResultPermanent, Code: 550, Enhanced: status, Text: "no"}}, at(t, "2026-11-20 13:10")); err != nil {
				t.Fatal(err)
			}
		}
		s.publish("2026-11-20 17:00")
		resting, err := s.Bouncing(ctx)
		if err != nil || len(resting) != want {
			t.Errorf("%q: %v, %v", status, resting, err)
		}
	}
}
