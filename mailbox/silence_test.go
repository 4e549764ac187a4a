package mailbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// With the deadlines that are in force outside of tests, a server that falls
// silent at any command is noticed within a minute.
func TestSilenceAnywhereIsNoticedWithinAMinute(t *testing.T) {
	for _, step := range []string{"LOGIN", "LIST", "SELECT", "NOOP", "UID SEARCH", "UID FETCH", "UID COPY", "IDLE", "DONE"} {
		synctest.Test(t, func(t *testing.T) {
			config := inboxConfig(0, "secret")
			config.Dial = func(context.Context, string, string) (net.Conn, error) {
				server, client := net.Pipe()
				go playScript(server, plainGreeting, map[string]string{
					"UID FETCH": "* 1 FETCH (UID 1 RFC822.SIZE 5 INTERNALDATE \"20-Nov-2026 09:00:00 +0000\" BODY[] {5}\r\nhello)\r\n%s OK done\r\n",
					"IDLE":      "+ idling\r\n", step: "silence"})
				return client, nil
			}
			begin := time.Now()
			in, err := Open(t.Context(), config)
			for _, command := range []func() error{
				func() error { begin = time.Now(); _, err := in.Scan(t.Context()); return err },
				func() error { begin = time.Now(); _, err := in.Fetch(t.Context(), []uint32{1}); return err },
				func() error {
					in.caps["UIDPLUS"] = struct{}{}
					begin = time.Now()
					return in.File(t.Context(), []uint32{1}, "Done")
				},
				func() error { begin = time.Now(); _, err := in.Wait(t.Context(), time.Hour); return err },
			} {
				if err == nil || errors.Is(err, ErrRefused) {
					err = command()
				}
			}
			if took := time.Since(begin); !errors.Is(err, ErrLost) || took > time.Minute {
				t.Errorf("silent at %s: %v after %v", step, err, took)
			}
			if in != nil {
				in.Close()
			}
		})
	}
}

// dripping is an SMTP server that says every word one octet at a time.
func dripping(conn net.Conn, every time.Duration) {
	defer conn.Close()
	say := func(words string) bool {
		for i := range len(words) {
			if _, err := conn.Write([]byte{words[i]}); err != nil {
				return false
			}
			time.Sleep(every)
		}
		return true
	}
	if !say("220 slow\r\n") {
		return
	}
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		if !say("250 " + strings.Repeat("yes ", 200) + "\r\n") {
			return
		}
	}
}

// A server that drips its answers does not hold us for longer than one that says
// nothing: a deadline is for the whole answer.
func TestDrippingServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := SMTPConfig{Server: Server{Host: "localhost", TLS: TLSNone, Dial: func(context.Context, string, string) (net.Conn, error) {
			server, client := net.Pipe()
			go dripping(server, 3*time.Second)
			return client, nil
		}}}
		s := NewSubmitter(config)
		begin := time.Now()
		receipts := s.Deliver(t.Context(), parcels(2), nil)
		if took := time.Since(begin); states(receipts) != "unsent unsent" || took > 6*time.Minute {
			t.Errorf("%s after %v", states(receipts), took)
		}
		s.Close()
		time.Sleep(time.Hour) // until the server has noticed
	})
}

// linewise is an SMTP server that answers from a table by the first word; an
// answer of "" is hanging up.
func linewise(t *testing.T, answers map[string]string) SMTPConfig {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	serve := func(conn net.Conn) {
		defer conn.Close()
		greeting, ok := answers["greeting"]
		if !ok {
			greeting = "220 here"
		}
		if greeting == "" {
			return
		}
		fmt.Fprint(conn, greeting+"\r\n")
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			verb, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " ")
			answer, ok := answers[verb]
			switch {
			case !ok:
				answer = "250 fine"
			case answer == "":
				return
			}
			fmt.Fprint(conn, strings.ReplaceAll(answer, "\n", "\r\n")+"\r\n")
		}
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	config := SMTPConfig{Server: Server{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, TLS: TLSNone}, Timeout: 2 * time.Second}
	return config
}

// What a server may do before the first letter: nothing is known against any of
// them, and what needs a hand is told from what mends itself.
func TestServersThatChangeTheirMind(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers map[string]string
		mode    TLSMode
		login   bool
		want    error
	}{
		{"accepts and drops", map[string]string{"greeting": ""}, TLSNone, false, ErrUnreachable},
		{"busy", map[string]string{"greeting": "421 4.3.2 too many connections"}, TLSNone, false, nil},
		{"does not want us", map[string]string{"greeting": "554 5.7.1 go away"}, TLSNone, false, nil},
		{"drops at EHLO", map[string]string{"EHLO": "", "HELO": ""}, TLSNone, false, ErrUnreachable},
		{"garbage at EHLO", map[string]string{"EHLO": "<html>", "HELO": "<html>"}, TLSNone, false, ErrUnreachable},
		{"refuses STARTTLS for now", map[string]string{"EHLO": "250-here\n250 STARTTLS", "STARTTLS": "454 4.7.0 not now"}, TLSStart, false, nil},
		{"does not offer STARTTLS", map[string]string{"EHLO": "250 here"}, TLSStart, false, ErrTLS},
		{"drops at STARTTLS", map[string]string{"EHLO": "250-here\n250 STARTTLS", "STARTTLS": ""}, TLSStart, false, ErrUnreachable},
		{"speaks no TLS after STARTTLS", map[string]string{"EHLO": "250-here\n250 STARTTLS", "STARTTLS": "220 go\n220 ahead"}, TLSStart, false, ErrTLS},
		{"refuses the login", map[string]string{"EHLO": "250-here\n250 AUTH PLAIN", "AUTH": "535 5.7.8 no"}, TLSNone, true, ErrAuth},
		{"refuses the login for now", map[string]string{"EHLO": "250-here\n250 AUTH PLAIN", "AUTH": "454 4.7.0 later"}, TLSNone, true, nil},
		{"offers no login", map[string]string{"EHLO": "250 here"}, TLSNone, true, ErrAuth},
		{"drops at the login", map[string]string{"EHLO": "250-here\n250 AUTH PLAIN", "AUTH": ""}, TLSNone, true, ErrUnreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := linewise(t, c.answers)
			config.TLS = c.mode
			if c.login {
				config.Username, config.Password = helpAddress, secret("secret")
			}
			receipts := submitter(t, config).Deliver(t.Context(), parcels(2), nil)
			for _, r := range receipts {
				if r.State == Accepted || r.State == InDoubt || r.State == Permanent {
					t.Errorf("%+v", r)
				}
			}
			fault := receipts[0].Fault
			if fault == nil || c.want != nil && !errors.Is(fault, c.want) {
				t.Errorf("%v, want %v", fault, c.want)
			}
			for _, hand := range []error{ErrAuth, ErrTLS} {
				if hand != c.want && errors.Is(fault, hand) {
					t.Errorf("%v would need somebody's hand", fault)
				}
			}
		})
	}
}

// However many connections, so many letters a minute leave and not one more, in
// any window of a minute.
func TestPaceOfSeveralConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var at []time.Time
		po, err := mailboxtest.OpenWith(mailboxtest.Options{Memory: true, Fault: func(step mailboxtest.Step, _, _ string) *mailboxtest.Fault {
			if step == mailboxtest.StepDot {
				mu.Lock()
				defer mu.Unlock()
				at = append(at, time.Now())
			}
			return nil
		}}, member(0))
		if err != nil {
			t.Fatal(err)
		}
		s := NewSubmitter(SMTPConfig{Server: Server{Host: "localhost", TLS: TLSNone, Dial: po.DialSMTP}, PerMinute: 30, Connections: 4})
		time.Sleep(10 * time.Minute) // nothing is saved up
		var senders sync.WaitGroup
		for range 4 {
			senders.Go(func() {
				for range 30 {
					if got := states(s.Deliver(t.Context(), parcels(1), nil)); got != "accepted" {
						t.Error(got)
					}
				}
			})
		}
		begin := time.Now()
		senders.Wait()
		if took := time.Since(begin); took != 238*time.Second {
			t.Errorf("120 letters took %v, want 3m58s", took)
		}
		slices.SortFunc(at, time.Time.Compare)
		for i := 30; i < len(at); i++ {
			if window := at[i].Sub(at[i-30]); window < time.Minute {
				t.Errorf("31 letters within %v", window)
			}
		}
		s.Close()
		po.Close()
	})
}
