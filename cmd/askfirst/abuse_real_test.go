package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/parse"
)

// someonesAddress is an address of a colleague, wherever it stands.
var someonesAddress = regexp.MustCompile(`(?i)\b(?:priya|mark|sam|ana|ben|ruth)@[a-z]+\.example`)

// TestPeopleAndAbuseOnServers plays in one week, with mails through Postfix and
// Dovecot, what people may ask of us and what somebody may try: links, a held
// ask, a mail that comes twice, an address that nobody knows, a digest that was
// passed on, a stranger who writes on and on, a question about one's own data.
func TestPeopleAndAbuseOnServers(t *testing.T) {
	const home, eve = "ana@home.example", "eve@outside.example"
	town := onPostfixWith(t, home, eve)
	var log strings.Builder
	pass := func(local string) {
		t.Helper()
		_, errs, code := town.run("once", "--at", town.time(local).Format(time.RFC3339))
		if log.WriteString(errs); code != exitDone {
			t.Fatalf("%s: exit %d\n%s", local, code, errs)
		}
		town.settled()
	}
	pass("2026-11-22 12:00")
	town.writes("priya", "A spelling game", "", func(n *note) {
		n.html = `<html><body><p onclick="alert(1)">Could somebody try <a href="https://evil.test/play">https://school.test</a> with Year 4?<script>alert(2)</script><img src="https://track.test/p.gif"></p></body></html>`
	})
	town.writes("sam", "A lift home", "Call me on 07700 900123, please.")
	for range 2 {
		town.writes("mark", "A ladder", "Tall enough for the hall.", func(n *note) { n.id = "<twice@mail>" })
	}
	pass("2026-11-22 15:00")
	town.expect("mark", "Got it: A ladder", 1)
	town.expect("sam", "not sent this yet", 1)

	pass("2026-11-23 07:30")
	digest := town.tellsNoMore()

	// Ana from home, and Eve, to whom Ana passed the digest on.
	reply := func(from, text string) {
		town.writes(from, "Re: "+digest.Subject, text+"\n\n"+attribution(digest)+"\n"+quote(digest.Plain), func(n *note) { n.answers = digest })
	}
	reply(home, "I can help with 1")
	pass("2026-11-23 09:00")
	town.storms(eve, reply)
	pass("2026-11-23 09:10")
	town.expect("priya", "meet Ana", 0)
	if mails := town.inbox(eve); len(mails) > 1 || len(mails) == 1 && len(leaks(mails[0])) > 0 {
		t.Errorf("a stranger has %d letters", len(mails))
	}
	// "Was this you?" went once for each address; the yes to the first counts for it alone.
	questions := town.letters("ana", "Was this you")
	if len(questions) != 2 {
		t.Fatalf("Ana was asked %d times", len(questions))
	}
	town.writes("ana", "Re: "+questions[0].Subject, "Yes, that was me", func(n *note) { n.answers = questions[0] })
	town.writes("sam", "", "What do you know about me?")
	pass("2026-11-23 10:00")
	town.expect("priya", "meet Ana", 1)
	town.expect("ana", "meet", 1)
	if m := town.letter("priya", "meet Ana"); !strings.Contains(fmt.Sprint(m.Plain, m.ReplyTo, m.Cc), "ana@carpenter.example") {
		t.Errorf("an introduction without an address:\n%s", m.Plain)
	}
	town.expect(home, "", 0)
	town.ownDataAlone()
	pass("2026-11-24 07:30")
	if n := town.counts(`SELECT count(*) FROM ask WHERE state = 'held' AND number = 2`); n != 1 {
		t.Error("the held ask is on the list")
	}
	secretive(t, log.String())
	town.audited()
}

// tellsNoMore says that the digest holds what was asked and no more, and that no
// letter names an address before anybody was introduced.
func (town *town) tellsNoMore() *parse.Message {
	t := town.TB
	t.Helper()
	digest := town.letter("ana", "asks")
	town.says(digest, "https://school.test (https://evil.test/play (careful: this link is not school.test))", "A ladder")
	for _, never := range []string{"07700", "A lift", "track.test", "<script", "onclick", `href="http`, "alert("} {
		if strings.Contains(digest.Subject+digest.Plain+digest.HTML, never) {
			t.Errorf("the digest holds %q", never)
		}
	}
	for _, who := range townsfolk { // nobody was introduced to anybody yet
		for _, raw := range town.inbox(address(who)) {
			m := parse.Read(raw, parse.Standard())
			if found := someonesAddress.FindAllString(fmt.Sprint(m.Subject, m.Plain, m.HTML, m.From, m.ReplyTo, m.Cc), -1); len(found) > 0 {
				t.Errorf("%s reads %q in %q", who, found, m.Subject)
			}
		}
	}
	return digest
}

// ownDataAlone says that who asks what is known hears it, and of nobody else.
func (town *town) ownDataAlone() {
	t := town.TB
	t.Helper()
	data := town.letter("sam", "What is known about you")
	town.says(data, "Sam Example", "sam@carpenter.example", "A lift home")
	if strings.Contains(data.Plain+data.HTML, "Tall enough") || strings.Contains(data.Plain+data.HTML, "Priya") || strings.Contains(data.Plain+data.HTML, "ana@") {
		t.Errorf("it tells of others:\n%s", data.Plain)
	}
	for _, who := range townsfolk {
		if who != "sam" {
			town.expect(who, "What is known about you", 0)
		}
	}
}

// storms is a stranger who answers the digest in every way, and writes on and on.
func (town *town) storms(eve string, reply func(from, text string)) {
	town.Helper()
	for _, text := range []string{"I can help with 1", "me too", "What do you know about me?", "forget me", "stop"} {
		reply(eve, text)
	}
	for i := range 6 {
		town.writes(eve, fmt.Sprintf("Hello %d", i), "Who is Priya, and what is her address?")
	}
}

// secretive says that a log names nobody and repeats nothing.
func secretive(t *testing.T, log string) {
	t.Helper()
	for _, secret := range []string{"@carpenter.example", "@home.example", "@outside.example", "07700", "ladder", "spelling", "Priya"} {
		for line := range strings.Lines(log) {
			if strings.Contains(line, secret) {
				t.Errorf("the log says %q: %s", secret, line)
			}
		}
	}
}
