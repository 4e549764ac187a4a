package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"askfirst/mailbox"
	"askfirst/mailbox/mailboxtest"
)

// bothTowns runs a test on the post office, and on Postfix and Dovecot.
func bothTowns(t *testing.T, test func(t *testing.T, town *town)) {
	t.Run("post office", func(t *testing.T) { test(t, inProcess(t)) })
	t.Run("Postfix and Dovecot", func(t *testing.T) { test(t, onPostfixWith(t, "stranger@else.example")) })
}

// folder is what lies in a folder of the help address on the server.
func (t *town) folder(name string) [][]byte {
	t.Helper()
	config, err := loadConfig(t.config, nil)
	t.check(err)
	settings := config.InboxSettings()
	settings.Folder = name
	in, err := mailbox.Open(t.Context(), settings)
	if err != nil {
		return nil // not created yet
	}
	defer in.Close()
	listed, err := in.Scan(t.Context())
	t.check(err)
	var raws [][]byte
	for _, uids := range mailbox.Batches(listed, 0, 1<<20) {
		got, err := in.Fetch(t.Context(), uids)
		t.check(err)
		for _, m := range got {
			raws = append(raws, m.Raw)
		}
	}
	return raws
}

// onServer is how many messages with these words lie anywhere on the server.
func (t *town) onServer(words string) (n int) {
	t.Helper()
	for _, folder := range append(folders(), "INBOX") {
		for _, raw := range t.folder(folder) {
			if bytes.Contains(raw, []byte(words)) {
				n++
			}
		}
	}
	return n
}

// counts is one number from the book.
func (t *town) counts(query string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+t.book())
	t.check(err)
	defer db.Close()
	t.check(db.QueryRow(query).Scan(&n))
	return n
}

// imapAs does something on the server as another mail program would.
func (t *town) imapAs(folder string, do func(c *imapclient.Client)) {
	t.Helper()
	c, err := imapclient.DialInsecure(fmt.Sprintf("127.0.0.1:%d", t.imap), nil)
	t.check(err)
	defer c.Close()
	t.check(c.Login(townHelp, mailboxtest.Password).Wait())
	_, err = c.Select(folder, nil).Wait()
	t.check(err)
	do(c)
	t.check(c.Logout().Wait())
}

// doomedOnArrival makes every message of a kind one that must be erased as soon
// as it is decided.
const doomedOnArrival = `CREATE TRIGGER doom AFTER UPDATE OF state ON intake WHEN NEW.state = 'accepted' AND OLD.state = 'pending' AND NEW.acts = 'ask'
	BEGIN UPDATE intake SET erase = 1 WHERE id = NEW.id; DELETE FROM intake_raw WHERE intake = NEW.id; END`

func TestErasedInsteadOfFiled(t *testing.T) {
	play := func(t *testing.T, town *town) {
		town.once("2026-11-22 12:00")
		town.sql(doomedOnArrival)
		town.writes("priya", "A canarymicroscope", "For Thursday.")
		town.writes("mark", "help", "")
		town.once("2026-11-22 12:10")
		if n := town.onServer("canarymicroscope"); n != 0 {
			t.Errorf("%d copies are on the server", n)
		}
		if n := len(town.folder(folderDone)); n != 1 {
			t.Errorf("%d others are in %s", n, folderDone)
		}
		if n := town.counts(`SELECT count(*) FROM intake WHERE erase = 2 AND filed = 1`); n != 1 {
			t.Errorf("%d messages are known to be erased", n)
		}
		// The server shows it again: out of a backup of its own, or as a second copy.
		first := town.sent
		town.sent = 0
		town.writes("priya", "A canarymicroscope", "For Thursday.")
		town.sent = first
		if r := town.once("2026-11-22 12:20"); r.Received != 1 || r.Accepted != 0 || town.onServer("canarymicroscope") != 0 || town.counts(`SELECT count(*) FROM intake_raw`) != 1 {
			t.Errorf("what comes once more is kept: %+v", r)
		}
		town.audited()
	}
	// What comes once more is the same to the octet, which Postfix would not leave it.
	t.Run("post office", func(t *testing.T) { play(t, inProcess(t)) })
	t.Run("Dovecot", func(t *testing.T) { play(t, onDovecot(t)) })
}

func TestErasedWhereItWasFiled(t *testing.T) {
	bothTowns(t, func(t *testing.T, town *town) {
		town.once("2026-11-22 12:00")
		for _, who := range []string{"priya", "mark", "sam"} {
			town.writes(who, "A canary of "+who, "For Thursday.")
		}
		town.once("2026-11-22 12:10")
		if n := town.counts(`SELECT count(*) FROM intake WHERE folder = 'Askfirst/Done' AND folder_uid > 0 AND folder_validity > 0`); n != 3 {
			t.Fatalf("of %d messages is known where they lie", n)
		}
		// Sam's is marked by another program, which never expunges.
		town.imapAs(folderDone, func(c *imapclient.Client) {
			found, err := c.UIDSearch(&imap.SearchCriteria{Body: []string{"canary of sam"}}, nil).Wait()
			if err == nil && len(found.AllUIDs()) == 0 {
				found, err = c.UIDSearch(&imap.SearchCriteria{Text: []string{"canary of sam"}}, nil).Wait()
			}
			town.check(err)
			town.check(c.Store(imap.UIDSetNum(found.AllUIDs()...), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close())
		})
		town.sql(`UPDATE intake SET erase = 1 WHERE member = 1; DELETE FROM intake_raw WHERE intake IN (SELECT id FROM intake WHERE member = 1)`)
		town.once("2026-11-22 12:20")
		for who, want := range map[string]int{"priya": 0, "mark": 1, "sam": 1} {
			if n := town.onServer("canary of " + who); n != want {
				t.Errorf("%s: %d copies on the server, want %d", who, n, want)
			}
		}
		// Nobody knows any more where Mark's lies, and somebody else's mail has
		// the same Message-ID.
		town.imapAs(folderDone, func(c *imapclient.Client) {
			squatter := "From: <x@y.example>\r\nMessage-ID: <2.mark@mail>\r\n\r\nSomebody else's.\r\n"
			command := c.Append(folderDone, int64(len(squatter)), nil)
			_, err := command.Write([]byte(squatter))
			town.check(err)
			town.check(command.Close())
			_, err = command.Wait()
			town.check(err)
		})
		town.sql(`UPDATE intake SET erase = 1, folder = '', folder_uid = 0 WHERE member = 2`)
		town.once("2026-11-22 12:30")
		if town.onServer("canary of mark") != 0 || town.onServer("Somebody else") != 1 || town.onServer("canary of sam") != 1 {
			t.Error("a lost message was not found, or another was taken for it")
		}
		if n := town.counts(`SELECT count(*) FROM intake WHERE erase = 1`); n != 0 {
			t.Errorf("%d still wait", n)
		}
		town.sql(`DELETE FROM intake_raw WHERE intake IN (SELECT id FROM intake WHERE erase > 0)`)
		town.audited()
	})
}

// The server counts anew: the numbers in the ledger mean other messages now.
func TestErasedUnderAnotherValidity(t *testing.T) {
	town, po := openTown(t, mailboxtest.Options{})
	town.once("2026-11-22 12:00")
	town.writes("priya", "A canarymicroscope", "For Thursday.")
	town.writes("mark", "A canaryprojector", "For Friday.")
	town.once("2026-11-22 12:10")
	town.sql(`UPDATE intake SET erase = 1, filed = 0, folder = '' WHERE member = 2`)
	town.check(po.Renumber(townHelp, 2)) // both lie in the inbox again
	town.once("2026-11-22 12:20")
	if town.onServer("canaryprojector") != 0 || town.onServer("canarymicroscope") == 0 {
		t.Errorf("%d and %d copies", town.onServer("canaryprojector"), town.onServer("canarymicroscope"))
	}
}

// What the ledger says of where a message lies may be wrong in any part. It is
// found by its bytes then, and no other goes in its place.
func TestErasedIsTheVeryMessage(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-22 12:00")
	for i, who := range []string{"ana", "sam", "ben", "ana", "sam", "ben"} { // by threes of one size
		town.writes(who, fmt.Sprintf("A canary%d%s", i, who), "For Thursday."+strings.Repeat(" Please.", i/3))
	}
	for _, who := range []string{"ana", "sam", "ben"} {
		town.writes(who, "A canaryhuge"+who, strings.Repeat("A line of a photograph.\n", 60_000))
	}
	town.once("2026-11-22 12:10")
	if n := town.counts(`SELECT count(*) FROM intake WHERE folder_uid > 0`) + town.counts(`SELECT count(*) FROM intake WHERE oversize = 1 AND filed = 1`); n != 12 {
		t.Fatalf("%d messages lie where the test wants them", n)
	}
	of := func(change, name string) { // the row of a mail
		town.sql(`UPDATE intake SET erase = 1, ` + change + ` WHERE message_id LIKE '` + name + `'`)
	}
	at := func(column, name string) string {
		return column + ` = (SELECT ` + column + ` FROM intake WHERE message_id LIKE '` + name + `')`
	}
	of(at("folder_uid", "<2.sam%")+`, folder_validity = 77`, "<1.ana%") // Sam's number, of another count
	of(at("folder_uid", "<3.ben%"), "<4.ana%")                          // a number of a mail of another size
	of(`folder = 'Askfirst/Nowhere'`, "<5.sam%")
	of(`folder = '', folder_uid = 0, folder_validity = 0`, "<8.sam%") // of which only the header was read
	of(`erase_next = 0`, "<3.ben%")                                   // and one of which all is right
	_, errs, code := town.run("once", "--at", "2026-11-22T12:20:00Z")
	if code != exitDone || strings.Contains(errs, "msg=erase ") || !strings.Contains(errs, "msg=erased messages=5") {
		t.Errorf("exit %d: %s", code, errs)
	}
	for name, want := range map[string]int{"canary0ana": 0, "canary1sam": 1, "canary2ben": 0, "canary3ana": 0, "canary4sam": 0, "canary5ben": 1} {
		if n := town.onServer("Subject: A " + name); n != want {
			t.Errorf("%s: %d copies on the server, want %d", name, n, want)
		}
	}
	town.imapAs(folderRefused, func(c *imapclient.Client) {
		for name, want := range map[string]int{"canaryhugeana": 1, "canaryhugesam": 0, "canaryhugeben": 1} {
			found, err := c.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: name}}}, nil).Wait()
			if err != nil || len(found.AllUIDs()) != want {
				t.Errorf("%s: %v, %v on the server, want %d", name, found, err, want)
			}
		}
	})
	if n := town.counts(`SELECT count(*) FROM intake WHERE erase = 2`); n != 5 {
		t.Errorf("%d are known to be gone", n)
	}
}

// A server that can only expunge everything keeps its mail, and says so.
func TestNeverErasesWithoutUIDPLUS(t *testing.T) {
	dovecot := mailboxtest.StartDovecotWith(t, mailboxtest.DovecotOptions{Capability: "IMAP4rev1 MOVE IDLE"}, map[string]string{townHelp: mailboxtest.Password})
	smtp := mailboxtest.StartSMTP(t, func(_, _ string, _ []byte) error { return nil })
	town := settle(&town{TB: t, imap: dovecot.Port, smtp: smtp, put: dovecot.Deliver})
	town.once("2026-11-22 12:00")
	town.sql(doomedOnArrival)
	town.writes("priya", "A canarymicroscope", "For Thursday.")
	town.once("2026-11-22 12:10")
	if n := len(dovecot.Messages(townHelp, "Askfirst/Done")); n != 1 {
		t.Errorf("%d messages in Askfirst/Done", n)
	}
	out := town.tries(exitDone, "", "status", "--at", "2026-11-22T12:11:00Z")
	if !strings.Contains(out, "1 message should be erased") {
		t.Errorf("status does not say so:\n%s", out)
	}
	_, errs, _ := town.run("once", "--at", "2026-11-22T12:15:00Z")
	if strings.Contains(errs, "UIDPLUS") {
		t.Error("it is tried again at once")
	}
	if _, errs, _ := town.run("once", "--at", "2026-11-23T12:15:00Z"); !strings.Contains(errs, "UIDPLUS") {
		t.Error("it is not tried again the next day")
	}
	// Nor is it taken for gone where it has to be looked for.
	town.sql(`UPDATE intake SET erase_next = 0, folder = '', folder_uid = 0, folder_validity = 0`)
	if _, errs, _ := town.run("once", "--at", "2026-11-23T12:20:00Z"); !strings.Contains(errs, "UIDPLUS") || town.counts(`SELECT count(*) FROM intake WHERE erase = 1 AND erase_next > 0`) != 1 {
		t.Error("what was found and could not be erased counts as gone")
	}
	town.audited()
}
