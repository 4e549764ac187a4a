package mailbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

func TestConnectionLost(t *testing.T) {
	cut := func(step mailboxtest.Step, keep bool) mailboxtest.FaultFunc {
		return func(at mailboxtest.Step, _, to string) *mailboxtest.Fault {
			if at == step && to == member(1) {
				return &mailboxtest.Fault{Cut: true, Keep: keep}
			}
			return nil
		}
	}
	for _, c := range []struct {
		name   string
		fault  mailboxtest.FaultFunc
		want   string
		second int // letters that member 1 got
	}{
		{"at rcpt", cut(mailboxtest.StepRcpt, false), "accepted temporary unsent", 0},
		{"after the dot, lost", cut(mailboxtest.StepDot, false), "accepted in_doubt unsent", 0},
		{"after the dot, kept", cut(mailboxtest.StepDot, true), "accepted in_doubt unsent", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			withAndWithoutPipelining(t, func(t *testing.T, deliver func(*Submitter, []Parcel, func(context.Context, []int64) error) []Receipt) {
				po, config := smtpOffice(t, mailboxtest.Options{Fault: c.fault})
				s := submitter(t, config)
				receipts := deliver(s, parcels(3), nil)
				if got := states(receipts); got != c.want {
					t.Fatalf("%s, want %s: %+v", got, c.want, receipts)
				}
				if n := len(po.Messages(member(1))); n != c.second {
					t.Errorf("member 1 has %d letters, want %d", n, c.second)
				}
				if n := len(po.Messages(member(2))); n != 0 {
					t.Errorf("an unsent letter arrived %d times", n)
				}
				po.SetFault(nil)
				if got := states(s.Deliver(t.Context(), parcels(1), nil)); got != "accepted" {
					t.Errorf("afterwards: %s", got)
				}
			})
		})
	}
}

// 421 at any step ends the connection; nothing is wrong with the other letters.
func TestServerSaysGoodbye(t *testing.T) {
	for _, c := range []struct {
		step mailboxtest.Step
		want string
	}{
		{mailboxtest.StepMail, "temporary unsent unsent"},
		{mailboxtest.StepRcpt, "accepted temporary unsent"},
		{mailboxtest.StepDot, "accepted temporary unsent"},
	} {
		withAndWithoutPipelining(t, func(t *testing.T, deliver func(*Submitter, []Parcel, func(context.Context, []int64) error) []Receipt) {
			_, config := smtpOffice(t, mailboxtest.Options{Fault: func(at mailboxtest.Step, _, to string) *mailboxtest.Fault {
				if at == c.step && (to == member(1) || to == "") {
					return &mailboxtest.Fault{Code: 421, Enhanced: [3]int{4, 3, 2}, Text: "going down"}
				}
				return nil
			}})
			s := submitter(t, config)
			receipts := deliver(s, parcels(3), nil)
			if got := states(receipts); got != c.want {
				t.Errorf("%s: %s, want %s: %+v", c.step, got, c.want, receipts)
			}
			if len(s.idle) != 0 {
				t.Errorf("%s: the connection was kept", c.step)
			}
		})
	}
}

// A kept connection that has died is replaced without anybody noticing.
func TestStaleConnectionIsReplaced(t *testing.T) {
	po, config := smtpOffice(t, mailboxtest.Options{})
	proxy := mailboxtest.StartProxy(t, po.SMTPAddr())
	config.Port = proxy.Port
	s := submitter(t, config)
	if got := states(s.Deliver(t.Context(), parcels(1), nil)); got != "accepted" {
		t.Fatal(got)
	}
	proxy.Cut()
	calls := 0
	receipts := s.Deliver(t.Context(), parcels(2), func(context.Context, []int64) error { calls++; return nil })
	if got := states(receipts); got != "accepted accepted" || calls != 1 {
		t.Fatalf("%s, %d calls: %+v", got, calls, receipts)
	}
	if n := len(po.Messages(member(0))); n != 2 {
		t.Errorf("%d letters, want 2", n)
	}
}

func TestNobodyAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config := smtpConfig(t, listener.Addr().String())
	config.Timeout = 300 * time.Millisecond
	s := submitter(t, config)
	begin := time.Now()
	receipts := s.Deliver(t.Context(), parcels(2), nil) // accepted by the kernel, never greeted
	if got := states(receipts); got != "unsent unsent" || time.Since(begin) > 3*time.Second {
		t.Errorf("silent server: %s after %v", got, time.Since(begin))
	}
	listener.Close()
	receipts = s.Deliver(t.Context(), parcels(2), nil)
	if got := states(receipts); got != "unsent unsent" || receipts[0].Text == "" {
		t.Errorf("refused: %+v", receipts)
	}
	if _, err := s.Check(t.Context()); !errors.Is(err, ErrUnreachable) {
		t.Errorf("%v, want ErrUnreachable", err)
	}
}

func TestSilenceAfterTheDot(t *testing.T) {
	po, config := smtpOffice(t, mailboxtest.Options{Fault: func(at mailboxtest.Step, _, to string) *mailboxtest.Fault {
		if at == mailboxtest.StepDot && to == member(0) {
			return &mailboxtest.Fault{Wait: 700 * time.Millisecond}
		}
		return nil
	}})
	config.FinalTimeout = 200 * time.Millisecond
	if got := states(submitter(t, config).Deliver(t.Context(), parcels(2), nil)); got != "in_doubt unsent" {
		t.Errorf("impatient: %s", got)
	}
	config.FinalTimeout, config.Timeout = 5*time.Second, 300*time.Millisecond
	if got := states(submitter(t, config).Deliver(t.Context(), parcels(2), nil)); got != "accepted accepted" {
		t.Errorf("patient: %s", got)
	}
	_ = po
}

func TestEndedContextCutsTheConnection(t *testing.T) {
	_, config := smtpOffice(t, mailboxtest.Options{Fault: func(at mailboxtest.Step, _, _ string) *mailboxtest.Fault {
		if at == mailboxtest.StepDot {
			return &mailboxtest.Fault{Wait: time.Second}
		}
		return nil
	}})
	s := submitter(t, config)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	receipts := s.Deliver(ctx, parcels(2), nil)
	if got := states(receipts); got != "in_doubt unsent" || time.Since(begin) > 900*time.Millisecond {
		t.Errorf("%s after %v", got, time.Since(begin))
	}
	if got := states(s.Deliver(ctx, parcels(2), nil)); got != "unsent unsent" {
		t.Errorf("afterwards: %s", got)
	}
}

// breaking passes on so many octets of what is written and then fails, as a
// socket does whose peer has gone.
type breaking struct {
	net.Conn
	left int
}

func (c *breaking) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p[:min(len(p), c.left)])
	c.left -= n
	if err == nil && n < len(p) {
		err = errors.New("broken pipe")
	}
	return n, err
}

// A write that fails leaves a letter in doubt only if its dot may have gone.
func TestBrokenWrite(t *testing.T) {
	seen := map[ReceiptState]int{}
	for left := 40; left < 500; left += 3 {
		po, config := smtpOffice(t, mailboxtest.Options{})
		config.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := po.DialSMTP(ctx, network, addr)
			return &breaking{Conn: conn, left: left}, err
		}
		receipts := submitter(t, config).Deliver(t.Context(), parcels(2), nil)
		time.Sleep(2 * time.Millisecond) // the server may still be at it
		for i, r := range receipts {
			seen[r.State]++
			arrived := len(po.Messages(member(i)))
			if r.State == Accepted && arrived != 1 || (r.State == Temporary || r.State == Unsent) && arrived != 0 {
				t.Errorf("%d octets: letter %d arrived %d times, receipt %+v", left, i, arrived, r)
			}
		}
		po.Close()
	}
	if seen[InDoubt] == 0 || seen[Temporary] == 0 || seen[Unsent] == 0 || seen[Accepted] == 0 {
		t.Errorf("not every case was met: %v", seen)
	}
}

// strictSMTP refuses a MAIL inside a transaction (RFC 5321 section 4.1.4), which
// many servers let pass, and every recipient that begins with "no".
func strictSMTP(conn net.Conn, pipelining bool) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	answer := func(s string) { fmt.Fprint(conn, s+"\r\n") }
	answer("220 strict")
	open, recipient, body := false, false, false
	for lines.Scan() {
		line := lines.Text()
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch {
		case body && line == ".":
			open, recipient, body = false, false, false
			answer("250 2.0.0 taken")
		case body:
		case verb == "EHLO" && pipelining:
			answer("250-strict\r\n250 PIPELINING")
		case verb == "EHLO":
			answer("250 strict")
		case verb == "RSET":
			open, recipient = false, false
			answer("250 2.0.0 reset")
		case verb == "MAIL" && open:
			answer("503 5.5.1 nested MAIL")
		case verb == "MAIL":
			open = true
			answer("250 2.1.0 sender")
		case verb == "RCPT" && strings.HasPrefix(line, "RCPT TO:<no"):
			answer("550 5.1.1 nobody")
		case verb == "RCPT":
			recipient = true
			answer("250 2.1.5 recipient")
		case verb == "DATA" && !recipient && pipelining:
			body = true // accepted although nobody is there, as RFC 2920 section 3.1 warns
			answer("354 go on")
		case verb == "DATA" && !recipient:
			answer("554 5.5.1 no recipient")
		case verb == "DATA":
			body = true
			answer("354 go on")
		default:
			answer("221 bye")
			return
		}
	}
}

func TestRefusedLettersLeaveNoTransactionOpen(t *testing.T) {
	for _, pipelining := range []bool{true, false} {
		config := SMTPConfig{Server: Server{Host: "localhost", TLS: TLSNone}, Timeout: 2 * time.Second}
		config.Dial = func(context.Context, string, string) (net.Conn, error) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return nil, err
			}
			defer listener.Close()
			client, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				return nil, err
			}
			server, err := listener.Accept()
			if err != nil {
				return nil, err
			}
			go strictSMTP(server, pipelining)
			return client, nil
		}
		all := parcels(5)
		all[0].To, all[2].To, all[3].To = "nobody@school.example", "none@school.example", "not@school.example"
		receipts := submitter(t, config).Deliver(t.Context(), all, nil)
		if got := states(receipts); got != "permanent accepted permanent permanent accepted" {
			t.Errorf("pipelining %v: %s: %+v", pipelining, got, receipts)
		}
	}
}
