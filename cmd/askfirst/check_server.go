package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/emersion/go-imap/v2"

	"askfirst/mailbox"
	"askfirst/mailbox/oauth"
)

// What a failed connection means, in a sentence, and the one thing to do.

// addr is the server as it is dialled.
func (e Endpoint) addr() string { return net.JoinHostPort(e.Host, strconv.Itoa(e.Port)) }

// secretTrouble is a password that cannot be had.
func secretTrouble(what string, err error) Finding {
	f := Finding{Severity: SeverityProblem, What: what, Cause: "the password cannot be read", Unusable: true}
	var se *SecretError
	if errors.As(err, &se) {
		f.Cause, f.Remedy = se.Message, se.Remedy
		if se.Line > 0 {
			f.Cause += fmt.Sprintf(" (%s:%d:%d)", se.File, se.Line, se.Column)
		}
	}
	return f
}

// serverTrouble explains why a server cannot be used.
func serverTrouble(what string, e Endpoint, err error) Finding {
	f := Finding{Severity: SeverityProblem, What: what}
	var secret *SecretError
	switch {
	case errors.Is(err, oauth.ErrRefused), errors.Is(err, oauth.ErrUnavailable), errors.Is(err, oauth.ErrFile):
		return tokenTrouble(what, e, err)
	case errors.As(err, &secret) || errors.Is(err, mailbox.ErrSecret):
		return secretTrouble(what, err)
	case errors.Is(err, mailbox.ErrInsecure):
		f.Cause, f.Remedy = what+".tls: none is for a server on this machine, and "+e.Host+" is another one", "use implicit or starttls"
		f.Unusable = true
	case errors.Is(err, mailbox.ErrAuth):
		f.Cause, f.Remedy = loginTrouble(e, err)
		f.Unusable = true
	case errors.Is(err, mailbox.ErrTLS):
		f.Cause, f.Remedy = tlsTrouble(what, e, err)
	default:
		f.Cause, f.Remedy = lineTrouble(what, e, err)
	}
	return f
}

// loginTrouble is a server that knows us and says no.
func loginTrouble(e Endpoint, err error) (cause, remedy string) {
	cause = fmt.Sprintf("%s refused the login as %s%s", e.addr(), e.Username, said(err))
	remedy = "check user name and password; with a second factor in use, providers want an app password"
	switch p := providerOf(e.Host); {
	case e.Tokens != nil && e.oauth.Provider == "microsoft":
		remedy = "the token is good and opens no mailbox: " + grantRemedy
	case e.Tokens != nil:
		remedy = "the token is good and does not open this mailbox: check user name, scopes and what the application may do"
	case p != nil && p.noLogin != "":
		remedy = p.noLogin + "; sign in with oauth2 instead of a password"
	}
	return cause, remedy
}

// grantRemedy is what an administrator of Microsoft 365 does once.
const grantRemedy = "give the application IMAP.AccessAsApp and SMTP.SendAsApp with admin consent, then in Exchange Online New-ServicePrincipal " +
	"with the enterprise application's object id and Add-MailboxPermission, and allow authenticated SMTP for the mailbox"

// tokenTrouble is a sign-in that gives no token.
func tokenTrouble(what string, e Endpoint, err error) Finding {
	f := Finding{Severity: SeverityProblem, What: what, Cause: withoutMarks(err)}
	host := "the service"
	if u, parseErr := url.Parse(e.Tokens.URL()); parseErr == nil {
		host = u.Hostname()
	}
	switch {
	case errors.Is(err, oauth.ErrFile):
		f.Unusable, f.Remedy = true, "the file must be there, and where it holds a refresh token this service must be able to rewrite it"
		var secret *SecretError
		if errors.As(err, &secret) {
			return secretTrouble(what, err)
		}
	case errors.Is(err, oauth.ErrRefused):
		f.Unusable = true
		f.Cause = host + " refuses the sign-in: " + withoutMarks(err)
		f.Remedy = "the application's secret may have ended or been changed: make a new one and write it into its file"
		if e.oauth.RefreshFile != "" {
			f.Remedy = "sign in again and write the new refresh token into " + e.Tokens.Settings().RefreshFile
		}
	default:
		f.Cause, f.Remedy = host+" gives no token now: "+withoutMarks(err), "look at this machine's network; it is tried again"
	}
	return f
}

// withoutMarks is the text of an error without the words by which the program
// tells them apart.
func withoutMarks(err error) string {
	text := err.Error()
	for _, mark := range []error{oauth.ErrRefused, oauth.ErrUnavailable} {
		if _, after, ok := strings.Cut(text, mark.Error()+": "); ok {
			text = after
		}
	}
	return strings.Trim(quoted(text), `"`)
}

// said is the server's own short answer, made safe to print.
func said(err error) string {
	var refused *imap.Error
	if !errors.As(err, &refused) || refused.Text == "" {
		return ""
	}
	return " and says " + quoted(refused.Text)
}

// quoted is what a machine said, safe to print.
func quoted(text string) string {
	text = strings.Map(func(r rune) rune {
		if unprintable(r) {
			return ' '
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:200]) + "…"
	}
	return `"` + text + `"`
}

// tlsTrouble is a server without encryption that we trust.
func tlsTrouble(what string, e Endpoint, err error) (cause, remedy string) {
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &name):
		cause = fmt.Sprintf("the certificate of %s is not for %s", e.addr(), e.Host)
		if names := name.Certificate.DNSNames; len(names) > 0 {
			cause += ", it is for " + listed(names[:min(3, len(names))], "and")
		}
		return cause, "write the name in the certificate as " + what + ".host"
	case errors.As(err, &authority):
		return fmt.Sprintf("nobody this machine trusts has signed the certificate of %s", e.addr()),
			"install the certificate of its authority on this machine, or name its file in the environment variable SSL_CERT_FILE"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate of %s is valid from %s to %s only", e.addr(),
			invalid.Cert.NotBefore.Format(time.DateOnly), invalid.Cert.NotAfter.Format(time.DateOnly)), "renew it on the server, and look at this machine's clock"
	case errors.As(err, &record):
		return fmt.Sprintf("%s does not begin with encryption", e.addr()), "use " + what + ".tls: starttls, or the port for tls: implicit (IMAP 993, SMTP 465)"
	case e.TLS == "starttls":
		return fmt.Sprintf("%s does not offer STARTTLS, or fails at it", e.addr()), "use " + what + ".tls: implicit with its port (IMAP 993, SMTP 465)"
	}
	return fmt.Sprintf("%s and this program find no encryption that both accept", e.addr()), "the server needs TLS 1.2 or newer"
}

// lineTrouble is a server that is not reached, or breaks off.
func lineTrouble(what string, e Endpoint, err error) (cause, remedy string) {
	var dns *net.DNSError
	var network net.Error
	wrongMode := e.TLS == "starttls" && (e.Port == 993 || e.Port == 465)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("there is no server named %s", e.Host), "check the spelling of " + what + ".host"
	case errors.As(err, &dns):
		return fmt.Sprintf("the name server gives no answer about %s", e.Host), "look at this machine's network and its name server"
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nothing listens at %s", e.addr()), "check the port, and that the server runs"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return fmt.Sprintf("there is no way to %s from here", e.addr()), "look at this machine's network"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout(),
		strings.Contains(err.Error(), "was silent"):
		if wrongMode {
			return fmt.Sprintf("%s is silent", e.addr()), "that port speaks " + what + ".tls: implicit"
		}
		return fmt.Sprintf("%s does not answer in time", e.addr()), "check the port, and ask whether a firewall is in between"
	case errors.Is(err, context.Canceled):
		return "the check was stopped", ""
	case errors.Is(err, mailbox.ErrRefused):
		return fmt.Sprintf("%s lets us in and does not open the inbox%s", e.addr(), said(err)), "look at the mailbox with a mail program"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, mailbox.ErrLost), strings.Contains(err.Error(), "closed before greeting"):
		return fmt.Sprintf("%s hangs up on us", e.addr()), "check " + what + ".port and " + what + ".tls, and ask whether the server admits this machine"
	}
	return fmt.Sprintf("%s cannot be used: %s", e.addr(), quoted(err.Error())), ""
}
