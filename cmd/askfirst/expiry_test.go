package main

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/mailboxtest"
	"askfirst/store"
)

// behindTLS is a town whose post office speaks TLS with a certificate for a name
// and a time, and a daemon that knows who signed it.
func behindTLS(t *testing.T, mode, name string, from, until time.Time, trusted bool) (*town, *daemon) {
	t.Helper()
	settings, pool := mailboxtest.ServerTLSFor(t, name, from, until)
	town, _ := openTown(t, mailboxtest.Options{TLS: settings, Implicit: mode == "implicit"})
	town.edit("tls: none, username", "tls: "+mode+", username")
	town.edit("tls: none }\nsenders", "tls: "+mode+" }\nsenders")
	d := town.daemon(time.Now())
	if !trusted {
		pool = x509.NewCertPool()
	}
	d.inbox.RootCAs = pool
	d.submitter.Close()
	smtp := d.shown.smtp(d.config)
	smtp.RootCAs = pool
	d.submitter = mailbox.NewSubmitter(d.witness.watch(smtp))
	return town, d
}

// What the servers' certificates say of their end is in status, and is a problem
// in the last week or the last tenth of their life.
func TestCertificatesInStatus(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name        string
		mode        string
		from, until time.Duration
		later       time.Duration // when status looks
		want        int           // problems
		word        string
	}{
		{"a month left", "implicit", -60, 30, 0, 0, ""},
		{"a week left", "implicit", -80, 6, 0, 2, "ends on"},
		{"a week left, STARTTLS", "starttls", -80, 6, 0, 2, "ends on"},
		{"over", "implicit", -60, 30, 31, 2, "ended on"},
		{"six days in all, half over", "implicit", -3, 3, 0, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			const day = 24 * time.Hour
			town, d := behindTLS(t, c.mode, "localhost", now.Add(c.from*day), now.Add(c.until*day), true)
			town.writes("sam", "A picture book", "Which one?")
			if err := d.pass(t.Context(), now).status(); err != nil {
				t.Fatal(err)
			}
			r, err := status(t.Context(), d.book, now.Add(c.later*day), false)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.expires) != 2 || r.expires[0].What != inboxCertificate || r.expires[1].What != smtpCertificate {
				t.Errorf("status knows %v", r.expires)
			}
			if len(r.Problems) != c.want || r.Healthy != (c.want == 0) {
				t.Errorf("problems: %q", r.Problems)
			}
			for _, p := range r.Problems {
				if !strings.Contains(p, c.word) || !strings.Contains(p, "renewed") {
					t.Errorf("problem %q", p)
				}
			}
			if out, _, _ := town.run("status"); strings.Count(out, "ends         ") != 2 {
				t.Error(out)
			}
		})
	}
}

// A server whose encryption we do not trust gets no password, and status says in
// a sentence why and what to do.
func TestUntrustedServersInStatus(t *testing.T) {
	now := time.Now()
	const day = 24 * time.Hour
	for _, c := range []struct {
		name, mode, host string
		until            time.Duration
		trusted          bool
		cause, remedy    string
	}{
		{"self-signed", "implicit", "localhost", day, false, "nobody this machine trusts has signed", "SSL_CERT_FILE"},
		{"self-signed, STARTTLS", "starttls", "localhost", day, false, "nobody this machine trusts has signed", "SSL_CERT_FILE"},
		{"expired", "implicit", "localhost", -day, true, "is valid from", "renew it on the server"},
		{"expired, STARTTLS", "starttls", "localhost", -day, true, "is valid from", "renew it on the server"},
		{"another's", "implicit", "mail.y.example", day, true, "is not for 127.0.0.1, it is for mail.y.example", ".host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			town, d := behindTLS(t, c.mode, c.host, now.Add(-3*day), now.Add(c.until), c.trusted)
			town.writes("sam", "A picture book", "Which one?")
			if _, err := d.book.IntakeCounts(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := d.book.TellAdmin(t.Context(), "x", "so that something is to be sent", now, d.say); err != nil {
				t.Fatal(err)
			}
			report := d.pass(t.Context(), now)
			if len(report.Errors) != 2 {
				t.Errorf("errors: %v", report.Errors)
			}
			r, err := status(t.Context(), d.book, now, false)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Problems) != 2 || r.Healthy {
				t.Errorf("problems: %q", r.Problems)
			}
			for _, p := range r.Problems {
				if !strings.Contains(p, c.cause) || !strings.Contains(p, c.remedy) {
					t.Errorf("problem %q", p)
				}
			}
		})
	}
}

// A server that has lost its STARTTLS, or has had it taken out on the way, gets
// neither a password nor a letter.
func TestStrippedSTARTTLS(t *testing.T) {
	town, _ := openTown(t, mailboxtest.Options{})
	town.edit("tls: none, username", "tls: starttls, username")
	town.edit("tls: none }\nsenders", "tls: starttls }\nsenders")
	d := town.daemon(time.Now())
	if err := d.book.TellAdmin(t.Context(), "x", "so that something is to be sent", time.Now(), d.say); err != nil {
		t.Fatal(err)
	}
	d.pass(t.Context(), time.Now())
	r, err := status(t.Context(), d.book, time.Now(), false)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Problems) != 2 {
		t.Errorf("problems: %q", r.Problems)
	}
	for _, p := range r.Problems {
		if !strings.Contains(p, "does not offer STARTTLS") || !strings.Contains(p, "tls: implicit with its port") {
			t.Errorf("problem %q", p)
		}
	}
	if n := len(town.letters("it@else.example", "")); n != 0 {
		t.Errorf("%d letters went out in clear", n)
	}
}

// What the settings no longer have is no reason to worry.
func TestExpiriesAreForgotten(t *testing.T) {
	town, _ := openTown(t, mailboxtest.Options{})
	d := town.daemon(time.Now())
	if err := d.book.SetExpiry(t.Context(), store.Expiry{What: inboxCertificate, From: time.Now().AddDate(-1, 0, 0), Until: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if r, err := status(t.Context(), d.book, time.Now(), false); err != nil || r.Healthy {
		t.Errorf("%v %v", r.Problems, err)
	}
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	d = town.daemon(time.Now())
	if r, err := status(t.Context(), d.book, time.Now(), false); err != nil || !r.Healthy {
		t.Errorf("%v %v", r.Problems, err)
	}
}

// A connection that has stood for long may not know the new certificate.
func TestOldHandshakesAreMadeAnew(t *testing.T) {
	now := time.Now()
	h := newHandshakes()
	e := store.Expiry{What: inboxCertificate, From: now.AddDate(0, -3, 0), Until: now.AddDate(0, 0, 3)}
	h.known[e.What], h.seen[e.What] = e, now.Add(-13*time.Hour)
	if !h.old(inboxCertificate, now) {
		t.Error("shown thirteen hours ago, three days before its end: not looked at again")
	}
	h.seen[e.What] = now.Add(-time.Hour)
	if h.old(inboxCertificate, now) {
		t.Error("looked at again after an hour")
	}
	e.Until = now.AddDate(0, 1, 0)
	h.known[e.What], h.seen[e.What] = e, now.Add(-13*time.Hour)
	if h.old(inboxCertificate, now) {
		t.Error("looked at again a month before its end")
	}
}
