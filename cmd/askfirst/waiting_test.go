package main

import (
	"fmt"
	"strings"
	"testing"

	"askfirst/mailbox/mailboxtest"
)

// TestWithdrawalOvertakesWaitingDigests: digests that an SMTP server did not
// take leave in a later pass only after every message of that pass is decided,
// however many came before the one that takes an ask back.
func TestWithdrawalOvertakesWaitingDigests(t *testing.T) {
	town, po := digestMorning(t)
	po.SetFault(refusing(mailboxtest.StepRcpt, "", mailboxtest.Fault{Code: 451, Enhanced: [3]int{4, 3, 0}, Text: "later"}))
	if r := town.once("2026-11-23 07:30"); r.Letters.Sent != 0 || r.Editions.Composed != 6 {
		t.Fatalf("%+v", r)
	}
	po.SetFault(nil)
	for i := range 40 {
		town.writes("ben", fmt.Sprintf("Borrow another thing, the %dth", i+50), "For a lesson.")
	}
	town.writes("priya", "Re: (#2)", "withdraw", func(n *note) { n.answers = town.letter("priya", "(#2)") })
	if r := town.once("2026-11-23 08:40"); r.Accepted != 41 || r.Letters.Sent == 0 {
		t.Fatalf("%+v", r)
	}
	for _, who := range townsfolk {
		for _, m := range town.letters(who, "") {
			if m.Header.Get("List-Id") != "" && strings.Contains(m.Plain, "microscope") {
				t.Errorf("%s was told of an ask that had been taken back:\n%s", who, m.Plain)
			}
		}
	}
	town.audited()
}
