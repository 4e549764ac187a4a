package main

import (
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"askfirst/mailbox/mailboxtest"
)

// The ledger and the server are compared both ways: what lies in the inbox and
// was never read, and what should lie there and is gone.
func TestAuditServer(t *testing.T) {
	town, _ := openTown(t, mailboxtest.Options{})
	town.once("2026-11-22 12:00")
	town.writes("sam", "A picture book", "Which one?")
	d := town.daemon(town.time("2026-11-22 15:00"))
	town.takes(d, town.time("2026-11-22 15:00"), "From: ana@carpenter.example\r\nSubject: A bell\r\nMessage-ID: <p@q>\r\n\r\nFor the play.\r\n")
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	if out, _, code := town.run("audit", "--server"); code != exitFailed || !strings.Contains(out, "FINDING unread uid 1") || strings.Contains(out, "FINDING gone") {
		t.Errorf("before it is read: exit %d\n%s", code, out)
	}
	town.once("2026-11-22 15:01")
	town.tries(exitDone, "", "audit", "--server")

	// Decided, not moved yet, and deleted by another mail program meanwhile.
	town.writes("ben", "A ladder", "For the hall.")
	town.once("2026-11-22 15:02")
	db, err := sqlx.Open("sqlite", "file:"+town.book())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE intake SET filed = 0 WHERE uid = (SELECT max(uid) FROM intake WHERE mailbox <> 'x')`); err != nil {
		t.Fatal(err)
	}
	if out, _, code := town.run("audit", "--server"); code != exitFailed || !strings.Contains(out, "FINDING gone uid 2") {
		t.Errorf("gone: exit %d\n%s", code, out)
	}
	town.once("2026-11-22 15:03")
	town.tries(exitDone, "", "audit", "--server")
}
