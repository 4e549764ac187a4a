package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What can be wrong with a connection, for errors.Is. The text of the error
// says more.
var (
	ErrAuth        = errors.New("login refused")              // the server knows us and says no
	ErrSecret      = errors.New("no password to log in with") // ours: the secret cannot be read
	ErrUnreachable = errors.New("server unreachable")         // nobody answers, or it says "later"
	ErrTLS         = errors.New("no trusted encryption")      // certificate, name or STARTTLS
	ErrLost        = errors.New("connection lost")            // it was there and is gone: open another
	ErrRefused     = errors.New("command refused")            // the server said NO; the connection lives
	ErrInsecure    = errors.New("refusing to log in without encryption")
)

// standardPorts are a protocol's ports by TLS mode.
type standardPorts struct{ implicit, starttls, none int }

func imapPorts() standardPorts { return standardPorts{993, 143, 143} }
func smtpPorts() standardPorts { return standardPorts{465, 587, 25} }

func (s Server) mode() TLSMode {
	if s.TLS == "" {
		return TLSImplicit
	}
	return s.TLS
}

func (s Server) port(p standardPorts) int {
	switch {
	case s.Port != 0:
		return s.Port
	case s.mode() == TLSStart:
		return p.starttls
	case s.mode() == TLSNone:
		return p.none
	}
	return p.implicit
}

// check refuses settings that would send a password in clear over a network.
func (s Server) check() error {
	switch s.mode() {
	case TLSImplicit, TLSStart:
	case TLSNone:
		if !loopbackName(s.Host) {
			return fmt.Errorf("%w: tls: none is for a server on this machine (localhost, 127.0.0.1, ::1), not for %q", ErrInsecure, s.Host)
		}
	default:
		return fmt.Errorf("tls: %q is not one of implicit, starttls, none", s.TLS)
	}
	if s.Host == "" || strings.ContainsAny(s.Host, " \t\r\n/@") {
		return fmt.Errorf("%q is not the name of a server", s.Host)
	}
	return nil
}

func loopbackName(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (s Server) tlsConfig() *tls.Config {
	config := &tls.Config{ServerName: s.Host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}
	if s.Handshake != nil {
		config.VerifyConnection = func(state tls.ConnectionState) error { // after the certificate has been verified
			s.Handshake(state)
			return nil
		}
	}
	return config
}

// password asks for the secret: a password or an access token.
func (s Server) password(ctx context.Context) (string, error) {
	if s.Tokens != nil {
		return s.token(ctx)
	}
	if s.Password == nil {
		return "", fmt.Errorf("%w: no password is configured for %s", ErrSecret, s.Username)
	}
	secret, err := s.Password(ctx)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSecret, err)
	}
	if secret == "" {
		return "", fmt.Errorf("%w: it is empty", ErrSecret)
	}
	return secret, nil
}

// dial opens the connection below TLS.
func (s Server) dial(ctx context.Context, p standardPorts) (net.Conn, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	addr := net.JoinHostPort(s.Host, strconv.Itoa(s.port(p)))
	dial := s.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: connectLimit / 2}).DialContext
	}
	conn, err := dial(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnreachable, addr, err)
	}
	// A name such as localhost may still resolve to somewhere else.
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); ok && s.mode() == TLSNone && !tcp.IP.IsLoopback() {
		conn.Close()
		return nil, fmt.Errorf("%w: %s is %s, which is not this machine", ErrInsecure, s.Host, tcp.IP)
	}
	return conn, nil
}

// encrypt performs the handshake of implicit TLS.
func (s Server) encrypt(ctx context.Context, conn net.Conn) (*tls.Conn, error) {
	secured := tls.Client(conn, s.tlsConfig())
	if err := secured.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("%w: %s: %w", handshakeFault(err), s.Host, err)
	}
	return secured, nil
}

// handshakeFault tells a certificate that we do not trust, for which somebody
// must act, from a line that broke, which mends itself.
func handshakeFault(err error) error {
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	if errors.As(err, &verification) || errors.As(err, &record) || errors.As(err, &alert) {
		return ErrTLS
	}
	return ErrUnreachable
}

// link is a network connection that notices silence. The IMAP library sets read
// deadlines of its own, clears them after every response and has none for the
// first byte of an answer; link replaces them by one rule: while an answer is
// awaited, no silence longer than the limit. And since the library keeps a line
// in memory however long it is, an answer has a greatest length too.
type link struct {
	net.Conn

	mu     sync.Mutex
	limit  time.Duration // 0: nothing is awaited
	left   int64         // octets that may still come until the next command
	silent bool          // a read ended because of the limit
}

// errEndless ends a connection whose server sends more than any answer has.
var errEndless = errors.New("the server sends without end")

// SetReadDeadline ignores the library's deadlines.
func (l *link) SetReadDeadline(time.Time) error { return nil }

// await starts the rule, for an answer of so many octets at most.
func (l *link) await(limit time.Duration, octets int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit, l.left = limit, octets
	_ = l.Conn.SetReadDeadline(time.Now().Add(limit)) // a closed connection says so at the next read
}

// rest ends it: nothing is awaited.
func (l *link) rest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit = 0
	_ = l.Conn.SetReadDeadline(time.Time{})
}

// Read reads and, as long as something arrives, moves the deadline on.
func (l *link) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	l.mu.Lock()
	defer l.mu.Unlock()
	var timeout net.Error
	if err != nil && errors.As(err, &timeout) && timeout.Timeout() {
		l.silent = true
	}
	if l.left -= int64(n); l.left < 0 && err == nil {
		err = errEndless
	}
	if n > 0 && l.limit > 0 {
		_ = l.Conn.SetReadDeadline(time.Now().Add(l.limit))
	}
	return n, err
}

// wentSilent says whether the connection ended because of the rule.
func (l *link) wentSilent() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.silent
}
