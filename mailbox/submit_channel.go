package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// channel is one connection to the submission server, logged in.
type channel struct {
	conn   net.Conn // below TLS: closing it ends everything at once
	client *smtp.Client
	text   *textproto.Conn
	banner Banner

	buf    []byte // what is written next, reused
	served int    // letters since the connection was opened
	since  time.Time
	dirty  bool // a transaction may be open: RSET before the next
	broken bool // not to be used again
	veil   veil // over the password
}

// open dials, encrypts, greets and logs in, with go-mail's client.
func (s *Submitter) open(ctx context.Context) (*channel, error) {
	if err := s.config.check(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, min(connectLimit, s.config.Timeout))
	defer cancel()
	ch := &channel{}
	var stop func() bool
	// The library looks at its context while dialling only, and ends it when it
	// returns: the outer one is what counts.
	dialer := func(context.Context, string, string) (net.Conn, error) {
		conn, err := s.config.dial(ctx, smtpPorts())
		if err != nil {
			return nil, err
		}
		ch.conn = conn
		stop = context.AfterFunc(ctx, func() { conn.Close() })
		if s.config.mode() == TLSImplicit {
			return s.config.encrypt(ctx, conn)
		}
		return conn, nil
	}
	options, secret, err := s.options(ctx)
	if err != nil {
		return nil, err
	}
	options = append(options, mail.WithDialContextFunc(dialer), mail.WithTimeout(min(connectLimit, s.config.Timeout)))
	client, err := mail.NewClient(s.config.Host, options...)
	if err != nil {
		return nil, err
	}
	ch.client, err = client.DialToSMTPClientWithContext(ctx)
	if stop != nil {
		stop()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		if ch.conn != nil {
			ch.conn.Close()
		}
		err = s.openFault(veilOver(s.config.Username, secret).over(err))
		s.config.refusedToken(secret, err)
		return nil, err
	}
	ch.veil = veilOver(s.config.Username, secret)
	ch.text = ch.client.Text // after STARTTLS it is another one
	ch.learn()
	return ch, nil
}

// options are the library's, with the secret that is in them.
func (s *Submitter) options(ctx context.Context) (options []mail.Option, secret string, err error) {
	options = []mail.Option{
		mail.WithPort(s.config.port(smtpPorts())), mail.WithHELO(helloName()),
		mail.WithTLSConfig(s.config.tlsConfig()), mail.WithoutNoop(), mail.WithoutRset(), mail.WithoutSMTPUTF8(),
	}
	if s.config.mode() == TLSStart {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	} else {
		// Implicit TLS has been spoken below; without TLS the host is this one.
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	}
	if s.config.Username == "" {
		return options, "", nil
	}
	if secret, err = s.config.password(ctx); err != nil {
		return nil, "", err
	}
	if s.config.Tokens != nil {
		return append(options, mail.WithUsername(s.config.Username), mail.WithPassword(secret), mail.WithSMTPAuth(mail.SMTPAuthXOAUTH2)), secret, nil
	}
	mechanisms := []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlain, mail.SMTPAuthLogin}
	if s.config.mode() == TLSNone {
		mechanisms = []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc}
	}
	return append(options, mail.WithUsername(s.config.Username), mail.WithPassword(secret),
		mail.WithOpportunisticSMTPAuth(append(mechanisms, mail.SMTPAuthCramMD5)...)), secret, nil
}

// helloName is this machine's name where it is one that servers accept (RFC
// 5321 section 4.1.1.1).
func helloName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "localhost"
	}
	for _, c := range []byte(name) {
		if c != '-' && c != '.' && !alphanumeric(c) {
			return "localhost"
		}
	}
	return name
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// openFault classifies why no connection came about.
func (s *Submitter) openFault(err error) error {
	for _, known := range []error{ErrUnreachable, ErrTLS, ErrInsecure, ErrSecret, ErrAuth} {
		if errors.Is(err, known) {
			return err
		}
	}
	var said *textproto.Error
	text := err.Error()
	switch {
	case errors.As(err, &said) && said.Code/100 == 5 && strings.Contains(text, "AUTH"):
		return fmt.Errorf("%w: %s at %s: %w", ErrAuth, s.config.Username, s.config.Host, err)
	case errors.As(err, &said):
		return fmt.Errorf("%s does not serve us: %w", s.config.Host, err)
	case errors.Is(err, mail.ErrNoSupportedAuthDiscovered), errors.Is(err, mail.ErrXOauth2AuthNotSupported), strings.Contains(text, "does not support SMTP AUTH"), strings.Contains(text, "unsupported SMTP AUTH"):
		return fmt.Errorf("%w: %s offers no way to log in that we know", ErrAuth, s.config.Host)
	case strings.Contains(text, "STARTTLS"):
		return fmt.Errorf("%w: %s: %w", ErrTLS, s.config.Host, err)
	}
	return fmt.Errorf("%w: %s: %w", handshakeFault(err), s.config.Host, err)
}

// learn reads what EHLO announced.
func (ch *channel) learn() {
	ch.banner.Hello = ch.client.HelloResponse()
	ch.banner.Pipelining, _ = ch.client.Extension("PIPELINING")
	ch.banner.EightBit, _ = ch.client.Extension("8BITMIME")
	ch.banner.SMTPUTF8, _ = ch.client.Extension("SMTPUTF8")
	if ok, size := ch.client.Extension("SIZE"); ok {
		ch.banner.MaxSize, _ = strconv.ParseInt(strings.TrimSpace(size), 10, 64)
	}
	if state, err := ch.client.GetTLSConnectionState(); err == nil {
		ch.banner.TLS = tls.VersionName(state.Version)
	}
}

// quit hangs up politely and never for long.
func (ch *channel) quit() {
	if !ch.broken && ch.client.UpdateDeadline(2*time.Second) == nil {
		_ = ch.client.Quit()
	}
	ch.conn.Close()
}

// write sends ch.buf at once and says how much of it may have left. A limit of 0
// keeps the deadline that stands.
func (ch *channel) write(limit time.Duration) (int, error) {
	if limit > 0 {
		if err := ch.client.UpdateDeadline(limit); err != nil {
			return 0, err
		}
	}
	// The writer is empty, so that a long buffer goes down in one piece, and
	// what is left in it after a fault has not gone out.
	n, err := ch.text.W.Write(ch.buf)
	if err == nil {
		err = ch.text.W.Flush()
	}
	if err != nil {
		n -= ch.text.W.Buffered()
	}
	return n, err
}

// reply is one answer of the server.
type reply struct {
	code     int
	enhanced string
	text     string
	stage    int // which command it answers
}

// maximumReplyLines bounds an answer.
const maximumReplyLines = 100

var errGarbled = errors.New("the server's answer is not SMTP")

// read reads one reply (RFC 5321 section 4.2). A limit of 0 keeps the deadline.
func (ch *channel) read(limit time.Duration) (reply, error) {
	if limit > 0 {
		if err := ch.client.UpdateDeadline(limit); err != nil {
			return reply{}, err
		}
	}
	var r reply
	for range maximumReplyLines {
		line, err := ch.text.R.ReadSlice('\n')
		if err != nil {
			return r, err
		}
		for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
			line = line[:len(line)-1]
		}
		code, rest, more, ok := replyLine(line)
		if !ok || r.code != 0 && r.code != code {
			return r, errGarbled
		}
		r.code = code
		if enhanced, text := enhancedStatus(rest); enhanced != "" {
			r.enhanced, rest = enhanced, text
		}
		if len(rest) > 0 && len(r.text) < 400 {
			r.text = strings.TrimSpace(r.text + " " + strings.ToValidUTF8(rest, "?"))
		}
		if !more {
			r.text = ch.veil.text(r.text)
			return r, nil
		}
	}
	return r, errGarbled
}

func replyLine(line []byte) (code int, rest string, more, ok bool) {
	if len(line) < 3 || line[0] < '2' || line[0] > '5' {
		return 0, "", false, false
	}
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return 0, "", false, false
		}
		code = code*10 + int(c-'0')
	}
	if len(line) == 3 {
		return code, "", false, true
	}
	if line[3] != ' ' && line[3] != '-' {
		return 0, "", false, false
	}
	return code, string(line[4:]), line[3] == '-', true
}

// enhancedStatus takes "5.1.1" off the front of a reply's text (RFC 2034
// section 4).
func enhancedStatus(text string) (status, rest string) {
	status, rest, _ = strings.Cut(text, " ")
	if len(status) < 5 || len(status) > 9 || status[1] != '.' || status[0] != '2' && status[0] != '4' && status[0] != '5' {
		return "", text
	}
	dots := 0
	for _, c := range []byte(status) {
		if c == '.' {
			dots++
		} else if c < '0' || c > '9' {
			return "", text
		}
	}
	if dots != 2 {
		return "", text
	}
	return status, rest
}
