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
)

// echoing is a server that repeats what it refuses.
func echoing(t *testing.T, greeting string, answer func(line string) string) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				fmt.Fprint(conn, greeting+"\r\n")
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					fmt.Fprint(conn, answer(lines.Text())+"\r\n")
				}
			}()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

func TestServerRepeatsThePassword(t *testing.T) {
	const secret = "hunter2-and-more"
	server := func(port int) Server {
		return Server{Host: "127.0.0.1", Port: port, TLS: TLSNone, Username: "help@x.example", Password: func(context.Context) (string, error) { return secret, nil }}
	}
	imapAnswer := func(line string) string {
		tag, command, _ := strings.Cut(line, " ")
		if strings.HasPrefix(command, "CAPABILITY") {
			return "* CAPABILITY IMAP4rev1\r\n" + tag + " OK done"
		}
		return tag + " NO [AUTHENTICATIONFAILED] Error in " + command
	}
	for _, capability := range []string{"IMAP4rev1", "IMAP4rev1 AUTH=PLAIN SASL-IR"} {
		port := echoing(t, "* OK [CAPABILITY "+capability+"] hello", imapAnswer)
		_, err := Open(t.Context(), InboxConfig{Server: server(port), Timeout: 5 * time.Second})
		if !errors.Is(err, ErrAuth) || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "…") {
			t.Errorf("IMAP with %s: %v", capability, err)
		}
	}
	smtpAnswer := func(line string) string {
		if strings.HasPrefix(line, "EHLO") {
			return "250-localhost\r\n250 AUTH PLAIN"
		}
		return "535 5.7.8 I do not know " + line
	}
	port := echoing(t, "220 hello", smtpAnswer)
	_, err := NewSubmitter(SMTPConfig{Server: server(port), Timeout: 5 * time.Second}).Check(t.Context())
	if !errors.Is(err, ErrAuth) || !strings.Contains(err.Error(), "…") || strings.Contains(err.Error(), "aHVudGVy") {
		t.Errorf("SMTP: %v", err)
	}
}
