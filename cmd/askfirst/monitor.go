package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"askfirst/store"
)

// monitor answers a monitoring system on this machine: /livez, /readyz and
// /metrics in the Prometheus text format. It tells counts and times, never an
// address or a word that somebody wrote.
type monitor struct {
	*daemon
	server *http.Server
}

// startMonitor listens where the configuration says; nil: nowhere.
func startMonitor(d *daemon) (*monitor, error) {
	where := d.config.Monitor
	if where == "" {
		return nil, nil
	}
	network, address := "tcp", where
	if path, ok := strings.CutPrefix(where, "unix:"); ok {
		network, address = "unix", d.config.resolve(path)
		// A socket that an earlier life left would keep us from listening.
		if info, err := os.Lstat(address); err == nil && info.Mode().Type() == fs.ModeSocket {
			if err := os.Remove(address); err != nil {
				return nil, outside{fmt.Errorf("monitor.listen: %w", err)}
			}
		}
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		return nil, outside{fmt.Errorf("monitor.listen: %w", err)}
	}
	m := &monitor{daemon: d}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", m.live)
	mux.HandleFunc("GET /readyz", m.ready)
	mux.HandleFunc("GET /metrics", m.metrics)
	m.server = &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10, ErrorLog: nil}
	go func() {
		if err := m.server.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			d.log.Error("monitor", "err", err)
		}
	}()
	return m, nil
}

func (m *monitor) close() {
	if m != nil {
		_ = m.server.Close() // nobody's answer is worth waiting for
	}
}

// live says whether every loop works.
func (m *monitor) live(w http.ResponseWriter, _ *http.Request) {
	if late := m.pulse.silent(time.Now()); late != "" {
		http.Error(w, late, http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// ready says whether status is healthy, and if not, why.
func (m *monitor) ready(w http.ResponseWriter, r *http.Request) {
	report, err := m.status(r.Context(), time.Now())
	switch {
	case err != nil:
		http.Error(w, "the book cannot be read", http.StatusServiceUnavailable)
	case !report.Healthy:
		http.Error(w, withoutAddresses(strings.Join(report.Problems, "\n")), http.StatusServiceUnavailable)
	default:
		fmt.Fprintln(w, "ok")
	}
}

// status is that of the book, unless settings change this very moment.
func (m *monitor) status(ctx context.Context, now time.Time) (statusReport, error) {
	m.settling.RLock()
	defer m.settling.RUnlock()
	return status(ctx, m.book, now, true)
}

func (m *monitor) metrics(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	report, err := m.status(r.Context(), now)
	if err != nil {
		http.Error(w, "the book cannot be read", http.StatusServiceUnavailable)
		return
	}
	verdicts, err := m.book.IntakeCounts(r.Context())
	if err != nil {
		http.Error(w, "the book cannot be read", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	writeMetrics(w, report, verdicts, m.pulse.silent(now) == "")
}

// writeMetrics is the text format: a help and a type line, then the samples.
func writeMetrics(w io.Writer, r statusReport, verdicts store.Counts, alive bool) {
	family := func(name, kind, help string) { fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	moment := func(name, help string, t *time.Time) {
		if t != nil {
			family(name, "gauge", help)
			fmt.Fprintf(w, "%s %d\n", name, t.Unix())
		}
	}
	yes := map[bool]int{true: 1}
	family("askfirst_healthy", "gauge", "Whether status names no problem.")
	fmt.Fprintf(w, "askfirst_healthy %d\n", yes[r.Healthy])
	family("askfirst_alive", "gauge", "Whether every loop was seen working lately.")
	fmt.Fprintf(w, "askfirst_alive %d\n", yes[alive])
	family("askfirst_messages", "gauge", "Messages in the ledger, by what became of them.")
	for _, v := range []store.Verdict{store.Pending, store.Accepted, store.Refused, store.Ignored, store.Quarantined} {
		fmt.Fprintf(w, "askfirst_messages{state=%q} %d\n", v, verdicts[string(v)])
	}
	family("askfirst_letters", "gauge", "Letters in the ledger, by state.")
	counts := r.Outbox.counts()
	for _, state := range letterStates() {
		fmt.Fprintf(w, "askfirst_letters{state=%q} %d\n", state, counts[state])
	}
	family("askfirst_asks", "gauge", "Asks on the list, by state.")
	fmt.Fprintf(w, "askfirst_asks{state=\"open\"} %d\naskfirst_asks{state=\"helped\"} %d\naskfirst_asks{state=\"held\"} %d\n", r.Asks.Open, r.Asks.Helped, r.Asks.Held)
	if len(r.expires) > 0 {
		family("askfirst_expiry_timestamp_seconds", "gauge", "When the certificate or sign-in of a server ends, as last seen.")
		for _, e := range r.expires {
			fmt.Fprintf(w, "askfirst_expiry_timestamp_seconds{what=%q} %d\n", e.What, e.Until.Unix())
		}
	}
	moment("askfirst_last_read_timestamp_seconds", "When the whole inbox was last looked at.", r.LastRead)
	moment("askfirst_last_sent_timestamp_seconds", "When a letter was last accepted by the SMTP server.", r.LastSent)
	moment("askfirst_oldest_queued_timestamp_seconds", "When the oldest letter that waits was written.", r.Outbox.OldestQueued)
	moment("askfirst_next_digest_timestamp_seconds", "When the next digest is due.", r.Digest.NextAt)
}

// serveMonitor runs the monitor for as long as ctx lives.
func (d *daemon) serveMonitor(ctx context.Context) error {
	m, err := startMonitor(d)
	if err != nil || m == nil {
		return err
	}
	context.AfterFunc(ctx, m.close)
	return nil
}
