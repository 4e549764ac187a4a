package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// TestEverythingAtOnce is for the race detector above all: one daemon is given a
// storm, asks of others, hangups with good settings, bad ones and kept ones,
// monitors that scrape it, commands beside it and a server that breaks, all at
// the same time.
func TestEverythingAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("works for some seconds")
	}
	town, po := openTown(t, mailboxtest.Options{})
	town.edit("senders:", "monitor: { listen: \"unix:monitor.sock\" }\nsenders:")
	d := town.daemon(time.Now())
	d.log = newLog(io.Discard, slog.LevelError)
	good := d.config
	if err := d.settled(t.Context(), errors.New("config.yaml:1:1: as if it could not be used"), time.Now()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if err := d.serveMonitor(ctx); err != nil {
		t.Fatal(err)
	}
	var broken atomic.Int64
	po.SetFault(func(step mailboxtest.Step, _, _ string) *mailboxtest.Fault {
		if n := broken.Add(1); n%41 == 0 {
			return &mailboxtest.Fault{Code: 451, Enhanced: [3]int{4, 3, 0}, Text: "later"}
		} else if n%97 == 0 {
			return &mailboxtest.Fault{Cut: true}
		}
		return nil
	})
	hangups, ended := make(chan os.Signal, 1), make(chan error, 1)
	var loads atomic.Int64
	load := func() (*Config, error) {
		n := loads.Add(1)
		if n%3 == 0 {
			return nil, fmt.Errorf("config.yaml:%d:1: as if", n)
		}
		other := *good
		other.Exchange.Name = fmt.Sprintf("School %d", n)
		return &other, nil
	}
	go func() { ended <- d.serve(ctx, load, hangups) }()

	until := time.Now().Add(5 * time.Second)
	var all sync.WaitGroup
	often := func(pause time.Duration, do func()) {
		all.Go(func() {
			for time.Now().Before(until) {
				do()
				time.Sleep(pause)
			}
		})
	}
	for _, page := range []string{"/metrics", "/readyz", "/livez"} {
		often(10*time.Millisecond, func() {
			if code, body := town.get(page); code != http.StatusOK && code != http.StatusServiceUnavailable || strings.Contains(body, "@") {
				t.Errorf("%s: %d %s", page, code, body)
			}
		})
	}
	often(50*time.Millisecond, func() {
		select { // as signals come: those that nobody waits for are one
		case hangups <- syscall.SIGHUP:
		default:
		}
	})
	often(300*time.Millisecond, func() { town.run("status", "--json"); town.run("outbox", "list"); town.run("audit") })
	for _, raw := range storm("Sam <sam@carpenter.example>", 0, 60) {
		if err := po.Deliver(townHelp, raw); err != nil {
			t.Fatal(err)
		}
	}
	const asks = 10
	for i := range asks {
		town.writes("ana", fmt.Sprintf("Thing number %d", i), "A good one, please.")
		time.Sleep(100 * time.Millisecond)
	}
	all.Wait()
	po.SetFault(nil)
	town.until(90*time.Second, "every ask is decided", func() bool {
		counts, err := d.book.IntakeCounts(t.Context())
		return err == nil && counts["accepted"] == asks+60 && counts["pending"] == 0
	})
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	audit, err := d.book.Audit(t.Context())
	if err != nil || len(audit.Findings) > 0 {
		t.Errorf("%v %v", audit.Findings, err)
	}
	t.Logf("settings were read %d times", loads.Load())
}
