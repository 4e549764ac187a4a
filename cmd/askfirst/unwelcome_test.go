package main

import (
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// A mailbox that takes mail from inside only (5.7.x at RCPT) is its owner's
// matter: everybody else gets what is due.
func TestOneUnwelcomeRecipient(t *testing.T) {
	for _, who := range []string{"ana", "priya"} { // before the others and among them
		town, po := digestMorning(t)
		po.SetFault(refusing(mailboxtest.StepRcpt, who, mailboxtest.Fault{Code: 550, Enhanced: [3]int{5, 7, 1}, Text: "not from outside"}))
		r := town.once("2026-11-23 07:30")
		if r.Letters.Sent != 5 || r.Letters.Failed+r.Letters.Retry != 1 {
			t.Errorf("%s: %+v", who, r.Letters)
		}
		town.tries(exitDone, "", "status", "--at", "2026-11-23T07:31:00Z")
		// Refused again while others are served: by now it is clear.
		town.writes("mark", "A drum kit", "For one lesson.")
		town.once("2026-11-23 07:32")
		town.writes("mark", "A ladder", "For one lesson.")
		if r = town.once("2026-11-23 07:40"); r.Letters.Retry != 0 {
			t.Errorf("%s: %+v", who, r.Letters)
		}
		if s := town.status(); s.Outbox.Failed != 1 || !s.Healthy {
			t.Errorf("%s: %+v", who, s)
		}
		town.audited()
	}
}

// Alone it does not tell whom it concerns, and the letter is tried again.
func TestUnwelcomeAlone(t *testing.T) {
	town, po := openTown(t, mailboxtest.Options{})
	po.SetFault(refusing(mailboxtest.StepRcpt, "", mailboxtest.Fault{Code: 554, Enhanced: [3]int{5, 7, 1}, Text: "relaying denied"}))
	d := town.daemon(town.time("2026-11-22 15:00"))
	for n, who := range []string{"mark", "ana"} {
		town.writes(who, "A drum kit", "For one lesson.")
		report := d.pass(t.Context(), town.time("2026-11-22 15:00").Add(time.Duration(n)*time.Second))
		if err := report.status(); err != nil || report.Letters.Failed != 0 {
			t.Errorf("after %s: %v, %+v", who, err, report.Letters)
		}
	}
	// The third in a row, in another pass, makes it the server.
	town.writes("priya", "A ladder", "For one lesson.")
	report := d.pass(t.Context(), town.time("2026-11-22 15:00").Add(3*time.Second))
	if exitCode(report.status()) != exitFailed || report.Letters.Failed != 0 || report.Letters.Retry != 3 {
		t.Errorf("three in a row: %+v", report)
	}
	po.SetFault(nil)
	if report = d.pass(t.Context(), town.time("2026-11-22 15:02")); report.Letters.Sent != 3 || report.Letters.Failed != 0 {
		t.Errorf("afterwards: %+v", report)
	}
}
