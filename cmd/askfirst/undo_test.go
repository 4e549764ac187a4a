package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A wrong number, put right by one line in answer to the introduction: the two
// who were introduced are told, and the words go where they were meant to.
func TestWrongNumber(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "A projector", "Ours has died. Any will do.")
	town.writes("sam", "A tuba", "Any tuba will do for the assembly.")
	town.once("2026-11-22 10:00")
	town.once("2026-11-23 07:30")
	town.answers("mark", "2 asks", "1 - I have an old one at home, dented but loud", phone)
	town.once("2026-11-23 08:00")
	town.expect("priya", "Priya, meet Mark", 1)
	town.answers("mark", "Priya, meet Mark", "Sorry, wrong one, I meant 2", phone)
	town.once("2026-11-23 08:05")
	town.expect("priya", "Mark cannot after all", 1)
	town.says(town.letter("priya", "Mark cannot after all"), "not in the digest")
	town.expect("mark", "Undo done", 1)
	town.says(town.letter("sam", "Sam, meet Mark"), "dented but loud")
	town.audited()
	// the ask is where it was: told already, it is no news to those who read it
	if r := town.once("2026-11-24 07:30"); r.Letters.Sent != 0 {
		t.Errorf("Tuesday: %+v", r)
	}
}

// Each letter's answer "undo" takes back what the letter answered.
func TestUndoByAnswering(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "A projector", "Ours has died. Any will do.")
	town.writes("ana", "A globe", "For a week.")
	town.once("2026-11-21 10:00")
	town.answers("ana", "Got it: A globe", "undo", phone)
	town.once("2026-11-21 10:10")
	town.says(town.letter("ana", "Undo done: A globe"), "no digest tells of it")
	town.answers("ana", "Got it: A globe", "undo!", phone) // impatient
	town.answers("ana", "Undo done: A globe", "undo", webmail)
	town.once("2026-11-21 10:20")
	town.expect("ana", "Taken back already", 2)
	town.writes("ben", "weekly", "")
	town.once("2026-11-21 11:00")
	town.answers("ben", "Once a week", "oops, undo please", office)
	town.once("2026-11-21 11:10")
	town.says(town.letter("ben", "Undo done"), "on working days at 07:30")
	town.once("2026-11-23 07:30")
	town.expect("ben", "An ask: A projector", 1)
	town.says(town.letter("ben", "An ask:"), "not globe")
	town.answers("ana", "Got it: A globe", "undo", phone)
	town.answers("priya", "Got it: A projector", "undo", phone)
	town.once("2026-11-23 08:00")
	town.says(town.letter("priya", "Nothing was taken back"), "until the next digest", "answer with the word withdraw")

	// thanks that were meant for somebody else
	town.answers("mark", "An ask:", "1, take mine", phone)
	town.once("2026-11-23 09:00")
	town.once("2026-11-26 07:30")
	town.answers("priya", "Did Mark's help", "Thank you Ruth, the lamp was perfect!", phone)
	town.once("2026-11-26 09:00")
	town.answers("priya", "Passed on: your thanks", "undo", phone)
	town.once("2026-11-26 09:10")
	town.says(town.letter("priya", "Undo done"), "they will be in no digest")
	if r := town.once("2026-11-27 07:30"); r.Letters.Sent != 0 {
		t.Errorf("Friday: %+v", r)
	}
	town.audited()
}

// What a script is told of an undo.
func TestExplainUndo(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "A projector", "Ours has died. Any will do.")
	town.writes("sam", "A tuba", "Any tuba will do for the assembly.")
	town.once("2026-11-21 10:00")
	town.writes("mark", "", "I can help with #1")
	town.once("2026-11-21 11:00")
	explain := func(who, text string) explanation {
		t.Helper()
		file := filepath.Join(t.TempDir(), "undo.eml")
		n := note{from: address(who), name: "Somebody", subject: "", id: "<explain@mail>", text: text}
		if err := os.WriteFile(file, n.bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		out, errs, code := town.run("explain", "--json", "--at", "2026-11-21T12:00:00Z", file)
		var e explanation
		if err := json.Unmarshal([]byte(out), &e); err != nil || code != exitDone {
			t.Fatal(code, err, out, errs)
		}
		return e
	}
	for _, row := range []struct {
		who, text, action, reason string
		ask                       []int64
		sends                     []string
	}{
		{"mark", "undo", "undo", "undo", []int64{1}, []string{"helper_left", "undone"}},
		{"mark", "undo 1", "undo", "undo", []int64{1}, []string{"helper_left", "undone"}},
		{"mark", "no, I meant #2", "undo", "correction", []int64{1, 2}, []string{"helper_left", "undone", "introduction"}},
		{"ben", "not 1, I meant #2", "offer", "offer_by_number", []int64{2}, []string{"introduction"}},
		{"ben", "undo", "undo", "undo", []int64{}, []string{"undone"}},
		{"priya", "undo", "undo", "undo", []int64{1}, []string{"no_longer_needed", "undone"}},
	} {
		e := explain(row.who, row.text)
		if e.Action != row.action || e.Reason != row.reason || !slices.Equal(e.Ask, row.ask) || !slices.Equal(e.WouldSend, row.sends) {
			t.Errorf("%s %q: %+v", row.who, row.text, e)
		}
	}
	town.audited()
}

// A helper who cannot after all: the asker is told kindly, whoever is in reserve
// is introduced, and without one the ask is on the list again.
func TestHelperCannotAfterAll(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "A projector", "Ours has died. Any will do.")
	town.once("2026-11-22 10:00")
	town.once("2026-11-23 07:30")
	town.answers("mark", "An ask:", "1, take mine", phone)
	town.once("2026-11-23 08:00")
	town.answers("ana", "An ask:", "1 me too, I have two", phone)
	town.writes("ruth", "", "I can help with #1")
	town.once("2026-11-23 08:30")
	// to both, with the help address added
	town.answers("mark", "Priya, meet Mark", "So sorry, I can't make it after all", func(n note) note {
		n = office(n)
		n.extra = append(n.extra, "Cc: "+address("priya"))
		return n
	})
	town.once("2026-11-25 09:00")
	town.expect("priya", "Mark cannot after all", 1)
	held := "ana"
	if len(town.letters("ana", "has help already")) == 0 {
		held = "ruth"
	}
	name := strings.ToUpper(held[:1]) + held[1:]
	town.says(town.letter("priya", "Mark cannot after all"), "Somebody else had offered as well")
	town.expect("priya", "Priya, meet "+name, 1)
	town.expect(held, "Priya, meet "+name, 1)
	town.writes(held, "", "#1 cannot after all, sorry")
	town.once("2026-11-25 10:00")
	town.expect("priya", name+" cannot after all", 1)
	town.audited()
}

// Talk between two who were introduced is left alone, also when somebody adds
// the help address; the same mail To and Cc is one mail.
func TestTalkIsLeftAlone(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "A projector", "Ours has died. Any will do.")
	town.once("2026-11-22 10:00")
	town.writes("mark", "", "I can help with #1, take mine")
	town.once("2026-11-22 11:00")
	for _, talk := range []string{"Thanks Mark! Shall we say Thursday at 10 in room 2?", "Great, see you then. Anything else you need?", "No, I meant Thursday, sorry", "Is 17 cables enough? Help!", "wrong one, the blue cable please"} {
		for _, who := range []string{"priya", "mark"} {
			town.answers(who, "Priya, meet Mark", talk, func(n note) note {
				n = office(n)
				n.extra = append(n.extra, "Cc: "+address("priya")+", "+townHelp)
				return n
			})
		}
	}
	r := town.once("2026-11-22 12:00")
	if r.Letters.Sent != 0 || r.Accepted != 10 {
		t.Errorf("%+v", r)
		for _, who := range []string{"priya", "mark"} {
			for _, m := range town.letters(who, "") {
				t.Logf("%s: %q", who, m.Subject)
			}
		}
	}
	town.audited()
}
