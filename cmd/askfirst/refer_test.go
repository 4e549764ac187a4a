package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withTwoBens is a town with a second Ben, in the office.
func withTwoBens(t *testing.T) *town {
	town := inProcess(t)
	text, err := os.ReadFile(town.config)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("{ name: Ben Example,"), []byte("{ name: Ben Okafor, group: Science,"), 1)
	text = append(text, "  - { name: Ben Ito, email: ito@carpenter.example, group: Office }\n"...)
	if err := os.WriteFile(town.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return town
}

// A referral by name, from the digest to the introduction.
func TestReferralDay(t *testing.T) {
	town := withTwoBens(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "Borrow a microscope for Year 8", "One working microscope for Thursday.")
	town.writes("sam", "A tuba", "Any tuba will do for the assembly.")
	town.once("2026-11-22 15:00")
	town.once("2026-11-23 07:30")

	// which Ben?
	town.answers("mark", "2 asks", "Sorry, can't help with 1 but ask ben, he has two", phone)
	if e := town.explained("mark", "2 asks", "1: ask Ben Ito"); e.Action != "refer" || len(e.ReferTo) != 1 || e.ReferTo[0] != "ito@carpenter.example" || !strings.Contains(strings.Join(e.WouldSend, " "), "invitation") {
		t.Errorf("explain: %+v", e)
	}
	town.once("2026-11-23 08:00")
	which := town.letter("mark", "Which Ben did you mean?")
	town.says(which, "- Ben Okafor (Science)", "- Ben Ito (Office)", "he has two", "nobody has been written to")
	town.expect("ben", "thought of you", 0)
	town.answers("mark", "Which Ben", "the one in science", webmail)
	town.once("2026-11-23 08:10")
	town.says(town.letter("mark", "Asked privately: Ben"), "Nobody else has been written to, Priya included")
	invitation := town.letter("ben", "Mark thought of you: Borrow a microscope")
	town.says(invitation, "One working microscope for Thursday", "Answer this mail with yes", "nobody is told", "not he has two")
	town.expect("priya", "knows who might help", 0)
	town.expect("ito@carpenter.example", "thought of you", 0)

	// asked once a week: the second thought goes to the asker
	town.answers("ana", "2 asks", "Ask Ben Okafor about #2", office)
	town.once("2026-11-23 08:20")
	town.says(town.letter("ana", "Passed on: A tuba"), "Ben cannot be asked from here just now")
	town.expect("sam", "Ana knows who might help", 1)

	// Ben says yes: introduced, and Mark is credited
	town.answers("ben", "Mark thought of you", "yes", phone)
	town.once("2026-11-23 09:00")
	for _, who := range []string{"priya", "ben"} {
		town.says(town.letter(who, "Priya, meet Ben"), "Mark thought of Ben for this")
	}
	// a helper who cannot after all names somebody else
	town.answers("ben", "Priya, meet Ben", "Sorry, I can't after all. Ask Ruth!", webmail)
	town.once("2026-11-23 10:00")
	town.expect("ben", "That is fine", 1)
	town.expect("ruth", "Ben thought of you", 1)
	town.answers("ruth", "Ben thought of you", "No, sorry, mine is broken", phone)
	if r := town.once("2026-11-23 10:10"); r.Letters.Sent != 0 {
		t.Errorf("a no was answered: %+v", r.Letters)
	}
	// nobody of that name
	town.answers("ana", "2 asks", "2: try Yonas in the kitchen", phone)
	town.once("2026-11-23 10:20")
	found := town.letters("ana", "Passed on: A tuba")
	town.says(found[len(found)-1], "Nobody called Yonas is on the staff list")
	town.audited()
}

// Two questions in a row: which ask, and which Ben. The words wait for both.
func TestWhichAskThenWhichBen(t *testing.T) {
	town := withTwoBens(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "Borrow a microscope for Year 8", "One working microscope for Thursday.")
	town.writes("sam", "A tuba", "Any tuba will do for the assembly.")
	town.once("2026-11-22 15:00")
	town.once("2026-11-23 07:30")
	town.answers("mark", "2 asks", "ask ben", phone)
	town.once("2026-11-23 08:00")
	town.answers("mark", "Which ask did you mean?", "the tuba", phone)
	town.once("2026-11-23 08:10")
	town.answers("mark", "Which Ben did you mean?", "Yes", phone)
	town.once("2026-11-23 08:20")
	town.expect("mark", "Which Ben did you mean?", 2)
	town.answers("mark", "Which Ben did you mean?", "Ito!", office)
	town.once("2026-11-23 08:30")
	town.expect("ito@carpenter.example", "Mark thought of you: A tuba", 1)
	town.expect("ben", "thought of you", 0)
	// an answer that names no letter: found by its subject
	town.writes("ito@carpenter.example", "Re: "+town.letter("ito@carpenter.example", "thought of you").Subject, "Happy to bring mine")
	town.once("2026-11-23 09:00")
	town.says(town.letter("sam", "Sam, meet Ben"), "Mark thought of Ben for this", "bring mine")
	town.audited()
}

// explained is what explain says of an answer to a letter, without sending it.
func (t *town) explained(who, words, text string) explanation {
	t.Helper()
	letter := t.letter(who, words)
	n := phone(note{from: address(who), name: strings.ToUpper(who[:1]) + who[1:] + " Example", subject: "Re: " + letter.Subject, id: "<explained@mail>", text: text, answers: letter})
	file := filepath.Join(t.TempDir(), "reply.eml")
	if err := os.WriteFile(file, n.bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := t.run("explain", "--json", file)
	var e explanation
	if err := json.Unmarshal([]byte(out), &e); err != nil || code != exitDone {
		t.Fatalf("explain: exit %d, %v\n%s\n%s", code, err, out, errs)
	}
	return e
}

// Colleagues who need the same join an ask and hear how it ends.
func TestMeTooDay(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	town.writes("priya", "A spelling app without accounts", "Twelve tablets, no accounts.")
	town.once("2026-11-22 15:00")
	town.once("2026-11-23 07:30")
	town.answers("mark", "spelling app", "me too", phone)
	town.answers("ana", "spelling app", "1 - I'd like to know as well", webmail)
	town.once("2026-11-23 08:00")
	town.says(town.letter("mark", "You hear how it ends"), "counted among those who need this", "nobody sees who")
	town.expect("priya", "You hear", 0)
	town.writes("sam", "A tuba", "Any tuba will do.")
	town.once("2026-11-23 15:00")
	town.once("2026-11-24 07:30")
	town.says(town.letter("ben", "An ask: A tuba"), "3 colleagues need this", "not Mark", "not Ana")
	town.says(town.letter("priya", "An ask: A tuba"), "2 colleagues need the same.")
	town.answers("ana", "You hear how it ends", "withdraw", phone)
	town.once("2026-11-24 08:00")
	town.says(town.letter("ana", "That is fine"), "will not hear how it ends")
	town.answers("ruth", "An ask: A tuba", "1: we use Spellbee, I can show you", phone)
	town.once("2026-11-24 09:00")
	town.answers("priya", "Priya, meet Ruth", "sorted", phone)
	town.once("2026-11-25 09:00")
	answer := town.letter("mark", "There is an answer: A spelling app")
	town.says(answer, "Priya can tell you more", "not Ruth")
	if len(answer.ReplyTo) != 1 || answer.ReplyTo[0].Email != address("priya") {
		t.Errorf("an answer goes to %v", answer.ReplyTo)
	}
	town.expect("ana", "There is an answer", 0)
	town.answers("mark", "There is an answer", "Thanks, what did you end up with?", webmail)
	if r := town.once("2026-11-25 10:00"); r.Letters.Sent != 0 {
		t.Errorf("talk was answered: %+v", r.Letters)
	}
	town.audited()
}

// Thanks by name, from anybody, without an ask.
func TestThanksByNameDay(t *testing.T) {
	town := withTwoBens(t)
	town.once("2026-11-20 12:00")
	town.writes("mark", "Thanks to Ben: the printer", "He fixed the printer in ten minutes.")
	town.once("2026-11-20 13:00")
	town.says(town.letter("mark", "Which Ben did you mean?"), "- Ben Okafor (Science)", "not Somebody else?")
	town.answers("mark", "Which Ben", "okafor", phone)
	town.once("2026-11-20 13:10")
	town.says(town.letter("ben", "Thank you from Mark"), "fixed the printer in ten minutes", "between the two of you for now", "not about \"")
	town.says(town.letter("mark", "May I share this?"), "to Ben", "not the ask counts as sorted")
	town.answers("mark", "May I share this?", "yes", phone)
	town.once("2026-11-20 13:20")
	town.says(town.letter("mark", "Passed on: your thanks to Ben"), "in the digest that goes out", "not your ask")
	town.once("2026-11-23 07:30")
	town.says(town.letter("ana", "Mon 23 Nov"), "Mark E. thanks Ben O.", "fixed the printer")
	town.answers("ben", "Thank you from Mark", "private please", phone)
	town.once("2026-11-23 08:00")
	town.says(town.letter("ben", "Kept private"), "have been in a digest already")
	town.writes("ana", "Danke an Zed", "Der Drucker geht wieder.")
	town.once("2026-11-23 09:00")
	town.says(town.letter("ana", "Who is Zed?"), "nobody called Zed is on the staff list")
	town.answers("ana", "Who is Zed?", "Ruth Example", phone)
	town.once("2026-11-23 09:10")
	town.says(town.letter("ruth", "Thank you from Ana"), "Drucker")
	town.audited()
}
