package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/oauth"
	"askfirst/store"
)

// Certificates and sign-ins end on a day that everybody knows and nobody thinks
// of. What the servers show us at each handshake is remembered in the book, so
// that status can tell before mail stops.

// expiryNotice is how long before its end something is a problem at most. What
// lives for days only, and is renewed by a machine, has a tenth of its life.
const expiryNotice = 7 * 24 * time.Hour

// What ends.
const (
	inboxCertificate = "inbox certificate"
	smtpCertificate  = "smtp certificate"
	inboxToken       = "inbox token"
	smtpToken        = "smtp token"
	inboxSignIn      = "inbox sign-in"
	smtpSignIn       = "smtp sign-in"
)

// handshakes collects what the servers have shown and the book does not know yet.
type handshakes struct {
	mu    sync.Mutex
	news  map[string]store.Expiry
	known map[string]store.Expiry
	seen  map[string]time.Time // when a server last showed its certificate
}

func newHandshakes() *handshakes {
	return &handshakes{news: map[string]store.Expiry{}, known: map[string]store.Expiry{}, seen: map[string]time.Time{}}
}

// note remembers one for the next flush.
func (h *handshakes) note(e store.Expiry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if known, ok := h.known[e.What]; !ok || known != e {
		h.news[e.What] = e
	} else {
		delete(h.news, e.What)
	}
}

// watch returns the settings of a server with us in them.
func (h *handshakes) watch(server mailbox.Server, what string) mailbox.Server {
	server.Handshake = func(state tls.ConnectionState) {
		if e, ok := certificateEnd(state); ok {
			e.What = what
			h.note(e)
			h.mu.Lock()
			h.seen[what] = time.Now()
			h.mu.Unlock()
		}
	}
	return server
}

// inbox is the settings of the inbox with us in them.
func (h *handshakes) inbox(c *Config) mailbox.InboxConfig {
	settings := c.InboxSettings()
	settings.Server = h.watch(settings.Server, inboxCertificate)
	return settings
}

// smtp is the settings of the SMTP server with us in them.
func (h *handshakes) smtp(c *Config) mailbox.SMTPConfig {
	settings := c.SMTPSettings()
	settings.Server = h.watch(settings.Server, smtpCertificate)
	return settings
}

// certificateEnd is the time in which the certificate is good: of the ways in
// which it can be verified the best, and of each its weakest link.
func certificateEnd(state tls.ConnectionState) (store.Expiry, bool) {
	var best store.Expiry
	for _, chain := range state.VerifiedChains {
		end := store.Expiry{From: chain[0].NotBefore.UTC(), Until: chain[0].NotAfter.UTC()}
		for _, link := range chain[1:] {
			if link.NotAfter.Before(end.Until) {
				end.Until = link.NotAfter.UTC()
			}
		}
		if end.Until.After(best.Until) {
			best = end
		}
	}
	return best, !best.Until.IsZero()
}

// old says that a certificate is near its end and was shown long ago: the server
// may have another one since, which only a new connection tells.
func (h *handshakes) old(what string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, ok := h.known[what]
	return ok && near(e, now) && now.Sub(h.seen[what]) > 12*time.Hour
}

// noteTokens adds when tokens end.
func (h *handshakes) noteTokens(c *Config) {
	for _, s := range []struct {
		Endpoint
		token, signIn string
	}{{c.Inbox.Endpoint, inboxToken, inboxSignIn}, {c.SMTP.Endpoint, smtpToken, smtpSignIn}} {
		if s.Tokens == nil {
			continue
		}
		if grant := s.Tokens.Grant(); grant.Access != "" {
			h.note(store.Expiry{What: s.token, From: grant.From.UTC().Truncate(time.Second), Until: grant.Until.UTC().Truncate(time.Second)})
			if !grant.RefreshUntil.IsZero() {
				h.note(store.Expiry{What: s.signIn, From: grant.From.UTC().Truncate(time.Second), Until: grant.RefreshUntil.UTC().Truncate(time.Second)})
			}
		}
	}
}

// writeExpiries lets the book know what is new.
func (d *daemon) writeExpiries(ctx context.Context) error {
	d.shown.noteTokens(d.config)
	d.shown.mu.Lock()
	news := d.shown.news
	d.shown.news = map[string]store.Expiry{}
	d.shown.mu.Unlock()
	for what, e := range news {
		if err := d.book.SetExpiry(context.WithoutCancel(ctx), e); err != nil {
			return err
		}
		d.shown.mu.Lock()
		d.shown.known[what] = e
		d.shown.mu.Unlock()
	}
	return nil
}

// forgetExpiries forgets what the present settings do not have.
func (d *daemon) forgetExpiries(ctx context.Context) error {
	keep := map[string]bool{inboxCertificate: d.config.Inbox.TLS != "none", smtpCertificate: d.config.SMTP.TLS != "none",
		inboxToken: d.config.Inbox.Tokens != nil, smtpToken: d.config.SMTP.Tokens != nil}
	keep[inboxSignIn], keep[smtpSignIn] = keep[inboxToken], keep[smtpToken]
	list, err := d.book.Expiries(ctx)
	if err != nil {
		return err
	}
	for _, e := range list {
		if !keep[e.What] {
			if err := d.book.SetExpiry(ctx, store.Expiry{What: e.What}); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepTokens renews tokens whose time has come, so that a sign-in that has ended
// is known before mail waits for it.
func (d *daemon) keepTokens(ctx context.Context) {
	for _, e := range []Endpoint{d.config.Inbox.Endpoint, d.config.SMTP.Endpoint} {
		if e.Tokens != nil {
			_ = e.Tokens.Keep(ctx) // the next login meets the same failure and tells it
		}
	}
}

// near says that something ends soon, or has ended.
func near(e store.Expiry, now time.Time) bool {
	return e.Until.Sub(now) <= min(expiryNotice, e.Until.Sub(e.From)/10)
}

// warnings are what a check says of certificates that end soon.
func (h *handshakes) warnings(what string, now time.Time) []Finding {
	h.mu.Lock()
	defer h.mu.Unlock()
	var findings []Finding
	for _, e := range h.news {
		if near(e, now) {
			findings = append(findings, Finding{Severity: SeverityWarning, What: what,
				Cause:  "the certificate of the server ends on " + e.Until.Format(time.RFC3339),
				Remedy: "see that it is renewed on that server: without a good one no mail comes in or goes out"})
		}
	}
	return findings
}

// endings are the problems that ends make. An access token is renewed by itself:
// it is one only if that has not happened.
func endings(list []store.Expiry, now time.Time, running bool) []string {
	var problems []string
	for _, e := range list {
		server, thing := "the inbox server", "certificate"
		switch e.What {
		case smtpCertificate:
			server = "the SMTP server"
		case inboxToken, smtpToken:
			if running && now.After(e.Until.Add(time.Hour)) {
				problems = append(problems, fmt.Sprintf("the %s ended on %s and was not renewed: askfirst check", e.What, e.Until.Format(time.RFC3339)))
			}
			continue
		case inboxSignIn, smtpSignIn:
			server, thing = "the sign-in of "+e.What[:len(e.What)-len(" sign-in")], "refresh token"
		}
		if !near(e, now) {
			continue
		}
		verb := "ends"
		if !e.Until.After(now) {
			verb = "ended"
		}
		remedy := "it must be renewed on that server"
		if thing == "refresh token" {
			remedy = "sign in again and write the new refresh token into its file"
		}
		problems = append(problems, fmt.Sprintf("the %s of %s %s on %s: %s", thing, server, verb, e.Until.Format(time.RFC3339), remedy))
	}
	return problems
}

// whatIsWrong is the text of an error for status. What somebody must act on, a
// login or a certificate, comes with what to do.
func (d *daemon) whatIsWrong(where string, err error) string {
	endpoint := d.config.Inbox.Endpoint
	switch where {
	case whereSMTP:
		endpoint = d.config.SMTP.Endpoint
	case whereInbox:
	default:
		return err.Error()
	}
	for _, known := range []error{mailbox.ErrTLS, mailbox.ErrAuth, mailbox.ErrSecret, oauth.ErrUnavailable} {
		if errors.Is(err, known) {
			f := serverTrouble(where, endpoint, err)
			if f.Remedy == "" {
				return f.Cause
			}
			return f.Cause + "; " + f.Remedy
		}
	}
	return err.Error()
}
