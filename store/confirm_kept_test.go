package store

import (
	"fmt"
	"strings"
	"testing"
)

// wary is a mail in somebody's name that nobody has proved, and that waits.
func (s *scene) wary(when, from string, acts ...Act) Outcome {
	s.Helper()
	return s.event(when, Event{Envelope: Envelope{From: from, Auth: Unproven, MessageID: fmt.Sprintf("<%d@mail>", s.uid+1)}, Verdict: Accepted, Reason: "test", Confirm: true, Text: "Words.", Acts: acts})
}

// nods answers the newest question to somebody.
func (s *scene) nods(when, from string, kind ActKind, later ...Act) Outcome {
	s.Helper()
	row := struct{ Letter, State string }{}
	if err := s.read.Get(&row, `SELECT c.letter, c.state FROM confirm c JOIN member m ON m.id = c.member WHERE m.email = ? ORDER BY c.id DESC LIMIT 1`, from); err != nil {
		s.Fatal(err)
	}
	return s.event(when, Event{Envelope: Envelope{From: from, Auth: Unproven, MessageID: fmt.Sprintf("<%d@mail>", s.uid+1)}, Verdict: Accepted, Reason: "test", Answers: row.Letter, Dup: fmt.Sprint(s.uid + 1),
		Acts: []Act{{Kind: kind, Via: ViaConfirm}}, Later: later, LaterWaits: row.State != "waiting"})
}

// released decides what is pending as a chat, and returns how many they were.
func (s *scene) released(when string) int {
	s.Helper()
	pending, err := s.PendingIntake(s.Context(), 100)
	if err != nil {
		s.Fatal(err)
	}
	for _, in := range pending {
		if in.Attempts != 0 {
			s.Errorf("a message that was let go has %d attempts behind it", in.Attempts)
		}
		var member int64
		if err := s.read.Get(&member, `SELECT member FROM intake WHERE id = ?`, in.ID); err != nil {
			s.Fatal(err)
		}
		if err := s.Decide(s.Context(), in, at(s, when), func(tx *Tx) error {
			_, err := tx.Record(Event{Envelope: Envelope{From: priya, Member: member, Auth: Believed, MessageID: in.MessageID}, Verdict: Accepted, Reason: "test", Acts: []Act{{Kind: ActChat}}})
			return err
		}); err != nil {
			s.Fatal(err)
		}
	}
	return len(pending)
}

// tried says of all messages that a life ended while they were read.
func (s *scene) tried() {
	s.Helper()
	if _, err := s.write.Exec(`UPDATE intake SET attempts = 2 WHERE state IN ('pending', 'unconfirmed')`); err != nil {
		s.Fatal(err)
	}
}

func (s *scene) waiting() (n int) {
	s.Helper()
	n, err := s.Unconfirmed(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return n
}

// While the question cannot leave nobody can answer it: the time of what waits
// begins with the letter.
func TestQuestionThatCannotLeave(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	s.wary("2026-11-20 12:01", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.publish("2026-11-24 12:00")
	s.check(s.waiting(), 1)
	s.send("2026-11-24 12:30")
	s.publish("2026-11-27 12:29")
	s.check(s.waiting(), 1)
	s.nods("2026-11-27 12:29", priya, ActConfirm)
	s.check(s.released("2026-11-27 12:29"), 1)
	s.wary("2026-11-28 12:00", priya, Act{Kind: ActAsk, Title: "B", Text: "b"})
	s.send("2026-11-28 12:01")
	s.publish("2026-12-01 12:02")
	s.check(s.waiting(), 0)
	s.audited()
}

// What was let go starts anew: the lives that ended while it was first read do
// not count against it. A question takes as many lives.
func TestWhatWaitedStartsAnew(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	s.wary("2026-11-20 12:01", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.tried()
	in := s.nods("2026-11-20 12:02", priya, ActConfirm, Act{Kind: ActAsk, Title: "More", Text: "more"})
	s.check(kinds(in), "")
	s.check(s.released("2026-11-20 12:03"), 2)
	s.audited()

	// So does the answer itself, if it says more.
	s.wary("2026-11-20 13:01", priya, Act{Kind: ActAsk, Title: "B", Text: "b"})
	var key string
	if err := s.read.Get(&key, `SELECT letter FROM confirm WHERE state = 'waiting'`); err != nil {
		t.Fatal(err)
	}
	answer := s.intakeTx("2026-11-20 13:02")
	if err := s.Attempt(t.Context(), []int64{answer.ID}); err != nil {
		t.Fatal(err)
	}
	if err := s.Decide(t.Context(), answer, at(t, "2026-11-20 13:02"), func(tx *Tx) error {
		_, err := tx.Record(Event{Envelope: Envelope{From: priya, Member: 1, Auth: Unproven}, Verdict: Accepted, Reason: "test", Answers: key,
			Acts: []Act{{Kind: ActConfirm, Via: ViaConfirm}}, Later: []Act{{Kind: ActAsk, Title: "More", Text: "more"}}})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	s.check(s.released("2026-11-20 13:03"), 2)
}

// The letter that asks repeats no words that have no name on them, and none that
// are to be looked at first; and not many of any.
func TestSaying(t *testing.T) {
	long := strings.Repeat("words ", 100)
	for _, row := range []struct {
		e     Event
		words string
	}{
		{Event{Text: "Would Tuesday do?", Acts: []Act{{Kind: ActRelay}}}, ""},
		{Event{Text: "Call 07700 900123", Acts: []Act{{Kind: ActAsk, Hold: "phone"}}}, ""},
		{Event{Text: "fine", Acts: []Act{{Kind: ActOffer}, {Kind: ActAsk, Hold: "phone"}}}, ""},
		{Event{Text: "a", Acts: []Act{{Kind: ActAsk, Title: "A tent"}}}, "A tent\n\na"},
		{Event{Text: "A tent, please", Acts: []Act{{Kind: ActAsk, Title: "A tent"}}}, "A tent, please"},
		{Event{Text: "x", Verdict: Refused, Envelope: Envelope{Subject: "Large"}}, "Large"},
		{Event{Text: long, Acts: []Act{{Kind: ActOffer}}}, long[:sayingLimit-1] + "…"},
	} {
		if got := saying(row.e); got.Words != row.words || len(row.e.Acts) > 0 && got.Kind != row.e.Acts[0].Kind {
			t.Errorf("%+v: %q", row.e, got)
		}
	}
}

// A no to what a yes has let go, a second question after a no, and an answer that
// is neither: who is told what.
func TestWhoHearsOfAnAnswer(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	s.wary("2026-11-20 12:01", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	unclear := s.nods("2026-11-20 12:02", priya, ActUnclear)
	s.check(kinds(unclear), "confirm_end>priya")
	if f := unclear.Facts[0]; f.Reason != "unclear" || f.Code == "" {
		t.Errorf("%+v", f)
	}
	s.nods("2026-11-20 12:02", priya, ActConfirm)
	s.released("2026-11-20 12:03")
	done := s.nods("2026-11-20 12:04", priya, ActDecline)
	s.check(kinds(done), "confirm_end>priya admin>it")
	s.check(done.Facts[0].Reason, "done")

	s.wary("2026-11-20 13:00", mark, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.check(s.nods("2026-11-20 13:01", mark, ActDecline).Facts[0].Reason, "no")
	s.check(kinds(s.wary("2026-11-20 13:02", mark, Act{Kind: ActAsk, Title: "B", Text: "b"})), "") // a day of rest
	s.check(s.nods("2026-11-20 13:03", mark, ActConfirm).Facts[0].Reason, "late")
	s.check(s.waiting(), 1)
	s.publish("2026-11-21 13:02")
	s.check(s.waiting(), 1)
	s.nods("2026-11-21 13:03", mark, ActConfirm)
	s.check(s.released("2026-11-21 13:04"), 1)
	s.audited()
}

// Beside a yes for which nothing is left to let go the words still count, once.
func TestMoreBesideALateYes(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	s.wary("2026-11-20 12:01", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.send("2026-11-20 12:02")
	late := s.nods("2026-11-23 12:03", priya, ActConfirm, Act{Kind: ActAsk, Title: "More", Text: "more"})
	s.check(late.Facts[0].Reason, "late")
	s.check(s.released("2026-11-23 12:03"), 1)
	s.publish("2026-11-23 12:04")
	s.check(s.waiting(), 0)
	s.audited()
	var asked int
	if err := s.read.Get(&asked, `SELECT count(*) FROM confirm WHERE state = 'waiting'`); err != nil || asked != 0 {
		t.Errorf("%d questions wait for an answer, %v", asked, err)
	}
}
