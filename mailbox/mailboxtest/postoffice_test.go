package mailboxtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

const priya = "priya@school.example"

func office(t *testing.T, options Options) *PostOffice {
	t.Helper()
	po, err := OpenWith(options, priya, "Sam@School.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { po.Close() })
	return po
}

// inbox reads an INBOX over IMAP, as a mail program does.
func inbox(t *testing.T, addr, user, password string) [][]byte {
	t.Helper()
	c, err := imapclient.DialInsecure(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(user, password).Wait(); err != nil {
		t.Fatal(err)
	}
	if data, err := c.Select("INBOX", nil).Wait(); err != nil || data.NumMessages == 0 {
		return nil
	}
	section := &imap.FetchItemBodySection{Peek: true}
	messages, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	var raw [][]byte
	for _, m := range messages {
		raw = append(raw, m.FindBodySection(section))
	}
	return raw
}

func TestWhatSMTPAcceptsIMAPShows(t *testing.T) {
	po := office(t, Options{})
	letter := []byte("From: a@x.example\r\nSubject: one\r\n\r\n.dot\r\nüß\r\n")
	recipients := []string{"PRIYA+r.token@school.example", "sam@school.example", "stranger@elsewhere.example"}
	if err := smtp.SendMail(po.SMTPAddr(), nil, "a@x.example", recipients, letter); err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{priya, "sam@school.example"} {
		if got := inbox(t, po.IMAPAddr(), user, Password); len(got) != 1 || !bytes.Equal(got[0], letter) {
			t.Errorf("%s reads %q", user, got)
		}
		if got := po.Messages(user); len(got) != 1 || !bytes.Equal(got[0], letter) {
			t.Errorf("%s was delivered %q", user, got)
		}
		if n, err := po.Count(user, "INBOX"); n != 1 || err != nil {
			t.Errorf("%s has %d, %v", user, n, err)
		}
	}
	if got := po.Outside(); len(got) != 1 || len(got["stranger@elsewhere.example"]) != 1 || len(po.Messages("stranger@elsewhere.example")) != 1 {
		t.Errorf("outside: %v", got)
	}
}

func TestLoginIsAsked(t *testing.T) {
	po := office(t, Options{Password: "own"})
	c, err := imapclient.DialInsecure(po.IMAPAddr(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(priya, Password).Wait(); err == nil {
		t.Error("a wrong password was accepted")
	}
	if err := c.Login(priya, "own").Wait(); err != nil {
		t.Error(err)
	}
}

func TestFaults(t *testing.T) {
	po := office(t, Options{})
	send := func() error {
		return smtp.SendMail(po.SMTPAddr(), nil, "a@x.example", []string{priya}, []byte("Subject: x\r\n\r\nx\r\n"))
	}
	at := func(step Step, f Fault) FaultFunc {
		return func(s Step, from, to string) *Fault {
			if s != step {
				return nil
			}
			if from != "a@x.example" || (step != StepMail && to != priya) {
				t.Errorf("%s: from %q to %q", s, from, to)
			}
			return &f
		}
	}
	for name, c := range map[string]struct {
		fault     FaultFunc
		want      string
		delivered int
	}{
		"none":            {nil, "", 1},
		"mail":            {at(StepMail, Fault{Code: 451, Text: "later"}), "451", 0},
		"rcpt":            {at(StepRcpt, Fault{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "who?"}), `550 "5.1.1 who?"`, 0},
		"data":            {at(StepData, Fault{Cut: true}), "EOF", 0},
		"dot":             {at(StepDot, Fault{Code: 554, Text: "no"}), "554", 0},
		"cut at the dot":  {at(StepDot, Fault{Cut: true}), "EOF", 0},
		"lost 250":        {at(StepDot, Fault{Cut: true, Keep: true}), "EOF", 1},
		"a wait, no more": {at(StepDot, Fault{Wait: time.Millisecond}), "", 1},
	} {
		before := len(po.Messages(priya))
		po.SetFault(c.fault)
		err := send()
		reset := err != nil && strings.Contains(err.Error(), "reset by peer") // another face of a cut
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) && !(reset && c.want == "EOF") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if got := len(po.Messages(priya)) - before; got != c.delivered {
			t.Errorf("%s: %d delivered, want %d", name, got, c.delivered)
		}
	}
}

func TestRenumber(t *testing.T) {
	po := office(t, Options{})
	for i := range 3 {
		if err := po.Deliver(priya, fmt.Appendf(nil, "Subject: %d\r\n\r\n", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := po.Renumber(priya, 2); err != nil {
		t.Fatal(err)
	}
	got := inbox(t, po.IMAPAddr(), priya, Password)
	if len(got) != 2 || !bytes.Contains(got[0], []byte("Subject: 1")) {
		t.Errorf("%q", got)
	}
	if po.Renumber("nobody@x.example", 1) == nil {
		t.Error("nobody's mailbox was renumbered")
	}
}

func TestCloseIsClean(t *testing.T) {
	po, err := Open(priya)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", po.SMTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := po.Close(); err != nil {
		t.Error(err)
	}
	if _, err := net.DialTimeout("tcp", po.SMTPAddr(), time.Second); err == nil {
		t.Error("it still listens")
	}
}

func TestPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		accepted := make(chan net.Conn)
		go func() {
			conn, err := l.Accept()
			if err != nil {
				t.Error(err)
			}
			accepted <- conn
		}()
		a, err := l.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		b := <-accepted
		long := bytes.Repeat([]byte("x"), 100_000)
		for range 3 { // nobody reads, and yet it does not block
			if _, err := a.Write(long); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := io.ReadFull(b, make([]byte, 300_000)); err != nil {
			t.Fatal(err)
		}
		b.SetReadDeadline(time.Now().Add(time.Minute))
		begin := time.Now()
		if _, err := b.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		b.SetReadDeadline(time.Time{})
		a.Write([]byte("bye"))
		a.Close()
		if rest, err := io.ReadAll(b); string(rest) != "bye" || err != nil {
			t.Errorf("%q, %v", rest, err)
		}
		if _, err := b.Write([]byte("x")); err == nil {
			t.Error("writing to a closed end succeeded")
		}
		b.Close()
		l.Close()
		if _, err := l.dial(context.Background(), "", ""); err == nil {
			t.Error("a closed listener was reached")
		}
	})
}
