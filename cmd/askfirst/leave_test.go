package main

import (
	"os"
	"strings"
	"testing"
)

// leaves takes people off the staff list; stays puts everybody back.
func (t *town) leaves(whole string, who ...string) {
	t.Helper()
	var kept []string
	for line := range strings.SplitSeq(whole, "\n") {
		gone := false
		for _, w := range who {
			gone = gone || strings.Contains(line, "email: "+address(w))
		}
		if !gone {
			kept = append(kept, line)
		}
	}
	writeFile(t, t.config, strings.Join(kept, "\n"))
}

func (t *town) settings() string {
	t.Helper()
	text, err := os.ReadFile(t.config)
	t.check(err)
	return string(text)
}

func TestLeavingClosesKindly(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-22 12:00")
	town.writes("priya", "A microscope", "For Thursday.")
	town.writes("mark", "A ladder", "Tall enough for the hall.")
	town.writes("sam", "A kettle", "For the staff room.")
	town.once("2026-11-22 15:00")
	town.once("2026-11-23 07:30")
	town.answers("ana", "asks", "I can help with #1", phone)   // introduced to Priya
	town.answers("ben", "asks", "me too #1", phone)            // needs the same as Priya
	town.answers("priya", "asks", "I can help with #2", phone) // introduced to Mark
	town.once("2026-11-23 09:00")
	town.answers("ruth", "asks", "I can help with #2, too", phone) // in reserve for Mark
	town.answers("priya", "asks", "me too #3", phone)
	town.once("2026-11-23 09:10")
	whole := town.settings()
	town.leaves(whole, "priya")
	town.once("2026-11-23 10:00")
	town.expect("ana", "Priya takes part no longer", 1)
	town.expect("ben", "No longer on the list", 1)
	town.expect("mark", "Priya takes part no longer", 1)
	town.expect("mark", "meet Ruth", 1) // who was in reserve
	if n := town.counts(`SELECT count(*) FROM ask WHERE state IN ('open', 'helped')`); n != 2 {
		t.Errorf("%d asks are on the list", n)
	}
	if n := town.counts(`SELECT count(*) FROM metoo m JOIN ask_party p ON p.id = m.party WHERE p.ask = 3`); n != 0 {
		t.Error("who left still needs the same")
	}
	town.writes("sam", "A stapler", "Any.")
	town.once("2026-11-23 10:05")
	letters := len(town.letters("priya", ""))
	town.once("2026-11-23 10:10") // once is enough
	town.expect("ana", "Priya takes part no longer", 1)
	town.audited()
	// Back again: the same person, with nothing open.
	writeFile(t, town.config, whole)
	town.once("2026-11-24 07:30")
	if town.digests("priya") == 0 || len(town.letters("priya", "")) != letters+1 {
		t.Error("who came back gets no digest, or more than that")
	}
	town.writes("priya", "", "my asks")
	town.once("2026-11-24 09:00")
	town.says(town.letter("priya", "Your things"), "nothing open")
	if n := town.counts(`SELECT count(*) FROM member`); n != len(townsfolk) {
		t.Errorf("%d members", n)
	}
	town.audited()
}

// A list from which a crowd is gone may be half an export: nothing is closed
// before an admin has said so.
func TestLeavingInACrowdWaits(t *testing.T) {
	for _, right := range []bool{true, false} {
		town := inProcess(t)
		town.once("2026-11-22 12:00")
		town.writes("priya", "A microscope", "For Thursday.")
		town.once("2026-11-22 15:00")
		whole := town.settings()
		town.leaves(whole, "priya", "mark", "sam")
		for _, at := range []string{"2026-11-23 07:30", "2026-11-23 07:40"} {
			town.once(at)
		}
		open := `SELECT count(*) FROM ask WHERE state = 'open'`
		if town.counts(open) != 1 || town.digests("priya") != 0 {
			t.Fatal("what they have open is closed before anybody confirmed it")
		}
		if out := town.must("status"); !strings.Contains(out, "reload --confirm") {
			t.Errorf("status does not say so:\n%s", out)
		}
		if n := len(town.letters("it@else.example", "")); n != 1 {
			t.Errorf("the admin was told %d times", n)
		}
		if right {
			town.tries(exitFailed, "no daemon", "reload", "--confirm")
			town.once("2026-11-23 08:00")
			if town.counts(open) != 0 {
				t.Error("confirmed, and still open")
			}
		} else {
			writeFile(t, town.config, whole)
			town.once("2026-11-23 08:00")
			if town.counts(open) != 1 {
				t.Error("closed, though everybody is back")
			}
			town.leaves(whole, "priya") // one alone needs no word
			town.once("2026-11-23 08:10")
			if town.counts(open) != 0 {
				t.Error("open, though one alone left")
			}
		}
		town.audited()
	}
}
