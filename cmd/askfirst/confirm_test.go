package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"askfirst/mailbox/parse"
)

// wary is a town whose exchange believes nobody.
func wary(t testing.TB) *town {
	town := inProcess(t)
	town.edit("verify: none", "verify: confirm")
	return town
}

const asksWhether = "Did you just write this?"

// nod is the yes to the newest question, whatever waits.
func (t *town) nod(at, who string) {
	t.Helper()
	t.answers(who, asksWhether, "Yes, that was me.", phone)
	t.once(at)
}

func (t *town) explains(who, subject, text string, change ...func(*note)) explanation {
	t.Helper()
	n := note{from: address(who), name: "Somebody", subject: subject, at: t.time("2026-11-20 09:00"), id: "<explained@mail>", text: text}
	for _, c := range change {
		c(&n)
	}
	file := filepath.Join(t.TempDir(), "mail.eml")
	if err := os.WriteFile(file, n.bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := t.run("explain", "--json", file)
	var e explanation
	if err := json.Unmarshal([]byte(out), &e); err != nil || code != exitDone {
		t.Fatalf("explain: %d %v\n%s%s", code, err, out, errs)
	}
	return e
}

// One yes lets go everything that waits, once and in order.
func TestConfirmReleasesAll(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "Borrow a microscope", "One working microscope for Thursday, please.")
	if r := town.once("2026-11-20 12:01"); r.Accepted != 0 || r.Pending != 1 || r.Received != 1 {
		t.Errorf("%+v", r)
	}
	town.expect("priya", "", 1)
	letter := town.letter("priya", asksWhether)
	town.says(letter, "Hello Priya", "microscope for Thursday", "Answer with one word: yes")
	town.writes("priya", "A spelling app", "Which one works without an account?")
	town.writes("priya", "Whiteboard pens", "Any colour.")
	if r := town.once("2026-11-20 12:02"); r.Pending != 3 {
		t.Errorf("%+v", r)
	}
	town.expect("priya", "", 1)
	town.audited()
	if out := town.must("status"); !strings.Contains(out, "3 pending (3 until") || !strings.HasPrefix(out, "healthy") {
		t.Errorf("status: %s", out)
	}
	if out := town.must("why", "<1.priya@mail>"); !strings.Contains(out, "unconfirmed") || !strings.Contains(out, "until 2026-11-23T12:01:00Z") {
		t.Errorf("why: %s", out)
	}
	town.answers("priya", asksWhether, "Yes", phone)
	if r := town.once("2026-11-20 12:03"); r.Accepted != 4 || r.Pending != 0 {
		t.Errorf("%+v", r)
	}
	town.expect("priya", "Got it", 3)
	town.expect("priya", "", 4)
	town.expect("priya", "Got it: Borrow a microscope (#1)", 1)
	town.expect("priya", "Got it: Whiteboard pens (#3)", 1)
	town.answers("priya", asksWhether, "Yes!", phone) // again
	if r := town.once("2026-11-20 12:04"); r.Ignored != 1 {
		t.Errorf("%+v", r)
	}
	town.expect("priya", "", 4)
	town.audited()
	if out := town.must("why", "<1.priya@mail>"); !strings.Contains(out, "accepted (ask)") {
		t.Errorf("why: %s", out)
	}
	// The next mail is asked about anew.
	town.writes("priya", "I need a ladder", "For the library.")
	town.once("2026-11-20 14:00")
	town.expect("priya", asksWhether, 2)
	town.nod("2026-11-20 14:01", "priya")
	town.expect("priya", "Got it", 4)
	town.audited()
}

// The code in the subject is enough, from a tap or a new mail; and it is needed.
func TestConfirmByCode(t *testing.T) {
	for _, label := range []string{"Yes, it was me", "No, it was somebody else"} {
		town := wary(t)
		town.once("2026-11-20 12:00")
		town.writes("priya", "Borrow a microscope", "One for Thursday.")
		town.once("2026-11-20 12:01")
		town.writes("priya", "Yes", "Yes, it was me.") // proves nothing
		town.once("2026-11-20 12:02")
		town.expect("priya", "", 1)
		town.tap("priya", town.letter("priya", asksWhether), label)
		town.once("2026-11-20 12:03")
		if strings.HasPrefix(label, "Yes") {
			town.expect("priya", "Got it", 1)
		} else {
			town.expect("priya", "Good that you said so", 1)
			town.expect("priya", "Got it", 0)
			town.says(town.letter("it@else.example", ""), "in the name of Priya Example")
			if out := town.must("why", "<1.priya@mail>"); !strings.Contains(out, "denied") {
				t.Errorf("why: %s", out)
			}
		}
		town.audited()
	}
}

// Whoever is not the member, or has not the token, releases nothing.
func TestConfirmForged(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "Borrow a microscope", "One for Thursday.")
	town.once("2026-11-20 12:01")
	letter := town.letter("priya", asksWhether)
	style := func(n *note) { n.answers = letter }
	robot := func(n *note) { n.extra = []string{"Auto-Submitted: auto-replied"} }
	for i, m := range []struct {
		who, subject, text string
		change             []func(*note)
	}{
		{"mark", "Re: " + letter.Subject, "Yes, that was me.", []func(*note){style}},             // a colleague with the letter
		{"mark", "Re: " + letter.Subject, "Yes, that was me.", nil},                              // and with its code alone
		{"eve@evil.example", "Re: " + letter.Subject, "Yes, that was me.", []func(*note){style}}, // an outsider with the letter
		{"priya", "Re: " + asksWhether + " [bcdfg-hjklm-npqrs]", "Yes", nil},                     // a guess
		{"priya", "Yes", "Yes, that was me.", nil},
		{"priya", "Automatic reply: " + letter.Subject, "Yes, I am away.", []func(*note){style}},
		{"priya", "Re: " + letter.Subject, "Yes.", []func(*note){style, robot}},
		{"priya", "Re: " + letter.Subject, "> Yes, that was me.\n", []func(*note){style}},
		{"priya", "Re: " + letter.Subject, letter.Plain, []func(*note){style}},
		{"priya", "Re: " + letter.Subject, "> " + strings.ReplaceAll(letter.Plain, "\n", "\n> "), []func(*note){style}},
		{"priya", "Re: " + letter.Subject, "", []func(*note){style}},
	} {
		town.writes(m.who, m.subject, m.text, m.change...)
		town.once(fmt.Sprintf("2026-11-20 12:%02d", 2+i/2))
		if len(town.letters("priya", "")) != 1+len(town.letters("priya", "yes or no?")) || len(town.letters("priya", "yes or no?")) > 1 {
			town.expect("priya", "", 1)
			t.Fatalf("released by %q from %s", m.text, m.who)
		}
	}
	town.expect("mark", "", 0)
	town.expect("eve@evil.example", "", 0)
	town.audited()
	town.nod("2026-11-20 12:10", "priya")
	town.expect("priya", "Got it: Borrow", 1)
	town.audited()
}

// A yes to another letter of ours, which somebody passed on, is no answer to the
// question: only the question's own token is.
func TestConfirmByAnotherLetter(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "Borrow a microscope", "One for Thursday.")
	town.once("2026-11-20 12:01")
	town.nod("2026-11-20 12:02", "priya")
	other := town.letter("priya", "Got it: Borrow")
	town.writes("priya", "A laminator", "One for a week.")
	town.once("2026-11-20 12:03")
	for _, text := range []string{"Yes", "Yes, that was me."} {
		town.writes("priya", "Re: "+other.Subject, text, func(n *note) { n.answers = other })
		town.once("2026-11-20 12:04")
		town.expect("priya", "Got it: A laminator", 0)
	}
	town.audited()
}

// 72 hours, to the minute.
func TestConfirmTooLate(t *testing.T) {
	for at, released := range map[string]bool{"2026-11-23 12:00": true, "2026-11-23 12:01": false, "2026-11-23 12:02": false, "2026-11-30 12:00": false} {
		town := wary(t)
		town.once("2026-11-20 12:00")
		town.writes("priya", "Borrow a microscope", "One for Thursday.")
		town.once("2026-11-20 12:01")
		town.answers("priya", asksWhether, "yes", phone)
		town.once(at)
		if released {
			town.expect("priya", "Got it", 1)
			town.expect("priya", "once more", 0)
		} else {
			town.expect("priya", "Got it", 0)
			town.expect("priya", "Please write it once more", 1)
			if out := town.must("why", "<1.priya@mail>"); !strings.Contains(out, "ignored, not_confirmed") {
				t.Errorf("why: %s", out)
			}
		}
		town.audited()
	}
	town := wary(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "Borrow a microscope", "One for Thursday.")
	town.once("2026-11-20 12:01")
	if r := town.once("2026-11-23 12:00"); r.Pending != 1 || r.Ignored != 0 {
		t.Errorf("%+v", r)
	}
	if r := town.once("2026-11-23 12:01"); r.Pending != 0 || r.Ignored != 1 {
		t.Errorf("%+v", r)
	}
	town.audited()
	town.expect("priya", "", 1) // no digest either: nothing is new
}

// However much is written in one name, there is one letter in three days, and
// none for a day after a no.
func TestConfirmPestersNobody(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	for i := range 50 {
		town.writes("priya", fmt.Sprintf("Ask %d", i), fmt.Sprintf("Please send money for thing %d.", i))
	}
	if r := town.once("2026-11-20 12:01"); r.Pending != 50 {
		t.Errorf("%+v", r)
	}
	town.expect("priya", "", 1)
	for _, at := range []string{"2026-11-21 12:00", "2026-11-22 12:00", "2026-11-23 12:02"} {
		town.once(at)
	}
	town.expect("priya", "", 1)
	town.writes("priya", "Again", "Please send money.")
	town.once("2026-11-23 13:00")
	town.expect("priya", "", 2)
	town.answers("priya", asksWhether, "No, that wasn't me!", phone)
	town.once("2026-11-23 13:10")
	town.expect("priya", "Good that you said so", 1)
	for i := range 5 {
		town.writes("priya", "More", fmt.Sprintf("Please send money %d.", i))
		town.once(fmt.Sprintf("2026-11-23 1%d:20", 4+i))
	}
	town.expect("priya", "", 3)
	town.once("2026-11-24 13:09")
	town.expect("priya", "", 3)
	town.once("2026-11-24 13:11") // they waited, and are asked about now
	town.expect("priya", asksWhether, 3)
	town.says(town.letter("priya", asksWhether), "Mails with your address", "send money 0", "send money 4")
	town.nod("2026-11-24 13:20", "priya")
	town.expect("priya", "Got it", 5)
	town.audited()
}

// What came on a later day than the letter is asked about in a new one.
func TestConfirmLaterDay(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "First thing", "One for Thursday.")
	town.once("2026-11-20 12:01")
	town.writes("priya", "Second thing", "Two for Friday.")
	town.once("2026-11-22 12:00")
	r := town.once("2026-11-23 12:01")
	if r.Ignored != 1 || r.Pending != 1 {
		t.Errorf("%+v", r)
	}
	town.expect("priya", asksWhether, 2)
	town.says(town.letter("priya", asksWhether), "Second thing", "not First thing")
	town.audited()
	first := town.letters("priya", asksWhether)[0]
	town.writes("priya", "Re: "+first.Subject, "yes", func(n *note) { n.answers = first })
	town.once("2026-11-23 12:05")
	town.expect("priya", "Got it", 0)
	town.expect("priya", "Please write it once more", 1)
	town.nod("2026-11-23 12:10", "priya")
	town.expect("priya", "Got it: Second thing", 1)
	town.expect("priya", "Got it", 1)
	town.audited()
}

// Stop and pause act at once, unless that would wake somebody who wants quiet.
func TestUnprovenQuiet(t *testing.T) {
	town := wary(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "", "stop")
	town.writes("mark", "", "pause until 4 January")
	town.writes("sam", "", "pause")
	if r := town.once("2026-11-20 12:01"); r.Accepted != 3 || r.Pending != 0 {
		t.Errorf("%+v", r)
	}
	town.expect("priya", "Stopped", 1)
	town.expect("mark", "Paused until", 1)
	town.expect("sam", "Paused", 1)
	town.writes("priya", "", "pause until tomorrow")   // would end the stop
	town.writes("mark", "", "pause until 30 November") // would end the pause earlier
	town.writes("sam", "", "back")                     // would wake
	town.writes("ana", "", "weekly")
	if r := town.once("2026-11-20 12:02"); r.Accepted != 0 || r.Pending != 4 {
		t.Errorf("%+v", r)
	}
	for i := range 6 {
		town.writes("ruth", "", fmt.Sprintf("pause until %d January", 4+i))
		town.once(fmt.Sprintf("2026-11-20 12:1%d", i))
	}
	town.expect("ruth", "Paused until", 3)
	town.expect("ruth", asksWhether, 1)
	town.expect("ruth", "", 4)
	town.audited()
	town.once("2026-11-23 07:30")
}

// The matrix, by explain.
func TestConfirmMatrix(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-19 12:00")
	town.writes("priya", "Borrow a microscope", "One working microscope for Thursday.")
	town.once("2026-11-19 12:01")
	town.writes("ben", "A helper for the play", "Two hours on Friday.")
	town.once("2026-11-19 12:02")
	town.once("2026-11-20 07:30")
	town.answers("mark", "asks", "17 no, 1: I can help", phone)
	town.once("2026-11-20 08:00")
	town.edit("verify: none", "verify: confirm")
	digest, introduction := town.letter("mark", "asks"), town.letter("priya", "meet")
	answering := func(m *parse.Message) func(*note) { return func(n *note) { n.answers = m } }
	for _, row := range []struct {
		who, subject, text string
		answers            *parse.Message
		action, reason     string
		confirm            bool
		sends              string
	}{
		{"ana", "A ladder", "Who has one?", nil, "ask", "new_ask", true, "confirm"},
		{"ana", "A ladder", "Who has one? My mobile is 07700 900123.", nil, "ask", "held_phone", true, "confirm"},
		{"mark", "Re: asks", "I can help with 2", digest, "offer", "offer_by_number", true, "confirm"},
		{"mark", "Re: asks", "2: ask Sam", digest, "refer", "refer", true, "confirm"},
		{"mark", "Re: asks", "2 me too", digest, "metoo", "me_too", true, "confirm"},
		{"priya", "Re: Priya, meet Mark", "Thank you so much Mark, that saved my lesson", introduction, "thanks", "thanks", true, "confirm"},
		{"priya", "Re: Priya, meet Mark", "See you at four in the lab", introduction, "chat", "introduction_talk", false, ""},
		{"mark", "Re: asks", "Thanks, what a great list", digest, "chat", "courtesy", false, ""},
		{"priya", "Withdraw #1", "Withdraw #1, please.", nil, "withdraw", "withdraw_offer", true, "confirm"},
		{"ben", "Sorted #2", "Sorted: #2.", nil, "close", "close", true, "confirm"},
		{"ana", "", "stop", nil, "stop", "command", false, "stopped"},
		{"ana", "", "pause until 4 January", nil, "pause", "command", false, "paused"},
		{"ana", "", "weekly", nil, "frequency", "command", true, "confirm"},
		{"ana", "", "help", nil, "help", "command", true, "confirm"},
		{"ana", "", "my asks", nil, "status", "command", true, "confirm"},
		{"ana", "", "what do you know about me", nil, "data", "command", true, "confirm"},
		{"ana", "", "forget me", nil, "forget", "command", true, "confirm"},
		{"ana", "", "undo", nil, "undo", "undo", true, "confirm"},
		{"eve@evil.example", "A ladder", "Who has one?", nil, "ignored", "stranger_unproven", false, ""},
		{"eve@evil.example", "Re: asks", "I can help with 2", digest, "ignored", "stranger_unproven", false, ""},
	} {
		t.Run(row.who+" "+row.subject+" "+row.text, func(t *testing.T) {
			town.TB = t
			var change []func(*note)
			if row.answers != nil {
				change = append(change, answering(row.answers))
			}
			e := town.explains(row.who, row.subject, row.text, change...)
			if e.Action != row.action || e.Reason != row.reason || e.NeedsConfirm != row.confirm || strings.Join(e.WouldSend, " ") != row.sends || e.Auth != "unproven" {
				t.Errorf("%s %s confirm=%v sends %v auth %s, want %+v", e.Action, e.Reason, e.NeedsConfirm, e.WouldSend, e.Auth, row)
			}
			if row.action != "ignored" && !slices.Contains([]string{address(row.who)}, e.Member) {
				t.Errorf("member %q", e.Member)
			}
		})
	}
	town.TB = t
	for _, robot := range []string{"Auto-Submitted: auto-replied", "Precedence: bulk"} {
		if e := town.explains("ana", "Away", "I am away.", func(n *note) { n.extra = []string{robot} }); e.Action != "ignored" || e.NeedsConfirm || len(e.WouldSend) > 0 {
			t.Errorf("%s: %+v", robot, e)
		}
	}
}
