package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"askfirst/mailbox/mailboxtest"
)

func smtpConfig(t testing.TB, addr string) SMTPConfig {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return SMTPConfig{Server: Server{Host: "127.0.0.1", Port: n, TLS: TLSNone}, Timeout: 2 * time.Second, FinalTimeout: 2 * time.Second}
}

func smtpOffice(t *testing.T, options mailboxtest.Options) (*mailboxtest.PostOffice, SMTPConfig) {
	t.Helper()
	var addresses []string
	for i := range 10 {
		addresses = append(addresses, member(i))
	}
	po, err := mailboxtest.OpenWith(options, addresses...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { po.Close() })
	return po, smtpConfig(t, po.SMTPAddr())
}

func member(i int) string { return fmt.Sprintf("m%d@school.example", i) }

func parcels(n int) []Parcel {
	var all []Parcel
	for i := range n {
		all = append(all, Parcel{ID: int64(100 + i), From: helpAddress, To: member(i),
			Data: fmt.Appendf(nil, "From: %s\r\nSubject: %d\r\n\r\n.hidden\r\n..two\r\nbody %d\r\n.\r\nafter the dot\r\n", helpAddress, i, i)})
	}
	return all
}

func submitter(t testing.TB, config SMTPConfig) *Submitter {
	t.Helper()
	s := NewSubmitter(config)
	t.Cleanup(s.Close)
	return s
}

func states(receipts []Receipt) string {
	var all []string
	for _, r := range receipts {
		all = append(all, string(r.State))
	}
	return strings.Join(all, " ")
}

// withAndWithoutPipelining runs a test both ways.
func withAndWithoutPipelining(t *testing.T, test func(t *testing.T, batchOf func(*Submitter, []Parcel, func(context.Context, []int64) error) []Receipt)) {
	for _, pipelining := range []bool{true, false} {
		t.Run(fmt.Sprintf("pipelining=%v", pipelining), func(t *testing.T) {
			test(t, func(s *Submitter, ps []Parcel, beforeDot func(context.Context, []int64) error) []Receipt {
				if !pipelining {
					ch, err := s.open(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					ch.banner.Pipelining = false
					s.give(ch)
				}
				return s.Deliver(t.Context(), ps, beforeDot)
			})
		})
	}
}

func TestDeliver(t *testing.T) {
	withAndWithoutPipelining(t, func(t *testing.T, deliver func(*Submitter, []Parcel, func(context.Context, []int64) error) []Receipt) {
		po, config := smtpOffice(t, mailboxtest.Options{})
		s := submitter(t, config)
		var committed [][]int64
		receipts := deliver(s, parcels(8), func(_ context.Context, ids []int64) error {
			committed = append(committed, slices.Clone(ids))
			for i := range 8 {
				if len(po.Messages(member(i))) != 0 {
					t.Error("a letter arrived before beforeDot had said yes")
				}
			}
			return nil
		})
		if len(committed) != 1 || len(committed[0]) != 8 || committed[0][0] != 100 {
			t.Errorf("beforeDot was called with %v", committed)
		}
		for i, p := range parcels(8) {
			if receipts[i].State != Accepted || receipts[i].ID != p.ID || receipts[i].Code != 250 || receipts[i].Enhanced != "2.0.0" {
				t.Errorf("receipt %+v", receipts[i])
			}
			got := po.Messages(member(i))
			if len(got) != 1 || !bytes.Equal(got[0], p.Data) {
				t.Errorf("member %d has %q", i, got)
			}
		}
		// The connection is used again, and a nil beforeDot is none.
		if got := states(s.Deliver(t.Context(), parcels(2), nil)); got != "accepted accepted" {
			t.Errorf("second batch: %s", got)
		}
		if len(s.idle) != 1 {
			t.Errorf("%d connections are kept, want 1", len(s.idle))
		}
	})
}

func TestRefusalsConcernTheirOwnLetter(t *testing.T) {
	refuse := func(step mailboxtest.Step, code int, enhanced [3]int) mailboxtest.FaultFunc {
		return func(at mailboxtest.Step, _, to string) *mailboxtest.Fault {
			if at == step && (to == member(1) || to == "") {
				return &mailboxtest.Fault{Code: code, Enhanced: enhanced, Text: "because"}
			}
			return nil
		}
	}
	for _, c := range []struct {
		name   string
		fault  mailboxtest.FaultFunc
		want   string
		arrive int
	}{
		{"rcpt 5.1.1", refuse(mailboxtest.StepRcpt, 550, [3]int{5, 1, 1}), "accepted permanent accepted", 2},
		{"rcpt 4.2.2", refuse(mailboxtest.StepRcpt, 452, [3]int{4, 2, 2}), "accepted temporary accepted", 2},
		{"rcpt 5.7.1", refuse(mailboxtest.StepRcpt, 554, [3]int{5, 7, 1}), "accepted unwelcome accepted", 2},
		{"dot 5.6.0", refuse(mailboxtest.StepDot, 554, [3]int{5, 6, 0}), "accepted permanent accepted", 2},
		{"dot 4.3.1", refuse(mailboxtest.StepDot, 452, [3]int{4, 3, 1}), "accepted temporary accepted", 2},
		{"dot 5.7.0", refuse(mailboxtest.StepDot, 550, [3]int{5, 7, 0}), "accepted policy accepted", 2},
		{"mail 5.1.8", refuse(mailboxtest.StepMail, 553, [3]int{5, 1, 8}), "policy policy policy", 0},
		{"mail 5.3.4", refuse(mailboxtest.StepMail, 552, [3]int{5, 3, 4}), "permanent permanent permanent", 0},
		{"mail 4.3.2", refuse(mailboxtest.StepMail, 451, [3]int{4, 3, 2}), "temporary temporary temporary", 0},
		{"mail 530", refuse(mailboxtest.StepMail, 530, [3]int{5, 5, 1}), "policy policy policy", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			withAndWithoutPipelining(t, func(t *testing.T, deliver func(*Submitter, []Parcel, func(context.Context, []int64) error) []Receipt) {
				po, config := smtpOffice(t, mailboxtest.Options{Fault: c.fault})
				s := submitter(t, config)
				receipts := deliver(s, parcels(3), nil)
				if got := states(receipts); got != c.want {
					t.Fatalf("%s, want %s: %+v", got, c.want, receipts)
				}
				arrived := 0
				for i := range 3 {
					arrived += len(po.Messages(member(i)))
				}
				if arrived != c.arrive {
					t.Errorf("%d arrived, want %d", arrived, c.arrive)
				}
				if receipts[1].Text != "because" || receipts[1].Enhanced == "" || receipts[1].Code == 0 {
					t.Errorf("receipt %+v", receipts[1])
				}
				// No transaction is left open.
				po.SetFault(nil)
				if got := states(s.Deliver(t.Context(), parcels(2), nil)); got != "accepted accepted" {
					t.Errorf("afterwards: %s", got)
				}
			})
		})
	}
}

func TestFirstRefusedLetterIsNotCommitted(t *testing.T) {
	_, config := smtpOffice(t, mailboxtest.Options{Fault: func(at mailboxtest.Step, _, to string) *mailboxtest.Fault {
		if at == mailboxtest.StepRcpt && to == member(0) {
			return &mailboxtest.Fault{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "gone"}
		}
		return nil
	}})
	var ids []int64
	calls := 0
	receipts := submitter(t, config).Deliver(t.Context(), parcels(3), func(_ context.Context, got []int64) error {
		ids = got
		calls++
		return nil
	})
	if got := states(receipts); got != "permanent accepted accepted" || calls != 1 || !slices.Equal(ids, []int64{101, 102}) {
		t.Errorf("%s, %d calls, ids %v", got, calls, ids)
	}
}

func TestNothingLeavesUnlessCommitted(t *testing.T) {
	withAndWithoutPipelining(t, func(t *testing.T, deliver func(*Submitter, []Parcel, func(context.Context, []int64) error) []Receipt) {
		po, config := smtpOffice(t, mailboxtest.Options{})
		s := submitter(t, config)
		receipts := deliver(s, parcels(3), func(context.Context, []int64) error { return errors.New("disk is full") })
		if got := states(receipts); got != "unsent unsent unsent" || !strings.Contains(receipts[0].Text, "disk is full") {
			t.Errorf("%+v", receipts)
		}
		if len(s.idle) != 0 {
			t.Error("a connection in the middle of DATA was kept")
		}
		time.Sleep(50 * time.Millisecond)
		for i := range 3 {
			if n := len(po.Messages(member(i))); n != 0 {
				t.Errorf("member %d has %d letters", i, n)
			}
		}
	})
}

func TestUnfitParcelsAreRefusedHere(t *testing.T) {
	po, config := smtpOffice(t, mailboxtest.Options{})
	s := submitter(t, config)
	good := parcels(1)[0]
	for name, spoil := range map[string]func(p *Parcel){
		"bare LF":        func(p *Parcel) { p.Data = []byte("a: b\n\nc\r\n") },
		"bare CR":        func(p *Parcel) { p.Data = []byte("a: b\r\n\r\nc\rd\r\n") },
		"LF dot LF":      func(p *Parcel) { p.Data = []byte("a: b\r\n\r\n\n.\nMAIL FROM:<x@y.example>\r\n") },
		"CR dot CR":      func(p *Parcel) { p.Data = []byte("a: b\r\n\r\n\r.\r\n") },
		"CR at the end":  func(p *Parcel) { p.Data = []byte("a: b\r\n\r\nc\r") },
		"NUL":            func(p *Parcel) { p.Data = []byte("a: b\r\n\r\nc\x00\r\n") },
		"empty":          func(p *Parcel) { p.Data = nil },
		"to with CRLF":   func(p *Parcel) { p.To = "m1@school.example>\r\nDATA" },
		"to with space":  func(p *Parcel) { p.To = "m1@school.example NOTIFY=NEVER" },
		"to with >":      func(p *Parcel) { p.To = "m1@school.example>" },
		"to nobody":      func(p *Parcel) { p.To = "" },
		"from nobody":    func(p *Parcel) { p.From = "" },
		"from with CRLF": func(p *Parcel) { p.From = "help@school.example\r\nRSET" },
	} {
		bad := good
		bad.ID = 7
		spoil(&bad)
		receipts := s.Deliver(t.Context(), []Parcel{bad, good}, nil)
		if states(receipts) != "permanent accepted" || receipts[0].ID != 7 || receipts[0].Text == "" {
			t.Errorf("%s: %+v", name, receipts)
		}
	}
	if n := len(po.Messages(member(0))); n != 13 {
		t.Errorf("%d letters arrived, want the 13 good ones", n)
	}
	if len(po.Outside()) != 0 {
		t.Errorf("outside: %v", po.Outside())
	}
}

func TestLogin(t *testing.T) {
	serverTLS, roots := mailboxtest.ServerTLS(t)
	for _, mode := range []TLSMode{TLSNone, TLSStart, TLSImplicit} {
		options := mailboxtest.Options{NeedLogin: true}
		if mode != TLSNone {
			options.TLS, options.Implicit = serverTLS, mode == TLSImplicit
		}
		po, config := smtpOffice(t, options)
		config.TLS, config.RootCAs = mode, roots
		if got := states(submitter(t, config).Deliver(t.Context(), parcels(1), nil)); got != "policy" {
			t.Errorf("%s without login: %s, want policy", mode, got)
		}
		config.Username, config.Password = "anybody@school.example", secret(mailboxtest.Password)
		s := submitter(t, config)
		if got := states(s.Deliver(t.Context(), parcels(2), nil)); got != "accepted accepted" || len(po.Messages(member(1))) != 1 {
			t.Errorf("%s: %s", mode, got)
		}
		banner, err := s.Check(t.Context())
		if err != nil || !banner.Pipelining || banner.MaxSize == 0 || (banner.TLS == "") != (mode == TLSNone) {
			t.Errorf("%s: %+v, %v", mode, banner, err)
		}
		config.Password = secret("wrong")
		s = submitter(t, config)
		if _, err := s.Check(t.Context()); !errors.Is(err, ErrAuth) || strings.Contains(err.Error(), "wrong") {
			t.Errorf("%s: %v, want ErrAuth", mode, err)
		}
		if receipts := s.Deliver(t.Context(), parcels(1), nil); receipts[0].State != ByPolicy || receipts[0].Code != 535 {
			t.Errorf("%s, wrong password: %+v", mode, receipts)
		}
		config.Password = func(context.Context) (string, error) { return "", errors.New("the file is gone") }
		if _, err := submitter(t, config).Check(t.Context()); !errors.Is(err, ErrSecret) {
			t.Errorf("%s: %v, want ErrSecret", mode, err)
		}
	}
}

func TestLoginMechanisms(t *testing.T) {
	for mechanism, want := range map[string]error{"PLAIN": nil, "LOGIN": nil, "KERBEROS": ErrAuth} {
		_, config := smtpOffice(t, mailboxtest.Options{NeedLogin: true, Login: []string{mechanism}})
		config.Username, config.Password = "anybody@school.example", secret(mailboxtest.Password)
		if _, err := submitter(t, config).Check(t.Context()); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", mechanism, err, want)
		}
	}
}

// A server that takes two letters a connection.
func TestFewLettersAConnection(t *testing.T) {
	withAndWithoutPipelining(t, func(t *testing.T, deliver func(*Submitter, []Parcel, func(context.Context, []int64) error) []Receipt) {
		count := 0
		po, config := smtpOffice(t, mailboxtest.Options{Fault: func(at mailboxtest.Step, _, _ string) *mailboxtest.Fault {
			if at == mailboxtest.StepMail {
				if count++; count%3 == 0 {
					return &mailboxtest.Fault{Code: 421, Enhanced: [3]int{4, 7, 0}, Text: "too many"}
				}
			}
			return nil
		}})
		s := submitter(t, config)
		if got := states(deliver(s, parcels(4), nil)); got != "accepted accepted unsent unsent" {
			t.Errorf("first batch: %s", got)
		}
		if got := states(s.Deliver(t.Context(), parcels(2), nil)); got != "accepted accepted" {
			t.Errorf("second batch: %s", got)
		}
		// The kept connection has no letter left, which nobody notices.
		if got := states(s.Deliver(t.Context(), parcels(2), nil)); got != "accepted accepted" || len(po.Messages(member(0))) != 3 {
			t.Errorf("third batch: %s", got)
		}
	})
}

func TestReplies(t *testing.T) {
	for line, want := range map[string]reply{
		"250 2.1.0 Ok":   {code: 250, enhanced: "2.1.0", text: "Ok"},
		"250":            {code: 250},
		"354 go":         {code: 354, text: "go"},
		"550-5.1.1 nope": {code: 550, enhanced: "5.1.1", text: "nope"},
		"550 1.2.3.4 is": {code: 550, text: "1.2.3.4 is"},
		"550 5.1 x":      {code: 550, text: "5.1 x"},
		"550 5.1.x y":    {code: 550, text: "5.1.x y"},
	} {
		code, rest, _, ok := replyLine([]byte(line))
		enhanced, text := enhancedStatus(rest)
		if got := (reply{code: code, enhanced: enhanced, text: text}); !ok || got != want {
			t.Errorf("%q: %+v, want %+v", line, got, want)
		}
	}
	for _, line := range []string{"", "25", "abc", "250_x", "150 x", "650 x", "2x0 y", "HTTP/1.1 400"} {
		if _, _, _, ok := replyLine([]byte(line)); ok {
			t.Errorf("%q was taken for a reply", line)
		}
	}
}

func TestStuffing(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\n.b\r\n":         "a\r\n..b\r\n",
		".a\r\n":              "..a\r\n",
		"..\r\n.\r\n":         "...\r\n..\r\n",
		"a":                   "a\r\n",
		"a\r\n\r\n.\r\n.\r\n": "a\r\n\r\n..\r\n..\r\n",
	} {
		if got := string(appendStuffed(nil, []byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestEncryptionIsRequired(t *testing.T) {
	serverTLS, _ := mailboxtest.ServerTLS(t)
	_, config := smtpOffice(t, mailboxtest.Options{})
	config.TLS = TLSStart
	s := submitter(t, config)
	if _, err := s.Check(t.Context()); !errors.Is(err, ErrTLS) {
		t.Errorf("no STARTTLS offered: %v, want ErrTLS", err)
	}
	if got := states(s.Deliver(t.Context(), parcels(1), nil)); got != "unsent" {
		t.Errorf("no STARTTLS offered: %s", got)
	}
	for _, implicit := range []bool{true, false} {
		_, config := smtpOffice(t, mailboxtest.Options{TLS: serverTLS, Implicit: implicit})
		config.TLS = TLSStart
		if implicit {
			config.TLS = TLSImplicit
		}
		if _, err := submitter(t, config).Check(t.Context()); !errors.Is(err, ErrTLS) {
			t.Errorf("unknown certificate: %v, want ErrTLS", err)
		}
	}
}

func TestUnusualAddresses(t *testing.T) {
	_, config := smtpOffice(t, mailboxtest.Options{})
	all := parcels(2)
	all[0].To = "zoë@school.example"
	receipts := submitter(t, config).Deliver(t.Context(), all, nil)
	if states(receipts) != "permanent accepted" || receipts[0].Enhanced != "5.6.7" {
		t.Errorf("%+v", receipts)
	}
}

func TestSeveralAtOnce(t *testing.T) {
	po, config := smtpOffice(t, mailboxtest.Options{})
	config.Connections = 3
	s := submitter(t, config)
	var accepted atomic.Int64
	var senders sync.WaitGroup
	for range 12 {
		senders.Go(func() {
			for range 5 {
				for _, r := range s.Deliver(t.Context(), parcels(8), func(context.Context, []int64) error { return nil }) {
					if r.State == Accepted {
						accepted.Add(1)
					}
				}
			}
		})
	}
	senders.Wait()
	if accepted.Load() != 12*5*8 || len(po.Messages(member(7))) != 60 {
		t.Errorf("%d accepted, member 7 has %d", accepted.Load(), len(po.Messages(member(7))))
	}
	if len(s.idle) > 3 {
		t.Errorf("%d connections", len(s.idle))
	}
	s.Close()
	if got := states(s.Deliver(t.Context(), parcels(1), nil)); got != "unsent" {
		t.Errorf("after Close: %s", got)
	}
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		po, err := mailboxtest.OpenWith(mailboxtest.Options{Memory: true}, member(0), member(1), member(2))
		if err != nil {
			t.Fatal(err)
		}
		config := SMTPConfig{Server: Server{Host: "localhost", TLS: TLSNone, Dial: po.DialSMTP}, PerMinute: 30}
		s := NewSubmitter(config)
		begin := time.Now()
		for range 2 {
			if got := states(s.Deliver(t.Context(), parcels(3), nil)); got != "accepted accepted accepted" {
				t.Error(got)
			}
		}
		if took := time.Since(begin); took != 10*time.Second {
			t.Errorf("6 letters at 30 a minute took %v, want 10s", took)
		}
		if s.Batch() != 1 {
			t.Errorf("batch of %d", s.Batch())
		}
		time.Sleep(2 * idleLimit)
		synctest.Wait()
		if len(s.idle) != 0 {
			t.Error("an unused connection is kept for ever")
		}
		s.Close()
		po.Close()
	})
}

func TestNothingWaitsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		po, err := mailboxtest.OpenWith(mailboxtest.Options{Memory: true, Fault: func(at mailboxtest.Step, _, _ string) *mailboxtest.Fault {
			if at == mailboxtest.StepDot {
				return &mailboxtest.Fault{Wait: 9 * time.Minute}
			}
			return nil
		}}, member(0))
		if err != nil {
			t.Fatal(err)
		}
		s := NewSubmitter(SMTPConfig{Server: Server{Host: "localhost", TLS: TLSNone, Dial: po.DialSMTP}})
		if got := states(s.Deliver(t.Context(), parcels(1), nil)); got != "accepted" {
			t.Errorf("an answer after nine minutes: %s", got)
		}
		po.SetFault(func(mailboxtest.Step, string, string) *mailboxtest.Fault {
			return &mailboxtest.Fault{Wait: 11 * time.Minute}
		})
		begin := time.Now()
		if got := states(s.Deliver(t.Context(), parcels(1), nil)); got != "temporary" || time.Since(begin) > 6*time.Minute {
			t.Errorf("no answer to MAIL: %s after %v", got, time.Since(begin))
		}
		time.Sleep(time.Hour)
		s.Close()
		po.Close()
	})
}
