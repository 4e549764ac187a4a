package main

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// New settings are put in force whole or not at all, while the daemon works.
func TestReload(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a daemon and waits for it")
	}
	town, po := openTown(t, mailboxtest.Options{})
	admin := func() int { return len(po.Outside()["it@else.example"]) }
	if _, errs, code := town.run("reload"); code != exitFailed || !strings.Contains(errs, "there is no book yet") {
		t.Errorf("without a book: exit %d: %s", code, errs)
	}
	daemon := town.start(buildBinary(t))
	town.asked("sam", "A picture book", 10*time.Second)

	good, err := os.ReadFile(town.config)
	if err != nil {
		t.Fatal(err)
	}
	town.edit("staff:\n", "staff:\n  - { name: Nina New, email: nina@carpenter.example }\n")
	if out := town.must("reload"); !strings.Contains(out, "in force") {
		t.Error(out)
	}
	town.writes("nina@carpenter.example", "A kettle", "For the staff room.")
	town.until(10*time.Second, "the new colleague's acknowledgement", func() bool { return len(po.Outside()["nina@carpenter.example"]) == 1 })

	// A typo: the command says where, the signal tells the admin, the daemon goes on.
	town.edit("digest: { at", "digset: { at")
	if _, errs, code := town.run("reload"); code != exitUnusable || !strings.Contains(errs, "config.yaml:5:") {
		t.Errorf("exit %d: %s", code, errs)
	}
	_ = daemon.command.Process.Signal(syscall.SIGHUP)
	town.until(10*time.Second, "the admin knows", func() bool { return admin() == 1 })
	if letter := string(po.Outside()["it@else.example"][0]); !strings.Contains(letter, "config.yaml:5:") || !strings.Contains(letter, "digest") {
		t.Error(letter)
	}
	_ = daemon.command.Process.Signal(syscall.SIGHUP)
	town.asked("ana", "A laminator", 10*time.Second)
	if n := admin(); n != 1 {
		t.Errorf("the admin was told %d times", n)
	}

	// Half a staff list.
	cut := string(good[:strings.Index(string(good), "  - { name: Ana")])
	writeFile(t, town.config, cut)
	if _, errs, code := town.run("reload"); code != exitFailed || !strings.Contains(errs, "reload --confirm") {
		t.Errorf("exit %d: %s", code, errs)
	}
	town.asked("ana", "A ladder", 10*time.Second)
	if out := town.must("reload", "--confirm"); !strings.Contains(out, "in force") {
		t.Error(out)
	}
	town.writes("ana", "A bell", "For the play.")
	town.until(10*time.Second, "ana is told that she is not on the list", func() bool {
		letters := town.letters("ana", "")
		return !strings.Contains(letters[len(letters)-1].Subject, "Got it")
	})
	if code := daemon.end(syscall.SIGTERM, 8*time.Second); code != exitDone {
		t.Errorf("SIGTERM: exit %d", code)
	}
	if _, errs, code := town.run("reload"); code != exitFailed || !strings.Contains(errs, "no daemon") {
		t.Errorf("without a daemon: exit %d: %s", code, errs)
	}
	town.audited()
}

// Hangups in the middle of work, many of them, lose nothing and send nothing
// twice.
func TestReloadStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a daemon and waits for it")
	}
	town, _ := openTown(t, mailboxtest.Options{})
	daemon := town.start(buildBinary(t))
	const asks = 30
	for i := range asks {
		town.writes(townsfolk[i%len(townsfolk)], "Thing "+string(rune('A'+i)), "Some words about it.")
		_ = daemon.command.Process.Signal(syscall.SIGHUP)
		time.Sleep(30 * time.Millisecond)
	}
	count := func() (n int) {
		for _, who := range townsfolk {
			n += len(town.letters(who, "Got it"))
		}
		return n
	}
	town.until(30*time.Second, "every ask is acknowledged", func() bool { return count() >= asks })
	if code := daemon.end(syscall.SIGTERM, 8*time.Second); code != exitDone {
		t.Errorf("SIGTERM: exit %d", code)
	}
	if n := count(); n != asks {
		t.Errorf("%d acknowledgements for %d asks", n, asks)
	}
	town.audited()
}
