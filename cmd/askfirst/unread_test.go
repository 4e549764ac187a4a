package main

import (
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// A message of which the server gave the header alone cannot be decided by
// releasing it: the command says so and what to do, and when that is done the
// message is read, or put aside again with a word to the admin.
func TestReleaseOfAMessageThatWasNotRead(t *testing.T) {
	town, adversary := adversaryTown(t)
	town.writes("ana", "Borrow one", "For one lesson.")
	bad := map[uint32]bool{1: true}
	adversary.Play(func(c *mailboxtest.Command) bool {
		if c.Body && (c.Asks(1) && bad[1] || c.Asks(2) && bad[2]) && !strings.Contains(c.Text, "HEADER") {
			c.Say("%s NO [SERVERBUG] cannot open\r\n", c.Tag)
			return true
		}
		return false
	})
	now := town.time("2026-11-21 09:00")
	d := town.daemon(now)
	quarantined := func(want int) func() bool {
		return func() bool {
			counts, err := d.book.IntakeCounts(t.Context())
			return err == nil && counts["quarantined"] == want
		}
	}
	if n := town.passes(d, &now, 200, quarantined(1)); n >= 200 {
		t.Fatal("never put aside")
	}
	town.tries(exitFailed, "move it into the inbox", "quarantine", "release", "1")
	if !quarantined(1)() {
		t.Error("it is pending all the same")
	}
	admin := len(town.letters("it@else.example", ""))
	raw := []byte("From: Ana Example <ana@carpenter.example>\r\nSubject: Borrow one\r\nMessage-ID: <again@x>\r\n\r\nFor one lesson.\r\n")
	bad[2] = true
	adversary.Put(2, raw)
	if n := town.passes(d, &now, 200, quarantined(2)); n >= 200 {
		t.Fatal("never put aside again")
	}
	now = now.Add(time.Minute)
	_ = d.pass(t.Context(), now)
	if n := len(town.letters("it@else.example", "")); n <= admin {
		t.Error("the admin does not hear that it cannot be read again")
	}
	adversary.Put(3, raw)
	town.passes(d, &now, 3, func() bool { return false })
	town.expect("ana", "Got it: ", 1)
	town.audited()
}
