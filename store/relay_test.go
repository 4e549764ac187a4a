package store

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

// unnamedScene is a scene in which Priya asked #1 without a name, and Mark helps.
func unnamedScene(t *testing.T, wanted int) *scene {
	s := sealedScene(t)
	s.event("2026-11-20 13:00", Event{Envelope: Envelope{From: priya, Auth: Believed}, Verdict: Accepted, Reason: "test", Nameless: true, Acts: []Act{{Kind: ActAsk, Title: "A class", Text: "It does not listen.", Anonymous: true}}})
	s.sql(`UPDATE ask SET wanted = ?`, wanted)
	s.mail("2026-11-20 13:10", mark, Act{Kind: ActOffer, Ask: 1, Text: "Let us talk."})
	return s
}

// from is what comes of one mail about #1 that answers a letter.
func (s *scene) from(who, answers string, act Act) Outcome {
	s.Helper()
	act.Ask = 1
	return s.event("2026-11-20 14:00", Event{Envelope: Envelope{From: who, Auth: Believed}, Verdict: Accepted, Reason: "test", Answers: answers, Acts: []Act{act}})
}

// Who may write with whom through us, and to whom it goes.
func TestRelayRules(t *testing.T) {
	const toAsker, toHelper = "relay_to_asker/1/m2", "relay_to_helper/1/m2"
	say := Act{Kind: ActRelay, Text: "On Tuesday?"}
	with := func(change func(a *Act)) Act {
		a := say
		change(&a)
		return a
	}
	for _, c := range []struct {
		name, who, answers string
		act                Act
		want               string
	}{
		{"the asker answers a letter", priya, toAsker, say, "relay_to_helper>mark"},
		{"the asker writes to the only one who helps", priya, "", say, "relay_to_helper>mark"},
		{"the helper answers", mark, toHelper, say, "relay_to_asker>anonymous-5"},
		{"the helper writes", mark, "", say, "relay_to_asker>anonymous-5"},
		{"somebody without a part", ana, "", say, "status>ana"},
		{"somebody else with the helper's letter", ana, toHelper, say, "status>ana"},
		{"somebody to whom the asker wrote", ana, "relay_to_helper/1/m4", say, "relay_to_asker>anonymous-5"},
		{"with the letter of another ask", ana, "relay_to_helper/2/m4", say, "status>ana"},
		{"with a letter that passes nothing on", ana, "reserve/1/m4", say, "status>ana"},
		{"what may tell who wrote it", priya, toAsker, with(func(a *Act) { a.Hold = "name/1" }), "relay_held>anonymous-5"},
		{"a wish to give the name that is not plain", priya, toAsker, with(func(a *Act) { a.Hold, a.Reveal = "reveal/0", true }), "relay_held>anonymous-5"},
		{"a name", priya, toAsker, with(func(a *Act) { a.Reveal = true }), "introduction>anonymous-5 introduction>mark"},
		{"a helper has no name to give for the asker", mark, toHelper, with(func(a *Act) { a.Reveal = true }), "relay_to_asker>anonymous-5"},
		{"nothing waits for a word", priya, toAsker, with(func(a *Act) { a.Via = "held" }), "status>anonymous-5"},
	} {
		s := unnamedScene(t, 1)
		s.check(c.name+": "+kinds(s.from(c.who, c.answers, c.act)), c.name+": "+c.want)
		s.audited()
	}
}

// Words that wait go once, as they were, and to the one for whom they were.
func TestRelayHeldGoesOnce(t *testing.T) {
	s := unnamedScene(t, 1)
	held := s.from(priya, "relay_to_asker/1/m2", Act{Kind: ActRelay, Text: "It is in my team.", Hold: "team/1"}).Facts[0].Key
	// Somebody else's "send" is nothing.
	s.check(kinds(s.from(mark, held, Act{Kind: ActRelay, Text: "send", Via: "held"})), "relay_to_asker>anonymous-5")
	out := s.from(priya, held, Act{Kind: ActRelay, Text: "send", Via: "held", Hold: "name/1"})
	s.check(kinds(out)+" "+out.Facts[0].Words, "relay_to_helper>mark It is in my team.")
	s.check(kinds(s.from(priya, held, Act{Kind: ActRelay, Text: "send", Via: "held"})), "status>anonymous-5")
	s.audited()
}

// Of two who help nobody guesses whom the asker means; whoever only waits in
// reserve is none of them; and who has left hears nothing.
func TestRelayToWhom(t *testing.T) {
	s := unnamedScene(t, 2)
	act := Act{Kind: ActRelay, Text: "On Tuesday?"}
	s.mail("2026-11-20 13:20", ana, Act{Kind: ActOffer, Ask: 1})
	out := s.from(priya, "", act)
	s.check(kinds(out)+" "+out.Facts[0].Reason, "relay_held>anonymous-5 whom")
	s.check(kinds(s.from(priya, "relay_to_asker/1/m4", act)), "relay_to_helper>ana")
	s.mail("2026-11-20 13:30", ana, Act{Kind: ActWithdraw, Ask: 1})
	s.check(kinds(s.from(priya, "", act)), "relay_to_helper>mark")
	if _, err := s.Staff(context.Background(), slices.DeleteFunc(slices.Clone(people), func(p Person) bool { return p.Email == mark }), at(t, "2026-11-20 13:40")); err != nil {
		t.Fatal(err)
	}
	out = s.from(priya, "relay_to_asker/1/m2", act)
	s.check(kinds(out)+" "+out.Facts[0].Reason, "relay_held>anonymous-5 left")

	one := unnamedScene(t, 1)
	one.mail("2026-11-20 13:20", ana, Act{Kind: ActOffer, Ask: 1}) // in reserve
	one.check(kinds(one.from(priya, "", act)), "relay_to_helper>mark")
	one.mail("2026-11-20 13:30", sam, Act{Kind: ActAsk, Title: "A bell", Text: "For the play."})
	one.check(kinds(one.mail("2026-11-20 13:31", mark, Act{Kind: ActRelay, Ask: 2, Text: "Hello"})), "status>mark")
}

// What an asker without a name writes is kept without From, Message-ID, subject
// and files; a mail about it and something else does the first alone; and of two
// without a name, the first.
func TestVeilOverMail(t *testing.T) {
	s := unnamedScene(t, 1)
	named := func(answers string, acts ...Act) Outcome {
		return s.event("2026-11-20 15:00", Event{Envelope: Envelope{From: priya, FromName: "Priya Nair", MessageID: "<secret@priya>", Auth: Believed, Subject: "Priya's", Files: []string{"priya.pdf"}, Thread: []string{"<thread@priya>"}},
			Verdict: Accepted, Reason: "test", Answers: answers, Dup: fmt.Sprintf("secretdup%d", s.uid), Acts: acts})
	}
	keeps := func() (kept string) { // the last mail
		t.Helper()
		if err := s.read.Get(&kept, `SELECT message_id || ' ' || member || ' ' || (duplicate LIKE 'secretdup%') || ' ' || erase || ' ' || (SELECT count(*) FROM intake_raw WHERE intake = id) FROM intake ORDER BY id DESC LIMIT 1`); err != nil {
			t.Fatal(err)
		}
		return kept
	}
	check := func(of, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", of, got, want)
		}
	}
	check("about it and by name", kinds(named("", Act{Kind: ActAsk, Title: "A bell", Text: "x"}, Act{Kind: ActRelay, Ask: 1, Text: "On Tuesday?"})), "relay_to_helper>mark apart>anonymous-5")
	check("about it and by name", keeps(), " 0 0 1 0")
	out := named("relay_to_asker/1/m2", Act{Kind: ActAsk, Title: "Another class", Text: "x"})
	check("a new one in answer", kinds(out), "acknowledgement>anonymous-6")
	if len(out.Facts[0].Thread) > 0 {
		t.Errorf("a thread with the asker's own letter: %v", out.Facts[0].Thread)
	}
	check("a new one in answer", keeps(), " 0 0 1 0")
	check("two of them", kinds(named("", Act{Kind: ActClose, Ask: 2}, Act{Kind: ActRelay, Ask: 1, Text: "y"})), "closed>anonymous-6 apart>anonymous-6")
	check("only thanks beside it", kinds(named("", Act{Kind: ActRelay, Ask: 1, Text: "y"}, Act{Kind: ActChat, Text: "Best wishes"})), "relay_to_helper>mark")
	check("a pause in answer", kinds(named("relay_to_asker/1/m2", Act{Kind: ActPause, Ask: 1})), "paused>priya")
	check("a pause in answer", keeps(), " 0 0 1 0")
	check("by name alone", kinds(named("", Act{Kind: ActStatus})), "status>priya")
	check("by name alone", keeps(), "<secret@priya> 1 1 0 1")
	s.audited()
}
