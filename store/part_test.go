package store

import (
	"slices"
	"strings"
	"testing"
)

// entangled is a crowd in which Priya takes part in everything: #1 is hers, with
// Ana introduced, Ben in reserve and Sam who needs the same; she is introduced to
// Mark's #2, with Ruth in reserve, and to his #3, which is closed; she is in
// reserve for Sam's #4, needs the same as #5, and is invited to it and to the
// closed #3.
func entangled(t *testing.T) *scene {
	s := crowd(t, "2026-11-20 12:00")
	for i, who := range []string{priya, mark, mark, sam, sam} {
		s.mail("2026-11-20 13:00", who, Act{Kind: ActAsk, Title: string(rune('A' + i)), Text: "x"})
	}
	s.publish("2026-11-23 07:30")
	s.send("2026-11-23 07:31")
	offer := func(who string, ask int64) {
		s.mail("2026-11-23 09:00", who, Act{Kind: ActOffer, Ask: ask, Text: "I have one"})
	}
	offer(ana, 1)
	offer(benMail, 1)
	s.mail("2026-11-23 09:01", sam, meToo(1))
	offer(priya, 2)
	offer(ruthMail, 2)
	offer(priya, 3)
	s.mail("2026-11-23 09:02", ana, Act{Kind: ActRefer, Ask: 5, Text: "ask Priya", Members: []int64{1}})
	s.mail("2026-11-23 09:02", mark, Act{Kind: ActClose, Ask: 3})
	offer(ana, 4)
	offer(priya, 4)
	s.mail("2026-11-23 09:03", priya, meToo(5))
	s.mail("2026-11-23 09:04", priya, Act{Kind: ActUnclear, Text: "my words", Candidates: []int64{4, 5}})
	s.mail("2026-11-23 09:05", mark, Act{Kind: ActUnclear, Text: "his words", Candidates: []int64{4, 5}})
	s.send("2026-11-23 09:10")
	for _, query := range []string{
		`INSERT INTO ask_party (id, ask, role, member) VALUES (901, 3, 'invited', 1), (902, 3, 'connector', 4)`,
		`INSERT INTO referral (invited, connector, state, created_at) VALUES (901, 902, 'invited', 5)`,
		`INSERT INTO held_edit (ask, held, title, body, needed_by, replaces, created_at) VALUES (1, 'private', 'x', 'x', '', 0, 5), (2, 'private', 'x', 'x', '', 0, 5)`,
		`UPDATE undoable SET past = 'x', until = 9000000000000, ask = CASE WHEN member = 1 THEN 0 WHEN id % 2 = 0 THEN 2 ELSE 99 END`,
	} {
		if _, err := s.write.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func withoutPriya(s *scene) []Person {
	return slices.DeleteFunc(s.staffNow(), func(p Person) bool { return p.Email == priya })
}

// parted is how things stand once Priya takes part no longer.
func (s *scene) parted() {
	s.Helper()
	for query, want := range map[string]int{
		`SELECT count(*) FROM ask WHERE number = 1 AND state = 'withdrawn' AND closed_at IS NOT NULL`:                                      1,
		`SELECT count(*) FROM ask WHERE number IN (2, 4) AND state = 'helped'`:                                                             2,
		`SELECT count(*) FROM ask WHERE number = 3 AND state = 'closed'`:                                                                   1,
		`SELECT count(*) FROM ask WHERE number = 5 AND state = 'open'`:                                                                     1,
		`SELECT count(*) FROM offer o JOIN ask_party p ON p.id = o.party WHERE p.ask = 1 AND p.member = 5 AND o.state = 'withdrawn'`:       1,
		`SELECT count(*) FROM offer o JOIN ask_party p ON p.id = o.party WHERE p.ask IN (2, 4) AND p.member = 1 AND o.state = 'withdrawn'`: 2,
		`SELECT count(*) FROM offer o JOIN ask_party p ON p.id = o.party WHERE p.ask = 3 AND p.member = 1 AND o.state = 'introduced'`:      1,
		`SELECT count(*) FROM offer o JOIN ask_party p ON p.id = o.party WHERE p.ask = 2 AND p.member = 7 AND o.state = 'introduced'`:      1,
		`SELECT count(*) FROM offer o JOIN ask_party p ON p.id = o.party WHERE p.ask = 4 AND p.member = 4 AND o.state = 'introduced'`:      1,
		`SELECT count(*) FROM ask_party WHERE role = 'metoo' AND member = 1`:                                                               0,
		`SELECT count(*) FROM metoo`: 1,
		`SELECT count(*) FROM referral r JOIN ask_party p ON p.id = r.invited WHERE p.ask = 5 AND p.member = 1 AND r.state = 'withdrawn'`: 1,
		`SELECT count(*) FROM referral WHERE invited = 901 AND state = 'invited'`:                                                         1,
		`SELECT count(*) FROM held_edit WHERE ask = 1`:                                                                                    0,
		`SELECT count(*) FROM held_edit WHERE ask = 2`:                                                                                    1,
		`SELECT count(*) FROM question WHERE member = 1 AND (answered_at IS NULL OR words <> '')`:                                         0,
		`SELECT count(*) FROM question WHERE member = 2 AND answered_at IS NULL AND words <> ''`:                                          1,
		`SELECT count(*) FROM undoable WHERE (member = 1 OR ask = 2) AND (past <> '' OR until <> done_at)`:                                0,
		`SELECT count(*) > 0 FROM undoable WHERE ask = 99 AND past <> '' AND until > done_at`:                                             1,
	} {
		if n := s.number(query); n != want {
			s.Errorf("%s: %d, want %d", query, n, want)
		}
	}
}

// Whoever leaves has nothing open any more, once, and only those hear of it who
// have something to do with it; so it is with whoever is forgotten.
func TestPartingClosesEverything(t *testing.T) {
	told := []string{"answer to sam", "introduction to mark", "introduction to ruth", "left to ana", "left to ben", "left to mark"}
	for name, end := range map[string]func(s *scene){
		"left": func(s *scene) {
			if _, err := s.Staff(t.Context(), withoutPriya(s), at(t, "2026-11-23 10:00")); err != nil {
				t.Fatal(err)
			}
			if err := s.HoldLeaving(t.Context(), 7); err != nil {
				t.Fatal(err)
			}
			if n, err := s.Part(t.Context(), at(t, "2026-11-23 10:00"), say); n != 0 || err != nil {
				t.Error("it waits for an admin's word", n, err)
			}
			if err := s.ReleaseLeaving(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n, err := s.Part(t.Context(), at(t, "2026-11-23 10:00"), say); n != 1 || err != nil {
				t.Error(n, err)
			}
			if n, err := s.Part(t.Context(), at(t, "2026-11-23 10:05"), say); n != 0 || err != nil {
				t.Error("once more", n, err)
			}
		},
		"forgotten": func(s *scene) {
			if _, err := s.Forget(t.Context(), priya, at(t, "2026-11-23 10:00"), say); err != nil {
				t.Fatal(err)
			}
		},
	} {
		s := entangled(t)
		end(s)
		s.parted()
		var got []string
		for _, line := range s.send("2026-11-23 10:10") {
			line, _, _ = strings.Cut(line, "@")
			if line != "forgotten to priya" && line != "admin to it" {
				got = append(got, line)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, told) {
			t.Errorf("%s: letters %v, want %v", name, got, told)
		}
		if _, err := s.write.Exec(`DELETE FROM referral WHERE invited = 901; DELETE FROM ask_party WHERE id IN (901, 902)`); err != nil { // nobody wrote her a letter
			t.Fatal(err)
		}
		s.audited()
	}
}

// Each thing that somebody has open is reason enough to be looked at when they
// have left, and nobody else is.
func TestWhoIsParted(t *testing.T) {
	s := entangled(t)
	if _, err := s.Staff(t.Context(), withoutPriya(s), at(t, "2026-11-23 10:00")); err != nil {
		t.Fatal(err)
	}
	open := []string{
		`UPDATE ask SET state = 'closed', closed_at = 5 WHERE number = 1`,
		`UPDATE offer SET state = 'withdrawn' WHERE state = 'introduced' AND party IN (SELECT id FROM ask_party WHERE member = 1)`,
		`UPDATE offer SET state = 'withdrawn' WHERE state = 'offered' AND party IN (SELECT id FROM ask_party WHERE member = 1)`,
		`DELETE FROM metoo WHERE party IN (SELECT id FROM ask_party WHERE member = 1); DELETE FROM ask_party WHERE role = 'metoo' AND member = 1`,
		`UPDATE question SET answered_at = 5 WHERE member = 1`,
	}
	for i := range len(open) + 1 {
		one := s.copied(at(t, "2026-11-23 10:00"))
		for j, query := range open {
			if j == i {
				continue // this alone stays open
			}
			if _, err := one.write.Exec(query); err != nil {
				t.Fatal(err)
			}
		}
		n, err := one.Part(t.Context(), at(t, "2026-11-23 10:05"), say)
		if want := 1 - i/len(open); n != want || err != nil {
			t.Errorf("%d: %d have left, want %d, %v", i, n, want, err)
		}
	}
}

// Of several who leave at once none is told of the others, and thanks that were
// given before stay given.
func TestPartingTogether(t *testing.T) {
	s := entangled(t)
	s.writes(`UPDATE ask SET state = 'open', closed_at = NULL WHERE number = 3; UPDATE offer SET state = 'thanked' WHERE party IN (SELECT id FROM ask_party WHERE ask = 3 AND role = 'helper')`)
	stay := slices.DeleteFunc(s.staffNow(), func(p Person) bool { return p.Email == priya || p.Email == ana || p.Email == mark })
	if _, err := s.Staff(t.Context(), stay, at(t, "2026-11-23 10:00")); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Part(t.Context(), at(t, "2026-11-23 10:00"), say); n != 3 || err != nil {
		t.Error(n, err)
	}
	s.check(s.number(`SELECT count(*) FROM letter WHERE member IN (1, 2, 4) AND at >= ?`, millis(at(t, "2026-11-23 10:00"))), 0)
	s.check(s.number(`SELECT count(*) FROM letter WHERE kind = 'left' AND member = 5`), 1)
	s.check(s.number(`SELECT count(*) FROM offer o JOIN ask_party p ON p.id = o.party WHERE p.ask = 3 AND o.state = 'thanked'`), 1)
}
