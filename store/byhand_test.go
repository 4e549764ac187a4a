package store

import "testing"

// A letter in doubt that an admin sends once more stays a letter that may have
// arrived: another doubt brings no copy that nobody asked for, and an undo does
// not count it as unsent.
func TestDoubtSurvivesARetryByHand(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	sends := 0
	doubtful := func(when string) {
		t.Helper()
		now := at(t, when)
		out, err := s.Claim(t.Context(), now, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range out {
			sends++
			if err := s.DotSent(t.Context(), []int64{l.ID}, now); err != nil {
				t.Fatal(err)
			}
			if err := s.Settle(t.Context(), []Result{{ID: l.ID, State: ResultInDoubt}}, now); err != nil {
				t.Fatal(err)
			}
		}
	}
	state := func() string {
		t.Helper()
		list, err := s.Outbox(t.Context(), nil, 10)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0].State
	}
	doubtful("2026-11-22 15:01")
	s.check(state(), "retry")
	doubtful("2026-11-22 15:10")
	s.check(state(), "in_doubt")
	if _, err := s.Again(t.Context(), []string{"acknowledgement/1/to/m1"}, at(t, "2026-11-22 16:00")); err != nil {
		t.Fatal(err)
	}
	err := s.Decide(t.Context(), Intake{}, at(t, "2026-11-22 16:00"), func(tx *Tx) error {
		gone, sent, err := tx.unsent([]string{"acknowledgement/1/to/m1"}, false)
		s.check([2]int{gone, sent}, [2]int{0, 1})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	doubtful("2026-11-22 16:01")
	s.check(state(), "in_doubt")
	doubtful("2026-11-23 16:01")
	s.check(sends, 3)
	s.audited()
}
