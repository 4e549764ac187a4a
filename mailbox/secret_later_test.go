package mailbox

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
)

// A server may repeat the password in whatever it says after the login, too, as
// it is, quoted or encoded; what it says ends in logs and in the book.
func TestServerRepeatsThePasswordLater(t *testing.T) {
	const secret, user = `hunter2 "and\more`, "help@x.example"
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + secret))
	echo := fmt.Sprintf(`I know you: %s, %s, %s, %q`, secret, plain, base64.StdEncoding.EncodeToString([]byte(secret)), secret)
	server := func(port int) Server {
		return Server{Host: "127.0.0.1", Port: port, TLS: TLSNone, Username: user, Password: func(context.Context) (string, error) { return secret, nil }}
	}
	hidden := func(step, said string) {
		t.Helper()
		if strings.Contains(said, "hunter2") || strings.Contains(said, plain) || strings.Contains(said, "aHVudGVy") || !strings.Contains(said, "I know you") {
			t.Errorf("%s: %s", step, said)
		}
	}
	for _, refused := range []string{"LIST", "SELECT"} {
		port := echoing(t, "* OK [CAPABILITY IMAP4rev1 NAMESPACE ENABLE AUTH=PLAIN SASL-IR] hello", func(line string) string {
			tag, command, _ := strings.Cut(line, " ")
			if strings.HasPrefix(command, refused) || strings.HasPrefix(command, "SELECT") {
				return tag + " NO " + echo
			}
			if command == "CAPABILITY" {
				return "* CAPABILITY IMAP4rev1\r\n" + tag + " OK done"
			}
			return tag + " OK done"
		})
		in, err := Open(t.Context(), InboxConfig{Server: server(port), Timeout: 5 * time.Second})
		if err == nil {
			in.Close()
			t.Errorf("%s: no error", refused)
			continue
		}
		hidden("IMAP "+refused, err.Error())
	}
	for _, refused := range []string{"MAIL", "RCPT", "DATA", "."} {
		data := false
		port := echoing(t, "220 hello", func(line string) string {
			command, _, _ := strings.Cut(line, " ")
			command, _, _ = strings.Cut(command, ":")
			switch {
			case data && line != ".":
				return "" // the body
			case command == refused:
				data = false
				return "550 5.7.0 " + echo
			case line == "DATA":
				data = true
				return "354 go on"
			case strings.HasPrefix(line, "EHLO"):
				return "250-localhost\r\n250 AUTH PLAIN"
			case strings.HasPrefix(line, "AUTH"):
				return "235 welcome"
			}
			data = false
			return "250 ok"
		})
		submitter := NewSubmitter(SMTPConfig{Server: server(port), Timeout: 5 * time.Second})
		receipts := submitter.Deliver(t.Context(), []Parcel{{ID: 1, From: user, To: "a@x.example", Data: []byte("Subject: x\r\n\r\ny\r\n")}}, nil)
		submitter.Close()
		if len(receipts) != 1 {
			t.Fatal(receipts)
		}
		if refused != "." { // the blank lines that this server says to a body are no replies
			hidden("SMTP "+refused, receipts[0].Text)
		} else if strings.Contains(receipts[0].Text, "hunter2") {
			t.Error(receipts[0].Text)
		}
	}
}
