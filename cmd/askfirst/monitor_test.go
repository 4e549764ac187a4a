package main

import (
	"context"
	"database/sql"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// The daemon tells a monitoring system how it is, on a socket of this machine,
// and its service manager when it is ready, reloads, lives and stops.
func TestMonitorAndSupervisor(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a daemon and waits for it")
	}
	town, po := openTown(t, mailboxtest.Options{})
	town.edit("senders:", "monitor: { listen: \"unix:monitor.sock\" }\nsenders:")
	folder := t.TempDir()
	told := hear(t, filepath.Join(folder, "notify"))
	t.Setenv("NOTIFY_SOCKET", filepath.Join(folder, "notify"))
	t.Setenv("WATCHDOG_USEC", "300000")
	daemon := town.start(buildBinary(t))
	town.asked("sam", "A picture book", 10*time.Second)
	town.until(5*time.Second, "READY=1", told("READY=1"))
	town.until(5*time.Second, "WATCHDOG=1", told("WATCHDOG=1"))
	if code, body := town.get("/livez"); code != http.StatusOK {
		t.Errorf("livez: %d %s", code, body)
	}
	if code, body := town.get("/readyz"); code != http.StatusOK {
		t.Errorf("readyz: %d %s", code, body)
	}
	_, body := town.get("/metrics")
	for _, want := range []string{"askfirst_healthy 1\n", "askfirst_messages{state=\"accepted\"} 1\n", "askfirst_letters{state=\"sent\"} 1\n",
		"askfirst_asks{state=\"open\"} 1\n", "# TYPE askfirst_next_digest_timestamp_seconds gauge\n"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	if strings.Contains(body, "@") {
		t.Errorf("an address in\n%s", body)
	}
	_ = daemon.command.Process.Signal(syscall.SIGHUP)
	town.until(5*time.Second, "RELOADING=1", told("RELOADING=1\nMONOTONIC_USEC="))

	po.SetFault(func(step mailboxtest.Step, _, _ string) *mailboxtest.Fault {
		return &mailboxtest.Fault{Code: 550, Enhanced: [3]int{5, 7, 1}, Text: "help@carpenter.example may not send"}
	})
	town.writes("ana", "A laminator", "For an hour.")
	town.until(10*time.Second, "readyz says why", func() bool {
		code, body := town.get("/readyz")
		return code == http.StatusServiceUnavailable && strings.Contains(body, "letters cannot be sent") && !strings.Contains(body, "@")
	})
	if code := daemon.end(syscall.SIGTERM, 8*time.Second); code != exitDone {
		t.Errorf("SIGTERM: exit %d", code)
	}
	town.until(5*time.Second, "STOPPING=1", told("STOPPING=1"))

	// A socket that a killed daemon left does not keep the next one from listening.
	daemon = town.start(buildBinary(t))
	daemon.end(syscall.SIGKILL, 5*time.Second)
	town.start(buildBinary(t))
	town.until(10*time.Second, "the monitor listens again", func() bool {
		conn, err := net.Dial("unix", town.beside("monitor.sock"))
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	if code, _ := town.get("/livez"); code != http.StatusOK {
		t.Errorf("livez after a kill: %d", code)
	}
}

// get asks the monitor.
func (t *town) get(path string) (int, string) {
	t.Helper()
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", t.beside("monitor.sock"))
	}}}
	response, err := client.Get("http://monitor" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// hear is a service manager: it returns whether it was ever told something.
func hear(t *testing.T, path string) func(words string) func() bool {
	t.Helper()
	socket, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	said := make(chan string, 1000)
	go func() {
		defer close(said)
		datagram := make([]byte, 4096)
		for {
			n, _, err := socket.ReadFrom(datagram)
			if err != nil {
				return
			}
			select {
			case said <- string(datagram[:n]):
			default:
			}
		}
	}()
	return func(words string) func() bool {
		return func() bool {
			for {
				select {
				case text := <-said:
					if strings.Contains(text, words) {
						return true
					}
				default:
					return false
				}
			}
		}
	}
}

// A loop that hangs is noticed; a clock that jumps back blames nobody.
func TestPulse(t *testing.T) {
	start := time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC)
	p := newPulse(start, time.Minute)
	for _, row := range []struct {
		after time.Duration
		late  string
	}{{-24 * time.Hour, ""}, {14 * time.Minute, ""}, {16 * time.Minute, loopClock}, {22 * time.Minute, loopRead}, {31 * time.Minute, loopSend}} {
		if late := p.silent(start.Add(row.after)); (row.late == "") != (late == "") || !strings.Contains(late, row.late) {
			t.Errorf("after %v: %q, want %q", row.after, late, row.late)
		}
	}
	for _, loop := range []string{loopRead, loopClock, loopSend} {
		p.beat(loop, start.Add(time.Hour))
	}
	if late := p.silent(start.Add(time.Hour + time.Minute)); late != "" {
		t.Error(late)
	}
}

// The nightly audit tells status what it found, and that it finds nothing more.
func TestNightlyAudit(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-22 12:00")
	town.writes("priya", "Borrow a microscope", "For Thursday, please.")
	town.once("2026-11-22 13:00")
	config, err := loadConfig(town.config, nil)
	if err != nil {
		t.Fatal(err)
	}
	night := func(at, spoil string) {
		t.Helper()
		d, err := assemble(t.Context(), config, nil, newLog(io.Discard, 0), town.time(at))
		if err != nil {
			t.Fatal(err)
		}
		defer d.close()
		if spoil != "" {
			town.sql(spoil)
		}
		if err := d.nightly(t.Context(), town.time(at)); err != nil {
			t.Fatal(err)
		}
	}
	healthy := func(want bool) {
		t.Helper()
		out, _, code := town.run("status", "--at", "2026-11-22T13:00:00Z")
		if (code == exitDone) != want || !want && !strings.Contains(out, "the book contradicts itself") {
			t.Errorf("exit %d\n%s", code, out)
		}
	}
	night("2026-11-23 02:59", `UPDATE ask SET state = 'lost'`)
	healthy(true) // not yet night
	night("2026-11-23 03:00", "")
	healthy(false)
	night("2026-11-24 03:00", `UPDATE ask SET state = 'open'`)
	healthy(true)
}

// sql changes the book behind everybody's back.
func (t *town) sql(statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", t.beside("askfirst.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}
