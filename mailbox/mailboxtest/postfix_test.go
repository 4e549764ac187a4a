package mailboxtest

import (
	"fmt"
	"net/smtp"
	"strings"
	"testing"
	"time"
)

// What Postfix takes lies in Dovecot's mailboxes when the queue is empty.
func TestPostfixDeliversToDovecot(t *testing.T) {
	users := map[string]string{"help@carpenter.example": Password, "sam@carpenter.example": Password}
	dovecot := StartDovecotWith(t, DovecotOptions{LMTP: true}, users)
	postfix := StartPostfix(t, dovecot)
	const mails = 20
	for i := range mails {
		raw := fmt.Sprintf("From: sam@carpenter.example\r\nTo: help@carpenter.example\r\nSubject: %d\r\n\r\nHello\r\n", i)
		if err := smtp.SendMail(postfix.Addr(), nil, "sam@carpenter.example", []string{"help@carpenter.example"}, []byte(raw)); err != nil {
			t.Fatal(err)
		}
	}
	if !postfix.Idle(20 * time.Second) {
		t.Fatalf("the queue does not empty\n%s\n%s", postfix.Log(), dovecot.Log())
	}
	got := dovecot.Messages("help@carpenter.example", "INBOX")
	if len(got) != mails {
		t.Fatalf("%d messages of %d\n%s", len(got), mails, postfix.Log())
	}
	if !strings.Contains(string(got[0]), "Received: ") || strings.Contains(string(got[0]), "unknown_host") {
		t.Errorf("%s", got[0])
	}
}
