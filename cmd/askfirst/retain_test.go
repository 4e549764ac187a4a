package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Words go when their time is over, from the book, from letters and from the
// mail server; what is open stays.
func TestRetention(t *testing.T) {
	bothTowns(t, func(t *testing.T, town *town) {
		town.edit("digest:", "keep: { asks: 60d, raw: 7d, words: 20d }\ndigest:")
		town.once("2026-11-22 12:00")
		town.writes("priya", "A canaryone", "It is for canarytwo.")
		town.writes("mark", "A canarythree", "It stays open.")
		town.writes("stranger@else.example", "A canaryfour", "Buy canaryfive.")
		town.once("2026-11-22 15:00")
		town.once("2026-11-23 07:30")
		town.answers("ana", "asks", "#1, I have one, canarysix", phone)
		town.once("2026-11-23 09:00")
		town.answers("priya", "meet Ana", "Thank you Ana! That was great help, canaryseven.", phone)
		town.once("2026-11-23 10:00")
		town.once("2026-11-24 07:30")
		has := func(at string, want map[string]bool) {
			t.Helper()
			town.once(at)
			town.once(at) // what the first marked goes from the server
			for words, there := range want {
				if found := town.wherever(words); (len(found) > 0) != there {
					t.Errorf("%s: %s is in %v", at, words, found)
				}
			}
			town.audited()
		}
		server := func(n int) {
			t.Helper()
			if got := town.onServer("canary"); got != n {
				t.Errorf("%d messages on the server, want %d", got, n)
			}
		}
		has("2026-11-29 12:00", map[string]bool{"canaryone": true, "canaryfour": true})
		server(5)
		has("2026-12-01 12:00", map[string]bool{"canaryfour": false, "canaryfive": false, "canaryone": true, "canarythree": true, "canarysix": true})
		server(0)
		// Letters' words: the helper's stay in the offer, and the ask's in the ask.
		has("2026-12-16 12:00", map[string]bool{"canaryseven": true, "canarythree": true})
		if town.wordings("canarysix") != 0 || town.wordings("stranger") != 0 {
			t.Error("letters still have words")
		}
		if n := town.counts(`SELECT count(*) FROM letter WHERE address LIKE '%stranger%'`); n != 0 {
			t.Error("a stranger's address is kept")
		}
		town.sql(`UPDATE ask SET state = 'open', closed_at = NULL, reminded_at = NULL, listed_at = ` + fmt.Sprint(town.time("2027-01-20 12:00").UnixMilli()) + ` WHERE number = 2`)
		has("2027-01-25 12:00", map[string]bool{"canaryone": false, "canarytwo": false, "canarysix": false, "canaryseven": false, "canarythree": true})
		if out := town.must("status"); !strings.Contains(out, "last swept: 2027-01-25") {
			t.Errorf("%s", out)
		}
	})
}

// TestKilledWhileSweeping ends the program at random moments of a sweep.
func TestKilledWhileSweeping(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the program")
	}
	town := inProcess(t)
	binary := buildBinary(t)
	aWeekWithPriya(town)
	for i := range 12 {
		command := exec.Command(binary, "--config", town.config, "once", "--at", "2028-03-01T12:00:00Z")
		town.check(command.Start())
		time.Sleep(time.Duration(20+i*15) * time.Millisecond)
		_ = command.Process.Kill()
		_ = command.Wait()
	}
	for i := range 25 { // open asks end in their own time
		town.once(fmt.Sprintf("2028-%02d-%02d 12:00", 3+i/12, 2+2*(i%12)))
	}
	town.once("2029-06-01 12:00")
	town.once("2029-06-01 12:01")
	town.once("2029-06-02 12:01")
	for _, words := range priyasWords[:9] {
		if found := town.wherever(words); len(found) > 0 {
			t.Errorf("%s is still in %v", words, found)
		}
	}
	town.audited()
}

// Asking what is known brings a letter to the registered address alone.
func TestWhatDoYouKnow(t *testing.T) {
	town := inProcess(t)
	town.edit("email: ana@carpenter.example", "email: ana@carpenter.example, aliases: [ana@home.example]")
	aWeekWithPriya(town)
	town.writes("ana@home.example", "", "What do you know about me?")
	town.writes("priya", "my data", "")
	town.once("2026-11-24 10:00")
	letter := town.letter("priya", "What is known about you")
	town.says(letter, "Priya Example", "priya@carpenter.example", "#1 (closed): A canaryone for Thursday: It is for canarytwo", "canaryfour", "canaryfive", "canarysix", "Mails you wrote", "Letters you got", "365 days", "60 days", "30 days")
	if strings.Contains(letter.Plain, "canarythree") {
		t.Error("it tells what Mark wrote to her as hers")
	}
	town.expect("ana@home.example", "", 0)
	town.says(town.letter("ana", "What is known about you"), "ana@home.example", "#1")
	town.audited()
}
