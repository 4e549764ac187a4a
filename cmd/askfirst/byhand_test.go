package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"askfirst/mailbox"
	"askfirst/mailbox/mailboxtest"
	"askfirst/store"
)

// must is a command line that succeeds.
func (t *town) must(args ...string) string {
	t.Helper()
	out, errs, code := t.run(args...)
	if code != exitDone {
		t.Fatalf("%v: exit %d\n%s%s", args, code, out, errs)
	}
	return out
}

// An admin holds the outbox: nothing leaves, also nothing that is queued later,
// status says so, and a release sends everything once.
func TestOutboxHeldAndReleased(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-22 12:00")
	town.must("outbox", "hold")
	town.writes("priya", "Borrow a microscope", "For Thursday, please.")
	if r := town.once("2026-11-23 07:00"); r.Accepted != 1 || r.Letters.Sent != 0 {
		t.Errorf("%+v", r)
	}
	town.expect("priya", "Got it", 0)
	if out, _, code := town.run("status", "--at", "2026-11-23T07:00:00Z"); code != exitFailed || !strings.Contains(out, "outbox release") {
		t.Errorf("status: exit %d\n%s", code, out)
	}
	if out := town.must("outbox", "list"); !strings.Contains(out, "Everything is held since 2026-11-22") || !strings.Contains(out, "acknowledgement/1/to/m1") {
		t.Error(out)
	}
	town.must("outbox", "release")
	town.once("2026-11-23 07:10")
	town.expect("priya", "Got it", 1)
	if out := town.must("outbox", "list"); !strings.Contains(out, "nothing waits") {
		t.Error(out)
	}
	town.audited()
}

// Single letters are held, released and sent once more by number or key; what
// is not there changes nothing.
func TestOutboxByHand(t *testing.T) {
	town, po := openTown(t, mailboxtest.Options{})
	town.once("2026-11-22 12:00")
	town.writes("priya", "Borrow a microscope", "For Thursday, please.")
	po.SetFault(func(step mailboxtest.Step, _, _ string) *mailboxtest.Fault {
		if step == mailboxtest.StepRcpt {
			return &mailboxtest.Fault{Code: 451, Enhanced: [3]int{4, 2, 1}, Text: "later"}
		}
		return nil
	})
	town.once("2026-11-22 13:00")
	const key = "acknowledgement/1/to/m1"
	if out := town.must("outbox", "list", "--json"); !strings.Contains(out, `"key":"`+key+`"`) || !strings.Contains(out, `"state":"retry"`) {
		t.Fatal(out)
	}
	if _, errs, code := town.run("outbox", "hold", key, "no/such/letter"); code != exitFailed || !strings.Contains(errs, "no/such/letter") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if out := town.must("outbox", "list"); !strings.Contains(out, "retry") {
		t.Errorf("half a command was done: %s", out)
	}
	town.must("outbox", "hold", key)
	po.SetFault(nil)
	town.once("2026-11-22 14:00")
	town.expect("priya", "Got it", 0)
	if _, _, code := town.run("outbox", "hold", key); code != exitFailed {
		t.Error("a held letter was held again")
	}
	town.must("outbox", "release", key)
	town.once("2026-11-22 14:05")
	town.expect("priya", "Got it", 1)
	if _, errs, code := town.run("outbox", "retry", key); code != exitFailed || !strings.Contains(errs, "sent") {
		t.Errorf("a sent letter was sent again: exit %d: %s", code, errs)
	}
	if _, _, code := town.run("outbox", "list", "--state", "lost"); code != exitUsage {
		t.Errorf("exit %d", code)
	}
	town.audited()
}

// A message that was put aside is looked at, decided after all, or left.
func TestQuarantineByHand(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-22 12:00")
	town.writes("priya", "Borrow a microscope", "For Thursday, please.")
	town.writes("ana", "A laminator", "For an hour.")
	town.putAside(t, "2026-11-22 13:00")
	out := town.must("quarantine", "list")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 {
		t.Fatal(out)
	}
	first, _, _ := strings.Cut(lines[0], " ")
	second, _, _ := strings.Cut(lines[1], " ")
	if out := town.must("quarantine", "show", first); !strings.Contains(out, "From: priya@carpenter.example") || !strings.Contains(out, "For Thursday, please.") {
		t.Error(out)
	}
	if out := town.must("quarantine", "show", first, "--raw"); !strings.HasPrefix(out, "From: ") && !strings.Contains(out, "\r\n\r\n") {
		t.Error(out)
	}
	town.must("quarantine", "release", first)
	town.must("quarantine", "drop", second)
	if r := town.once("2026-11-22 14:00"); r.Accepted != 1 {
		t.Errorf("%+v", r)
	}
	town.expect("priya", "Got it", 1)
	town.expect("ana", "Got it", 0)
	if _, errs, code := town.run("quarantine", "release", second); code != exitFailed || !strings.Contains(errs, "in quarantine") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if _, _, code := town.run("quarantine", "drop", "seventeen"); code != exitUsage {
		t.Errorf("exit %d", code)
	}
	town.audited()
}

// putAside takes what lies in the inbox into quarantine, as a panic would.
func (town *town) putAside(t *testing.T, at string) {
	t.Helper()
	config, err := loadConfig(town.config, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := assemble(t.Context(), config, nil, slog.New(slog.DiscardHandler), town.time(at))
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	in, err := mailbox.Open(t.Context(), d.inbox)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := d.receive(t.Context(), in, town.time(at)); err != nil {
		t.Fatal(err)
	}
	pending, err := d.book.PendingIntake(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range pending {
		if err := d.book.Load(t.Context(), &in); err != nil {
			t.Fatal(err)
		}
		if err := d.quarantine(t.Context(), in, reasonPanic, town.time(at)); err != nil {
			t.Fatal(err)
		}
	}
}

// backedUp is a town with one ask, and a backup of its book.
func backedUp(t *testing.T) (*town, string) {
	t.Helper()
	town := inProcess(t)
	town.once("2026-11-22 12:00")
	town.writes("priya", "Borrow a microscope", "For Thursday, please.")
	town.once("2026-11-22 13:00")
	file := filepath.Join(t.TempDir(), "copy.db")
	town.must("backup", file)
	return town, file
}

// A backup is made beside a working book, never overwrites, and comes back
// without sending anything a second time.
func TestBackupAndRestore(t *testing.T) {
	town, file := backedUp(t)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if _, errs, code := town.run("backup", file); code != exitFailed || !strings.Contains(errs, "never overwrites") {
		t.Errorf("exit %d: %s", code, errs)
	}

	town.writes("ana", "A laminator", "For an hour.")
	town.once("2026-11-23 07:30") // the digest, and ask 2
	digests := len(town.letters("mark", "ask"))
	if digests != 1 {
		t.Fatalf("%d digests", digests)
	}

	out := town.must("restore", file, "--at", "2026-11-23T08:00:00Z")
	if !strings.Contains(out, "outbox release") || !strings.Contains(out, "before-restore-20261123T080000Z") {
		t.Error(out)
	}
	town.writes("ben", "A spelling app", "Which one is good?")
	if r := town.once("2026-11-23 08:10"); r.Accepted != 1 || r.Letters.Sent != 0 || r.Editions.Composed != 0 {
		t.Errorf("%+v", r)
	}
	if n := len(town.letters("mark", "ask")); n != digests {
		t.Errorf("mark has %d digests of that day", n)
	}
	town.must("outbox", "release")
	town.once("2026-11-23 08:20")
	if got := town.letter("ben", "Got it").Subject; !strings.Contains(got, "(#102)") {
		t.Errorf("a number that people have seen was given again: %q", got)
	}
	if n := len(town.letters("mark", "ask")); n != digests {
		t.Errorf("mark has %d digests of that day", n)
	}
	town.once("2026-11-24 07:30")
	if n := len(town.letters("mark", "ask")); n != digests+1 {
		t.Errorf("mark has %d digests after the next day", n)
	}
	town.audited()
}

// What cannot be restored changes nothing, and a restore that was interrupted is
// noticed by the next start.
func TestRestoreRefuses(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-22 12:00")
	town.writes("priya", "Borrow a microscope", "For Thursday, please.")
	town.once("2026-11-22 13:00")
	before, err := os.ReadFile(town.beside("askfirst.db"))
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.db")
	spoilt := append([]byte{}, before...)
	for i := 4096; i < min(len(spoilt), 40_000); i++ {
		spoilt[i] ^= 0x5a
	}
	if err := os.WriteFile(broken, spoilt, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{broken, filepath.Join(t.TempDir(), "missing.db"), town.config} {
		if _, errs, code := town.run("restore", file); code != exitFailed || !strings.Contains(errs, "the book is as it was") {
			t.Errorf("%s: exit %d: %s", file, code, errs)
		}
	}
	if got := town.must("asks", "--at", "2026-11-22T13:00:00Z"); !strings.Contains(got, "microscope") {
		t.Error(got)
	}
	lock, err := store.Acquire(town.beside("askfirst.db"), town.time("2026-11-22 13:00"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, code := town.run("restore", broken); code != exitBusy {
		t.Errorf("exit %d beside a working daemon", code)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(town.beside("askfirst.db.restoring"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := town.run("once", "--at", "2026-11-22T14:00:00Z"); code != exitFailed || !strings.Contains(errs, "restore was interrupted") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
