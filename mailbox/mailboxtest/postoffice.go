package mailboxtest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"
)

// Password logs every user of a post office in, unless Options says otherwise.
const Password = "open sesame"

// Options change how a post office behaves. The zero Options is a modern server
// on loopback.
type Options struct {
	Password  string
	Memory    bool        // connections in memory (for testing/synctest) instead of loopback TCP
	Caps      []imap.Cap  // IMAP capabilities; nil: IMAP4rev1 and IMAP4rev2 with all they bring
	TLS       *tls.Config // with it STARTTLS is offered
	Implicit  bool        // with TLS: from the first byte, instead of STARTTLS
	Login     []string    // SMTP AUTH mechanisms; nil: PLAIN and LOGIN
	NeedLogin bool        // SMTP takes mail only after AUTH
	// Token, if set, says which access tokens log in, by XOAUTH2 and in no other way.
	Token   func(access string) bool
	MaxSize int64     // SMTP SIZE; 0: 32 MiB
	Fault   FaultFunc // asked at every step of SMTP
}

// PostOffice is SMTP and IMAP over the same mailboxes: what SMTP accepts for a
// known address, IMAP shows in that user's INBOX. Users log in with their
// address. It is for tests and the demo; do not expose it to a network.
type PostOffice struct {
	options Options
	smtp    *smtp.Server
	imap    *imapserver.Server
	imapIn  net.Listener
	smtpIn  net.Listener
	serving sync.WaitGroup

	mu      sync.Mutex
	boxes   map[string]*box
	outside map[string][][]byte
	fault   FaultFunc
}

// box is one user's mailbox: as IMAP serves it, and all that was ever delivered.
type box struct {
	user      *imapmemserver.User
	delivered [][]byte
}

// Open starts a post office with a mailbox for every address.
func Open(addresses ...string) (*PostOffice, error) { return OpenWith(Options{}, addresses...) }

// OpenWith starts a post office with options.
func OpenWith(options Options, addresses ...string) (*PostOffice, error) {
	if options.Password == "" {
		options.Password = Password
	}
	if options.MaxSize == 0 {
		options.MaxSize = 32 << 20
	}
	po := &PostOffice{options: options, fault: options.Fault, boxes: map[string]*box{}, outside: map[string][][]byte{}}
	users := imapmemserver.New()
	for _, address := range addresses {
		address = strings.ToLower(address)
		user := imapmemserver.NewUser(address, options.Password)
		if err := user.Create("INBOX", nil); err != nil {
			return nil, fmt.Errorf("mailbox of %s: %w", address, err)
		}
		users.AddUser(user)
		po.boxes[address] = &box{user: user}
	}
	if err := po.listen(); err != nil {
		return nil, err
	}
	po.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			one := session{users.NewSession().(imapSession)}
			if options.Token != nil {
				return tokenSession{one, &options}, nil, nil
			}
			return one, nil, nil
		},
		Caps: capSet(options.Caps), InsecureAuth: true, TLSConfig: startTLS(options),
		Logger: log.New(io.Discard, "", 0), // a client that hangs up is no news
	})
	po.smtp = smtp.NewServer(smtp.BackendFunc(po.newSession))
	po.smtp.Domain = "postoffice.invalid"
	po.smtp.AllowInsecureAuth = true
	po.smtp.MaxMessageBytes = options.MaxSize
	po.smtp.ErrorLog = log.New(io.Discard, "", 0)
	po.smtp.TLSConfig = startTLS(options)
	imapIn, smtpIn := &awaited{Listener: po.imapIn, ready: make(chan struct{})}, &awaited{Listener: po.smtpIn, ready: make(chan struct{})}
	po.serving.Go(func() { _ = po.imap.Serve(imapIn) }) // ends with Close
	po.serving.Go(func() { _ = po.smtp.Serve(smtpIn) })
	<-imapIn.ready
	<-smtpIn.ready
	return po, nil
}

// awaited is a listener that says when it is first asked for a connection: a
// server that is closed before it serves would not be closed.
type awaited struct {
	net.Listener
	once  sync.Once
	ready chan struct{}
}

func (a *awaited) Accept() (net.Conn, error) {
	a.once.Do(func() { close(a.ready) })
	return a.Listener.Accept()
}

func capSet(caps []imap.Cap) imap.CapSet {
	set := imap.CapSet{}
	if caps == nil {
		caps = []imap.Cap{imap.CapIMAP4rev1, imap.CapIMAP4rev2}
	}
	for _, c := range caps {
		set[c] = struct{}{}
	}
	return set
}

func startTLS(options Options) *tls.Config {
	if options.Implicit {
		return nil
	}
	return options.TLS
}

func (po *PostOffice) listen() error {
	if po.options.Memory {
		po.imapIn, po.smtpIn = newPipeListener(), newPipeListener()
		return nil
	}
	var err error
	if po.imapIn, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return fmt.Errorf("imap: %w", err)
	}
	if po.smtpIn, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		po.imapIn.Close()
		return fmt.Errorf("smtp: %w", err)
	}
	if po.options.Implicit {
		po.imapIn = tls.NewListener(po.imapIn, po.options.TLS)
		po.smtpIn = tls.NewListener(po.smtpIn, po.options.TLS)
	}
	return nil
}

// IMAPAddr is host:port of the IMAP side.
func (po *PostOffice) IMAPAddr() string { return po.imapIn.Addr().String() }

// SMTPAddr is host:port of the SMTP side.
func (po *PostOffice) SMTPAddr() string { return po.smtpIn.Addr().String() }

// IMAPPort and SMTPPort are the ports on 127.0.0.1; 0 in memory.
func (po *PostOffice) IMAPPort() int { return port(po.imapIn) }

// SMTPPort is the port of the SMTP side on 127.0.0.1; 0 in memory.
func (po *PostOffice) SMTPPort() int { return port(po.smtpIn) }

func port(l net.Listener) int {
	if tcp, ok := l.Addr().(*net.TCPAddr); ok {
		return tcp.Port
	}
	return 0
}

// DialIMAP and DialSMTP connect in memory or over loopback; they fit
// mailbox.Server.Dial.
func (po *PostOffice) DialIMAP(ctx context.Context, network, addr string) (net.Conn, error) {
	return dialTo(ctx, po.imapIn)
}

// DialSMTP connects to the SMTP side.
func (po *PostOffice) DialSMTP(ctx context.Context, network, addr string) (net.Conn, error) {
	return dialTo(ctx, po.smtpIn)
}

func dialTo(ctx context.Context, l net.Listener) (net.Conn, error) {
	if memory, ok := l.(*pipeListener); ok {
		return memory.dial(ctx, "", "")
	}
	return new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
}

// Close stops both servers and waits for them.
func (po *PostOffice) Close() error {
	err := errors.Join(po.imap.Close(), po.smtp.Close())
	po.serving.Wait()
	return err
}

// Deliver puts a message into a known address's INBOX, or keeps it as outside
// mail.
func (po *PostOffice) Deliver(address string, raw []byte) error {
	address = strings.ToLower(strings.TrimSpace(address))
	raw = bytes.Clone(raw)
	po.mu.Lock()
	defer po.mu.Unlock()
	b := po.find(address)
	if b == nil {
		po.outside[address] = append(po.outside[address], raw)
		return nil
	}
	b.delivered = append(b.delivered, raw)
	if _, err := b.user.Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{}); err != nil {
		return fmt.Errorf("deliver to %s: %w", address, err)
	}
	return nil
}

// find is the mailbox of an address, plus tags ignored; nil: not ours.
func (po *PostOffice) find(address string) *box {
	if b := po.boxes[address]; b != nil {
		return b
	}
	local, domain, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	return po.boxes[local+"@"+domain]
}

// literal is a message on its way into a mailbox.
type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// Messages is all that was ever delivered to an address, in order, wherever its
// owner has put it since; for an unknown address what went outside.
func (po *PostOffice) Messages(address string) [][]byte {
	po.mu.Lock()
	defer po.mu.Unlock()
	if b := po.find(strings.ToLower(address)); b != nil {
		return slices.Clone(b.delivered)
	}
	return slices.Clone(po.outside[strings.ToLower(address)])
}

// Outside is what was accepted for addresses that are nobody's, by address.
func (po *PostOffice) Outside() map[string][][]byte {
	po.mu.Lock()
	defer po.mu.Unlock()
	all := make(map[string][][]byte, len(po.outside))
	for address, messages := range po.outside {
		all[address] = slices.Clone(messages)
	}
	return all
}

// Count is how many messages lie in a folder now.
func (po *PostOffice) Count(address, folder string) (int, error) {
	po.mu.Lock()
	b := po.find(strings.ToLower(address))
	po.mu.Unlock()
	if b == nil {
		return 0, fmt.Errorf("%s has no mailbox here", address)
	}
	status, err := b.user.Status(folder, &imap.StatusOptions{NumMessages: true})
	if err != nil {
		return 0, fmt.Errorf("%s of %s: %w", folder, address, err)
	}
	return int(*status.NumMessages), nil
}

// Renumber gives an INBOX a new UIDVALIDITY and what was delivered last new
// UIDs, as servers do when their index is lost. Sessions keep the old one until
// they select it again.
func (po *PostOffice) Renumber(address string, keep int) error {
	po.mu.Lock()
	defer po.mu.Unlock()
	b := po.find(strings.ToLower(address))
	if b == nil {
		return fmt.Errorf("%s has no mailbox here", address)
	}
	if err := errors.Join(b.user.Delete("INBOX"), b.user.Create("INBOX", nil)); err != nil {
		return err
	}
	for _, raw := range b.delivered[max(0, len(b.delivered)-keep):] {
		if _, err := b.user.Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{}); err != nil {
			return err
		}
	}
	return nil
}
