package mailbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// Inbox is one IMAP connection with one folder selected. It is for one
// goroutine at a time.
//
// Its rules, each of which answers a loss that other programs have had:
//   - bodies are read with BODY.PEEK[] and flags are never state, so that a
//     colleague who opens the inbox in a mail program changes nothing;
//   - one FETCH at a time, drained before anything else is sent: a second one on
//     the same connection can lock up against a server that sends ahead;
//   - the server never stays silent unnoticed: every answer has a deadline, and a
//     context that ends closes the network connection itself;
//   - after any error other than ErrRefused the connection is spent: Close it and
//     Open another. What was not handed over is handed over then.
type Inbox struct {
	config  InboxConfig
	link    *link
	client  *imapclient.Client
	caps    imap.CapSet
	folders folders
	// news holds a token when the server has mentioned a number of messages
	// since the last scan.
	news        chan struct{}
	uidValidity uint32
	veil        veil              // over the password
	known       map[uint32]Listed // sizes never change, so each is asked for once
	noIdle      bool              // announced, but it does not work
	spent       error
}

// Open connects, logs in and selects the folder.
func Open(ctx context.Context, config InboxConfig) (*Inbox, error) {
	if config.MaxSize <= 0 {
		config.MaxSize = defaultMaxSize
	}
	if config.Timeout <= 0 {
		config.Timeout = defaultSilence
	}
	if config.Folder == "" {
		config.Folder = defaultFolder
	}
	in := &Inbox{config: config, news: make(chan struct{}, 1), known: map[uint32]Listed{}}
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	if err := in.connect(ctx); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{in.login, in.folders.explore(in), in.selectFolder} {
		if err := step(ctx); err != nil {
			in.Close()
			return nil, err
		}
	}
	return in, nil
}

// connect dials, encrypts and reads the greeting.
func (in *Inbox) connect(ctx context.Context) error {
	conn, err := in.config.dial(ctx, imapPorts())
	if err != nil {
		return err
	}
	in.link = &link{Conn: conn}
	options := &imapclient.Options{
		TLSConfig: in.config.tlsConfig(),
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			// It runs inside the library's reader and must not block.
			Mailbox: func(data *imapclient.UnilateralDataMailbox) {
				if data.NumMessages != nil {
					in.announce()
				}
			},
		},
	}
	stop := context.AfterFunc(ctx, func() { in.link.Close() })
	defer stop()
	in.link.await(in.config.Timeout, answerOctets)
	defer in.link.rest()
	switch in.config.mode() {
	case TLSImplicit:
		secured, err := in.config.encrypt(ctx, in.link)
		if err != nil {
			return err
		}
		in.client = imapclient.New(secured, options)
	case TLSStart:
		client, err := imapclient.NewStartTLS(in.link, options)
		if err != nil {
			in.link.Close()
			return startTLSFault(in.config.Host, err)
		}
		in.client = client
	default:
		in.client = imapclient.New(in.link, options)
	}
	if err := in.client.WaitGreeting(); err != nil {
		in.link.Close()
		return fmt.Errorf("%w: %s: greeting: %w", ErrUnreachable, in.config.Host, err)
	}
	return nil
}

func startTLSFault(host string, err error) error {
	var refused *imap.Error
	if errors.As(err, &refused) {
		return fmt.Errorf("%w: %s does not offer STARTTLS: %w", ErrTLS, host, err)
	}
	return fmt.Errorf("%w: %s: %w", handshakeFault(err), host, err)
}

func (in *Inbox) announce() {
	select {
	case in.news <- struct{}{}:
	default:
	}
}

// login authenticates, by SASL PLAIN where offered since LOGIN cannot carry
// every character (RFC 9051 section 6.2.3), and learns what the server can do.
func (in *Inbox) login(ctx context.Context) error {
	if in.client.State() == imap.ConnStateAuthenticated || in.config.Username == "" {
		return in.learn(ctx)
	}
	secret, err := in.config.password(ctx)
	if err != nil {
		return err
	}
	in.veil = veilOver(in.config.Username, secret)
	err = in.command(ctx, "login", func() error {
		caps := in.client.Caps()
		switch {
		case in.config.Tokens != nil:
			return loginByToken(in.client, caps, in.config.Username, secret)
		case caps.Has(imap.AuthCap(sasl.Plain)):
			return in.client.Authenticate(sasl.NewPlainClient("", in.config.Username, secret))
		case caps.Has(imap.CapLoginDisabled):
			return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodePrivacyRequired,
				Text: "the server takes no password here (LOGINDISABLED)"}
		}
		return in.client.Login(in.config.Username, secret).Wait()
	})
	if err != nil {
		err = loginFault(in.config.Username, err)
		in.config.refusedToken(secret, err)
		return err
	}
	return in.learn(ctx)
}

// loginFault tells a wrong password from a server that says "later".
func loginFault(username string, err error) error {
	var refused *imap.Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeServerBug:
		return fmt.Errorf("%w: login as %s: %w", ErrUnreachable, username, refused)
	}
	return fmt.Errorf("%w: %s: %w", ErrAuth, username, refused)
}

func (in *Inbox) learn(ctx context.Context) error {
	return in.command(ctx, "capability", func() error {
		if in.caps = in.client.Caps(); in.caps == nil {
			return errors.New("the server did not say what it can do")
		}
		return nil
	})
}

func (in *Inbox) selectFolder(ctx context.Context) error {
	return in.command(ctx, "select "+in.config.Folder, func() error {
		data, err := in.client.Select(in.folders.serverName(in.config.Folder), nil).Wait()
		if err != nil {
			return err
		}
		if data.UIDValidity == 0 {
			// RFC 9051 section 2.3.1.1: without it a UID means nothing tomorrow.
			return errors.New("the server gives no UIDVALIDITY")
		}
		in.uidValidity = data.UIDValidity
		return nil
	})
}

// UIDValidity is the folder's; UIDs seen under another one mean nothing now.
func (in *Inbox) UIDValidity() uint32 { return in.uidValidity }

// Mailbox names the inbox for the ledger: who logs in where, and the folder.
func (in *Inbox) Mailbox() string {
	return fmt.Sprintf("%s@%s/%s", in.config.Username, in.config.Host, in.config.Folder)
}

// Close ends the connection, politely if it lives.
func (in *Inbox) Close() error {
	if in.link == nil {
		return nil
	}
	if in.client != nil && in.spent == nil {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = in.command(ctx, "logout", func() error { return in.client.Logout().Wait() })
	}
	in.spend(fmt.Errorf("%w: closed", ErrLost))
	return nil
}

// spend marks the connection as unusable and closes it.
func (in *Inbox) spend(err error) {
	if in.spent == nil {
		in.spent = err
	}
	// The network connection first: the library's own Close waits for its
	// reader, which may be waiting for us.
	in.link.Close()
	if in.client != nil {
		go in.client.Close()
	}
}

// command runs one exchange under the watch of the deadline and the context.
func (in *Inbox) command(ctx context.Context, name string, run func() error) error {
	return in.exchange(ctx, name, answerOctets, run)
}

// exchange is command for an answer of so many octets at most.
func (in *Inbox) exchange(ctx context.Context, name string, most int64, run func() error) error {
	if in.spent != nil {
		return in.spent
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// Something that trickles for ever is not progress either.
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { in.link.Close() })
	in.link.await(in.config.Timeout, most)
	err := in.veil.over(run())
	in.link.rest()
	if !stop() {
		err = errors.Join(err, ctx.Err())
	}
	if err == nil {
		return nil
	}
	var refused *imap.Error
	if errors.As(err, &refused) && ctx.Err() == nil {
		return fmt.Errorf("%s: %w: %w", name, ErrRefused, refused)
	}
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("%w: %s: %w", ErrLost, name, ctx.Err())
	case in.link.wentSilent():
		err = fmt.Errorf("%w: %s: %s was silent for %v", ErrLost, name, in.config.Host, in.config.Timeout)
	default:
		err = fmt.Errorf("%w: %s: %w", ErrLost, name, err)
	}
	in.spend(err)
	return err
}
