package main

import (
	"fmt"
	"testing"
)

// The same mail twice is one ask: delivered twice, to and in copy, with or
// without a Message-ID. Somebody else's mail under the same Message-ID is his.
func TestSameMailTwice(t *testing.T) {
	town, adversary := adversaryTown(t)
	mail := func(from, id, more string) []byte {
		return fmt.Appendf(nil, "%sFrom: %s@carpenter.example\r\nTo: help@carpenter.example\r\nSubject: Borrow a kiln\r\n%s\r\nFor one lesson, says %s.\r\n", more, from, id, from)
	}
	const one, another = "Message-ID: <1@x>\r\n", "Message-ID: <2@x>\r\n"
	adversary.Deliver(mail("ana", one, ""))
	adversary.Deliver(mail("ana", one, "Received: from a.example by b.example; Sat, 21 Nov 2026 09:00:00 +0000\r\n"))
	adversary.Deliver(mail("ana", one, "Delivered-To: help+copy@carpenter.example\r\n"))
	adversary.Deliver(mail("ben", one, "")) // squats, or is squatted upon
	adversary.Deliver(mail("ruth", "", "")) // no Message-ID at all
	adversary.Deliver(mail("ruth", "", "Received: from a.example by b.example; Sat, 21 Nov 2026 09:00:00 +0000\r\n"))
	d := town.daemon(town.time("2026-11-21 09:00"))
	if err := d.pass(t.Context(), town.time("2026-11-21 09:00")).status(); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"ana", "ben", "ruth"} {
		town.expect(who, "Got it: ", 1)
	}
	adversary.Deliver(mail("mark", another, ""))
	if err := d.pass(t.Context(), town.time("2026-11-21 09:01")).status(); err != nil {
		t.Fatal(err)
	}
	adversary.Deliver(mail("mark", another, "X-Copy: 1\r\n")) // long after
	if err := d.pass(t.Context(), town.time("2026-11-21 10:00")).status(); err != nil {
		t.Fatal(err)
	}
	town.expect("mark", "Got it: ", 1)
	asks, err := d.book.Asks(t.Context(), true, town.time("2026-11-21 10:00"))
	if err != nil || len(asks) != 4 {
		t.Errorf("%d asks, want 4: %v", len(asks), err)
	}
	town.audited()
}
