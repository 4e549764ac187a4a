package main

import (
	"strings"
	"testing"
)

// A mail about an ask without a name that comes twice by different ways, as to
// the address and to a list that it is on, or much later out of a server's
// queue, is erased both times: its second copy says who asked as well as the first.
func TestAnonymousTwice(t *testing.T) {
	for name, build := range map[string]func(testing.TB) *town{"in process": inProcess, "Postfix and Dovecot": onPostfix} {
		t.Run(name, func(t *testing.T) {
			town := build(t)
			a := anonymousAsks()[0]
			send := func(trace string) {
				first := town.sent
				town.sent = 100
				town.writes(a.who, a.subject, a.text, func(n *note) { n.extra = []string{"X-Mailer: " + a.client, "X-Trace: " + trace} })
				town.sent = first
			}
			town.once("2026-11-20 12:00")
			send("one")
			send("two")
			town.once("2026-11-20 12:10")
			town.expect("priya", "Got it", 1)
			send("three")
			town.once("2026-11-20 12:20")
			town.once("2026-11-20 12:30")
			town.once("2026-11-21 12:30")
			for _, words := range []string{a.client, "Priya here"} {
				if found := town.wherever(words); len(found) > 0 {
					t.Errorf("%q is in %v", words, found)
				}
			}
			town.expect("priya", "Got it", 1)
			town.audited()
		})
	}
}

// What is marked and cannot be read is refused, and erased like what can: its
// subject tells enough.
func TestAnonymousRefused(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	raw := "From: Priya Example <priya@carpenter.example>\r\nTo: help@carpenter.example\r\nSubject: Anonymous: a canaryone\r\nMessage-ID: <canarytwo@priya>\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=x\r\n\r\n--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x\r\nContent-Type: application/octet-stream\r\n\r\nxx\r\n--x--\r\n"
	big := "From: Priya Example <priya@carpenter.example>\r\nTo: help@carpenter.example\r\nSubject: Anonymous: a canarythree\r\nMessage-ID: <canaryfour@priya>\r\n\r\n" + strings.Repeat("Much to say, and more.\r\n", 60000)
	town.check(town.put(townHelp, []byte(raw)))
	town.check(town.put(townHelp, []byte(big)))
	if r := town.once("2026-11-20 12:10"); r.Refused != 2 {
		t.Errorf("%+v", r)
	}
	town.once("2026-11-20 12:20")
	for _, words := range []string{"canarytwo", "canaryfour"} {
		if found := town.wherever(words); len(found) > 0 {
			t.Errorf("%q is in %v", words, found)
		}
	}
	town.expect("priya", "Your mail is encrypted", 1)
	town.expect("priya", "Your mail was too large", 1)
	town.audited()
}
