package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// supervisor is the service manager that started us, as sd_notify(3) describes
// it: datagrams to the socket that NOTIFY_SOCKET names. nil: nobody listens.
type supervisor struct {
	conn     net.Conn
	watchdog time.Duration // how often it wants to hear from us; 0: never
	log      *slog.Logger
}

// newSupervisor reads the environment.
func newSupervisor(environ []string, log *slog.Logger) *supervisor {
	env := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	path := env["NOTIFY_SOCKET"]
	if path == "" {
		return nil
	}
	conn, err := net.Dial("unixgram", path) // of an abstract socket, too (unix(7)): it begins with @
	if err != nil {
		log.Warn("supervisor", "err", err)
		return nil
	}
	s := &supervisor{conn: conn, log: log}
	usec, err := strconv.ParseInt(env["WATCHDOG_USEC"], 10, 64)
	if err == nil && usec > 0 && (env["WATCHDOG_PID"] == "" || env["WATCHDOG_PID"] == strconv.Itoa(os.Getpid())) {
		s.watchdog = time.Duration(usec) * time.Microsecond
	}
	return s
}

// tell sends assignments such as READY=1.
func (s *supervisor) tell(lines ...string) {
	if s == nil {
		return
	}
	if _, err := s.conn.Write([]byte(strings.Join(lines, "\n"))); err != nil {
		s.log.Warn("supervisor", "err", err)
	}
}

// reloading says that settings are read anew; the manager wants to know when.
func (s *supervisor) reloading() {
	if s != nil {
		s.tell("RELOADING=1", fmt.Sprintf("MONOTONIC_USEC=%d", monotonic().Microseconds()))
	}
}

// watch keeps the watchdog quiet for as long as every loop works. A loop that
// hangs makes us silent, and the manager starts us again.
func (s *supervisor) watch(ctx context.Context, p *pulse) {
	if s == nil || s.watchdog == 0 {
		return
	}
	for ctx.Err() == nil {
		if late := p.silent(time.Now()); late != "" {
			s.log.Error("watchdog", "err", late)
			s.tell("STATUS=" + late)
		} else {
			s.tell("WATCHDOG=1")
		}
		sleep(ctx, s.watchdog/3)
	}
}
