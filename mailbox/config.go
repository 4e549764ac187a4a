// Package mailbox is everything that knows what mail is: reading an inbox,
// understanding a message, writing the bytes of a letter and submitting it.
package mailbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"time"

	"askfirst/mailbox/oauth"
)

// TLSMode says how a connection is protected.
type TLSMode string

// The modes. TLSNone is for a server on this machine only.
const (
	TLSImplicit TLSMode = "implicit" // TLS from the first byte (RFC 8314 section 3)
	TLSStart    TLSMode = "starttls" // required: without the upgrade there is no login
	TLSNone     TLSMode = "none"
)

// Server is how to reach and log in to a mail server.
type Server struct {
	Host string
	Port int     // 0: the protocol's port for the TLS mode
	TLS  TLSMode // "" means implicit
	// Username "" means that the server wants no login.
	Username string
	// Password is asked anew for every connection, so that a changed secret
	// needs no restart.
	Password func(ctx context.Context) (string, error)
	// Tokens log in by XOAUTH2 instead of a password; nil: the password does.
	Tokens  *oauth.Source
	RootCAs *x509.CertPool // nil: the system's
	// Handshake, if set, is told of every encryption that we trust. It may be
	// called by several goroutines.
	Handshake func(tls.ConnectionState)
	// Dial opens the connection below TLS; nil: a net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// InboxConfig is where asks arrive.
type InboxConfig struct {
	Server
	Poll    time.Duration // how long the loop waits at most between two scans
	MaxSize int64         // bytes; a larger message is never downloaded; 0: 10 MiB
	Since   time.Time     // older messages are not listed; zero: all are
	Folder  string        // "" means INBOX
	// Timeout is how long a server may stay silent while it owes us something;
	// 0: 60 seconds.
	Timeout time.Duration
}

// SMTPConfig is where letters are submitted.
type SMTPConfig struct {
	Server
	PerMinute   int // letters a minute at most; 0: as fast as the server takes them
	Connections int // at most; 0: 4
	// Timeout is how long a server may take over one step; 0: 5 minutes (RFC
	// 5321 section 4.5.3.2).
	Timeout time.Duration
	// FinalTimeout is how long it may take to answer the final dot; 0: 10
	// minutes (RFC 5321 section 4.5.3.2.6).
	FinalTimeout time.Duration
	// Dot, if set, is called with a parcel's id right before its final dot is
	// written; an error keeps the dot back. Accepted is called right after the
	// server has taken the parcel. Both may be called by several goroutines.
	Dot      func(id int64) error
	Accepted func(id int64)
}

const (
	defaultMaxSize      = 10 << 20
	defaultSilence      = 60 * time.Second
	defaultStep         = 5 * time.Minute
	defaultFinal        = 10 * time.Minute
	defaultConnections  = 4
	connectLimit        = 60 * time.Second // dialling, TLS, greeting and login
	defaultFolder       = "INBOX"
	maximumFetch        = 100
	headerFetchLimit    = 256 << 10
	commandLimit        = 15 * time.Minute
	answerOctets        = 1 << 20 // of most commands; the library makes thirty times as much of some
	searchOctets        = 8 << 20 // the UIDs of a million messages
	fetchOctets         = 4 << 20 // beside the messages
	idleSlice           = 30 * time.Second
	idleAnswer          = 20 * time.Second
	idleFarewell        = 2 * time.Second // when we stop: nothing is lost by hanging up
	maximumDigestsBatch = 8
)
