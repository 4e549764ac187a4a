package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// The disk: full, failing, and back again.

// book is the path of the town's book.
func (t *town) book() string { return filepath.Join(filepath.Dir(t.config), "askfirst.db") }

// spoil runs the program once while calls of the class on the book's files fail
// from the n-th on, or only then. It returns the exit code, and whether anything
// failed at all.
func (k *killer) spoil(t *town, class, fault string, n int, on bool, at string) (code int, failed bool) {
	k.t.Helper()
	log := filepath.Join(k.t.TempDir(), "strace.log")
	args := []string{"-f", "-qq", "-o", log}
	for _, suffix := range []string{"", "-wal", "-shm", ".dots"} {
		args = append(args, "-P", t.book()+suffix)
	}
	when := fmt.Sprint(n)
	if on {
		when += "+"
	}
	args = append(args, "-e", "trace="+class, "-e", fmt.Sprintf("inject=%s:error=%s:when=%s", class, fault, when),
		k.binary, "--config", t.config, "once", "--at", t.time(at).Format(time.RFC3339))
	out, err := exec.Command(k.strace, args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		k.t.Fatal(err)
	}
	if strings.Contains(string(out), "panic:") || exit != nil && exit.ExitCode() < 0 {
		k.t.Fatalf("%s %s at %d: %v\n%s", class, fault, n, err, out)
	}
	raw, err := os.ReadFile(log)
	if err != nil {
		k.t.Fatal(err)
	}
	if exit != nil {
		code = exit.ExitCode()
	}
	return code, strings.Contains(string(raw), "(INJECTED)")
}

// diskFaults are what a disk does to the calls that write the book.
func diskFaults() []struct{ class, fault string } {
	return []struct{ class, fault string }{
		{"pwrite64", "ENOSPC"}, {"fsync,fdatasync", "EIO"}, {"pwrite64", "EIO"}, {"ftruncate", "ENOSPC"},
		{"write", "ENOSPC"}, {"fsync,fdatasync", "ENOSPC"}, {"pread64", "EIO"},
	}
}

// diskWeek plays the week; every pass is made by a program whose disk fails, in
// all ways, at each of the given calls, and then by one whose disk is well.
func diskWeek(t *testing.T, town *town, calls []int) (faults int) {
	k := newKiller(t)
	for i, c := range provingWeek() {
		c.mail(town)
		town.settled()
		for j, f := range diskFaults() {
			for l, n := range calls {
				if !*long && (i+j+l)%3 != 0 {
					continue
				}
				code, failed := k.spoil(town, f.class, f.fault, n, (i+j+l)%2 == 0, c.at)
				if !failed {
					continue
				}
				faults++
				if code != exitDone && code != exitFailed && code != exitDisk {
					t.Errorf("%s %s at %d: exit %d", f.class, f.fault, n, code)
				}
				if code == exitDisk && !strings.HasPrefix(f.class, "fsync") {
					t.Errorf("%s %s at %d: exit %d is for an fsync that failed", f.class, f.fault, n, code)
				}
			}
		}
		town.once(c.at)
		town.settled()
	}
	return faults
}

// TestDiskFaults plays the week on a disk that fails again and again: what
// reaches the mailboxes is what does in peace.
func TestDiskFaults(t *testing.T) {
	grounded(t)
	if testing.Short() {
		t.Skip("fails a disk hundreds of times")
	}
	peaceful := inProcess(t)
	inPeace(peaceful)
	calls := []int{1, 3, 9}
	if *long {
		calls = []int{1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 50, 60, 80}
	}
	town := inProcess(t)
	faults := diskWeek(t, town, calls)
	town.reaped().sameAs(town, peaceful.reaped())
	town.audited()
	t.Logf("the disk failed in %d passes", faults)
	if faults < 40 {
		t.Errorf("the disk failed in %d passes only: the test proves little", faults)
	}
}

// An fsync that fails, of the log with a commit or of the book behind one, ends
// the program with a code of its own, and no letter has left without its row.
func TestFailedSync(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the program under strace")
	}
	k := newKiller(t)
	for _, suffix := range []string{"-wal", ""} {
		town := inProcess(t)
		town.once("2026-11-22 12:00")
		town.writes("sam", "A picture book", "Which one?")
		args := []string{"-f", "-qq", "-o", os.DevNull, "-P", town.book() + suffix, "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO",
			k.binary, "--config", town.config, "once", "--at", "2026-11-22T15:00:00Z"}
		out, err := exec.Command(k.strace, args...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitDisk || !strings.Contains(string(out), "fsync failed") {
			t.Errorf("%q: %v, want exit %d\n%s", suffix, err, exitDisk, out)
		}
		if suffix == "-wal" {
			town.expect("sam", "Got it", 0)
		}
		town.once("2026-11-22 15:01")
		town.expect("sam", "Got it", 1)
		town.audited()
	}
}

// smallDisk puts the town's book on a file system of so many bytes. It returns
// its folder and what makes it larger.
func smallDisk(t *town, octets int) (string, func(octets int)) {
	t.Helper()
	folder := t.TempDir()
	size := func(n int) string { return fmt.Sprintf("size=%d", n) }
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", size(octets), "none", folder).CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no small file system can be mounted: %v %s", err, out)
		}
		t.Skipf("no small file system can be mounted here (that needs root): a full disk is not tried (%v)", err)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", folder).CombinedOutput(); err != nil {
			t.Errorf("%v %s", err, out)
		}
	})
	t.edit("senders:", fmt.Sprintf("store: { url: %s }\nsenders:", filepath.Join(folder, "askfirst.db")))
	return folder, func(octets int) {
		t.Helper()
		if out, err := exec.Command("mount", "-o", "remount,"+size(octets), folder).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
}

// TestIntakeStopsBeforeTheDiskIsFull has large mails come onto a disk of one
// MiB: some are taken, the rest stays on the server, status says why, and when
// there is room the same process goes on by itself.
func TestIntakeStopsBeforeTheDiskIsFull(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a daemon and waits for it")
	}
	town := inProcess(t)
	_, grow := smallDisk(town, 1<<20)
	daemon := town.start(buildBinary(t))
	const asks = 8
	for i := range asks {
		town.writes("sam", fmt.Sprintf("Thing %d", i), strings.Repeat("Words about it. ", 6000))
	}
	town.until(20*time.Second, "status says that there is no room", func() bool {
		return strings.Contains(strings.Join(town.status().Problems, " "), errNoRoom.Error())
	})
	if s := town.status(); s.Healthy || !s.Running {
		t.Errorf("%+v", s)
	}
	if out, _, code := town.run("check", "--offline"); code != exitFailed || !strings.Contains(out, "mail stays on the server") {
		t.Errorf("check: exit %d\n%s", code, out)
	}
	town.tries(exitDone, "", "audit")
	if n := len(town.letters("sam", "Got it")); n >= asks {
		t.Errorf("all %d asks fitted: the test proves nothing", n)
	}
	grow(64 << 20)
	town.until(30*time.Second, "every ask is acknowledged", func() bool { return len(town.letters("sam", "Got it")) == asks })
	town.until(10*time.Second, "status is healthy again", func() bool { return town.status().Healthy })
	if code := daemon.end(syscall.SIGTERM, 8*time.Second); code != exitDone {
		t.Errorf("SIGTERM: exit %d", code)
	}
	town.tries(exitDone, "", "audit", "--server")
}

// TestDiskFullInTheMiddle fills the disk while messages wait for their decision:
// nothing leaves, the daemon lives, and goes on when there is room.
func TestDiskFullInTheMiddle(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a disk")
	}
	town, po := openTown(t, mailboxtest.Options{})
	folder, grow := smallDisk(town, 2<<20)
	now := time.Now()
	d := town.daemon(now)
	const asks = 15 // fewer than the letters a day that one person gets
	for i := range asks {
		town.takes(d, now, fmt.Sprintf("From: sam@carpenter.example\r\nSubject: Thing %d\r\nMessage-ID: <%d@q>\r\n\r\nWhich one?\r\n", i, i))
	}
	filler := filepath.Join(folder, "filler")
	err := os.WriteFile(filler, make([]byte, 4<<20), 0o600)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("filling the disk: %v", err)
	}
	ended := make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	go func() { ended <- d.serve(ctx, func() (*Config, error) { return nil, errors.New("no reload") }, nil) }()
	select {
	case err := <-ended:
		t.Fatalf("the daemon ended: %v", err)
	case <-time.After(3 * time.Second):
	}
	acknowledged := len(po.Messages("sam@carpenter.example"))
	if acknowledged >= asks {
		t.Errorf("%d of %d asks fitted: the test proves nothing", acknowledged, asks)
	}
	grow(64 << 20)
	town.until(30*time.Second, "the acknowledgements", func() bool { return len(po.Messages("sam@carpenter.example")) >= asks })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	counts, err := d.book.OutboxCounts(t.Context())
	if err != nil || counts["sent"] != asks || len(po.Messages("sam@carpenter.example")) != asks {
		t.Errorf("%v %v, %d letters", counts, err, len(po.Messages("sam@carpenter.example")))
	}
	audit, err := d.book.Audit(t.Context())
	if err != nil || len(audit.Findings) > 0 {
		t.Errorf("%v %v", audit.Findings, err)
	}
}
