package main

import (
	"bytes"
	"compress/flate"
	"database/sql"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// wherever is every place of ours that holds the words: the book with its log,
// and what lies beside it, and the folders on the mail server.
func (t *town) wherever(words string) (found []string) {
	t.Helper()
	files, err := filepath.Glob(t.book() + "*")
	t.check(err)
	for _, path := range files {
		raw, err := os.ReadFile(path)
		t.check(err)
		if bytes.Contains(bytes.ToLower(raw), []byte(strings.ToLower(words))) {
			found = append(found, filepath.Base(path))
		}
	}
	for _, folder := range append(folders(), "INBOX") {
		for _, raw := range t.folder(folder) {
			if bytes.Contains(bytes.ToLower(raw), []byte(strings.ToLower(words))) {
				found = append(found, folder)
			}
		}
	}
	if n := t.wordings(words); n > 0 {
		found = append(found, "what letters said")
	}
	return found
}

// wordings is how many of the book's wordings hold these words.
func (t *town) wordings(words string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+t.book())
	t.check(err)
	defer db.Close()
	rows, err := db.Query(`SELECT subject, coalesce(text, x''), coalesce(html, x'') FROM wording`)
	t.check(err)
	defer rows.Close()
	for rows.Next() {
		var subject string
		var text, html []byte
		t.check(rows.Scan(&subject, &text, &html))
		for _, part := range [][]byte{text, html} {
			plain, _ := io.ReadAll(flate.NewReader(bytes.NewReader(part)))
			subject += " " + string(plain)
		}
		if strings.Contains(strings.ToLower(subject), strings.ToLower(words)) {
			n++
		}
	}
	return n
}

// aWeekWithPriya is some days in which Priya asks, helps, thanks and is thanked.
func aWeekWithPriya(t *town) {
	t.once("2026-11-22 12:00")
	t.writes("priya", "A canaryone for Thursday", "It is for canarytwo.")
	t.writes("mark", "A ladder", "Tall enough for the hall.")
	t.writes("sam", "A kettle", "For the staff room.")
	t.once("2026-11-22 15:00")
	t.once("2026-11-23 07:30")
	t.answers("mark", "asks", "#1, I have one, canarythree", phone)
	t.answers("priya", "asks", "#2, canaryfour is in my room", phone)
	t.answers("ana", "asks", "me too #1", phone)
	t.once("2026-11-23 09:00")
	t.answers("priya", "meet Mark", "Thank you Mark! That was great help, canaryfive.", phone)
	t.once("2026-11-23 10:00")
	t.writes("mark", "Thanks to Priya", "Thank you Priya, canarysix was great.")
	t.once("2026-11-23 10:10")
	t.writes("priya", "A second canaryseven", "It stays open, canaryeight.")
	t.writes("ben", "A stapler", "Any.")
	t.once("2026-11-23 11:00")
	t.once("2026-11-24 07:30")
	t.answers("ruth", "asks", "I can help with #4, canarynine", phone)
	t.once("2026-11-24 09:00")
}

var priyasWords = []string{"canaryone", "canarytwo", "canarythree", "canaryfour", "canaryfive", "canarysix", "canaryseven", "canaryeight", "canarynine", "Priya Example", "priya@carpenter.example"}

func TestForgetMe(t *testing.T) {
	bothTowns(t, func(t *testing.T, town *town) {
		aWeekWithPriya(town)
		for _, words := range priyasWords[:9] {
			if len(town.wherever(words)) == 0 {
				t.Errorf("%s is nowhere: the test proves nothing", words)
			}
		}
		before := town.counts(`SELECT count(*) FROM ask`)
		town.writes("priya", "", "please forget me")
		town.once("2026-11-24 10:00")
		town.says(town.letter("priya", "forgotten?"), "Nothing has happened yet", "forget-")
		if town.counts(`SELECT count(*) FROM forgotten`) != 0 {
			t.Fatal("forgotten without a yes")
		}
		// Neither a courtesy, nor a no, nor a yes without the letter.
		town.answers("priya", "forgotten?", "Thanks", phone)
		town.answers("priya", "forgotten?", "no", phone)
		town.writes("priya", "Re: Shall everything about you be forgotten?", "yes")
		town.once("2026-11-24 10:05")
		if town.counts(`SELECT count(*) FROM forgotten`) != 0 {
			t.Fatal("forgotten without a yes to the letter")
		}
		town.answers("priya", "forgotten?", "Yes please", phone)
		town.once("2026-11-24 10:10")
		if town.counts(`SELECT count(*) FROM forgotten`) != 1 {
			t.Fatalf("not forgotten:\n%s", town.letter("priya", "").Plain)
		}
		town.expect("priya", "You are forgotten", 1)
		town.expect("ruth", "Priya takes part no longer", 1)
		town.once("2026-11-24 10:20")
		town.once("2026-11-24 10:21")
		for _, words := range priyasWords {
			if found := town.wherever(words); len(found) > 0 {
				t.Errorf("%s is still in %v", words, found)
			}
		}
		if n := town.counts(`SELECT count(*) FROM ask`); n != before {
			t.Errorf("%d asks are counted, %d were", n, before)
		}
		for _, subject := range []string{"Subject: A kettle", "Subject: A stapler", "Subject: A ladder"} {
			if n := town.onServer(subject); n != 1 {
				t.Errorf("%q: %d mails of others on the server, want 1", subject, n)
			}
		}
		town.audited()
		// The staff list still has her: she is passed over, her mail is a
		// stranger's, and no digest goes to her.
		digests := town.digests("priya")
		town.writes("priya", "A canaryten", "Please.")
		town.once("2026-11-25 07:30")
		if town.digests("priya") != digests || town.counts(`SELECT count(*) FROM ask`) != before || town.onServer("canaryten") != 0 {
			t.Error("somebody who was forgotten is still a colleague")
		}
		if out := town.tries(exitDone, "", "status") + town.must("check"); !strings.Contains(out, "asked to be forgotten") || !strings.Contains(out, "Priya Example asked") {
			t.Errorf("status does not say so:\n%s", out)
		}
		town.must("forget", "--return", "priya@carpenter.example")
		town.writes("priya", "A ladder", "Please.")
		town.once("2026-11-25 09:00")
		if n := town.counts(`SELECT count(*) FROM ask`); n != before+1 {
			t.Error("whoever came back cannot ask")
		}
		town.audited()
	})
}

func TestForgetCommandAndRestore(t *testing.T) {
	town := inProcess(t)
	aWeekWithPriya(town)
	backup := town.beside("old.backup")
	town.must("backup", backup)
	town.tries(exitFailed, "nobody", "forget", "nobody@carpenter.example")
	town.tries(exitUsage, "", "forget", "nonsense")
	out := town.must("forget", "Priya@Carpenter.Example", "--at", "2026-11-24T10:00:00Z")
	if !strings.Contains(out, "2 asks, 1 offers") {
		t.Errorf("%s", out)
	}
	town.once("2026-11-24 10:10")
	town.once("2026-11-24 10:11")
	for _, words := range priyasWords {
		if found := town.wherever(words); len(found) > 0 {
			t.Errorf("%s is still in %v", words, found)
		}
	}
	town.tries(exitFailed, "", "forget", "priya@carpenter.example") // nobody has it any more
	out = town.must("restore", backup, "--at", "2026-11-24T11:00:00Z")
	if !strings.Contains(out, "1 people who were forgotten") {
		t.Errorf("%s", out)
	}
	town.must("outbox", "release")
	town.once("2026-11-24 11:10")
	town.once("2026-11-24 11:11")
	aside, err := filepath.Glob(town.book() + ".before-restore-*")
	town.check(err)
	for _, path := range aside {
		town.check(os.Remove(path))
	}
	for _, words := range priyasWords {
		if found := town.wherever(words); len(found) > 0 {
			t.Errorf("restored: %s is in %v", words, found)
		}
	}
	town.audited()
	digests := town.digests("priya")
	town.once("2026-11-25 07:30")
	if town.digests("priya") != digests {
		t.Error("a restored book sends digests to whoever was forgotten")
	}
}

// TestKilledWhileForgetting ends the program at random moments of a forgetting
// and of the search that follows it.
func TestKilledWhileForgetting(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the program twenty times")
	}
	town := inProcess(t)
	binary := buildBinary(t)
	aWeekWithPriya(town)
	town.writes("priya", "", "please forget me")
	town.once("2026-11-24 10:00")
	town.answers("priya", "forgotten?", "Yes please", phone)
	for i := range 20 {
		command := exec.Command(binary, "--config", town.config, "once", "--at", "2026-11-24T10:10:00Z")
		town.check(command.Start())
		time.Sleep(time.Duration(10+i*12) * time.Millisecond)
		_ = command.Process.Kill()
		_ = command.Wait()
	}
	for _, at := range []string{"2026-11-24 10:20", "2026-11-24 10:25", "2026-11-24 10:30"} {
		town.once(at)
	}
	for _, words := range priyasWords {
		if found := town.wherever(words); len(found) > 0 {
			t.Errorf("%s is still in %v", words, found)
		}
	}
	town.expect("ruth", "Priya takes part no longer", 1)
	town.audited()
}
