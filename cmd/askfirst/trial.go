package main

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"askfirst/mailbox"
	"askfirst/store"
)

// `askfirst check --send-test` sends mails to ourselves and looks at what came
// back: what the servers write, what they strip, and whether the help address
// takes plus tags. The daemon may run meanwhile; it leaves these mails alone.

// trialPatience is how long a mail to ourselves may take, and plusPatience how
// much longer than the one before it the one with a plus tag may.
const (
	trialPatience = 60 * time.Second
	plusPatience  = 15 * time.Second
)

// trial is one run of it.
type trial struct {
	config  *Config
	options checkOptions
	book    *store.Book // nil: there is none yet
	known   store.Trial
	mails   *searcher

	findings []Finding
}

// sendTest tries the servers by mail. The book is where results are remembered;
// nil: nowhere.
func sendTest(ctx context.Context, c *Config, o checkOptions, book *store.Book) ([]Finding, error) {
	t := &trial{config: c, options: o, book: book, mails: newSearcher(o.Inbox)}
	defer t.mails.close()
	if book != nil {
		var err error
		if t.known, err = book.Trial(ctx); err != nil {
			return nil, err
		}
	}
	if t.known.Address != c.Exchange.Address {
		t.known = store.Trial{Address: c.Exchange.Address}
	}
	seen, ok := t.inside(ctx)
	if !ok || ctx.Err() != nil {
		return t.findings, ctx.Err()
	}
	t.known.At = o.Now
	if err := t.outside(ctx, seen); err != nil {
		return t.findings, err
	}
	if book == nil {
		t.say(SeverityWarning, "there is no book yet, so nothing of this is remembered", "start the exchange once (askfirst once), then repeat this")
		return t.findings, nil
	}
	return t.findings, book.SetTrial(ctx, t.known)
}

func (t *trial) say(s Severity, cause, remedy string) {
	t.findings = append(t.findings, Finding{Severity: s, What: "send-test", Cause: cause, Remedy: remedy})
}

// nonce is a word that occurs nowhere else.
func nonce() string {
	b := make([]byte, 10)
	rand.Read(b)
	return strings.ToLower(base32.StdEncoding.EncodeToString(b))
}

// mail is a message of ours for the trial.
func (t *trial) mail(to string, forged []string) mailbox.Trial {
	id := "check"
	if t.book != nil {
		id = t.book.ID()
	}
	return mailbox.Trial{Exchange: t.config.StoreExchange(), From: t.config.Exchange.Address, To: to, Nonce: nonce(), BookID: id, Date: time.Now(),
		Forged: forged, Internal: len(forged) > 0, Body: "This mail tests the mailbox of " + t.config.Exchange.Address + ". It is removed by itself."}
}

// inside sends mail from ourselves to ourselves. It returns the authserv-ids that
// were seen, and false when no mail came back.
func (t *trial) inside(ctx context.Context) (ids []string, ok bool) {
	submitter := mailbox.NewSubmitter(t.options.SMTP)
	defer submitter.Close()
	plain := t.mail(t.config.Exchange.Address, nil)
	began := time.Now()
	if !t.submit(ctx, submitter, plain) {
		return nil, false
	}
	raw, err := t.mails.await(ctx, plain.Nonce, t.patience(trialPatience))
	if raw == nil {
		t.lost(err)
		return nil, false
	}
	traced := plain.Trace(raw)
	t.arrived(plain, traced, time.Since(began))
	ids = t.inScope(traced)

	forged := t.mail(t.config.Exchange.Address, ids)
	local, domain, _ := strings.Cut(t.config.Exchange.Address, "@")
	plus := t.mail(local+"+"+nonce()+"@"+domain, nil)
	if !t.submit(ctx, submitter, forged) {
		return ids, false
	}
	plusSent := t.deliver(ctx, submitter, plus)
	if raw, err = t.mails.await(ctx, forged.Nonce, t.patience(trialPatience)); raw == nil {
		// A server may well refuse to pass on what we have made up.
		t.say(SeverityOK, "a mail with forged results of a check did not arrive, which is one way to be safe", "")
	} else {
		t.stripped(forged.Trace(raw), "inside")
	}
	t.known.Plus = false
	refused := plusSent.State != mailbox.Accepted
	if !refused {
		raw, _ = t.mails.await(ctx, plus.Nonce, t.patience(plusPatience))
		t.known.Plus = raw != nil
	}
	t.plus(refused, plusSent)
	return ids, err == nil || ctx.Err() == nil
}

func (t *trial) patience(usual time.Duration) time.Duration {
	if t.options.Patience > 0 {
		return t.options.Patience
	}
	return usual
}

func (t *trial) deliver(ctx context.Context, s *mailbox.Submitter, m mailbox.Trial) mailbox.Receipt {
	return s.Deliver(ctx, []mailbox.Parcel{{ID: 1, From: t.config.Exchange.Address, To: m.To, Data: m.Bytes()}}, nil)[0]
}

// submit hands a mail to the SMTP server, and says so if it is not taken.
func (t *trial) submit(ctx context.Context, s *mailbox.Submitter, m mailbox.Trial) bool {
	r := t.deliver(ctx, s, m)
	if r.State == mailbox.Accepted {
		return true
	}
	cause, remedy := fmt.Sprintf("%s did not take a mail to ourselves: %d %s", t.config.SMTP.addr(), r.Code, quoted(r.Text)), "ask whether "+t.config.Exchange.Address+" may send there, and to itself"
	if r.Fault != nil {
		f := serverTrouble("smtp", t.config.SMTP.Endpoint, r.Fault)
		cause, remedy = f.Cause, f.Remedy
	}
	t.say(SeverityProblem, cause, remedy)
	return false
}

func (t *trial) lost(err error) {
	if err != nil && !errors.Is(err, errNotArrived) {
		f := serverTrouble("inbox", t.config.Inbox.Endpoint, err)
		t.say(SeverityProblem, f.Cause, f.Remedy)
		return
	}
	t.say(SeverityProblem, fmt.Sprintf("a mail to %s was taken by %s and is not in the inbox after %s", t.config.Exchange.Address, t.config.SMTP.addr(), durationText(t.patience(trialPatience))),
		"look for it in the junk folder, and ask whether that address and the inbox of "+t.config.Inbox.Username+" belong together")
}

// inScope are the authserv-ids that matter: those of the configuration, and those
// that were seen now and earlier.
func (t *trial) inScope(traced mailbox.Traced) []string {
	ids := slices.Clone(t.config.Senders.AuthservIDs)
	for _, r := range traced.Results {
		ids = append(ids, r.ServerID)
	}
	ids = append(ids, t.known.ServerIDs...)
	for i := range ids {
		ids[i] = strings.ToLower(ids[i])
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
	if len(ids) == 0 { // the likeliest names, until we have seen one
		_, domain, _ := strings.Cut(t.config.Exchange.Address, "@")
		ids = []string{domain, "mx." + domain, t.config.Inbox.Host}
	}
	return ids[:min(len(ids), 10)]
}

// outside looks for the message that the admin was to send from outside, and
// writes one for the next time.
func (t *trial) outside(ctx context.Context, ids []string) error {
	if t.known.Nonce != "" {
		m := t.mail(t.config.Exchange.Address, t.known.Forged)
		m.Nonce = t.known.Nonce
		raw, err := t.mails.look(ctx, m.Nonce, folderDone, folderRefused, folderQuarantine)
		if err != nil {
			return err
		}
		if raw != nil {
			t.cameFromOutside(m.Trace(raw))
		}
	}
	for _, id := range append(slices.Clone(ids), t.known.ServerIDs...) {
		if t.known.Nonce == "" || !slices.Contains(t.known.Forged, id) {
			t.known.Nonce, t.known.Clean, t.known.Forged = nonce(), false, t.inScope(mailbox.Traced{Results: []mailbox.TracedResult{{ServerID: id}}})
			for _, more := range ids {
				if !slices.Contains(t.known.Forged, more) {
					t.known.Forged = append(t.known.Forged, more)
				}
			}
		}
	}
	m := t.mail(t.config.Exchange.Address, t.known.Forged)
	m.Nonce, m.From, m.Internal = t.known.Nonce, "put.your.own.address.here@outside.example", true
	m.Body = "Sent from outside, this mail shows what the mail server of " + t.config.Exchange.Address + " does to forged fields."
	path := filepath.Join(filepath.Dir(t.config.Book), "outside-test.eml")
	if t.known.Clean {
		t.say(SeverityOK, fmt.Sprintf("a mail from outside came back clean on %s", t.known.Outside.Format(time.DateOnly)), "")
		return nil
	}
	if err := os.WriteFile(path, m.Bytes(), 0o600); err != nil {
		return err
	}
	t.askOutside(path)
	return nil
}

// checkByMail is the part of `check` that sends mail.
func checkByMail(ctx context.Context, c *Config, o checkOptions) []Finding {
	book, err := o.Writing(ctx)
	if errors.Is(err, store.ErrNoBook) {
		book, err = nil, nil
	}
	if err != nil {
		return []Finding{{Severity: SeverityProblem, What: "book", Cause: "the book cannot be opened: " + quoted(err.Error())}}
	}
	if book != nil {
		defer book.Close()
	}
	findings, err := sendTest(ctx, c, o, book)
	if err != nil {
		findings = append(findings, Finding{Severity: SeverityProblem, What: "send-test", Cause: "it could not be brought to its end: " + quoted(withoutAddresses(err.Error()))})
	}
	return findings
}
