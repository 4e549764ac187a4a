package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// TestStopInEveryPhase asks the daemon to stop while it waits for each answer of
// a server: it ends by itself and well, and leaves nothing in doubt that need
// not be.
func TestStopInEveryPhase(t *testing.T) {
	grounded(t)
	if testing.Short() {
		t.Skip("starts a daemon and stops it, six times")
	}
	binary := buildBinary(t)
	for _, phase := range []mailboxtest.Step{mailboxtest.StepMail, mailboxtest.StepRcpt, mailboxtest.StepDot} {
		t.Run(string(phase), func(t *testing.T) {
			t.Parallel()
			town, po := openTown(t, mailboxtest.Options{})
			reached := make(chan struct{}, 100)
			daemon := town.start(binary)
			po.SetFault(func(step mailboxtest.Step, _, _ string) *mailboxtest.Fault {
				if step != phase {
					return nil
				}
				reached <- struct{}{}
				return &mailboxtest.Fault{Wait: 2 * time.Second}
			})
			town.writes("sam", "A picture book", "Which one?")
			town.writes("ana", "A bell", "For the play.")
			<-reached
			begin := time.Now()
			if code := daemon.end(syscall.SIGTERM, patience); code != exitDone {
				t.Errorf("exit %d", code)
			}
			t.Logf("waiting for the answer to %s: stopped after %v", phase, time.Since(begin))
			town.nothingInDoubt()
			po.SetFault(nil)
			town.must("once")
			for who, what := range map[string]string{"sam": "A picture book", "ana": "A bell"} {
				town.expect(who, "Got it: "+what, 1)
			}
			town.audited()
		})
	}
	t.Run("fetching", func(t *testing.T) {
		t.Parallel()
		town, po := openTown(t, mailboxtest.Options{})
		line := mailboxtest.StartProxy(t, po.IMAPAddr())
		town.edit(fmt.Sprintf("port: %d", town.imap), fmt.Sprintf("port: %d", line.Port))
		daemon := town.start(binary)
		line.Stall()
		town.writes("sam", "A picture book", "Which one?")
		time.Sleep(3 * time.Second) // the poll has begun
		if code := daemon.end(syscall.SIGTERM, patience); code != exitDone {
			t.Errorf("exit %d", code)
		}
		town.nothingInDoubt()
		line.Heal()
		town.must("once")
		town.expect("sam", "Got it", 1)
	})
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		town, po := openTown(t, mailboxtest.Options{})
		reached := make(chan struct{}, 100)
		daemon := town.start(binary)
		po.SetFault(func(step mailboxtest.Step, _, _ string) *mailboxtest.Fault {
			if step != mailboxtest.StepDot {
				return nil
			}
			reached <- struct{}{}
			return &mailboxtest.Fault{Wait: 20 * time.Second}
		})
		town.writes("sam", "A picture book", "Which one?")
		<-reached
		_ = daemon.command.Process.Signal(syscall.SIGTERM)
		time.Sleep(500 * time.Millisecond)
		begin := time.Now()
		if code := daemon.end(syscall.SIGTERM, 5*time.Second); code == exitDone {
			t.Errorf("ended by a second SIGTERM, and exit %d", code)
		}
		t.Logf("a second SIGTERM ended it after %v", time.Since(begin))
		po.SetFault(nil)
		town.must("once")
		if n := len(town.letters("sam", "Got it")); n < 1 || n > 2 {
			t.Errorf("%d acknowledgements", n)
		}
		town.audited()
	})
	t.Run("nobody reads the log", func(t *testing.T) {
		t.Parallel()
		town, _ := openTown(t, mailboxtest.Options{})
		town.survivesItsLog(binary)
	})
}

// nothingInDoubt is a ledger after a stop.
func (t *town) nothingInDoubt() {
	t.Helper()
	if s := t.status(); s.Running || s.Outbox.InDoubt+s.Outbox.Sending+s.Outbox.DotSent != 0 {
		t.Errorf("after a stop: %+v", s.Outbox)
	}
}

// survivesItsLog closes the pipe that the daemon logs to.
func (t *town) survivesItsLog(binary string) {
	t.Helper()
	command := exec.Command(binary, "--config", t.config, "run")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = write
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	defer func() { _ = command.Process.Kill() }() // gone already, if all is well
	_ = write.Close()
	if _, err := io.ReadAtLeast(read, make([]byte, 10), 10); err != nil {
		t.Fatal(err)
	}
	_ = read.Close()
	t.asked("sam", "A picture book", 20*time.Second)
	_ = command.Process.Signal(syscall.SIGHUP)
	t.asked("ana", "A bell", 20*time.Second)
	_ = command.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("after SIGTERM: %v", err)
		}
	case <-time.After(patience):
		t.Error("still alive after SIGTERM")
	}
}
