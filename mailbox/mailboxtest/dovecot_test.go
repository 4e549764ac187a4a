//go:build unix

package mailboxtest

import (
	"bytes"
	"errors"
	"fmt"
	"net/smtp"
	"strings"
	"testing"
)

func TestDovecotKeepsMail(t *testing.T) {
	d := StartDovecot(t, map[string]string{priya: "secret"})
	letter := []byte("Subject: one\r\n\r\nHello\r\n")
	if err := d.Deliver(priya, letter); err != nil {
		t.Fatal(err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", d.Port)
	if got := inbox(t, addr, priya, "secret"); len(got) != 1 || !bytes.Equal(got[0], letter) {
		t.Fatalf("%q\n%s", got, d.Log())
	}
	d.Stop()
	d.Start()
	if got := inbox(t, addr, priya, "secret"); len(got) != 1 || len(d.Messages(priya, "INBOX")) != 1 {
		t.Fatalf("after a restart %q\n%s", got, d.Log())
	}
	if d.Has("nobody@school.example") || !d.Has(priya) {
		t.Error("Has does not know who has a mailbox")
	}
}

// Letters go into members' real mailboxes through an SMTP server in the test.
func TestSMTPIntoDovecot(t *testing.T) {
	d := StartDovecot(t, map[string]string{priya: "secret"})
	addr := StartSMTP(t, func(from, to string, raw []byte) error {
		if !d.Has(to) {
			return errors.New("nobody here")
		}
		return d.Deliver(to, raw)
	})
	letter := []byte("Subject: one\r\n\r\nHello\r\n")
	if err := smtp.SendMail(addr, nil, "help@school.example", []string{priya}, letter); err != nil {
		t.Fatal(err)
	}
	if got := d.Messages(priya, "INBOX"); len(got) != 1 || !bytes.Equal(got[0], letter) {
		t.Errorf("%q", got)
	}
	err := smtp.SendMail(addr, nil, "help@school.example", []string{"nobody@school.example"}, letter)
	if err == nil || !strings.Contains(err.Error(), "451") {
		t.Errorf("%v", err)
	}
}
