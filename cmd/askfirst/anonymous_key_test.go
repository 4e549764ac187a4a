package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// quietly is one pass whatever it comes to.
func (t *town) quietly(local string) (string, int) {
	t.Helper()
	_, errs, code := t.run("once", "--at", t.time(local).Format(time.RFC3339))
	return errs, code
}

// The key is made with the first anonymous ask, for its owner alone, and never
// anew in silence.
func TestAnonymousKey(t *testing.T) {
	w := &sealedWeek{town: namedTown(inProcess(t))}
	key := filepath.Join(filepath.Dir(w.config), "anonymous.key")
	w.once("2026-11-20 12:00")
	if _, err := os.Stat(key); !os.IsNotExist(err) {
		t.Errorf("there is a key before there is an anonymous ask: %v", err)
	}
	asks := anonymousAsks()
	w.asks(asks[0])
	w.once("2026-11-20 12:10")
	info, err := os.Stat(key)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key: %v, %v", info, err)
	}
	content, _ := os.ReadFile(key)

	for _, broken := range []string{"", "not a key\n", strings.Repeat("ab", 32) + "\n"} {
		if err := os.Remove(key); err != nil {
			t.Fatal(err)
		}
		if broken != "" {
			if err := os.WriteFile(key, []byte(broken), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		errs, code := w.quietly("2026-11-20 12:20")
		if code != exitUnusable || !strings.Contains(errs, "anonymous.key") || !strings.Contains(errs, "ut back") {
			t.Errorf("with the key %q: exit %d, %s", broken, code, errs)
		}
		if now, _ := os.ReadFile(key); string(now) != broken {
			t.Errorf("the key was made anew: %q", now)
		}
		if out, errs, code := w.run("asks"); code != exitDone || !strings.Contains(out, "#1") {
			t.Errorf("asks without a key: exit %d, %s%s", code, out, errs)
		}
		if broken == "" {
			if err := os.WriteFile(key, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(key, content, 0o600); err != nil {
		t.Fatal(err)
	}
	w.once("2026-11-20 12:30")

	// lost for good
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := w.run("asks", "withdraw", "1", "--reason", "The key is lost."); code != exitDone {
		t.Errorf("withdraw without a key: exit %d, %s%s", code, out, errs)
	}
	if errs, code := w.quietly("2026-11-20 12:40"); code != exitDone {
		t.Errorf("exit %d, %s", code, errs)
	}
	w.asks(asks[4])
	w.once("2026-11-20 12:50")
	w.expect("sam", "Got it", 1)
	w.audited()
}

// What the asker does: in answer to our letters, by number in a new mail, twice,
// mixed with something else, by a slip.
func TestAnonymousAsker(t *testing.T) {
	w := &sealedWeek{town: namedTown(inProcess(t))}
	asks := anonymousAsks()
	priya, ruth, sam := asks[0], asks[1], asks[4]
	w.once("2026-11-20 12:00")
	raw := note{from: address("priya"), name: priya.full, subject: priya.subject, id: "<twice@mail>", text: priya.text, at: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}.bytes()
	for range 2 { // the first of all, delivered twice
		if err := w.put(townHelp, raw); err != nil {
			t.Fatal(err)
		}
	}
	w.once("2026-11-20 12:10")
	w.expect("priya", "Got it", 1)
	if err := w.put(townHelp, raw); err != nil {
		t.Fatal(err)
	}
	w.asks(sam)
	w.writes("ruth", "A tuba", "Any tuba will do for the assembly.")
	w.once("2026-11-20 12:20")
	w.expect("priya", "Got it", 1)

	// undo, and again; other words, signed
	w.reply(priya, "Got it", "undo", phone)
	w.once("2026-11-20 12:30")
	w.says(w.letter("priya", "Undo done"), "Your ask is taken back")
	w.reply(priya, "Undo done", "again", phone)
	w.once("2026-11-20 12:40")
	w.reply(priya, "Got it", "Change to: My year 8 xylophone group laughs at me. Priya", office)
	w.once("2026-11-20 12:50")
	w.says(w.letter("priya", "Changed"), "laughs at me", "not Priya", "A colleague")

	// by a slip: a new ask in answer to a letter about one without a name
	w.answers("sam", "Got it", "Who can lend me a hurdy-gurdy until Friday? Sam", func(n note) note { n.subject = "A hurdy-gurdy"; return phone(n) })
	w.once("2026-11-20 13:00")
	w.says(w.letter("sam", "Got it: A hurdy-gurdy"), "Nobody sees who asked", "not Sam")

	// two things in one mail
	w.writes("ruth", ruth.subject, "Wer liest Elternbriefe gegen?")
	w.once("2026-11-20 13:10")
	w.once("2026-11-23 07:30")
	w.writes("ruth", "Two things", "#5 sorted. And #1: I can help.")
	w.writes("priya", "", "withdraw 1")
	w.writes("priya", "my asks", "my asks")
	w.once("2026-11-23 08:00")
	w.expect("ruth", "Sorted: Hilfe", 1)
	w.expect("ruth", "One thing at a time", 1)
	w.expect("priya", "would like to help", 0)
	w.expect("priya", "Taken back", 1)
	w.says(w.letter("priya", "Your things"), "nothing open", "not xylophone")

	// stop and pause in answer to a sealed letter; an answer of a machine
	w.answers("sam", "Got it: A hurdy-gurdy", "stop", phone)
	w.answers("priya", "Taken back", "I am away.", func(n note) note { n.extra = []string{"Auto-Submitted: auto-replied"}; return n })
	w.once("2026-11-23 09:00")
	w.expect("sam", "Stopped", 1)
	w.audited()
	db := w.open()
	for _, r := range w.rows(db, `SELECT i.id, i.member, i.message_id, r.raw FROM intake i LEFT JOIN intake_raw r ON r.intake = i.id WHERE i.erase > 0`) {
		if m := fmt.Sprint(r["member"]); m != "0" && m != "<nil>" || r["message_id"] != "" || r["raw"] != nil {
			t.Errorf("of a mail about an anonymous ask is kept: %v", r)
		}
	}
	if n := len(w.rows(db, `SELECT id FROM intake WHERE erase = 2`)); n < 10 {
		t.Errorf("%d mails are erased", n)
	}
	ids := map[string]bool{} // of letters that went to a veil
	for _, r := range w.rows(db, `SELECT message_id FROM letter WHERE address LIKE '%sealed.invalid'`) {
		ids[fmt.Sprint(r["message_id"])] = true
	}
	for _, r := range w.rows(db, `SELECT key, thread, address FROM letter WHERE address NOT LIKE '%sealed.invalid'`) {
		for id := range ids {
			if strings.Contains(fmt.Sprint(r["thread"]), id) {
				t.Errorf("a letter to somebody by name follows one to a veil: %v", r)
			}
		}
	}
	for _, r := range w.rows(db, `SELECT raw FROM intake_raw`) {
		for id := range ids {
			if strings.Contains(fmt.Sprint(r["raw"]), id) {
				t.Errorf("the bytes of an answer to a veil are kept: %.200s", r["raw"])
			}
		}
	}
	if n := len(w.rows(db, `SELECT full_at FROM allowance a JOIN member m ON m.id = a.member WHERE m.email = 'sam@carpenter.example'`)); n != 0 {
		t.Errorf("an allowance tells when an asker wrote")
	}
}

// offeredAnonymously is a town in which mark offered to help with priya's ask, which
// has no name.
func offeredAnonymously(t *testing.T) (*sealedWeek, unnamed) {
	t.Helper()
	w := &sealedWeek{town: namedTown(inProcess(t))}
	priya := anonymousAsks()[0]
	w.once("2026-11-20 12:00")
	w.asks(priya)
	w.once("2026-11-22 15:00")
	w.once("2026-11-23 07:30")
	w.answers("mark", "A class", "1, gladly", phone)
	w.once("2026-11-23 08:00")
	return w, priya
}

// Words that speak of a name are not taken for a wish to give it.
func TestAnonymousReveal(t *testing.T) {
	w, priya := offeredAnonymously(t)
	for i, words := range []string{"Please do not reveal my name.", "Should I reveal my name?", "If you tell them my name I would be ashamed, so better wait until we have met"} {
		w.reply(priya, "Mark would like to help", words, phone)
		w.once(fmt.Sprintf("2026-11-23 08:%d0", i+1))
		w.expect("mark", "meet Mark", 0)
		w.expect("priya", "Not passed on yet", i+1)
	}
	w.reply(priya, "Not passed on yet", "send", phone) // without the name
	w.once("2026-11-23 09:00")
	w.says(w.letter("mark", "An answer"), "better wait until we")
	w.expect("mark", "meet Mark", 0)

	// only the asker
	w.answers("mark", "An answer", "reveal", phone)
	w.writes("ana", "reveal 1", "reveal 1")
	w.writes("someone@else.example", "Re: 1", "reveal 1")
	w.once("2026-11-23 09:10")
	w.expect("mark", "meet Mark", 0)
	w.expect("ana", "meet", 0)
	w.writes("priya", "A class that does not listen", "Could somebody come sooner?") // no ask under the name, by a slip
	w.writes("priya", "#1", "It is urgent, who has a lesson free?")
	w.once("2026-11-23 09:15")
	w.expect("priya", "Which ask did you mean?", 2)
	w.expect("priya", "Got it", 1)
	w.writes("priya", "", "reveal 1")
	w.once("2026-11-23 09:20")
	w.says(w.letter("mark", "Priya, meet Mark"), "Priya Nair")
	w.audited()
}

// An asker who leaves the staff takes the ask along, and whoever helps is told.
func TestAnonymousAskerLeaves(t *testing.T) {
	w, _ := offeredAnonymously(t)
	text, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, "priya@") {
			kept = append(kept, line)
		}
	}
	if err := os.WriteFile(w.config, []byte(strings.Join(kept, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	w.once("2026-11-23 09:00")
	w.expect("mark", "A colleague is all set", 0) // not in the hour in which somebody left
	w.answers("mark", "Passed on", "Is Tuesday fine?", phone)
	w.once("2026-11-23 10:00")
	w.expect("priya", "Mark writes", 0)
	w.once("2026-11-24 08:00")
	w.expect("mark", "A colleague is all set", 1)
	w.audited()
}
