package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// crowd is a scene with more colleagues: Ben (5), Ben Ito (6), Ruth (7).
func crowd(t *testing.T, created string) *scene {
	s := newScene(t, created)
	staff := append(slices.Clone(people),
		Person{Name: "Ben Okafor", Email: "ben@carpenter.example", Group: "Science"}, Person{Name: "Ben Ito", Email: "ito@carpenter.example", Group: "Office"},
		Person{Name: "Ruth Müller-Lee", Email: "ruth@carpenter.example"})
	if _, err := s.Staff(context.Background(), staff, at(t, created)); err != nil {
		t.Fatal(err)
	}
	return s
}

const benID, itoID, ruthID = 5, 6, 7

const benMail, itoMail, ruthMail = "ben@carpenter.example", "ito@carpenter.example", "ruth@carpenter.example"

func TestInvitation(t *testing.T) {
	s := crowd(t, "2026-11-20 12:00")
	s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-20 13:01", sam, Act{Kind: ActAsk, Title: "B", Text: "b"})
	s.publish("2026-11-23 07:30")
	ask := Act{Kind: ActRefer, Ask: 1, Text: "ask Ben", Members: []int64{benID}}
	out := s.mail("2026-11-23 09:00", mark, ask)
	s.check(kinds(out), "invitation>ben referred>mark") // nothing to Priya
	s.check(out.Facts[0].Helper.Name, "Mark Evans")
	// a second connector: Ben is not asked twice, and nobody is told why
	out = s.mail("2026-11-23 09:10", ana, ask)
	s.check(kinds(out), "referred>ana")
	s.check(out.Facts[0].Reason, "known")
	// another ask within a week: the asker gets the hint
	out = s.mail("2026-11-23 09:20", mark, Act{Kind: ActRefer, Ask: 2, Text: "ask Ben", Members: []int64{benID}})
	s.check(kinds(out), "hint>sam hint_passed_on>mark")
	s.check(out.Facts[1].Reason, "resting")
	// Ben says yes: the introduction credits the first who thought of him
	out = s.mail("2026-11-23 10:00", benMail, Act{Kind: ActOffer, Ask: 1, Text: "yes"})
	s.check(kinds(out), "introduction>priya introduction>ben")
	s.check(out.Facts[0].Connector.Name, "Mark Evans")
	s.check(out.Facts[1].Connector.Name, "Mark Evans")
	// helped: nobody else is asked
	out = s.mail("2026-11-23 11:00", ana, Act{Kind: ActRefer, Ask: 1, Text: "ask Ruth", Members: []int64{ruthID}})
	s.check(kinds(out), "hint>priya hint_passed_on>ana")
	s.check(out.Facts[1].Reason, "helped")
	// a week later he may be asked again
	s.check(kinds(s.mail("2026-11-30 09:01", mark, Act{Kind: ActRefer, Ask: 2, Text: "ask Ben", Members: []int64{benID}})), "invitation>ben referred>mark")
	s.audited()
}

func TestWhoIsNotInvited(t *testing.T) {
	s := crowd(t, "2026-11-20 12:00")
	s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	refer := func(when string, whom ...int64) string {
		return kinds(s.mail(when, mark, Act{Kind: ActRefer, Ask: 1, Text: "ask them", Members: whom}))
	}
	s.mail("2026-11-20 13:10", benMail, Act{Kind: ActPause, Until: Date{2026, 11, 25}})
	s.mail("2026-11-20 13:11", itoMail, Act{Kind: ActStop})
	s.check(refer("2026-11-23 09:00", benID), "hint>priya hint_passed_on>mark")
	s.check(refer("2026-11-23 09:01", itoID), "hint>priya hint_passed_on>mark")
	s.check(refer("2026-11-25 09:00", benID, itoID), "invitation>ben referred>mark") // Ben is back
	s.mail("2026-11-25 09:10", ruthMail, Act{Kind: ActMeToo, Ask: 1})
	s.check(refer("2026-11-25 09:20", ruthID), "referred>mark") // needs the same, and nobody is told
	s.mail("2026-11-25 09:30", ana, Act{Kind: ActOffer, Ask: 1})
	s.mail("2026-11-25 09:40", ana, Act{Kind: ActWithdraw, Ask: 1})
	s.check(refer("2026-11-25 09:50", 4), "referred>mark") // Ana has said that she cannot
	// whoever has left is not on the list; the name is nobody's
	s.check(kinds(s.mail("2026-11-25 10:00", mark, Act{Kind: ActRefer, Ask: 1, Text: "ask Zed", Name: "Zed"})), "hint>priya hint_passed_on>mark")
	// the asker may name somebody, too, and is not credited
	s.check(kinds(s.mail("2026-11-27 10:00", priya, Act{Kind: ActRefer, Ask: 1, Text: "ask Ben", Members: []int64{sam0}})), "invitation>sam referred>priya")
	out := s.mail("2026-11-27 11:00", sam, Act{Kind: ActOffer, Ask: 1, Text: "yes"})
	s.check(out.Facts[0].Connector.ID, int64(0))
	s.audited()
}

const sam0 = 3 // Sam's number

// "Which Ben?" keeps the words; the answer uses them, once.
func TestWhichPersonQuestion(t *testing.T) {
	s := crowd(t, "2026-11-20 12:00")
	s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	out := s.mail("2026-11-23 09:00", mark, Act{Kind: ActRefer, Ask: 1, Text: "ask Ben", Name: "Ben", Members: []int64{benID, itoID}})
	s.check(kinds(out), "which_person>mark")
	s.check(len(out.Facts[0].People), 2)
	s.send("2026-11-23 09:01")
	key := out.Facts[0].Key
	s.view("2026-11-23 09:05", mark, key, func(v View) {
		q := v.Pending
		if q == nil || q.Kind != "which_person" || q.Ask != 1 || q.Words != "ask Ben" || q.Name != "Ben" || !slices.Equal(q.People, []int64{benID, itoID}) || len(v.Named) != 2 || len(q.Candidates) != 0 {
			t.Errorf("the question: %+v, %d named", q, len(v.Named))
		}
	})
	answer := func(acts ...Act) Event {
		return Event{Envelope: Envelope{From: mark, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: key, Acts: acts}
	}
	again := s.event("2026-11-23 09:08", answer(Act{Kind: ActRefer, Ask: 1, Text: "ask Ben", Name: "Ben", Members: []int64{benID, itoID}}))
	s.check(kinds(again), "which_person>mark")
	s.check(kinds(s.event("2026-11-23 09:10", answer(Act{Kind: ActRefer, Ask: 1, Text: "ask Ben", Members: []int64{benID}}))), "invitation>ben referred>mark")
	s.view("2026-11-23 09:15", mark, key, func(v View) {
		if v.Pending != nil {
			t.Errorf("still asked: %+v", v.Pending)
		}
	})
	s.audited()
}

// A connector takes it back: what has not left is not sent, what has left is not
// credited.
func TestWithdrawnReferral(t *testing.T) {
	s := crowd(t, "2026-11-20 12:00")
	s.mail("2026-11-20 13:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-23 09:00", mark, Act{Kind: ActRefer, Ask: 1, Text: "ask Ben", Members: []int64{benID}})
	take := func(when string) (stopped int) {
		t.Helper()
		tx := s.intakeTx(when)
		err := s.Decide(context.Background(), tx, at(t, when), func(tx *Tx) (err error) {
			if err := tx.settle(Event{Verdict: Accepted, Reason: "test", Envelope: Envelope{Member: 2}, Acts: []Act{{Kind: ActChat}}}); err != nil {
				return err
			}
			stopped, err = tx.withdrawRefer(1, 2)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return stopped
	}
	s.check(take("2026-11-23 09:01"), 1)
	s.audited()
	s.check(strings.Contains(strings.Join(s.send("2026-11-23 09:02"), "|"), "invitation"), false)
	s.mail("2026-11-23 09:03", mark, Act{Kind: ActRefer, Ask: 1, Text: "ask Ben", Members: []int64{benID}})
	s.send("2026-11-23 09:04")
	s.check(take("2026-11-23 09:05"), 0)
	out := s.mail("2026-11-23 10:00", benMail, Act{Kind: ActOffer, Ask: 1, Text: "yes"})
	s.check(out.Facts[0].Connector.ID, int64(0))
	s.audited()
}

// intakeTx receives a message and returns it undecided.
func (s *scene) intakeTx(when string) Intake {
	s.Helper()
	ctx := context.Background()
	s.uid++
	if _, err := s.Receive(ctx, []Incoming{{Mailbox: "INBOX", UIDValidity: 1, UID: s.uid, Size: 9, Raw: fmt.Appendf(nil, "raw %d", s.uid)}}, at(s, when)); err != nil {
		s.Fatal(err)
	}
	pending, err := s.PendingIntake(ctx, 10)
	if err != nil || len(pending) != 1 {
		s.Fatal(len(pending), err)
	}
	return pending[0]
}

// view shows what the book knows of an answer to one of its letters.
func (s *scene) view(when, from, key string, look func(View)) {
	s.Helper()
	err := s.Rehearse(context.Background(), []byte("x"), s.staffNow(), at(s, when), func(tx *Tx) error {
		v, err := tx.View(Refs{From: from, MessageID: "<v@mail>", Answers: []string{s.messageID(key)}})
		if err == nil {
			look(v)
		}
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
}

// staffNow is the staff list as the book has it.
func (s *scene) staffNow() []Person {
	rows := []memberRow{}
	if err := s.read.Select(&rows, `SELECT * FROM member WHERE on_staff = 1 ORDER BY id`); err != nil {
		s.Fatal(err)
	}
	var list []Person
	for _, r := range rows {
		list = append(list, Person{Name: r.Name, Email: r.Email, Aliases: fromJSON(r.Aliases), Group: r.Team, Leader: r.Leader, Knows: fromJSON(r.Knows)})
	}
	return list
}

func TestNamesInTheBook(t *testing.T) {
	s := crowd(t, "2026-11-20 12:00")
	find := func(names ...string) string {
		t.Helper()
		var found []string
		err := s.look(context.Background(), at(t, "2026-11-20 13:00"), func(tx *Tx) error {
			members, err := tx.named(names)
			for _, m := range members {
				found = append(found, m.Name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(found, ", ")
	}
	for names, want := range map[string]string{
		"ben": "Ben Okafor, Ben Ito", "okafor ben": "Ben Okafor, Ben Ito", "ito": "Ben Ito", "muller": "Ruth Müller-Lee", "mueller": "Ruth Müller-Lee",
		"lee": "Ruth Müller-Lee", "mullerlee": "Ruth Müller-Lee", "oka*": "Ben Okafor", "be*": "Ben Okafor, Ben Ito", "b": "", "zed": "", "ben%": "",
		"m.evans+x@home.example": "Mark Evans", "ben@carpenter.example": "Ben Okafor",
	} {
		if got := find(strings.Fields(names)...); got != want {
			t.Errorf("%s: %q, want %q", names, got, want)
		}
	}
	// a name that changes, and somebody who leaves
	staff := s.staffNow()
	staff = slices.DeleteFunc(staff, func(p Person) bool { return p.Email == itoMail })
	staff[slices.IndexFunc(staff, func(p Person) bool { return p.Email == ruthMail })].Name = "Ruth Ben-Ami"
	if _, err := s.Staff(context.Background(), staff, at(t, "2026-11-21 12:00")); err != nil {
		t.Fatal(err)
	}
	s.check(find("ben"), "Ben Okafor, Ruth Ben-Ami")
	s.check(find("muller"), "")
}
