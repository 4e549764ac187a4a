package main

import (
	"strings"
	"testing"
)

// TestLinksOfHTMLMail: of a mail with links colleagues see the words and where
// they lead; a number in an address names no ask.
func TestLinksOfHTMLMail(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 06:00")
	town.writes("priya", "A spelling game", "see the HTML", func(n *note) {
		n.html = `<html><body><p>Could somebody try <a href="https://eur03.safelinks.protection.outlook.com/?url=https%3A%2F%2Fgames.test%2Fplay&amp;data=05%7C01">my game</a> with Year 4?
<img src="https://track.test/p.gif?who=priya" width="1" height="1"><a href="https://evil.test/x">https://bank.test</a></p></body></html>`
		n.text = ""
	})
	town.once("2026-11-20 06:30")
	town.once("2026-11-20 07:30")
	digest := town.letter("mark", "spelling")
	town.says(digest, "my game (https://games.test/play)", "https://bank.test (https://evil.test/x (careful: this link is not bank.test))")
	for _, never := range []string{"track.test", "safelinks", "evil.test\"", "href=\"http"} {
		if strings.Contains(digest.Plain+digest.HTML, never) {
			t.Errorf("the digest holds %q", never)
		}
	}
	// What quotes the digest answers it, links and all.
	for _, style := range []func(note) note{phone, webmail, office} {
		town.answers("mark", "spelling", "What a lovely idea, much as at https://sums.test/1 by the way.", style)
		town.once("2026-11-20 09:00")
		if n := len(town.letters("priya", "meet Mark")); n != 0 {
			t.Fatalf("a number in an address was an offer")
		}
	}
	town.answers("mark", "spelling", "1, with pleasure", webmail)
	town.once("2026-11-20 10:00")
	town.expect("priya", "meet Mark", 1)
	town.audited()
}
