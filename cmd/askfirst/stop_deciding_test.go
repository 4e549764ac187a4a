package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/store"
)

// A daemon that is stopped while it decides hundreds of messages ends at once and
// well; those that it had taken up and not decided are blamed for nothing, and the
// next life decides them.
func TestStopWhileDeciding(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a daemon and stops it")
	}
	town, po := openTown(t, mailboxtest.Options{})
	const asks = 400
	for i := range asks {
		raw := fmt.Appendf(nil, "From: %s\r\nSubject: Borrow thing%d\r\nMessage-ID: <%d@stop>\r\n\r\nA good one, please.\r\n", address(townsfolk[i%len(townsfolk)]), i, i)
		if err := po.Deliver(townHelp, raw); err != nil {
			t.Fatal(err)
		}
	}
	daemon := town.begins(buildBinary(t))
	town.until(20*time.Second, "it decides", func() bool { return strings.Count(daemon.logged(), "msg=ask ") > 20 })
	begin := time.Now()
	if code := daemon.end(syscall.SIGTERM, patience); code != exitDone {
		t.Errorf("exit %d", code)
	}
	t.Logf("stopped after %v", time.Since(begin))
	config, err := loadConfig(town.config, nil)
	town.check(err)
	book, err := store.OpenExisting(t.Context(), config.Book, bookSettings(config))
	town.check(err)
	pending, err := book.PendingIntake(t.Context(), asks)
	town.check(err)
	town.check(book.Close())
	if len(pending) == 0 {
		t.Fatal("everything was decided already: the test proves nothing")
	}
	for _, in := range pending {
		if in.Attempts != 0 {
			t.Errorf("message %d was not decided and is blamed for %d lives", in.ID, in.Attempts)
		}
	}
	town.nothingInDoubt()
	town.must("once")
	if s := town.status(); s.Intake.Pending != 0 || s.Asks.Open != asks {
		t.Errorf("%+v %+v", s.Intake, s.Asks)
	}
	town.audited()
}

// A daemon that is stopped while a letter is on the wire and the line has gone
// dead waits for as long as its patience lasts, and no longer. The letter then
// comes once, or once more with the same Message-ID.
func TestStopWithinALetter(t *testing.T) {
	grounded(t)
	town, po := openTown(t, mailboxtest.Options{})
	line := mailboxtest.StartProxy(t, po.SMTPAddr())
	town.edit(port(town.smtp)+", tls: none }", fmt.Sprintf("%d, tls: none }", line.Port))
	reached := make(chan struct{}, 100)
	po.SetFault(func(step mailboxtest.Step, _, _ string) *mailboxtest.Fault {
		if step == mailboxtest.StepData {
			line.Stall()
			reached <- struct{}{}
		}
		return nil
	})
	daemon := town.start(buildBinary(t))
	town.writes("sam", "A picture book", "Which one?")
	<-reached
	begin := time.Now()
	if code := daemon.end(syscall.SIGTERM, patience+15*time.Second); code != exitDone {
		t.Errorf("exit %d", code)
	}
	t.Logf("stopped after %v, letters: %+v", time.Since(begin), town.status().Outbox)
	po.SetFault(nil)
	line.Heal()
	if _, errs, code := town.run("once", "--at", time.Now().Add(time.Hour).Format(time.RFC3339)); code != exitDone {
		t.Errorf("exit %d: %s", code, errs)
	}
	letters := town.letters("sam", "Got it")
	if len(letters) < 1 || len(letters) > 2 || letters[0].MessageID != letters[len(letters)-1].MessageID {
		t.Errorf("%d letters", len(letters))
	}
	town.audited()
}
