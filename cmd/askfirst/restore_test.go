package main

import (
	"path/filepath"
	"testing"

	"askfirst/mailbox/mailboxtest"
)

// Letters that waited when a backup was made have been sent since: when the
// backup is in force and the outbox released, no digest of then leaves again, and
// an answer leaves once more with the Message-ID that it had.
func TestRestoredLettersThatWaited(t *testing.T) {
	town, po := openTown(t, mailboxtest.Options{})
	town.once("2026-11-22 12:00")
	town.writes("priya", "Borrow a microscope", "For Thursday, please.")
	town.once("2026-11-22 13:00")
	po.SetFault(func(step mailboxtest.Step, _, _ string) *mailboxtest.Fault {
		if step == mailboxtest.StepRcpt {
			return &mailboxtest.Fault{Code: 451, Enhanced: [3]int{4, 3, 0}, Text: "later"}
		}
		return nil
	})
	town.writes("ana", "A laminator", "For an hour.")
	if r := town.once("2026-11-23 07:30"); r.Editions.Composed == 0 || r.Letters.Sent != 0 {
		t.Fatalf("%+v", r)
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	town.must("backup", file)
	po.SetFault(nil)
	town.once("2026-11-23 07:40")
	digests := map[string]int{}
	for _, who := range townsfolk {
		if digests[who] = len(town.letters(who, "ask")); who == "mark" && digests[who] != 1 {
			t.Fatalf("mark has %d digests", digests[who])
		}
	}
	town.must("restore", file, "--at", "2026-11-23T08:00:00Z")
	if r := town.once("2026-11-23 08:10"); r.Letters.Held == 0 || r.Letters.Queued+r.Letters.Retry != 0 {
		t.Errorf("after the restore: %+v", r.Letters)
	}
	town.must("outbox", "release", "--at", "2026-11-23T08:15:00Z")
	town.once("2026-11-23 08:20")
	for _, who := range townsfolk {
		if n := len(town.letters(who, "ask")); n != digests[who] {
			t.Errorf("%s has %d digests, had %d", who, n, digests[who])
		}
	}
	letters := town.letters("ana", "Got it")
	if len(letters) != 2 || letters[0].MessageID != letters[1].MessageID {
		t.Errorf("ana has %d acknowledgements", len(letters))
	}
	town.audited()
}
