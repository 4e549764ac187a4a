package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// wroteAt is one mail written, understood and answered within a minute.
func (t *town) wroteAt(at, who, subject, text string) {
	t.Helper()
	t.writes(who, subject, text)
	t.once(at)
}

func (t *town) heldAsks() (n int) {
	t.Helper()
	out, errs, _ := t.run("status", "--json")
	var report statusReport
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v\n%s%s", err, out, errs)
	}
	return report.Asks.Held
}

// A false alarm costs one word, in five languages and from a button.
func TestHeldFalseAlarm(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	for i, word := range []string{"send", "Senden bitte", "Envoyer", "enviar", "verstuur maar", "Yes", "go ahead!", "It's fine, it is my own number.\n\nPriya"} {
		day := fmt.Sprintf("2026-11-%02d", 21)
		minute := func(m int) string { return fmt.Sprintf("%s %02d:%02d", day, 9+i, m) }
		number := fmt.Sprintf("(#%d)", i+1)
		town.wroteAt(minute(0), "priya", "A laminator "+strings.Repeat("x", i), "Does anyone have one? Call me on 07700 900123 please.")
		letter := town.letter("priya", "not sent this yet "+number)
		town.says(letter, "a phone number")
		if strings.Contains(letter.Plain+letter.HTML, "07700") || strings.Contains(letter.Plain, "laminator") {
			t.Errorf("the letter repeats the words:\n%s", letter.Plain)
		}
		if n := town.heldAsks(); n != 1 {
			t.Fatalf("%d asks are held", n)
		}
		town.answers("priya", "not sent this yet "+number, word, phone)
		town.once(minute(5))
		town.expect("priya", number, 2)
		town.says(town.letter("priya", number), "07700 900123")
		if n := town.heldAsks(); n != 0 {
			t.Fatalf("%q: %d asks are held", word, n)
		}
	}
	town.audited()
	town.once("2026-11-23 07:30")
	town.says(town.letter("mark", "asks"), "#1 A laminator", "#8 A laminator")
}

// Better words take the place of the first, and are looked at again.
func TestHeldBetterWords(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	town.wroteAt("2026-11-22 09:00", "priya", "Jack Smith in 4B", "Jack has lost his charger, does anyone have a spare? His mum is on 07700 900123.")
	town.says(town.letter("priya", "not sent this yet (#1)"), "the name of a pupil or a patient, in the subject", "a phone number")
	town.writes("mark", "I can help with #1", "I have one") // guessing tells nothing
	town.once("2026-11-22 09:01")
	if letter := town.letter("mark", ""); strings.Contains(letter.Plain+letter.Subject, "Jack") {
		t.Errorf("Mark is told:\n%s", letter.Plain)
	}
	town.answers("priya", "not sent this yet (#1)", "Please take out the phone number", phone)
	town.once("2026-11-22 09:02")
	town.expect("priya", "not sent this yet (#1)", 2)
	town.answers("priya", "not sent this yet (#1)", "A spare charger for Jack in 4B, has anyone one?", phone)
	town.once("2026-11-22 09:03")
	town.expect("priya", "not sent this yet (#1)", 3)
	town.once("2026-11-23 07:30")
	town.expect("mark", "ask", 0) // a digest
	town.answers("priya", "not sent this yet (#1)", "Does anyone have a spare laptop charger (USB-C) for a pupil of mine?\n\nThanks\nPriya", office)
	town.once("2026-11-23 08:00")
	town.says(town.letter("priya", "Got it"), "spare laptop charger", "not Jack")
	town.audited()
	town.once("2026-11-24 07:30")
	digest := town.letter("mark", "ask")
	town.says(digest, "laptop charger", "not Jack", "not 07700")
	out, errs, _ := town.run("asks", "--all")
	if strings.Contains(out+errs, "Jack") {
		t.Errorf("asks: %s", out)
	}
}

// Withdraw, an admin's withdrawal, a reminder and the end.
func TestHeldEnds(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-19 12:00")
	town.wroteAt("2026-11-19 13:00", "priya", "Moodle", "My password is Hunter22 and it does not work. Who can help?")
	town.wroteAt("2026-11-19 13:01", "ana", "A reader", "pupil Jack Smith needs one")
	town.wroteAt("2026-11-19 13:02", "ruth", "A lift", "My mobile is 07700 900123, who drives to Leeds?")
	town.wroteAt("2026-11-19 13:03", "ben", "Keys", "The door code is 4711 but the door sticks. Who can fix it?")
	if n := town.heldAsks(); n != 4 {
		t.Fatalf("%d held", n)
	}
	town.answers("priya", "not sent this yet (#1)", "withdraw", phone)
	town.once("2026-11-19 14:00")
	for _, l := range town.letters("priya", "") {
		if strings.Contains(l.Subject+l.Plain+l.HTML, "Hunter22") {
			t.Errorf("a letter prints the password:\n%s", l.Plain)
		}
	}
	if out, _, _ := town.run("asks"); !strings.Contains(out, "held") {
		t.Errorf("asks: %s", out)
	}
	if out, errs, code := town.run("asks", "withdraw", "2", "--reason", "It names a pupil.", "--at", town.time("2026-11-19 14:10").Format(time.RFC3339)); code != exitDone {
		t.Fatalf("withdraw: %s%s", out, errs)
	}
	town.once("2026-11-19 14:20")
	town.answers("ana", "not sent this yet (#2)", "send", phone) // too late
	town.once("2026-11-19 14:30")
	if n := town.heldAsks(); n != 2 {
		t.Errorf("%d held", n)
	}
	town.audited()
	for day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC); day.Before(time.Date(2026, 12, 8, 0, 0, 0, 0, time.UTC)); day = day.AddDate(0, 0, 1) {
		town.once(day.Format("2006-01-02") + " 07:30")
	}
	town.expect("ruth", "still waiting here (#3)", 1)
	town.expect("ruth", "let your ask go (#3)", 1)
	town.expect("mark", "", 0)
	town.answers("ben", "let your ask go (#4)", "Who can mend a door that sticks?", phone)
	town.once("2026-12-08 09:00")
	town.says(town.letter("ben", "Got it"), "mend a door", "not 4711")
	town.audited()
}

// A change that names a pupil waits; the old words stand.
func TestHeldChange(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	town.wroteAt("2026-11-22 09:00", "priya", "A spare charger", "USB-C, for a laptop.")
	town.answers("priya", "Got it", "It is for Jack Smith in 4B, who lost his.", phone)
	town.once("2026-11-22 09:10")
	town.says(town.letter("priya", "not changed this yet (#1)"), "stays as it was")
	town.once("2026-11-23 07:30")
	town.says(town.letter("mark", "ask"), "USB-C", "not Jack")
	town.answers("priya", "not changed this yet", "send", phone)
	town.once("2026-11-23 08:00")
	town.says(town.letter("priya", "Changed"), "Jack Smith")
	town.audited()
}

// explain says so, and the configuration adds words and switches codes off.
func TestHeldExplained(t *testing.T) {
	town := inProcess(t)
	raw, err := os.ReadFile(town.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(town.config, append(raw, "\nhold: { words: [Sonnenhof], patterns: ['\\bEHCPs?\\b'], off: [phone] }\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Call me on 07700 900123 if you have a laminator":             "new_ask",
		"Who drives to the Sonnenhof?":                                "held_word",
		"Who can write two EHCPs with me?":                            "held_word",
		"pupil Jack Smith needs a reader":                             "held_pupil",
		"I can lend Mark in Year 4 my projector, who else needs one?": "new_ask",
	} {
		file := filepath.Join(t.TempDir(), "ask.eml")
		mail := "From: Priya Example <priya@carpenter.example>\r\nTo: help@carpenter.example\r\nSubject: Please read\r\nMessage-ID: <x@y>\r\n\r\n" + text + "\r\n"
		if err := os.WriteFile(file, []byte(mail), 0o600); err != nil {
			t.Fatal(err)
		}
		out, errs, code := town.run("explain", "--json", file)
		var e explanation
		if err := json.Unmarshal([]byte(out), &e); err != nil || code != exitDone {
			t.Fatalf("%s%s", out, errs)
		}
		held := strings.HasPrefix(want, "held_")
		if e.Action != "ask" || e.Reason != want || slices.Contains(e.WouldSend, "held") != held || slices.Contains(e.WouldSend, "acknowledgement") == held {
			t.Errorf("%q: %s %s %v, want %s", text, e.Action, e.Reason, e.WouldSend, want)
		}
	}
}
