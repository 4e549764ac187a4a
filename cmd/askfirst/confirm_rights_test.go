package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// waryAnonymous is a town that believes nobody, in which Priya has asked without
// a name and was asked whether she did.
func waryAnonymous(t *testing.T) *sealedWeek {
	w := &sealedWeek{town: namedTown(inProcess(t))}
	w.edit("verify: none", "verify: confirm")
	w.at("2026-11-22 12:00")
	w.asks(anonymousAsks()[0])
	w.writes("mark", "A canaryladder", "Tall enough for the hall.")
	w.at("2026-11-22 15:00")
	w.says(w.letter("priya", asksWhether), "A mail", "not xylophone", "not listen", "not nonymous")
	w.says(w.letter("mark", asksWhether), "canaryladder")
	return w
}

// gone proves that the words are nowhere any more.
func (w *sealedWeek) gone(words ...string) {
	w.Helper()
	for _, word := range words {
		if found := w.wherever(word); len(found) > 0 {
			w.Errorf("%s is still in %v", word, found)
		}
	}
	w.audited()
}

// What waits without a name is shown by no command, and ends without a trace
// when its writer says no, says nothing, leaves or is forgotten.
func TestNamelessWaitingEnds(t *testing.T) {
	for name, end := range map[string]func(w *sealedWeek){
		"no": func(w *sealedWeek) {
			w.answers("priya", asksWhether, "No, that wasn't me!", phone)
			w.at("2026-11-22 16:00")
			w.expect("priya", "Good that you said so", 1)
		},
		"silence": func(w *sealedWeek) {
			w.at("2026-11-25 15:00")
		},
		"leaves": func(w *sealedWeek) {
			w.leaves(w.settings(), "priya")
			w.at("2026-11-22 16:00")
			w.audited()
			w.at("2026-11-25 15:00")
		},
		"forget": func(w *sealedWeek) {
			w.must("forget", "priya@carpenter.example", "--at", "2026-11-22T16:00:00Z")
			w.audited()
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := waryAnonymous(t)
			if len(w.wherever("xylophone")) == 0 {
				t.Fatal("nothing waits")
			}
			for _, args := range [][]string{{"export"}, {"export", "--for", "priya@carpenter.example"}, {"asks", "--all"}, {"status"}, {"audit"}, {"outbox", "list", "--state", "sent"}, {"preview", "--for", "priya@carpenter.example"},
				{"why", "<PriyasTelephone.priya@priya-laptop.local>"}} {
				if out, errs, _ := w.run(args...); strings.Contains(out+errs, "xylophone") || strings.Contains(strings.ToLower(out+errs), "anonymous_") {
					t.Errorf("%v tells what waits:\n%s%s", args, out, errs)
				}
			}
			if out := w.must("export"); !strings.Contains(out, `"table":"unconfirmed"`) || !strings.Contains(out, "canaryladder") {
				t.Error("the export is not whole")
			}
			for _, row := range w.exported()["intake_raw"] {
				if raw, err := base64.StdEncoding.DecodeString(fmt.Sprint(row["raw"])); err != nil || strings.Contains(string(raw), "xylophone") {
					t.Errorf("the export holds the bytes (%v)", err)
				}
			}
			end(w)
			w.at("2026-11-25 15:10")
			w.at("2026-11-25 15:20")
			w.gone("xylophone", "PriyasTelephone")
			if n := w.counts(`SELECT count(*) FROM ask`); n != 0 {
				t.Errorf("%d asks", n)
			}
		})
	}
}

// Whoever leaves while words wait, and comes back in time, can still say yes.
func TestLeavesWhileWordsWait(t *testing.T) {
	town := wary(t)
	town.once("2026-11-22 12:00")
	town.writes("priya", "A ladder", "Tall enough for the hall.")
	town.once("2026-11-22 15:00")
	whole := town.settings()
	town.leaves(whole, "priya")
	town.once("2026-11-22 16:00")
	town.answers("priya", asksWhether, "Yes", phone) // a stranger's
	town.once("2026-11-22 16:10")
	if town.counts(`SELECT count(*) FROM ask`) != 0 {
		t.Error("somebody who left has asked")
	}
	town.audited()
	writeFile(t, town.config, whole)
	town.once("2026-11-22 17:00")
	town.nod("2026-11-22 17:10", "priya")
	town.expect("priya", "Got it: A ladder", 1)
	town.audited()
}

// "What do you know about me?" and "forget me" where nobody is believed.
func TestRightsWhereNobodyIsBelieved(t *testing.T) {
	town := wary(t)
	town.plus("2026-11-22 11:00")
	town.once("2026-11-22 12:00")
	town.writes("priya", "A canaryone", "canarytwo for the hall.")
	town.writes("priya", "", "what do you know about me?")
	town.once("2026-11-22 15:00")
	town.nod("2026-11-22 15:10", "priya")
	town.says(town.letter("priya", "know"), "canaryone")
	town.writes("priya", "A canarythree", "canaryfour for the hall.")
	town.once("2026-11-22 15:20")
	town.writes("priya", "", "forget me")
	town.once("2026-11-22 15:30")
	town.expect("priya", "forgotten?", 0)
	town.nod("2026-11-22 15:40", "priya")
	town.expect("priya", "Got it: A canarythree", 1)
	// Only what shows the letter's Message-ID or its code is a yes; then nobody
	// asks a third time who wrote it.
	town.expect("priya", asksWhether, 2)
	letter := town.letter("priya", "forgotten?")
	town.writes("priya", "Re: "+letter.Subject, "Yes", sentTo(letter.ReplyTo[0].Email))
	town.once("2026-11-22 15:45")
	town.expect("priya", asksWhether, 3)
	if town.counts(`SELECT count(*) FROM forgotten`) != 0 {
		t.Fatal("forgotten by somebody who has not the letter")
	}
	e := town.explains("priya", "Re: "+letter.Subject, "Yes", func(n *note) { n.answers = letter })
	if e.Action != "forget" || e.Reason != "forget_confirmed" || e.NeedsConfirm {
		t.Errorf("%+v", e)
	}
	town.answers("priya", "forgotten?", "Yes", phone)
	town.writes("priya", "A canaryfive", "canarysix, in the same minute.")
	town.once("2026-11-22 15:50")
	town.expect("priya", asksWhether, 3)
	town.expect("priya", "You are forgotten", 1)
	town.audited()
	town.once("2026-11-22 16:10")
	town.once("2026-11-22 16:20")
	for _, words := range []string{"canaryone", "canarytwo", "canarythree", "canaryfour", "canaryfive", "canarysix", "Priya Example"} {
		if found := town.wherever(words); len(found) > 0 {
			t.Errorf("%s is still in %v", words, found)
		}
	}
	town.audited()
}

// A learnt address is a member's name and no more proof than any other: words
// from it are asked about at the registered address, too.
func TestLearntAddressIsAskedAbout(t *testing.T) {
	town := inProcess(t)
	id, _ := town.forwarded()
	town.writes("ana@home.example", "Re: our asks", "I can help with 1", replyingTo(id))
	town.once("2026-11-23 09:00")
	town.answers("ana", "Was this you", "yes", phone)
	town.once("2026-11-23 10:00")
	town.expect("priya", "meet Ana", 1)
	town.edit("verify: none", "verify: confirm")
	town.writes("ana@home.example", "A ladder", "Tall enough for the hall.")
	if r := town.once("2026-11-23 11:00"); r.Pending != 1 {
		t.Errorf("%+v", r)
	}
	town.expect("ana", asksWhether, 1)
	town.expect("ana@home.example", "", 0)
	question := town.letter("ana", asksWhether)
	town.writes("ana@home.example", "Re: "+question.Subject, "Yes", func(n *note) { n.answers = question })
	town.once("2026-11-23 11:10")
	town.expect("ana", "Got it: A ladder", 1) // whoever has the letter reads the registered address
	town.audited()

	// Taken back while words wait: the address is a stranger's again.
	town.writes("ana@home.example", "A tuba", "For one lesson.")
	town.once("2026-11-23 12:00")
	town.must("addresses", "forget", "ana@home.example")
	town.nod("2026-11-23 12:10", "ana")
	town.expect("ana", "Got it: A tuba", 0)
	town.audited()
	if r := town.once("2026-11-23 12:20"); r.Pending != 0 {
		t.Errorf("%+v", r)
	}
	// Where nobody is believed, a stranger with a token is met with silence.
	before := len(town.letters("ana", ""))
	town.writes("ana@home.example", "Re: our asks", "I can help with 1", replyingTo(id))
	town.once("2026-11-23 12:30")
	if after := len(town.letters("ana", "")); after != before {
		t.Errorf("an unproven stranger with a token causes %d letters", after-before)
	}
	town.audited()
}

// An answer from another address that wants no name to be known: nobody is asked
// about it by name, and nothing of it is kept.
func TestAnonymousFromAnotherAddress(t *testing.T) {
	town := inProcess(t)
	id, _ := town.forwarded()
	before := len(town.letters("ana", ""))
	town.writes("ana@home.example", "Anonymous: A quiet word", "Who could talk with me about canaryone?", replyingTo(id))
	town.once("2026-11-23 09:00")
	town.once("2026-11-23 09:10")
	if n := len(town.letters("ana", "")); n != before || len(town.letters("ana@home.example", "")) != 0 {
		t.Errorf("%d letters", n-before)
	}
	if found := town.wherever("canaryone"); len(found) > 0 {
		t.Errorf("kept in %v", found)
	}
	town.audited()
}

// Whoever is forgotten takes along what waits to be known as theirs, the learnt
// addresses, and the questions about them.
func TestForgottenWithOtherAddresses(t *testing.T) {
	town := inProcess(t)
	id, _ := town.forwarded()
	town.writes("ana@home.example", "Re: our asks", "I can help with 1, canaryone", replyingTo(id))
	town.once("2026-11-23 09:00")
	town.answers("ana", "Was this you", "yes", phone)
	town.once("2026-11-23 10:00")
	town.writes("ana@late.example", "Re: our asks", "And canarytwo", replyingTo(id))
	town.once("2026-11-23 11:00")
	town.expect("ana", "Was this you", 2)
	town.must("forget", "ana@carpenter.example", "--at", "2026-11-23T12:00:00Z")
	town.once("2026-11-23 12:10")
	town.once("2026-11-23 12:20")
	for _, words := range []string{"canaryone", "canarytwo", "ana@home.example", "ana@late.example", "Ana Example"} {
		if found := town.wherever(words); len(found) > 0 {
			t.Errorf("%s is still in %v", words, found)
		}
	}
	town.audited()
	town.answers("ana", "Was this you", "yes", phone)
	town.once("2026-11-23 12:30")
	if n := town.counts(`SELECT (SELECT count(*) FROM learnt_address) + (SELECT count(*) FROM address_waiting) + (SELECT count(*) FROM outsider)`); n != 0 {
		t.Errorf("%d rows of addresses", n)
	}
	town.audited()
}
