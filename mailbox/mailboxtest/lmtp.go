//go:build unix

package mailboxtest

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/emersion/go-smtp"
)

// Hand delivers a message by LMTP, as a mail transfer agent does, so that the
// recipient's script runs.
func (d *Dovecot) Hand(from, to string, raw []byte) error {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(d.LMTPPort)), 5*time.Second)
	if err != nil {
		return fmt.Errorf("lmtp: %w", err)
	}
	client := smtp.NewClientLMTP(conn)
	defer client.Close()
	if err := client.Mail(from, nil); err != nil {
		return fmt.Errorf("lmtp: %w", err)
	}
	if err := client.Rcpt(to, nil); err != nil {
		return fmt.Errorf("lmtp: %w", err)
	}
	body, err := client.Data()
	if err != nil {
		return fmt.Errorf("lmtp: %w", err)
	}
	if _, err := body.Write(bytes.TrimLeft(raw, "\n")); err != nil {
		return fmt.Errorf("lmtp: %w", err)
	}
	return body.Close()
}
