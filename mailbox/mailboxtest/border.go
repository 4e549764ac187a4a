//go:build unix

package mailboxtest

import (
	"fmt"
	"net"
	"net/smtp"
	"strconv"
	"strings"
	"time"
)

// Border is a mail server as a school has one: a Postfix whose outer side takes
// mail from anywhere for its own people, lets rspamd check it, and takes out what
// only itself may write. Its inner side, which Postfix.Port is, sends for them.
type Border struct {
	*Postfix
	MX int // the outer side, on 127.0.0.1
	// Inside is the inner side as Exchange has it: mail that was sent there carries
	// X-MS-Exchange-Organization-AuthAs: Internal.
	Inside int
}

const borderMain = `virtual_mailbox_domains = %[1]s
virtual_mailbox_maps = inline:{%[2]s}
virtual_transport = lmtp:inet:127.0.0.1:%[3]d
recipient_delimiter = +
header_checks = regexp:{{/^Authentication-Results:/ IGNORE}}
smtpd_authorized_xclient_hosts = 127.0.0.0/8
milter_default_action = tempfail
milter_command_timeout = 60s
milter_content_timeout = 60s
`

// In master.cf braces keep blanks together.
const borderMaster = `127.0.0.1:%[1]d inet n - n - - smtpd
  -o { smtpd_milters = inet:127.0.0.1:%[3]d }
  -o { smtpd_relay_restrictions = permit_auth_destination, reject }
  -o cleanup_service_name=border
127.0.0.1:%[2]d inet n - n - - smtpd
  -o { smtpd_data_restrictions = check_client_access static:{PREPEND X-MS-Exchange-Organization-AuthAs: Internal} }
border unix n - n - 0 cleanup
  -o { header_checks = regexp:{{/^X-MS-Exchange-Organization-/ IGNORE}} }
`

// StartBorder starts one for the people of a domain, who have mailboxes in
// dovecot. Addresses of other domains are delivered there, too, from inside.
func StartBorder(t TB, dovecot *Dovecot, rspamd *Rspamd, domain string, people []string) *Border {
	t.Helper()
	ports := freePorts(t, 2)
	b := &Border{MX: ports[0], Inside: ports[1]}
	var known []string
	for _, who := range people {
		if strings.HasSuffix(who, "@"+domain) {
			known = append(known, who+"=x")
		}
	}
	b.Postfix = startPostfix(t, dovecot, fmt.Sprintf(borderMain, domain, strings.Join(known, ","), dovecot.LMTPPort),
		fmt.Sprintf(borderMaster, b.MX, b.Inside, rspamd.Milter))
	for _, port := range []int{b.MX, b.Inside} {
		if err := reachable(port, nil); err != nil {
			t.Fatalf("postfix does not listen: %v\n%s", err, b.Log())
		}
	}
	return b
}

// Arrive sends a message to the outer side as the server with an address of its
// own would (XCLIENT, an extension of Postfix).
func (b *Border) Arrive(ip, mailFrom, to string, raw []byte) error {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(b.MX)), 10*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	c, err := smtp.NewClient(conn, "127.0.0.1")
	if err != nil {
		return err
	}
	if err := c.Hello("mail.example"); err != nil {
		return err
	}
	for _, line := range []string{"XCLIENT NAME=mail.example ADDR=" + ip, "EHLO mail.example"} {
		id, err := c.Text.Cmd("%s", line)
		if err != nil {
			return err
		}
		c.Text.StartResponse(id)
		_, _, err = c.Text.ReadResponse(2)
		c.Text.EndResponse(id)
		if err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
	}
	if err := c.Mail(mailFrom); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}
