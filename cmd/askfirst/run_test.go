package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/store"
)

// The daemon as a process: what an operator does to it, and what servers do.

// service is a running daemon and its log.
type service struct {
	*town
	command *exec.Cmd
	ended   chan struct{}

	mu  sync.Mutex
	log bytes.Buffer
}

func (s *service) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

func (s *service) logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// begins starts the daemon without waiting: status may not be asked while its
// settings cannot be read.
func (t *town) begins(binary string) *service {
	t.Helper()
	s := &service{town: t, command: exec.Command(binary, "--config", t.config, "run"), ended: make(chan struct{})}
	s.command.Stderr = s
	t.check(s.command.Start())
	go func() {
		_ = s.command.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() {
		_ = s.command.Process.Kill()
		<-s.ended
		if t.Failed() {
			t.Logf("the daemon's log:\n%s", s.logged())
		}
	})
	return s
}

// start starts the daemon and waits until it reads its inbox.
func (t *town) start(binary string) *service {
	t.Helper()
	s := t.begins(binary)
	s.until(10*time.Second, "the daemon reads its inbox", func() bool { return s.status().LastRead != nil })
	return s
}

// signal sends one and, with within, waits for the end and returns the exit code.
func (s *service) end(signal os.Signal, within time.Duration) int {
	s.Helper()
	_ = s.command.Process.Signal(signal) // gone already: Wait knows
	select {
	case <-s.ended:
	case <-time.After(within):
		s.Fatalf("still alive %v after %v", within, signal)
	}
	return s.command.ProcessState.ExitCode()
}

// status is what `status --json` says now.
func (t *town) status() statusReport {
	t.Helper()
	out, errs, _ := t.run("status", "--json")
	var r statusReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v\n%s%s", err, out, errs)
	}
	return r
}

// until waits for something.
func (t *town) until(limit time.Duration, what string, is func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !is() {
		if time.Since(start) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(start)
}

// asked writes an ask and waits for its acknowledgement.
func (t *town) asked(who, subject string, limit time.Duration) time.Duration {
	t.Helper()
	t.writes(who, subject, "Some words about it.")
	return t.until(limit, "the acknowledgement of "+subject, func() bool { return len(t.letters(who, "Got it: "+subject)) == 1 })
}

func TestDaemonOnDovecot(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers and waits for them")
	}
	users := map[string]string{townHelp: mailboxtest.Password}
	for _, who := range townsfolk {
		users[address(who)] = mailboxtest.Password
	}
	dovecot := mailboxtest.StartDovecot(t, users)
	smtp := mailboxtest.StartSMTP(t, func(_, to string, raw []byte) error { return dovecot.Deliver(to, raw) })
	line := mailboxtest.StartProxy(t, smtp)
	town := settle(&town{TB: t, imap: dovecot.Port, smtp: fmt.Sprintf("127.0.0.1:%d", line.Port), put: dovecot.Deliver,
		inbox: func(user string) [][]byte { return dovecot.Messages(user, "INBOX") }})
	binary := buildBinary(t)
	daemon := town.start(binary)

	took := town.asked("sam", "A picture book", 10*time.Second)
	t.Logf("acknowledged after %v", took)

	// A second one says who is there; looking works beside it and changes nothing.
	town.tries(exitBusy, fmt.Sprintf("process %d", daemon.command.Process.Pid), "once")
	town.besideTheDaemon()

	dovecot.Stop()
	town.inboxFails()
	dovecot.Start()
	town.asked("ana", "A laminator", 40*time.Second)
	town.until(10*time.Second, "status is healthy again", func() bool { return town.status().Healthy })
	town.sendingFails(line)

	// Killed and started again.
	town.writes("ruth", "A drum kit", "Some words about it.")
	if code := daemon.end(syscall.SIGKILL, 5*time.Second); code == 0 {
		t.Error("killed, and exit 0")
	}
	daemon = town.start(binary)
	town.until(10*time.Second, "the letter of before", func() bool { return len(town.letters("ruth", "Got it")) == 1 })

	// Asked to stop.
	before := time.Now()
	if code := daemon.end(syscall.SIGTERM, 8*time.Second); code != exitDone {
		t.Errorf("SIGTERM: exit %d", code)
	}
	t.Logf("SIGTERM took %v", time.Since(before))
	if s := town.status(); s.Running || s.Outbox.InDoubt+s.Outbox.Sending+s.Outbox.DotSent != 0 {
		t.Errorf("after SIGTERM: %+v", s)
	}
	town.tries(exitDone, "", "audit", "--server")
}

// inboxFails waits until the status tells that the IMAP server has gone away.
func (t *town) inboxFails() {
	t.Helper()
	t.until(10*time.Second, "status shows that the inbox fails", func() bool { return !t.status().Healthy })
	if p := t.status().Problems; len(p) != 1 || !strings.Contains(p[0], "the inbox cannot be read since") {
		t.Errorf("problems: %q", p)
	}
	t.tries(exitFailed, "", "status")
}

// sendingFails lets the SMTP server go away and come back.
func (t *town) sendingFails(line *mailboxtest.Proxy) {
	t.Helper()
	line.CutAfter(0)
	line.Cut()
	t.writes("ben", "A ladder", "Some words about it.")
	t.until(10*time.Second, "status shows that sending fails", func() bool { return !t.status().Healthy })
	if s := t.status(); s.Outbox.Queued+s.Outbox.Retry == 0 || !strings.Contains(strings.Join(s.Problems, " "), "letters cannot be sent since") {
		t.Errorf("%+v", s)
	}
	line.Heal()
	t.until(60*time.Second, "the letter that waited", func() bool { return len(t.letters("ben", "Got it")) == 1 })
	t.until(10*time.Second, "status is healthy again", func() bool { return t.status().Healthy })
}

// besideTheDaemon looks with every command that only looks, and compares the
// book before and after.
func (t *town) besideTheDaemon() {
	t.Helper()
	writeFile(t, t.beside("offer.eml"), "From: ana@carpenter.example\r\nSubject: #1\r\nMessage-ID: <x@y>\r\n\r\nI can help with #1\r\n")
	before := t.contents()
	for _, line := range []string{"status", "audit", "asks", "asks --all", "preview", "preview --for ana@carpenter.example --eml", "check", "explain " + t.beside("offer.eml")} {
		t.tries(exitDone, "", strings.Fields(line)...)
	}
	if out := t.tries(exitDone, "", "explain", "--json", t.beside("offer.eml")); !strings.Contains(out, `"ask":[1]`) {
		t.Errorf("explain beside the daemon: %s", out)
	}
	if after := t.contents(); after != before {
		t.Errorf("looking changed the book:\n%s\n%s", before, after)
	}
}

// contents is what the book holds that a look could change.
func (t *town) contents() string {
	t.Helper()
	config, err := loadConfig(t.config, nil)
	if err != nil {
		t.Fatal(err)
	}
	book, err := store.OpenExisting(context.Background(), config.Book, bookSettings(config))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	audit, err := book.Audit(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	asks, err := book.Asks(context.Background(), true, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v %+v", audit, asks)
}

// crowd gives the town more people.
func (t *town) crowd(n int) {
	t.Helper()
	raw, err := os.ReadFile(t.config)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for i := range n {
		text += fmt.Sprintf("  - { name: Colleague %d, email: colleague%d@carpenter.example }\n", i, i)
	}
	writeFile(t, t.config, text)
}

// While a slow server takes a digest, an answer does not wait behind it; and a
// stop leaves nothing in doubt.
func TestAnswersOvertakeDigests(t *testing.T) {
	if testing.Short() {
		t.Skip("a slow server takes ten seconds")
	}
	town, po := openTown(t, mailboxtest.Options{})
	town.crowd(100)
	town.writes("sam", "A picture book", "Which one?")
	town.once("2026-11-22 15:00")
	po.SetFault(func(step mailboxtest.Step, _, _ string) *mailboxtest.Fault {
		if step == mailboxtest.StepDot {
			return &mailboxtest.Fault{Wait: time.Second}
		}
		return nil
	})
	d := town.daemon(town.time("2026-11-23 07:30"))
	now := town.time("2026-11-23 07:30")
	if _, err := d.publish(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	sent := make(chan error, 1)
	go func() {
		_, err := d.send(ctx, func() time.Time { return now }, true)
		sent <- err
	}()
	town.until(10*time.Second, "digests leave", func() bool { return len(po.Outside()) > 0 })
	town.takes(d, now, "From: Mark <mark@carpenter.example>\r\nSubject: A drum kit\r\nMessage-ID: <p@q>\r\n\r\nFor one lesson.\r\n")
	if _, err := d.decide(t.Context(), now, func() {}); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	town.until(12*time.Second, "the answer", func() bool { return len(town.letters("mark", "Got it: A drum kit")) == 1 })
	t.Logf("an answer waited %v, %d digests were out", time.Since(start), len(po.Outside()))
	stop()
	start = time.Now()
	if err := <-sent; err != nil {
		t.Error(err)
	}
	counts, err := d.book.OutboxCounts(t.Context())
	if took := time.Since(start); err != nil || took > 6*time.Second || counts["in_doubt"]+counts["sending"]+counts["dot_sent"]+counts["failed"] != 0 || counts["queued"] < 40 {
		t.Errorf("after a stop of %v: %v %v", took, counts, err)
	}
}

// takes puts a message into the ledger as if it had been fetched.
func (t *town) takes(d *daemon, now time.Time, raw string) {
	t.Helper()
	t.sent++
	in := store.Incoming{Mailbox: "x", UIDValidity: 1, UID: uint32(t.sent), Size: int64(len(raw)), Raw: []byte(raw)}
	if _, err := d.book.Receive(t.Context(), []store.Incoming{in}, now); err != nil {
		t.Fatal(err)
	}
}

// daemon is the composition root without its loops.
func (t *town) daemon(now time.Time) *daemon {
	t.Helper()
	config, err := loadConfig(t.config, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := assemble(context.Background(), config, nil, newLog(t.Output(), 0), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.close() })
	return d
}

// A line that has gone dead in silence ends neither a pass nor a stop.
func TestStalledInbox(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for silence")
	}
	town, po := openTown(t, mailboxtest.Options{})
	line := mailboxtest.StartProxy(t, po.IMAPAddr())
	town.edit(fmt.Sprint(town.imap), fmt.Sprint(line.Port))
	d := town.daemon(town.time("2026-11-22 15:00"))
	d.inbox.Timeout = time.Second
	d.inbox.Poll = time.Minute
	line.Stall()
	report := d.pass(t.Context(), town.time("2026-11-22 15:00"))
	if err := report.status(); exitCode(err) != exitBusy || len(report.Errors) != 1 {
		t.Errorf("%v %+v", err, report)
	}
	line.Heal()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.run(ctx) }()
	town.until(10*time.Second, "the inbox is read", func() bool {
		life, err := d.book.Life(t.Context())
		return err == nil && !life.LastRead.IsZero()
	})
	line.Stall()
	d.inbox.Timeout = time.Minute
	start := time.Now()
	stop()
	if err := <-ended; err != nil || time.Since(start) > 6*time.Second {
		t.Errorf("a stop took %v: %v", time.Since(start), err)
	}
}

// What lies in the ledger is decided and answered without the inbox.
func TestLedgerNeedsNoInbox(t *testing.T) {
	town, po := openTown(t, mailboxtest.Options{})
	d := town.daemon(time.Now())
	town.takes(d, time.Now(), "From: sam@carpenter.example\r\nSubject: A picture book\r\nMessage-ID: <p@q>\r\n\r\nWhich one?\r\n")
	d.inbox.Port = 1 // killed after the intake, started while the server is down
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.run(ctx) }()
	town.until(10*time.Second, "the acknowledgement", func() bool { return len(po.Messages("sam@carpenter.example")) == 1 })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
