package main

import (
	"os"
	"strings"
	"testing"
)

// What the commands about a person's rights say, and what stands beside the book
// when they, or a mail, have forgotten somebody.
func TestRightsAtTheCommandLine(t *testing.T) {
	town := inProcess(t)
	town.tries(exitFailed, errNoBookYet.Error(), "export")
	town.once("2026-11-22 12:00")
	town.writes("priya", "A <tool> & more", "Any.")
	town.writes("priya", "", "please forget me")
	town.writes("sam", "", "please forget me")
	town.writes("sam", "A ladder", "Tall enough for the hall.")
	town.once("2026-11-22 15:00")
	town.tries(exitUsage, "--for", "export", "--for", "nonsense")
	if out := town.must("export"); !strings.Contains(out, "A <tool> & more") || !strings.HasSuffix(out, "}}\n") {
		t.Errorf("words are written otherwise than they came, or not to the end:\n%s", out)
	}
	town.tries(exitFailed, "nobody", "forget", "--return", "priya@carpenter.example")

	// By mail: as soon as the yes is taken, and again should it have been lost.
	beside := town.book() + ".forgotten"
	town.answers("priya", "forgotten?", "Yes please", phone)
	town.once("2026-11-22 15:10")
	line, err := os.ReadFile(beside)
	town.check(err)
	if lines := strings.Split(strings.TrimSpace(string(line)), "\n"); len(lines) != 1 || !strings.HasPrefix(lines[0], "m1 ") {
		t.Errorf("%q", line)
	}
	town.check(os.Remove(beside))
	town.once("2026-11-22 15:20")
	if again, err := os.ReadFile(beside); err != nil || string(again) != string(line) {
		t.Errorf("%q, %v", again, err)
	}

	// By command: what is left to do is said, and nothing that is not.
	writeFile(t, town.book()+".before-2026", "x")
	out := town.must("forget", "sam@carpenter.example", "--at", "2026-11-22T15:30:00Z")
	for _, words := range []string{"Forgotten: 1 asks, 0 offers", "as soon as the last of them has left", town.book() + ".before-2026", "off the staff list"} {
		if !strings.Contains(out, words) {
			t.Errorf("forget does not say %q:\n%s", words, out)
		}
	}
	status := town.must("status")
	for _, words := range []string{"1 on the staff list asked to be forgotten", "of 1 who were forgotten", "2 messages will be erased"} {
		if !strings.Contains(status, words) {
			t.Errorf("status does not say %q:\n%s", words, status)
		}
	}
	town.sql(`UPDATE intake SET erase_next = 5 WHERE id = (SELECT min(id) FROM intake WHERE erase = 1)`)
	if status := town.must("status"); !strings.Contains(status, "1 message should be erased on the mail server and could not be") {
		t.Errorf("%s", status)
	}
	town.once("2026-11-22 15:40")
	town.once("2026-11-22 15:50")
	status = town.must("status")
	for _, words := range []string{"will be erased", "still being erased", "could not be", "so many left"} {
		if strings.Contains(status, words) {
			t.Errorf("status says %q:\n%s", words, status)
		}
	}
	for _, words := range []string{"Sam Example", "sam@carpenter.example", "<tool>", "A ladder"} {
		if found := town.wherever(words); len(found) > 0 {
			t.Errorf("%s is still in %v", words, found)
		}
	}
	town.audited()
	town.must("forget", "--return", "sam@carpenter.example")
	town.once("2026-11-22 16:00")
	if status := town.must("status"); !strings.Contains(status, "1 on the staff list asked to be forgotten") {
		t.Errorf("%s", status)
	}
	town.must("forget", "--return", "priya@carpenter.example")
	town.once("2026-11-22 16:10")
	if status := town.must("status"); strings.Contains(status, "asked to be forgotten") {
		t.Errorf("%s", status)
	}
	// What is too old is looked for once a day, late in the night or after.
	town.once("2026-11-23 01:00")
	if n := town.counts(`SELECT count(*) FROM book WHERE name = 'swept' AND value = '2026-11-22T12:00:00Z'`); n != 1 {
		t.Error("swept more often than once a day, or before the night is over")
	}
}
