package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"askfirst/mailbox"
	"askfirst/store"
)

// `askfirst check` tries everything that can be wrong before it bites, and says
// of each failure what caused it and the one thing to do.

// Severity is how much a finding matters.
type Severity string

// The severities.
const (
	SeverityOK      Severity = "ok"
	SeverityWarning Severity = "warning" // works, and is worth a look
	SeverityProblem Severity = "problem" // does not work
)

// Finding is what one check found out.
type Finding struct {
	Severity Severity `json:"severity"`
	What     string   `json:"what"`   // what was looked at: configuration, book, inbox, smtp
	Cause    string   `json:"cause"`  // what is so, a sentence without its full stop
	Remedy   string   `json:"remedy"` // what to do; ""
	// Unusable says that the configuration or a secret is at fault (exit 78),
	// and not a server or this machine (exit 1).
	Unusable bool `json:"unusable"`
}

// checkOptions is what a check needs besides the configuration.
type checkOptions struct {
	Offline bool                        // leave the servers alone
	Now     time.Time                   // for the calendar
	Book    func(context.Context) error // opens the book, if there is one; nil: not asked
	Timeout time.Duration               // for each server; 0: 30 seconds
	Inbox   mailbox.InboxConfig
	SMTP    mailbox.SMTPConfig

	SendTest bool                                       // send mails to ourselves
	Patience time.Duration                              // for each of them; 0: a minute
	Trial    func(context.Context) (store.Trial, error) // what is known of earlier ones; nil: nothing
	Writing  func(context.Context) (*store.Book, error) // opens the book to remember; ErrNoBook: there is none
}

// runCheck checks a configuration that was loaded.
func runCheck(ctx context.Context, c *Config, o checkOptions) []Finding {
	findings := []Finding{{Severity: SeverityOK, What: "configuration",
		Cause: fmt.Sprintf("%s: %s, %s, digest at %s %s", c.Path, c.Exchange.Name, countPeople(len(c.Staff)), c.Digest.At, c.Exchange.Timezone)}}
	for _, w := range c.Warnings(o.Now) {
		findings = append(findings, Finding{Severity: SeverityWarning, What: "configuration", Cause: w.Message, Remedy: w.Remedy})
	}
	findings = append(findings, checkBook(ctx, c.Book, o.Book)...)
	inbox, smtp := checkSecret(ctx, "inbox", c.Inbox.Endpoint, o.Offline), checkSecret(ctx, "smtp", c.SMTP.Endpoint, o.Offline)
	if !o.Offline {
		if o.Timeout == 0 {
			o.Timeout = 30 * time.Second
		}
		var both sync.WaitGroup
		if !anyProblem(inbox) {
			both.Go(func() { inbox = append(inbox, checkInbox(ctx, c, o)...) })
		}
		if !anyProblem(smtp) {
			both.Go(func() { smtp = append(smtp, checkSMTP(ctx, c, o)...) })
		}
		both.Wait()
	}
	findings = append(append(findings, inbox...), smtp...)
	if o.SendTest && !anyProblem(findings) {
		return append(findings, checkByMail(ctx, c, o)...)
	}
	if o.Trial != nil && !o.SendTest {
		known, err := o.Trial(ctx)
		if err == nil { // what is wrong with the book was said
			findings = append(findings, untried(c, known)...)
		}
	}
	return findings
}

func countPeople(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

func anyProblem(findings []Finding) bool { return checkExit(findings) != exitDone }

// checkExit is the exit code that findings ask for.
func checkExit(findings []Finding) int {
	code := exitDone
	for _, f := range findings {
		switch {
		case f.Severity == SeverityProblem && f.Unusable:
			return exitUnusable
		case f.Severity == SeverityProblem:
			code = exitFailed
		}
	}
	return code
}

// checkSecret reads a password, or gets a token, and forgets it.
func checkSecret(ctx context.Context, what string, e Endpoint, offline bool) []Finding {
	if e.Tokens != nil && offline {
		return nil
	}
	if e.Tokens != nil {
		if _, err := e.Tokens.Token(ctx); err != nil {
			return []Finding{tokenTrouble(what, e, err)}
		}
		return []Finding{{Severity: SeverityOK, What: what, Cause: "the sign-in service gives a token"}}
	}
	if e.Secret == nil {
		return nil
	}
	if _, err := e.Secret(ctx); err != nil {
		return []Finding{secretTrouble(what, err)}
	}
	return []Finding{{Severity: SeverityOK, What: what, Cause: "the password can be read"}}
}

// checkInbox logs in and selects the folder.
func checkInbox(ctx context.Context, c *Config, o checkOptions) []Finding {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	shown := newHandshakes()
	o.Inbox.Server = shown.watch(o.Inbox.Server, inboxCertificate)
	in, err := mailbox.Open(ctx, o.Inbox)
	if err != nil {
		return []Finding{serverTrouble("inbox", c.Inbox.Endpoint, errors.Join(err, ctx.Err()))}
	}
	defer in.Close()
	idle, move, uidplus := in.Offers()
	var offers []string
	for _, offer := range []struct {
		name string
		has  bool
	}{{"IDLE", idle}, {"MOVE", move}, {"UIDPLUS", uidplus}} {
		if offer.has {
			offers = append(offers, offer.name)
		}
	}
	findings := []Finding{{Severity: SeverityOK, What: "inbox", Cause: fmt.Sprintf("logged in to %s as %s and opened the inbox%s",
		c.Inbox.Endpoint.addr(), c.Inbox.Username, brackets(offers))}}
	findings = append(findings, shown.warnings("inbox", o.Now)...)
	if !idle {
		findings = append(findings, Finding{Severity: SeverityWarning, What: "inbox",
			Cause: fmt.Sprintf("the server does not announce new mail (no IDLE), so an ask is noticed after up to %s", durationText(c.Inbox.Poll))})
	}
	if !move && !uidplus {
		findings = append(findings, Finding{Severity: SeverityWarning, What: "inbox",
			Cause: "the server can neither move mail nor remove single messages (no MOVE, no UIDPLUS), so mail that is done stays in the inbox, marked as read"})
	}
	return findings
}

// checkSMTP connects, logs in where a login is configured, and hangs up.
func checkSMTP(ctx context.Context, c *Config, o checkOptions) []Finding {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	shown := newHandshakes()
	o.SMTP.Server = shown.watch(o.SMTP.Server, smtpCertificate)
	submitter := mailbox.NewSubmitter(o.SMTP)
	defer submitter.Close()
	banner, err := submitter.Check(ctx)
	if err != nil {
		return []Finding{serverTrouble("smtp", c.SMTP.Endpoint, errors.Join(err, ctx.Err()))}
	}
	how := "connected to " + c.SMTP.Endpoint.addr()
	if c.SMTP.Username != "" {
		how = fmt.Sprintf("logged in to %s as %s", c.SMTP.Endpoint.addr(), c.SMTP.Username)
	}
	var offers []string
	if banner.TLS != "" {
		offers = append(offers, banner.TLS)
	}
	if banner.Pipelining {
		offers = append(offers, "PIPELINING")
	}
	if banner.MaxSize > 0 {
		offers = append(offers, fmt.Sprintf("letters up to %d MiB", banner.MaxSize>>20))
	}
	return append([]Finding{{Severity: SeverityOK, What: "smtp", Cause: how + brackets(offers)}}, shown.warnings("smtp", o.Now)...)
}

func brackets(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

// writeFindings prints findings for people, one a line and remedies below.
func writeFindings(w io.Writer, findings []Finding) error {
	counts := map[Severity]int{}
	for _, f := range findings {
		counts[f.Severity]++
		line := fmt.Sprintf("%-8s %s: %s\n", f.Severity, f.What, f.Cause)
		if f.Remedy != "" {
			line += fmt.Sprintf("%-8s   %s\n", "", f.Remedy)
		}
		if _, err := io.WriteString(w, line); err != nil {
			return err
		}
	}
	verdict := "Everything works."
	switch problems, warnings := counts[SeverityProblem], counts[SeverityWarning]; {
	case problems == 1:
		verdict = "One problem to solve."
	case problems > 1:
		verdict = fmt.Sprintf("%d problems to solve.", problems)
	case warnings > 0:
		verdict = "Everything works; see the warnings."
	}
	_, err := fmt.Fprintf(w, "\n%s\n", verdict)
	return err
}
