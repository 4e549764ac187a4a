package store

import (
	"context"
	"slices"
	"strings"
	"testing"
)

func meToo(ask int64) Act { return Act{Kind: ActMeToo, Ask: ask, Text: "me too"} }

func TestMeTooHearsTheAnswer(t *testing.T) {
	s := crowd(t, "2026-11-20 12:00")
	s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.publish("2026-11-23 07:30")
	s.send("2026-11-23 07:31")
	s.check(kinds(s.mail("2026-11-23 09:00", ana, meToo(1))), "metoo>ana")
	again := s.mail("2026-11-23 09:01", ana, meToo(1))
	s.check(kinds(again), "metoo>ana")
	s.check(again.Facts[0].Reason, "already")
	s.check(kinds(s.mail("2026-11-23 09:02", ruthMail, meToo(1))), "metoo>ruth")
	s.check(kinds(s.mail("2026-11-23 09:03", priya, meToo(1))), "status>priya") // her own
	// one leaves again: nothing else changes
	left := s.mail("2026-11-23 09:04", ruthMail, Act{Kind: ActWithdraw, Ask: 1})
	s.check(kinds(left), "metoo>ruth")
	s.check(left.Facts[0].Reason, "left")
	s.check(len(left.Facts[0].Ask.MeToo), 2) // as it was before
	// help comes, and the end: told once
	s.check(kinds(s.mail("2026-11-23 10:00", mark, Act{Kind: ActOffer, Ask: 1})), "introduction>priya introduction>mark")
	s.check(kinds(s.mail("2026-11-24 10:00", priya, Act{Kind: ActClose, Ask: 1})), "answer>ana closed>priya")
	s.mail("2026-11-24 11:00", priya, Act{Kind: ActReopen, Ask: 1})
	s.check(kinds(s.mail("2026-11-24 12:00", priya, Act{Kind: ActClose, Ask: 1})), "closed>priya")
	// too late to join
	gone := s.mail("2026-11-24 13:00", sam, meToo(1))
	s.check(kinds(gone), "gone>sam")
	s.check(gone.Facts[0].Reason, "metoo")
	s.audited()
}

// However an ask ends, who joined it hears.
func TestEveryEndIsTold(t *testing.T) {
	for name, end := range map[string]func(s *scene) string{
		"withdrawn": func(s *scene) string {
			return kinds(s.mail("2026-11-24 10:00", priya, Act{Kind: ActWithdraw, Ask: 1}))
		},
		"thanks": func(s *scene) string {
			s.mail("2026-11-23 10:00", mark, Act{Kind: ActOffer, Ask: 1})
			return kinds(s.mail("2026-11-24 10:00", priya, Act{Kind: ActThanks, Ask: 1, Text: "Lovely"}))
		},
		"expired": func(s *scene) string {
			s.publish("2026-12-04 07:30")
			s.publish("2026-12-18 07:30")
			return strings.Join(s.send("2026-12-18 07:31"), " ")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := crowd(t, "2026-11-20 12:00")
			s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
			s.publish("2026-11-23 07:30")
			s.mail("2026-11-23 09:00", ana, meToo(1))
			if told := end(s); !strings.Contains(told, "answer>ana") && !strings.Contains(told, "answer to ana") {
				t.Errorf("told: %s", told)
			}
			s.audited()
		})
	}
}

// Joining and offering stand beside each other: who withdraws the offer is still
// counted, and wanted helpers are none the fewer.
func TestMeTooBesideAnOffer(t *testing.T) {
	s := crowd(t, "2026-11-20 12:00")
	s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-23 09:00", ana, meToo(1))
	s.check(kinds(s.mail("2026-11-23 09:10", ana, Act{Kind: ActOffer, Ask: 1})), "introduction>priya introduction>ana")
	s.mail("2026-11-23 09:20", ana, Act{Kind: ActWithdraw, Ask: 1})
	s.check(kinds(s.mail("2026-11-23 09:30", ana, Act{Kind: ActStatus})), "status>ana")
	out := s.mail("2026-11-23 09:40", mark, Act{Kind: ActOffer, Ask: 1})
	s.check(out.Facts[0].Ask.Joined(4), true)
	s.check(out.Facts[0].Ask.Wanted, 1)
	s.check(kinds(s.mail("2026-11-23 09:50", mark, meToo(1))), "metoo>mark") // the helper needs it as well
	s.check(kinds(s.mail("2026-11-23 10:00", priya, Act{Kind: ActClose, Ask: 1})), "answer>ana closed>priya")
	s.audited()
}

// The asker hears once, in the digest, how many need the same.
func TestAskerIsToldOnceOfMeToo(t *testing.T) {
	s := crowd(t, "2026-11-20 12:00")
	s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.publish("2026-11-23 07:30")
	s.send("2026-11-23 07:31")
	s.mail("2026-11-23 09:00", ana, meToo(1))
	told := func(day string) int {
		t.Helper()
		s.mail(day+" 07:00", sam, Act{Kind: ActAsk, Title: "B " + day, Text: "b"})
		n := 0
		done, err := s.Publish(s.Context(), at(t, day+" 07:30"), func(tx *Tx, o Outcome) error {
			for _, f := range o.Facts {
				if f.Edition == nil || f.To.Email != priya {
					continue
				}
				for _, a := range f.Edition.Yours {
					n += len(a.MeToo)
				}
			}
			return sayYours(tx, o)
		})
		if err != nil || done.Composed == 0 {
			t.Fatal(done, err)
		}
		s.send(day + " 07:31")
		return n
	}
	s.check(told("2026-11-24"), 1)
	s.check(told("2026-11-25"), 0)
	s.mail("2026-11-25 09:00", ruthMail, meToo(1))
	s.check(told("2026-11-26"), 2)
	s.check(told("2026-11-27"), 0)
	s.audited()
}

// sayYours is say with the asker's own asks among the items, as in real digests.
func sayYours(tx *Tx, o Outcome) error {
	for i := range o.Facts {
		if e := o.Facts[i].Edition; e != nil {
			e.Also = append(e.Also, e.Yours...)
		}
	}
	return say(tx, o)
}

func TestThanksByName(t *testing.T) {
	s := crowd(t, "2026-11-20 12:00")
	out := s.mail("2026-11-20 13:00", mark, Act{Kind: ActThanks, Text: "for the printer", Members: []int64{benID, ruthID}})
	s.check(kinds(out), "thank_you>ben thank_you>ruth may_i_share>mark")
	s.check(s.publish("2026-11-23 07:30"), 0) // private until he says so
	yes := Event{Envelope: Envelope{From: mark, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: out.Facts[2].Key, Acts: []Act{{Kind: ActConfirm}}}
	s.check(kinds(s.event("2026-11-23 09:00", yes)), "thanks_noted>mark")
	s.check(s.publish("2026-11-24 07:30"), 7)
	s.check(digests(s.send("2026-11-24 07:31"), "thanks: for the printer"), 7)
	// Ben would rather not; it has been told
	no := Event{Envelope: Envelope{From: benMail, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: out.Facts[0].Key, Acts: []Act{{Kind: ActDecline}}}
	late := s.event("2026-11-24 09:00", no)
	s.check(kinds(late), "kept_private>ben")
	s.check(late.Facts[0].Reason, "told")
	// nobody's name, and one that fits two
	s.check(kinds(s.mail("2026-11-24 10:00", mark, Act{Kind: ActThanks, Text: "x", Name: "Zed"})), "which_person>mark")
	which := s.mail("2026-11-24 10:01", mark, Act{Kind: ActThanks, Text: "x", Name: "Ben", Members: []int64{benID, itoID}})
	s.check(kinds(which), "which_person>mark")
	s.send("2026-11-24 10:02")
	s.view("2026-11-24 10:03", mark, which.Facts[0].Key, func(v View) {
		if v.Pending == nil || v.Pending.Ask != 0 || len(v.Pending.People) != 2 {
			t.Errorf("%+v", v.Pending)
		}
	})
	// declined before it was shared: it stays private whatever the giver says later
	second := s.mail("2026-11-24 11:00", ana, Act{Kind: ActThanks, Text: "for the cake", Members: []int64{benID}})
	no.Answers = second.Facts[0].Key
	s.event("2026-11-24 11:10", no)
	yes.From, yes.Answers = ana, second.Facts[1].Key
	shared := s.event("2026-11-24 11:20", yes)
	s.check(kinds(shared), "thanks_noted>ana")
	s.check(shared.Facts[0].Private, true)
	s.audited()
}

// Who was away when an ask ended is not told of it later.
func TestWhoLeftIsNotTold(t *testing.T) {
	s := crowd(t, "2026-11-20 12:00")
	s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.publish("2026-11-23 07:30")
	s.mail("2026-11-23 09:00", ruthMail, meToo(1))
	all := s.staffNow()
	here := slices.DeleteFunc(slices.Clone(all), func(p Person) bool { return p.Email == ruthMail })
	if _, err := s.Staff(context.Background(), here, at(t, "2026-11-23 10:00")); err != nil {
		t.Fatal(err)
	}
	s.check(kinds(s.mail("2026-11-24 10:00", priya, Act{Kind: ActClose, Ask: 1})), "closed>priya")
	if _, err := s.Staff(context.Background(), all, at(t, "2026-11-24 11:00")); err != nil {
		t.Fatal(err)
	}
	s.audited()
}
