package store

import (
	"context"
	"os"
	"strings"
	"testing"
)

// digests counts the digests among sent letters that have the words.
func digests(lines []string, words string) int {
	n := 0
	for _, l := range lines {
		if strings.HasPrefix(l, KindDigest+" ") && strings.Contains(l, words) {
			n++
		}
	}
	return n
}

// An ask that comes back onto the list is shown once more, as its asker is told.
func TestReopenedAskIsShownAgain(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.publish("2026-11-23 07:30")
	s.send("2026-11-23 07:31")
	s.mail("2026-11-23 08:00", mark, Act{Kind: ActOffer, Ask: 1})
	s.publish("2026-11-26 07:30")
	s.check(kinds(s.mail("2026-11-26 09:00", priya, Act{Kind: ActReopen, Ask: 1})), "reopened>priya")
	s.check(s.publish("2026-11-26 09:01"), 0) // it came back after today's digest
	s.send("2026-11-26 09:01")
	s.check(s.publish("2026-11-27 07:30"), 2) // Sam and Ana: Mark helps already
	s.check(digests(s.send("2026-11-27 07:31"), "#1 A"), 2)
	s.check(s.publish("2026-11-30 07:30"), 0) // once
	s.audited()
}

// Whoever is in reserve is introduced when the first help did not work out.
func TestReserveIsCalledWhenAnAskIsReopened(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-22 16:00", mark, Act{Kind: ActOffer, Ask: 1})
	s.check(kinds(s.mail("2026-11-22 16:01", ana, Act{Kind: ActOffer, Ask: 1, Text: "me too"})), "reserve>ana")
	s.check(kinds(s.mail("2026-11-23 09:00", priya, Act{Kind: ActReopen, Ask: 1})), "reopened>priya introduction>priya introduction>ana")
	// the asker has said how it went with Mark, and is asked about Ana alone
	s.publish("2026-11-26 07:30")
	s.check(strings.Count(strings.Join(s.send("2026-11-26 07:31"), "|"), "did_it_help"), 2) // kind and words of one letter
	// thanks for Ana are not Mark's
	thanks := Event{Envelope: Envelope{From: priya, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: "did_it_help/1/m4/1", Acts: []Act{{Kind: ActThanks, Ask: 1, Text: "Ana!"}}}
	s.check(kinds(s.event("2026-11-26 09:00", thanks)), "thank_you>ana thanks_noted>priya")
	s.audited()
}

// A helper who did not turn out to be the help and says so later leaves the ask
// as it is: somebody else has helped since.
func TestPassedOverHelperLeaves(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-22 16:00", mark, Act{Kind: ActOffer, Ask: 1})
	s.mail("2026-11-23 09:00", priya, Act{Kind: ActReopen, Ask: 1})
	s.mail("2026-11-23 10:00", ana, Act{Kind: ActOffer, Ask: 1})
	s.mail("2026-11-23 11:00", mark, Act{Kind: ActWithdraw, Ask: 1})
	s.check(kinds(s.mail("2026-11-23 12:00", sam, Act{Kind: ActOffer, Ask: 1})), "reserve>sam")
	s.audited()
}

// When the only helper cannot after all, the next digest brings the ask once
// more, as its asker is told.
func TestAskWhoseHelperLeftIsShownAgain(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.publish("2026-11-23 07:30")
	s.send("2026-11-23 07:31")
	s.mail("2026-11-23 08:00", mark, Act{Kind: ActOffer, Ask: 1})
	s.mail("2026-11-24 08:00", mark, Act{Kind: ActWithdraw, Ask: 1})
	s.check(s.publish("2026-11-25 07:30"), 3)
	s.check(digests(s.send("2026-11-25 07:31"), "#1 A"), 3)
	s.check(s.publish("2026-11-26 07:30"), 0)
}

// "Sorted" may be taken back, also by "until Friday": the next offer is then an
// introduction, not a place in reserve.
func TestClosedAskThatIsExtendedLooksForHelp(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-22 16:00", mark, Act{Kind: ActOffer, Ask: 1})
	s.mail("2026-11-23 09:00", priya, Act{Kind: ActClose, Ask: 1})
	s.mail("2026-11-24 09:00", priya, Act{Kind: ActExtend, Ask: 1, Until: Date{2026, 11, 27}})
	s.check(kinds(s.mail("2026-11-24 10:00", ana, Act{Kind: ActOffer, Ask: 1})), "introduction>priya introduction>ana")
	// while somebody helps, "not yet" changes nothing
	out := s.mail("2026-11-24 11:00", priya, Act{Kind: ActExtend, Ask: 1})
	s.check(kinds(out), "reopened>priya")
	s.check(out.Facts[0].Ask.State, AskHelped)
	s.audited()
}

// A helper's "private" outlasts the asker's later "yes, share it".
func TestDeclinedThanksStayPrivate(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-22 16:00", mark, Act{Kind: ActOffer, Ask: 1})
	out := s.mail("2026-11-22 17:00", priya, Act{Kind: ActThanks, Ask: 1, Text: "Lovely."})
	s.check(kinds(s.mail("2026-11-22 18:00", mark, Act{Kind: ActDecline, Ask: 1})), "kept_private>mark")
	yes := Event{Envelope: Envelope{From: priya, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: out.Facts[1].Key, Acts: []Act{{Kind: ActConfirm}}}
	shared := s.event("2026-11-22 19:00", yes)
	s.check(kinds(shared), "thanks_noted>priya")
	s.check(shared.Facts[0].Private, true)
	s.check(s.publish("2026-11-23 07:30"), 0)
	s.audited()
}

// Once a digest has told the thanks, nobody is promised that none will.
func TestDeclineThatComesTooLate(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-19 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-19 16:00", mark, Act{Kind: ActOffer, Ask: 1})
	s.publish("2026-11-24 07:30")
	thanks := Event{Envelope: Envelope{From: priya, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: "did_it_help/1/m2/1", Acts: []Act{{Kind: ActThanks, Ask: 1, Text: "Great."}}}
	s.event("2026-11-24 09:00", thanks)
	s.check(s.mail("2026-11-24 10:00", mark, Act{Kind: ActDecline, Ask: 1}).Facts[0].Reason, "")
	s.event("2026-11-24 11:00", thanks)
	s.publish("2026-11-25 07:30")
	s.check(digests(s.send("2026-11-25 07:31"), "Great."), 4)
	s.check(s.mail("2026-11-25 10:00", mark, Act{Kind: ActDecline, Ask: 1}).Facts[0].Reason, "told")
}

// An ask is asked about when its day has passed, is not advertised any more, and
// is not taken off before its asker had time to answer.
func TestNeededByThatPassed(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a", NeededBy: Date{2026, 11, 24}})
	s.publish("2026-11-23 07:30")
	s.send("2026-11-23 07:31")
	s.publish("2026-11-24 07:30")
	s.mail("2026-11-24 09:00", sam, Act{Kind: ActAsk, Title: "B", Text: "b"})
	s.publish("2026-11-25 07:30")
	sent := s.send("2026-11-25 07:31")
	s.check(strings.Count(strings.Join(sent, "|"), "still_looking to priya"), 1)
	s.check(digests(sent, "#1 A"), 0)
	s.check(digests(sent, "#2 B"), 3)
	s.check(kinds(s.mail("2026-11-25 09:00", priya, Act{Kind: ActEdit, Ask: 1, Text: "Friday would do"})), "edited>priya")
	s.audited()
}

// An exchange that stood still asks before it takes an ask off the list, and a
// clock that jumps ten years ahead costs nobody's ask.
func TestNobodyIsExpiredUnasked(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-22 16:00", sam, Act{Kind: ActAsk, Title: "B", Text: "b"})
	s.mail("2026-11-22 16:00", mark, Act{Kind: ActOffer, Ask: 2})
	for _, when := range []string{"2036-11-24 07:30", "2036-11-24 07:31", "2026-11-23 07:30", "2026-11-24 07:30"} {
		s.publish(when)
	}
	counts, err := s.AskCounts(context.Background())
	if err != nil || counts["open"] != 1 || counts["helped"] != 1 {
		t.Error(counts, err)
	}
	s.audited()
}

// A letter that was put into the outbox while the clock was ten years ahead
// leaves when it is right again.
func TestLettersOfAWrongClockLeave(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2036-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.check(len(s.send("2026-11-22 15:01")), 1)
	s.check(s.publish("2026-11-23 07:30"), 3) // and its ask is told
	s.send("2026-11-23 07:31")
	s.check(s.publish("2026-11-24 07:30"), 0)
}

// Asks that have help and that nobody closes come to rest in silence.
func TestHelpedAsksComeToRest(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-23 08:00", mark, Act{Kind: ActOffer, Ask: 1})
	s.send("2026-11-23 08:01")
	s.publish("2026-11-26 07:30")
	s.send("2026-11-26 07:31")
	s.publish("2026-12-18 07:30")
	s.send("2026-12-18 07:31")
	s.check(len(asksIn(s, AskHelped)), 1)
	s.publish("2026-12-21 07:30") // twenty working days after the introduction
	s.check(len(asksIn(s, AskHelped)), 0)
	s.check(len(s.send("2026-12-21 07:31")), 0)
	s.audited()
}

func asksIn(s *scene, state AskState) []Ask {
	s.Helper()
	all, err := s.Asks(context.Background(), true, at(s, "2026-11-22 12:00"))
	if err != nil {
		s.Fatal(err)
	}
	var in []Ask
	for _, a := range all {
		if a.State == state {
			in = append(in, a)
		}
	}
	return in
}

// Whoever leaves the staff gets no digest that waits, and their asks are shown to
// nobody; back on the list, everything is as before.
func TestLeavingTheStaff(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx := context.Background()
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.send("2026-11-22 15:01")
	s.check(s.publish("2026-11-23 07:30"), 3)
	if _, err := s.Staff(ctx, people[1:3], at(t, "2026-11-23 07:31")); err != nil { // without Priya and Ana
		t.Fatal(err)
	}
	for _, l := range s.send("2026-11-23 07:32") {
		if strings.Contains(l, "ana@") {
			t.Error(l)
		}
	}
	s.check(kinds(s.mail("2026-11-23 08:00", mark, Act{Kind: ActOffer, Ask: 1})), "gone>mark")
	s.mail("2026-11-23 09:00", sam, Act{Kind: ActAsk, Title: "B", Text: "b"})
	s.publish("2026-12-04 07:30")
	sent := s.send("2026-12-04 07:31")
	s.check(strings.Contains(strings.Join(sent, "|"), "priya"), false)
	s.check(digests(sent, "#1"), 0)
	if _, err := s.Staff(ctx, people, at(t, "2026-12-04 12:00")); err != nil {
		t.Fatal(err)
	}
	s.check(kinds(s.mail("2026-12-04 12:01", mark, Act{Kind: ActOffer, Ask: 1})), "introduction>priya introduction>mark")
	s.audited()
}

// What an admin took down comes back as a new ask only.
func TestTakenDownStaysDown(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx := context.Background()
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	if err := s.TakeDown(ctx, 1, "names a child", at(t, "2026-11-22 16:00"), say); err != nil {
		t.Fatal(err)
	}
	s.check(kinds(s.mail("2026-11-22 17:00", priya, Act{Kind: ActReopen, Ask: 1})), "taken_down>priya")
	s.check(len(asksIn(s, AskWithdrawn)), 1)
}

// A digest on its way to a server that refuses it for now is not sent later with
// an ask that has gone meanwhile.
func TestRetriedDigestIsRecomposed(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx, now := context.Background(), at(t, "2026-11-23 07:30")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.send("2026-11-22 15:01")
	s.publish("2026-11-23 07:30")
	claimed, err := s.Claim(ctx, now, 10)
	if err != nil || len(claimed) != 3 {
		t.Fatal(claimed, err)
	}
	s.mail("2026-11-23 07:30", priya, Act{Kind: ActWithdraw, Ask: 1})
	for _, c := range claimed {
		if err := s.Settle(ctx, []Result{{ID: c.ID, State: ResultTemporary, Code: 451}}, now); err != nil {
			t.Fatal(err)
		}
	}
	s.publish("2026-11-23 07:35")
	s.check(digests(s.send("2026-11-23 09:00"), ""), 0)
	s.audited()
}

// What is new since a member's last digest is not said to be from today.
func TestSinceIsWhenTheNewsBegan(t *testing.T) {
	s := newScene(t, "2026-11-15 12:00")
	s.mail("2026-11-15 12:30", ana, Act{Kind: ActPause, Until: Date{2026, 11, 27}})
	s.mail("2026-11-23 08:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	for _, day := range []string{"16", "17", "18", "19", "20", "23", "24", "25", "26"} {
		s.publish("2026-11-" + day + " 07:30")
		s.send("2026-11-" + day + " 07:30")
	}
	s.mail("2026-11-26 08:00", sam, Act{Kind: ActAsk, Title: "B", Text: "b"})
	var since []string
	_, err := s.Publish(context.Background(), at(t, "2026-11-27 07:30"), func(tx *Tx, o Outcome) error {
		for _, f := range o.Facts {
			if f.Edition != nil {
				since = append(since, f.Edition.Member.FirstName()+" "+f.Edition.Since.String())
			}
		}
		return say(tx, o)
	})
	if err != nil {
		t.Fatal(err)
	}
	s.check(strings.Join(since, ", "), "Priya 2026-11-26, Mark 2026-11-26, Ana 2026-11-23")
}

// "Goes to 2 colleagues" counts those whom that day's digest reaches.
func TestReadersAreThoseOfTheNextDigest(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 13:00", mark, Act{Kind: ActPause, Until: Date{2026, 11, 23}})
	s.mail("2026-11-22 13:00", sam, Act{Kind: ActFrequency})
	s.check(s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"}).Facts[0].Readers, 3) // Monday
	s.check(s.mail("2026-11-23 15:00", priya, Act{Kind: ActAsk, Title: "B", Text: "b"}).Facts[0].Readers, 2) // Tuesday
	s.check(s.mail("2026-11-23 16:00", mark, Act{Kind: ActStatus}).Facts[0].Reason, "daily")
}

// Who knows somebody helps, too: the asker gets the words.
func TestReferral(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	out := s.mail("2026-11-22 16:00", mark, Act{Kind: ActRefer, Ask: 1, Text: "Ask Ben"})
	s.check(kinds(out), "hint>priya hint_passed_on>mark")
	s.check(out.Facts[0].Words, "Ask Ben")
	s.check(kinds(s.mail("2026-11-22 17:00", mark, Act{Kind: ActRefer, Text: "Ben knows"})), "cannot_yet>mark")
	s.check(kinds(s.mail("2026-11-22 18:00", priya, Act{Kind: ActRefer, Ask: 1})), "status>priya")
	s.mail("2026-11-22 19:00", priya, Act{Kind: ActClose, Ask: 1})
	s.check(kinds(s.mail("2026-11-22 20:00", ana, Act{Kind: ActRefer, Ask: 1})), "gone>ana")
	s.audited()
}

// A book of the first schema is brought up to date, with a copy kept beside it.
func TestUpgradeFromTheFirstSchema(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	ctx := context.Background()
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	provider, err := s.provider()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(ctx, 1); err != nil {
		t.Fatal(err)
	}
	s.Close()
	book, err := Open(ctx, s.Path(), settings(t), at(t, "2026-11-22 16:00"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	if _, err := os.Stat(s.Path() + ".before-2"); err != nil {
		t.Error(err)
	}
	s.Book = book
	s.check(s.publish("2026-11-23 07:30"), 3)
	s.audited()
}

// An asker who wants no name to be seen gets the named ask back before it leaves,
// and hears how to ask without one.
func TestNamedAskTakenBack(t *testing.T) {
	s := newScene(t, "2026-11-22 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	out := s.mail("2026-11-22 15:30", priya, Act{Kind: ActWithdraw, Ask: 1, Via: "letter"}, Act{Kind: ActRelay, Via: ViaTakenBack})
	s.check(kinds(out), "withdrawn>priya cannot_yet>priya")
	s.check(out.Facts[1].Reason, "relay_taken_back")
	s.check(s.publish("2026-11-23 07:30"), 0)
	s.audited()
}
