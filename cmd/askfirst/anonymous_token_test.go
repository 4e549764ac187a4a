package main

import (
	"strings"
	"testing"
)

// A tag names a letter to somebody without a name as it names any other: an
// answer that has lost everything else is taken for the asker's, and sealed. To
// anybody else it is worth nothing.
func TestTagsOfAnonymousAsks(t *testing.T) {
	for _, verify := range []string{"none", "confirm"} {
		t.Run(verify, func(t *testing.T) {
			w := &sealedWeek{town: namedTown(inProcess(t)), wary: verify == "confirm", said: map[string]int{}}
			w.edit("verify: none", "verify: "+verify)
			w.plus("2026-11-22 11:00")
			w.at("2026-11-22 12:00")
			w.asks(anonymousAsks()[0])
			w.at("2026-11-22 15:00")
			w.at("2026-11-23 07:30")
			w.answers("mark", "An ask: A class", "#1, I can help", phone)
			w.at("2026-11-23 08:00")
			letter := w.letter("priya", "Mark would like to help")
			if len(letter.ReplyTo) != 1 || !strings.HasPrefix(letter.ReplyTo[0].Email, "help+") || strings.Contains(letter.ReplyTo[0].Name, "Priya") {
				t.Fatalf("Reply-To %v", letter.ReplyTo)
			}
			tag := sentTo(strings.ToUpper(letter.ReplyTo[0].Email))
			quoting := func(words string) string {
				return words + "\n\n" + attribution(letter) + "\n" + quote(letter.Plain)
			}

			// Others with the tag: a colleague, the helper, an outsider.
			before := map[string]int{}
			for _, who := range townsfolk {
				before[who] = len(w.letters(who, "")) - len(w.letters(who, asksWhether))
			}
			w.writes("sam", "Re: something else", quoting("withdraw"), tag)
			w.writes("ana", "Re: something else", quoting("reveal"), tag)
			w.writes("mark", "Re: something else", quoting("Yes, thank you so much! That saved my lesson."), tag)
			w.writes("eve@outside.example", "Re: something else", quoting("reveal"), tag)
			w.at("2026-11-23 09:00")
			w.expect("priya", "Mark writes", 1) // as whom he is
			before["priya"]++
			for _, who := range []string{"priya", "ruth", "ben"} {
				if n := len(w.letters(who, "")) - len(w.letters(who, asksWhether)) - before[who]; n != 0 {
					t.Errorf("%s has %d letters by somebody else's use of the tag: %q", who, n, w.letter(who, "").Subject)
				}
			}
			for _, who := range []string{"sam", "ana", "mark"} {
				for _, m := range w.letters(who, "") {
					w.says(m, "not Priya", "not Nair", "not PRIYA")
				}
			}
			w.expect("eve@outside.example", "", 0)
			if n := w.counts(`SELECT count(*) FROM ask WHERE number = 1 AND state IN ('open', 'helped')`); n != 1 {
				t.Error("somebody else's withdraw counts")
			}

			// The asker, without In-Reply-To, and then without anything but the tag.
			w.writes("priya", "Re: something else", quoting("Would canarytuesday do?\n\nPriya"), tag)
			w.at("2026-11-23 09:10")
			w.says(w.letter("mark", "An answer: A class"), "Would canarytuesday do?", "not Priya")
			w.writes("priya", "Re: something else", "Or rather canarywednesday.", tag)
			w.at("2026-11-23 09:20")
			w.says(w.letter("mark", "An answer: A class"), "Or rather canarywednesday", "not Priya")
			if n := w.onServer("canarytuesday") + w.onServer("canarywednesday"); n != 0 {
				t.Errorf("%d mails of the asker are on the server", n)
			}
			w.audited()
			if found := w.rows(w.open(), `SELECT i.id FROM intake i JOIN member m ON m.id = i.member JOIN consequence c ON c.intake = i.id JOIN letter l ON c.what = 'letter' AND l.id = c.ref
				WHERE m.email = 'priya@carpenter.example' AND l.kind LIKE 'relay%'`); len(found) > 0 {
				t.Errorf("joined: %v", found)
			}
		})
	}
}
