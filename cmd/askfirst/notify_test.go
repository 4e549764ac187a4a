package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What a service manager hears from us (sd_notify(3), sd_watchdog_enabled(3)).
func TestSupervisor(t *testing.T) {
	silent := newLog(t.Output(), 0)
	if s := newSupervisor([]string{"NOTIFY_SOCKET=", "PATH=/bin"}, silent); s != nil {
		t.Error("without a socket somebody listens")
	}
	if s := newSupervisor([]string{"NOTIFY_SOCKET=" + filepath.Join(t.TempDir(), "none")}, silent); s != nil {
		t.Error("where nobody listens somebody does")
	}
	var nobody *supervisor
	nobody.tell("READY=1")
	nobody.reloading()
	nobody.watch(t.Context(), nil)

	path := filepath.Join(t.TempDir(), "notify")
	abstract := "@askfirst-test-" + strconv.Itoa(os.Getpid())
	for name, at := range map[string]string{path: path, abstract: "\x00" + abstract[1:]} {
		socket, err := net.ListenPacket("unixgram", at)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { socket.Close() })
		hears := func() string {
			t.Helper()
			datagram := make([]byte, 4096)
			_ = socket.SetReadDeadline(time.Now().Add(5 * time.Second))
			n, _, err := socket.ReadFrom(datagram)
			if err != nil {
				t.Fatal(err)
			}
			return string(datagram[:n])
		}
		s := newSupervisor([]string{"NOTIFY_SOCKET=" + name}, silent)
		if s == nil {
			t.Fatalf("%q: nobody listens", name)
		}
		s.tell("READY=1", "STATUS=2 colleagues")
		if got := hears(); got != "READY=1\nSTATUS=2 colleagues" {
			t.Errorf("%q", got)
		}
		s.reloading()
		if got, ok := strings.CutPrefix(hears(), "RELOADING=1\nMONOTONIC_USEC="); !ok || strings.Trim(got, "0123456789") != "" {
			t.Errorf("%q", got)
		}
		for env, want := range map[string]time.Duration{"": 0, "WATCHDOG_USEC=0": 0, "WATCHDOG_USEC=-5": 0, "WATCHDOG_USEC=soon": 0, "WATCHDOG_USEC=30000": 30 * time.Millisecond,
			"WATCHDOG_USEC=30000 WATCHDOG_PID=" + strconv.Itoa(os.Getpid()): 30 * time.Millisecond, "WATCHDOG_USEC=30000 WATCHDOG_PID=1": 0} {
			s := newSupervisor(append(strings.Fields(env), "NOTIFY_SOCKET="+name), silent)
			if s.watchdog != want {
				t.Errorf("%q: the watchdog wants to hear every %v", env, s.watchdog)
			}
			if want == 0 {
				s.watch(t.Context(), nil) // comes back at once
				continue
			}
			ctx, cancel := context.WithCancel(t.Context())
			p := newPulse(time.Now(), time.Minute)
			began, done := time.Now(), make(chan struct{})
			go func() { defer close(done); s.watch(ctx, p) }()
			for range 4 {
				if got := hears(); got != "WATCHDOG=1" {
					t.Errorf("%q", got)
				}
			}
			if took := time.Since(began); took < want/2 {
				t.Errorf("four signs of life within %v", took)
			}
			for _, loop := range []string{loopRead, loopClock, loopSend} { // each of them alone
				p.beat(loop, time.Now().Add(-time.Hour))
				for got := hears(); got != "STATUS="+p.silent(time.Now()); got = hears() {
					if got != "WATCHDOG=1" { // the last one of before
						t.Errorf("%s hangs: %q", loop, got)
						break
					}
				}
				if got := hears(); !strings.HasPrefix(got, "STATUS="+loop+" has been silent") {
					t.Errorf("%s hangs: %q", loop, got)
				}
				p.beat(loop, time.Now())
				for got := hears(); got != "WATCHDOG=1"; got = hears() {
				}
			}
			cancel()
			<-done
		}
	}
}

// asks is what the monitor answers.
func (m *monitor) asks(handler http.HandlerFunc) (int, string) {
	w := httptest.NewRecorder()
	handler(w, httptest.NewRequest(http.MethodGet, "/", nil))
	return w.Code, w.Body.String()
}

// The monitor says what is so: of loops, of health, of the book.
func TestMonitorTellsTheTruth(t *testing.T) {
	town := inProcess(t)
	now := time.Now()
	d := town.daemon(now)
	m := &monitor{daemon: d}
	if code, body := m.asks(m.live); code != http.StatusOK || body != "ok\n" {
		t.Errorf("livez: %d %q", code, body)
	}
	for _, loop := range []string{loopRead, loopClock, loopSend} {
		d.pulse.beat(loop, now.Add(-time.Hour))
		if code, body := m.asks(m.live); code != http.StatusServiceUnavailable || !strings.HasPrefix(body, loop) {
			t.Errorf("%s hangs: %d %q", loop, code, body)
		}
		if _, body := m.asks(m.metrics); !strings.Contains(body, "\naskfirst_alive 0\n") {
			t.Errorf("%s hangs:\n%s", loop, body)
		}
		d.pulse.beat(loop, time.Now())
	}
	town.writes("priya", "Borrow a microscope", "For Thursday, please.")
	if err := d.pass(t.Context(), now).status(); err != nil {
		t.Fatal(err)
	}
	if code, body := m.asks(m.ready); code != http.StatusOK || body != "ok\n" {
		t.Errorf("readyz: %d %q", code, body)
	}
	_, body := m.asks(m.metrics)
	for line := range strings.Lines(`askfirst_healthy 1
askfirst_alive 1
askfirst_messages{state="pending"} 0
askfirst_messages{state="accepted"} 1
askfirst_messages{state="refused"} 0
askfirst_messages{state="ignored"} 0
askfirst_messages{state="quarantined"} 0
askfirst_letters{state="sent"} 1
askfirst_letters{state="in_doubt"} 0
askfirst_asks{state="open"} 1
askfirst_asks{state="helped"} 0
askfirst_asks{state="held"} 0
# TYPE askfirst_last_read_timestamp_seconds gauge
# TYPE askfirst_last_sent_timestamp_seconds gauge
# TYPE askfirst_next_digest_timestamp_seconds gauge
`) {
		if !strings.Contains(body, line) {
			t.Errorf("no %q in\n%s", line, body)
		}
	}
	// In the text format a help and a type line stand before the samples.
	seen := map[string]bool{}
	for line := range strings.Lines(body) {
		fields := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '{' })
		switch {
		case len(fields) > 2 && fields[0] == "#":
			seen[fields[1]+fields[2]] = true
		case !seen["HELP"+fields[0]] || !seen["TYPE"+fields[0]]:
			t.Errorf("%q stands without its help and type", line)
		}
	}
	if strings.Contains(body, "oldest_queued") {
		t.Errorf("nothing waits:\n%s", body)
	}
	if err := d.trouble(t.Context(), whereSettings, errInterrupted, now); err != nil {
		t.Fatal(err)
	}
	if code, body := m.asks(m.ready); code != http.StatusServiceUnavailable || !strings.Contains(body, errInterrupted.Error()) {
		t.Errorf("in trouble: %d %q", code, body)
	}
	if _, body := m.asks(m.metrics); !strings.Contains(body, "askfirst_healthy 0\n") {
		t.Errorf("in trouble:\n%s", body)
	}
	if err := d.book.Close(); err != nil {
		t.Fatal(err)
	}
	for _, handler := range []http.HandlerFunc{m.ready, m.metrics} {
		if code, body := m.asks(handler); code != http.StatusServiceUnavailable || body != "the book cannot be read\n" {
			t.Errorf("without a book: %d %q", code, body)
		}
	}
}
