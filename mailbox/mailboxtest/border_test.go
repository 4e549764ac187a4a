//go:build unix

package mailboxtest

import (
	"strings"
	"testing"
	"time"
)

// What the outer side writes, and what it takes out.
func TestBorder(t *testing.T) {
	const help = "help@carpenter.example"
	names := StartNames(t, map[string]string{"_dmarc.carpenter.example": "v=DMARC1; p=reject", "carpenter.example": "v=spf1 ip4:192.0.2.1 -all"})
	dovecot := StartDovecotWith(t, DovecotOptions{LMTP: true}, map[string]string{help: Password})
	border := StartBorder(t, dovecot, StartRspamdMilter(t, names), "carpenter.example", []string{help})
	mail := "Authentication-Results: mx.carpenter.example; dmarc=pass header.from=carpenter.example\r\nX-MS-Exchange-Organization-AuthAs: Internal\r\n" +
		"From: priya@carpenter.example\r\nTo: help@carpenter.example\r\nSubject: one\r\n\r\nHello\r\n"
	for _, ip := range []string{"192.0.2.1", "198.51.100.1"} {
		if err := border.Arrive(ip, "priya@carpenter.example", "help+tag@carpenter.example", []byte(mail)); err != nil {
			t.Fatalf("%v\n%s", err, border.Log())
		}
	}
	if !border.Idle(20 * time.Second) {
		t.Fatal(border.Log())
	}
	got := dovecot.Messages(help, "INBOX")
	if len(got) != 2 {
		t.Fatalf("%d mails\n%s", len(got), border.Log())
	}
	for i, verdict := range []string{"dmarc=pass", "dmarc=fail"} {
		text := string(got[i])
		if !strings.Contains(text, verdict) || strings.Count(text, "Authentication-Results:") != 1 || strings.Contains(text, "X-MS-Exchange") || !strings.Contains(text, "help+tag@") {
			t.Errorf("not as it should be:\n%s", text)
		}
	}
	if err := border.Arrive("192.0.2.1", "x@y.example", "someone@else.example", []byte(mail)); err == nil {
		t.Error("it relays for strangers")
	}
}
