package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// undoes lets a member take back what they may, chosen as a mail would choose
// it: by the key of the letter that it answers, else the newest mail.
func (s *scene) undoes(when, from, answers string) Outcome {
	s.Helper()
	act := Act{Kind: ActUndo}
	for i, u := range s.mayUndo(when, from) {
		if answers != "" && u.Key == answers || answers == "" && !u.Behind && (i == 0 || u.Mail == s.mayUndo(when, from)[0].Mail) {
			act.Undo = append(act.Undo, u.ID)
		}
	}
	return s.event(when, Event{Envelope: Envelope{From: from, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: answers, Acts: []Act{act}})
}

func (s *scene) mayUndo(when, from string) (undo []Undoable) {
	s.Helper()
	err := s.Rehearse(context.Background(), []byte("x"), people, at(s, when), func(tx *Tx) error {
		v, err := tx.View(Refs{From: from})
		undo = v.Undo
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return undo
}

// reasons writes down what was told: kind, to whom, and the reason of "undone".
func reasons(o Outcome) string {
	var out []string
	for _, f := range o.Facts {
		name, _, _ := strings.Cut(f.To.Email, "@")
		line := f.Kind + ">" + name
		if f.Kind == KindUndone {
			line += "(" + f.Reason + ")"
		}
		out = append(out, line)
	}
	return strings.Join(out, " ")
}

// picture is the domain's rows as text, history aside: the rounds of offers and
// what was withdrawn.
func (s *scene) picture() string {
	s.Helper()
	var out []string
	for _, query := range []string{
		`SELECT number, title, body, state, needed_by, wanted, listed_at, told_from, reminded_at, closed_at FROM ask WHERE state <> 'withdrawn' ORDER BY number`,
		`SELECT p.ask, p.member, o.state, o.words, o.introduced_at, o.prompted_at FROM offer o JOIN ask_party p ON p.id = o.party WHERE o.state <> 'withdrawn' ORDER BY o.party`,
		`SELECT ask, words, state FROM thanks WHERE state <> 'withdrawn' ORDER BY id`,
		`SELECT id, paused, paused_until, stopped, weekly FROM member ORDER BY id`,
		`SELECT q.kind, q.answered_at IS NULL FROM question q LEFT JOIN thanks k ON k.id = q.thanks WHERE k.state IS NULL OR k.state <> 'withdrawn' ORDER BY q.id`,
	} {
		rows, err := s.read.Queryx(query)
		if err != nil {
			s.Fatal(err)
		}
		for rows.Next() {
			values, err := rows.SliceScan()
			if err != nil {
				s.Fatal(err)
			}
			text, err := json.Marshal(values)
			if err != nil {
				s.Fatal(err)
			}
			out = append(out, string(text))
		}
		if err := rows.Close(); err != nil {
			s.Fatal(err)
		}
	}
	return strings.Join(out, "\n")
}

// Each act, taken back, leaves the book as it was.
func TestEachActUndone(t *testing.T) {
	if testing.Short() {
		t.Skip("many books")
	}
	for _, row := range []struct {
		name   string
		before func(s *scene)
		from   string
		act    Act
		sent   string // reasons when all letters of the act have left
		unsent string // and when none has
	}{
		{"ask", nil, priya, Act{Kind: ActAsk, Title: "A", Text: "a"}, "undone>priya(ask)", ""},
		{"offer", asked, mark, Act{Kind: ActOffer, Ask: 1, Text: "take mine"}, "helper_left>priya undone>mark(offer)", "undone>mark(offer)"},
		{"reserve", helped, ana, Act{Kind: ActOffer, Ask: 1, Text: "mine too"}, "undone>ana(offer)", ""},
		{"withdraw offer", helped, mark, Act{Kind: ActWithdraw, Ask: 1}, "undone>priya(helps) undone>mark(offer_back)", "undone>mark(offer_back)"},
		{"withdraw ask", helped, priya, Act{Kind: ActWithdraw, Ask: 1}, "undone>mark(needed) undone>priya(withdraw)", "undone>priya(withdraw)"},
		{"close", helped, priya, Act{Kind: ActClose, Ask: 1}, "undone>priya(close)", ""},
		{"close unhelped", asked, priya, Act{Kind: ActClose, Ask: 1}, "undone>priya(close)", ""},
		{"reopen", helped, priya, Act{Kind: ActReopen, Ask: 1}, "undone>priya(reopen)", ""},
		{"reopen closed", closed, priya, Act{Kind: ActReopen, Ask: 1}, "undone>priya(reopen)", ""},
		{"extend", asked, priya, Act{Kind: ActExtend, Ask: 1, Until: Date{2026, 12, 4}}, "undone>priya(extend)", ""},
		{"edit", asked, priya, Act{Kind: ActEdit, Ask: 1, Text: "b", Title: "B", Replace: true}, "undone>priya(edit)", ""},
		{"thanks", helped, priya, Act{Kind: ActThanks, Ask: 1, Text: "Lovely."}, "undone>priya(thanks_read)", "undone>priya(thanks)"},
		{"private thanks", helped, priya, Act{Kind: ActThanks, Ask: 1, Text: "Lovely.", Private: true}, "undone>priya(thanks_read)", "undone>priya(thanks)"},
		{"decline", shared, mark, Act{Kind: ActDecline, Ask: 1}, "undone>mark(decline)", ""},
		{"pause", nil, mark, Act{Kind: ActPause, Until: Date{2026, 12, 4}}, "undone>mark(daily)", ""},
		{"weekly", paused, mark, Act{Kind: ActFrequency}, "undone>mark(paused)", ""},
		{"stop", paused, mark, Act{Kind: ActStop}, "undone>mark(paused)", ""},
		{"resume", paused, mark, Act{Kind: ActResume}, "undone>mark(paused)", ""},
	} {
		for _, sent := range []bool{true, false} {
			t.Run(row.name, func(t *testing.T) {
				s := newScene(t, "2026-11-22 12:00")
				if row.before != nil {
					row.before(s)
				}
				s.send("2026-11-22 17:00")
				before := s.picture()
				s.mail("2026-11-22 18:00", row.from, row.act)
				want := row.sent
				if sent {
					s.send("2026-11-22 18:01")
				} else if row.unsent != "" {
					want = row.unsent
				}
				s.check(reasons(s.undoes("2026-11-22 18:05", row.from, "")), want)
				if after := s.picture(); after != before {
					t.Errorf("before:\n%s\nafter:\n%s", before, after)
				}
				s.check(reasons(s.undoes("2026-11-22 18:06", row.from, "")), "undone>"+strings.Split(row.from, "@")[0]+"(already)")
				s.check(s.picture(), before)
				s.audited()
				for _, line := range s.send("2026-11-22 18:10") {
					if row.unsent != "" && !sent && (strings.HasPrefix(line, "introduction") || strings.HasPrefix(line, "thank_you") || strings.HasPrefix(line, "helper_left") || strings.HasPrefix(line, "no_longer")) {
						t.Errorf("leaves all the same: %s", line)
					}
				}
			})
		}
	}
}

func asked(s *scene) { s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"}) }

func helped(s *scene) {
	asked(s)
	s.mail("2026-11-22 16:00", mark, Act{Kind: ActOffer, Ask: 1, Text: "take mine"})
}

func closed(s *scene) {
	helped(s)
	s.mail("2026-11-22 16:10", priya, Act{Kind: ActClose, Ask: 1})
}

// shared is thanks that became public by "yes".
func shared(s *scene) {
	helped(s)
	out := s.mail("2026-11-22 16:10", priya, Act{Kind: ActThanks, Ask: 1, Text: "Lovely."})
	s.event("2026-11-22 16:20", Event{Envelope: Envelope{From: priya, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: out.Facts[1].Key, Acts: []Act{{Kind: ActConfirm, Ask: 1}}})
}

func paused(s *scene) {
	s.mail("2026-11-22 16:00", mark, Act{Kind: ActPause, Until: Date{2026, 12, 1}})
}

// "Yes, share it" is taken back by "undo", and the question may be answered once more.
func TestShareUndone(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	shared(s)
	s.check(reasons(s.undoes("2026-11-22 18:00", priya, "")), "undone>priya(confirm)")
	s.check(s.publish("2026-11-23 07:30"), 0)
	s.audited()
}

// After the time of the next digest nothing is taken back, and its story is gone.
func TestUndoEndsWithTheDigest(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	asked(s)
	s.check(len(s.mayUndo("2026-11-23 07:29", priya)), 1)
	s.check(len(s.mayUndo("2026-11-23 07:30", priya)), 0)
	s.publish("2026-11-23 07:30")
	s.check(reasons(s.undoes("2026-11-23 07:31", priya, "acknowledgement/1")), "undone>priya(late)")
	var kept int
	if err := s.read.Get(&kept, `SELECT count(*) FROM undoable WHERE past <> ''`); err != nil || kept != 0 {
		t.Error(kept, err)
	}
	// holidays are longer than a person remembers
	s.settings.Calendar.Holidays = []DateRange{{Date{2026, 12, 1}, Date{2026, 12, 31}}}
	s.mail("2026-12-01 09:00", mark, Act{Kind: ActPause})
	s.check(len(s.mayUndo("2026-12-08 08:59", mark)), 1)
	s.check(len(s.mayUndo("2026-12-08 09:00", mark)), 0)
	s.audited()
}

// What others did meanwhile stays as it is.
func TestUndoAmongOthers(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	helped(s)
	s.mail("2026-11-22 16:01", ana, Act{Kind: ActOffer, Ask: 1, Text: "mine too"})
	s.send("2026-11-22 16:02")
	// who waits in reserve is introduced when the first offer is taken back
	s.check(reasons(s.undoes("2026-11-22 17:00", mark, "")), "helper_left>priya introduction>priya introduction>ana undone>mark(offer)")
	s.send("2026-11-22 17:01")
	s.audited()
	// Ana cannot, and can again, but Sam has come meanwhile
	s.mail("2026-11-22 18:00", ana, Act{Kind: ActWithdraw, Ask: 1})
	s.mail("2026-11-22 18:01", sam, Act{Kind: ActOffer, Ask: 1, Text: "me"})
	s.send("2026-11-22 18:02")
	s.check(reasons(s.undoes("2026-11-22 18:03", ana, "")), "reserve>ana undone>ana(offer_back)")
	s.audited()
	// an ask that is taken back is taken back for all
	s.check(reasons(s.undoes("2026-11-22 18:05", priya, "acknowledgement/1")), "no_longer_needed>sam no_longer_needed>ana undone>priya(ask)")
	s.check(reasons(s.undoes("2026-11-22 18:06", sam, "")), "undone>sam(offer)")
	s.audited()
}

// An undo that reaches a letter on its way to the server: it counts as sent, and
// is not sent again when it comes back.
func TestUndoOfALetterInFlight(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	asked(s)
	s.send("2026-11-22 15:30")
	s.mail("2026-11-22 16:00", mark, Act{Kind: ActOffer, Ask: 1})
	ctx := context.Background()
	claimed, err := s.Claim(ctx, at(s, "2026-11-22 16:00"), 10)
	if err != nil || len(claimed) != 2 {
		t.Fatal(len(claimed), err)
	}
	s.check(reasons(s.undoes("2026-11-22 16:01", mark, "")), "helper_left>priya undone>mark(offer)")
	results := []Result{{ID: claimed[0].ID, State: ResultTemporary}, {ID: claimed[1].ID, State: ResultUnsent}}
	if err := s.Settle(ctx, results, at(s, "2026-11-22 16:02")); err != nil {
		t.Fatal(err)
	}
	sent := s.send("2026-11-22 16:30")
	if slices.ContainsFunc(sent, func(l string) bool { return strings.HasPrefix(l, KindIntroduction) }) {
		t.Error(sent)
	}
	s.audited()
}

// "undo" twice takes back one thing; the thing before goes by its own letter.
func TestUndoTwice(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	asked(s)
	s.mail("2026-11-22 16:00", priya, Act{Kind: ActEdit, Ask: 1, Text: "more"})
	s.check(reasons(s.undoes("2026-11-22 17:00", priya, "")), "undone>priya(edit)")
	s.check(reasons(s.undoes("2026-11-22 17:01", priya, "")), "undone>priya(already)")
	s.check(reasons(s.undoes("2026-11-22 17:02", priya, "acknowledgement/1")), "undone>priya(ask)")
	s.audited()
}

// Somebody else's act is nobody's to take back.
func TestUndoIsOnesOwn(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	helped(s)
	before := s.picture()
	for _, id := range []int64{1, 2, 3} {
		s.mail("2026-11-22 17:00", sam, Act{Kind: ActUndo, Undo: []int64{id}})
	}
	s.check(s.picture(), before)
	s.audited()
}

// An ask that was held is taken back like another, and once "send" is taken back
// nobody reads it by an oversight.
func TestHeldAskUndone(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a", Hold: "phone/1"})
	s.check(reasons(s.undoes("2026-11-22 15:10", priya, "")), "undone>priya(ask)")
	s.mail("2026-11-22 16:00", priya, Act{Kind: ActAsk, Title: "B", Text: "b", Hold: "phone/1"})
	s.mail("2026-11-22 16:10", priya, Act{Kind: ActConfirm, Ask: 2, Via: "held"})
	s.check(reasons(s.undoes("2026-11-22 16:20", priya, "")), "undone>priya(ask)")
	asked := s.mail("2026-11-22 17:00", sam, Act{Kind: ActUndo, Ask: 2})
	s.check(asked.Facts[0].Ask.Number, int64(0))
	s.check(s.publish("2026-11-23 07:30"), 0)
	s.audited()
	// a change that waits
	s.mail("2026-11-23 08:00", priya, Act{Kind: ActAsk, Title: "C", Text: "c"})
	before := s.picture()
	s.mail("2026-11-23 08:10", priya, Act{Kind: ActEdit, Ask: 3, Text: "0151", Hold: "phone/1"})
	s.check(reasons(s.undoes("2026-11-23 08:20", priya, "")), "undone>priya(edit)")
	s.check(s.picture(), before)
	s.check(kinds(s.mail("2026-11-23 08:30", priya, Act{Kind: ActConfirm, Ask: 3, Via: "held"})), "status>priya")
	s.audited()
}

// Joining, passing on and thanks by name are taken back as well.
func TestUndoAmongPeople(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	asked(s)
	s.mail("2026-11-22 15:20", ana, Act{Kind: ActMeToo, Ask: 1})
	s.send("2026-11-22 15:30")
	before := s.picture()
	s.mail("2026-11-22 16:00", sam, Act{Kind: ActMeToo, Ask: 1})
	s.check(reasons(s.undoes("2026-11-22 16:01", sam, "")), "undone>sam(metoo)")
	s.mail("2026-11-22 16:10", ana, Act{Kind: ActWithdraw, Ask: 1})
	s.check(reasons(s.undoes("2026-11-22 16:11", ana, "")), "undone>ana(joined)")
	s.mail("2026-11-22 16:20", sam, Act{Kind: ActRefer, Ask: 1, Text: "ask Mark", Members: []int64{2}})
	s.check(reasons(s.undoes("2026-11-22 16:21", sam, "")), "undone>sam(refer)")
	s.mail("2026-11-22 16:30", sam, Act{Kind: ActRefer, Ask: 1, Text: "ask Mark", Members: []int64{2}})
	s.send("2026-11-22 16:31")
	s.check(reasons(s.undoes("2026-11-22 16:32", sam, "")), "undone>sam(read)")
	s.check(reasons(s.mail("2026-11-22 16:40", sam, Act{Kind: ActThanks, Text: "Thanks to Mark: for the tea", Members: []int64{2}})), "thank_you>mark may_i_share>sam")
	s.check(reasons(s.undoes("2026-11-22 16:41", sam, "")), "undone>sam(thanks)")
	// who joined hears of the end once it is one
	s.mail("2026-11-22 16:50", priya, Act{Kind: ActClose, Ask: 1})
	s.check(reasons(s.undoes("2026-11-22 16:51", priya, "")), "undone>priya(close)")
	s.check(s.picture(), before)
	s.check(kinds(s.mail("2026-11-22 17:00", priya, Act{Kind: ActClose, Ask: 1})), "answer>ana closed>priya")
	s.audited()
}
