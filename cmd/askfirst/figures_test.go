package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// The figures of docs/FIGURES.md. Each benchmark runs once and compares side by
// side with the tool of the field, since timings vary from run to run.

// BenchmarkAcknowledgement is the time from an ask's delivery into Dovecot until
// an SMTP server has accepted the acknowledgement, the daemon waiting with IDLE.
func BenchmarkAcknowledgement(b *testing.B) {
	accepted := make(chan time.Time, 1)
	dovecot := mailboxtest.StartDovecot(b, map[string]string{townHelp: mailboxtest.Password})
	smtp := mailboxtest.StartSMTP(b, func(string, string, []byte) error {
		accepted <- time.Now()
		return nil
	})
	t := settle(&town{TB: b, imap: dovecot.Port, smtp: smtp, put: dovecot.Deliver})
	config, err := loadConfig(t.config, nil)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	d, err := assemble(ctx, config, nil, slog.New(slog.DiscardHandler), time.Now())
	if err != nil {
		b.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		if err := d.run(ctx); err != nil {
			b.Error(err)
		}
	})
	time.Sleep(2 * time.Second) // it is waiting with IDLE now
	const asks = 100
	var delays []time.Duration
	for i := range asks {
		start := time.Now()
		t.writes(townsfolk[i%len(townsfolk)], fmt.Sprintf("Need a hand with thing %d", i), "Some words about it.")
		select {
		case at := <-accepted:
			delays = append(delays, at.Sub(start))
		case <-time.After(30 * time.Second):
			b.Fatalf("ask %d: no acknowledgement in 30 s", i)
		}
		time.Sleep(50 * time.Millisecond)
	}
	cancel()
	running.Wait()
	if err := d.close(); err != nil {
		b.Error(err)
	}
	slices.Sort(delays)
	b.ReportMetric(float64(delays[asks/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(delays[asks*95/100].Milliseconds()), "p95-ms")
	b.ReportMetric(0, "ns/op")
}

// timed runs a command to its end and returns how long it took and its peak
// resident memory in MiB.
func timed(b *testing.B, command *exec.Cmd) (time.Duration, float64) {
	b.Helper()
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	start := time.Now()
	if err := command.Run(); err != nil {
		b.Fatalf("%s: %v\n%s", command, err, out.String())
	}
	took := time.Since(start)
	return took, float64(command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
}

func tool(b *testing.B, name, pkg string) string {
	b.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		b.Skipf("%s is not installed (apt-get install %s)", name, pkg)
	}
	return path
}

// BenchmarkIntake takes 3,000 multipart asks out of Dovecot and acknowledges
// them through smtp-sink; beside it mbsync copies the same mailbox and
// smtp-source sends 3,000 letters.
func BenchmarkIntake(b *testing.B) {
	mbsync, source := tool(b, "mbsync", "isync"), tool(b, "smtp-source", "postfix")
	const asks = 3000
	dovecot := mailboxtest.StartDovecot(b, map[string]string{townHelp: mailboxtest.Password})
	sink := mailboxtest.StartSink(b)
	t := settle(&town{TB: b, imap: dovecot.Port, smtp: sink, put: dovecot.Deliver})
	t.employ(300)
	for i := range asks {
		t.writes(fmt.Sprintf("m%d", i%300), fmt.Sprintf("Need a hand with thing %d", i), strings.Repeat("Some words about it, and a few more.\n", 10), func(n *note) { n.photo = true })
	}
	binary := buildBinary(b)

	folder := b.TempDir()
	rc := filepath.Join(folder, "mbsyncrc")
	text := fmt.Sprintf("IMAPAccount a\nHost 127.0.0.1\nPort %d\nUser %s\nPass \"%s\"\nSSLType None\nAuthMechs LOGIN\n\nIMAPStore far\nAccount a\n\nMaildirStore near\nInbox %s/in\nPath %s/\n\nChannel c\nFar :far:\nNear :near:\nCreate Near\nSyncState *\n",
		dovecot.Port, townHelp, mailboxtest.Password, folder, folder)
	if err := os.WriteFile(rc, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	copying, _ := timed(b, exec.Command(mbsync, "-q", "-c", rc, "c"))
	if copied, err := filepath.Glob(folder + "/in/*/*,*"); err != nil || len(copied) < asks {
		b.Fatalf("mbsync copied %d messages, %v", len(copied), err)
	}
	sending, _ := timed(b, exec.Command(source, "-s", "1", "-m", fmt.Sprint(asks), "-l", "4000", "-d", sink))
	ours, memory := timed(b, exec.Command(binary, "--config", t.config, "once", "--at", "2026-11-22T15:00:00Z"))
	if out, errs, code := t.run("audit"); code != exitDone || !strings.Contains(out, "3000 accepted") || !strings.Contains(out, "3000 sent") {
		b.Fatal(out, errs, code)
	}
	if left := len(dovecot.Messages(townHelp, "INBOX")); left != 0 {
		b.Errorf("%d messages are still in the inbox", left)
	}
	b.ReportMetric(ours.Seconds(), "askfirst-s")
	b.ReportMetric(copying.Seconds(), "mbsync-s")
	b.ReportMetric(sending.Seconds(), "smtp-source-s")
	b.ReportMetric(ours.Seconds()/(copying+sending).Seconds(), "ratio")
	b.ReportMetric(memory, "MiB")
	b.ReportMetric(0, "ns/op")
}

// employ gives the town a staff of that size.
func (t *town) employ(members int) {
	t.Helper()
	var staff strings.Builder
	staff.WriteString("name,email,aliases,group,leader,knows,language\n")
	for i := range members {
		fmt.Fprintf(&staff, "Member%d Example,m%d@carpenter.example,,Group %d,,,\n", i, i, i%20)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(t.config), "staff.csv"), []byte(staff.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(t.config)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), "staff:\n")
	if err := os.WriteFile(t.config, []byte(head+"staff_file: staff.csv\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkDigest sends the digest to 5,000 members through smtp-sink with every
// durability rule in force: the whole command, from its start to its end, against
// smtp-source sending as many letters of the same size over 4 connections.
func BenchmarkDigest(b *testing.B) {
	source := tool(b, "smtp-source", "postfix")
	const members = 5000
	office, err := mailboxtest.Open(townHelp)
	if err != nil {
		b.Fatal(err)
	}
	defer office.Close()
	sink := mailboxtest.StartSink(b)
	t := settle(&town{TB: b, imap: office.IMAPPort(), smtp: sink, put: office.Deliver})
	t.employ(members)
	for i := range 6 {
		t.writes(fmt.Sprintf("m%d@carpenter.example", i), fmt.Sprintf("Borrow thing %d for Thursday", i), strings.Repeat("I need one of these for a single lesson. ", 4))
	}
	t.once("2026-11-22 15:00")
	eml, errs, code := t.run("preview", "--for", "m77@carpenter.example", "--date", "2026-11-23", "--eml")
	if code != exitDone || len(eml) < 1000 {
		b.Fatal("no preview", errs)
	}
	binary := buildBinary(b)
	ours, memory := timed(b, exec.Command(binary, "--config", t.config, "once", "--at", "2026-11-23T07:30:00Z"))
	if out, errs, code := t.run("audit"); code != exitDone || !strings.Contains(out, fmt.Sprintf("%d sent", members+6)) {
		b.Fatal(out, errs, code)
	}
	_, port, err := net.SplitHostPort(sink)
	if err != nil {
		b.Fatal(err)
	}
	size := len(eml)
	theirs, _ := timed(b, exec.Command(source, "-s", "4", "-m", fmt.Sprint(members), "-l", fmt.Sprint(size), "-d", "127.0.0.1:"+port))
	b.ReportMetric(members/ours.Seconds(), "askfirst-letters/s")
	b.ReportMetric(members/theirs.Seconds(), "smtp-source-letters/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
	b.ReportMetric(float64(size), "B/letter")
	b.ReportMetric(memory, "MiB")
	b.ReportMetric(0, "ns/op")
}
