//go:build unix

package mailboxtest

import "testing"

func TestDovecotStartsAndKeepsMail(t *testing.T) {
	d := StartDovecot(t, map[string]string{"help@school.example": "secret"})
	if err := d.Deliver("help@school.example", []byte("Subject: one\r\n\r\nHello\r\n")); err != nil {
		t.Fatal(err)
	}
	d.Stop()
	d.Start()
	if n := len(d.Messages("help@school.example", "INBOX")); n != 1 {
		t.Fatalf("%d messages, want 1", n)
	}
	if d.Has("nobody@school.example") || !d.Has("help@school.example") {
		t.Fatal("Has does not know who has a mailbox")
	}
}
