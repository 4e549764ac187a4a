package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/store"
)

// tries runs the trial in a town and returns what it says and what is known.
func (t *town) trial(verify func(*Config)) (string, int, store.Trial) {
	t.Helper()
	config, err := loadConfig(t.config, nil)
	if err != nil {
		t.Fatal(err)
	}
	if verify != nil {
		verify(config)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	findings := runCheck(ctx, config, checkOptions{Now: t.time("2026-11-23 12:00"), Inbox: config.InboxSettings(), SMTP: config.SMTPSettings(),
		SendTest: true, Patience: 4 * time.Second,
		Writing: func(ctx context.Context) (*store.Book, error) {
			return store.OpenExisting(ctx, config.Book, bookSettings(config))
		}})
	var out bytes.Buffer
	if err := writeFindings(&out, findings); err != nil {
		t.Fatal(err)
	}
	var known store.Trial
	if book, err := store.OpenExisting(ctx, config.Book, bookSettings(config)); err == nil {
		known, err = book.Trial(ctx)
		if err := book.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return out.String(), checkExit(findings), known
}

// relay is a town whose SMTP server changes what it takes before delivering it.
func relay(t *testing.T, change func(to string, raw []byte) []byte) (*town, func() int) {
	town, po := openTown(t, mailboxtest.Options{})
	var mu sync.Mutex
	town.smtp = mailboxtest.StartSMTP(t, func(_, to string, raw []byte) error {
		mu.Lock()
		defer mu.Unlock()
		if raw = change(to, raw); raw == nil {
			return nil
		}
		return po.Deliver(to, raw)
	})
	town.edit(fmt.Sprintf("smtp: { host: 127.0.0.1, port: %s", port(po.SMTPAddr())), "smtp: { host: 127.0.0.1, port: "+port(town.smtp))
	town.once("2026-11-22 12:00")
	return town, func() int {
		n, err := po.Count(townHelp, "INBOX")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

const received = "Received: from a by mx.carpenter.example; Mon, 23 Nov 2026 12:00:00 +0000\r\n"

// withoutResults is a header without the Authentication-Results in it.
func withoutResults(raw []byte) []byte {
	var kept []byte
	dropping := false
	for line := range bytes.SplitAfterSeq(raw, []byte("\r\n")) {
		if len(line) > 0 && line[0] != ' ' && line[0] != '\t' {
			dropping = bytes.HasPrefix(bytes.ToLower(line), []byte("authentication-results:"))
		}
		if !dropping {
			kept = append(kept, line...)
		}
	}
	return kept
}

// A mail server as it should be: forged fields go, its own come, tags arrive.
func TestSendTest(t *testing.T) {
	town, left := relay(t, func(_ string, raw []byte) []byte {
		return append([]byte("Authentication-Results: mx.carpenter.example (amavis; a comment);\r\n dmarc=pass header.from=carpenter.example\r\n"+received), withoutResults(raw)...)
	})
	out, code, known := town.trial(nil)
	for _, want := range []string{"arrived after", `"mx.carpenter.example" writes Authentication-Results (dmarc=pass), with 0 Received above`, "from inside is removed", "plus tag arrives", "has not been tried", "Everything works"} {
		if !strings.Contains(out, want) {
			t.Errorf("not said: %s", want)
		}
	}
	if code != exitDone || !known.Plus || known.Clean || left() != 0 {
		t.Errorf("exit %d, %+v, %d mails left\n%s", code, known, left(), out)
	}
	// Trust is not switched on before the message from outside came back clean.
	trusting := func(c *Config) {
		c.Senders = SendersConfig{Verify: "authentication-results", AuthservIDs: []string{"mx.carpenter.example"}}
	}
	if out, code, _ = town.trial(trusting); code != exitFailed || !strings.Contains(out, "nobody knows whether a stranger") {
		t.Errorf("trust without a trial: exit %d\n%s", code, out)
	}
	outside, err := os.ReadFile(filepath.Join(filepath.Dir(town.config), "outside-test.eml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := town.put(townHelp, append([]byte("Authentication-Results: mx.carpenter.example; dmarc=none\r\n"+received), withoutResults(outside)...)); err != nil {
		t.Fatal(err)
	}
	town.once("2026-11-23 13:00") // a daemon reads it, and leaves it alone
	if out, code, known = town.trial(trusting); code != exitDone || !known.Clean || !strings.Contains(out, "came back clean") {
		t.Errorf("a clean trial: exit %d, %+v\n%s", code, known, out)
	}
	// A name that was not forged was not tried.
	if out, code, known = town.trial(func(c *Config) {
		c.Senders = SendersConfig{Verify: "authentication-results", AuthservIDs: []string{"mx2.carpenter.example"}}
	}); code != exitFailed || known.Clean {
		t.Errorf("another name: exit %d, %+v\n%s", code, known, out)
	}
	town.audited()
	for _, who := range []string{"put.your.own.address.here@outside.example", "it@else.example"} {
		town.expect(who, "", 0)
	}
	// With the tags in place, letters carry one.
	town.writes("priya", "Borrow a microscope for Year 8", "One working microscope for Thursday.")
	town.once("2026-11-23 14:00")
	if m := town.letter("priya", "Got it"); len(m.ReplyTo) != 1 || !strings.HasPrefix(m.ReplyTo[0].Email, "help+") || m.ReplyTo[0].Name == "" {
		t.Errorf("Reply-To %v", m.ReplyTo)
	}
}

// Mail servers as they should not be.
func TestSendTestTroubles(t *testing.T) {
	for name, row := range map[string]struct {
		change func(to string, raw []byte) []byte
		verify string
		code   int
		want   string
	}{
		"leaves forged results in": {func(_ string, raw []byte) []byte { return raw }, "authentication-results", exitFailed, "would be believed"},
		"puts them below its own": {func(_ string, raw []byte) []byte {
			return append([]byte("Authentication-Results: mx.x; dmarc=pass\r\n"+received), raw...)
		}, "none", exitDone, "with 1 Received above: with hops 0 it is not looked at"},
		"no tags": {func(to string, raw []byte) []byte {
			if strings.Contains(to, "+") {
				return nil
			}
			return withoutResults(raw)
		}, "none", exitDone, "with a plus tag does not arrive"},
		"nothing arrives": {func(string, []byte) []byte { return nil }, "none", exitFailed, "look for it in the junk folder"},
		"rewrites From": {func(_ string, raw []byte) []byte {
			return bytes.Replace(raw, []byte("<help@"), []byte("<relay@"), 1)
		}, "none", exitDone, "let the server leave From as it is"},
		"rewrites Message-ID": {func(_ string, raw []byte) []byte {
			return bytes.Replace(raw, []byte("Message-ID: <"), []byte("Message-ID: <other."), 1)
		}, "none", exitDone, "another Message-ID"},
	} {
		t.Run(name, func(t *testing.T) {
			town, _ := relay(t, row.change)
			out, code, known := town.trial(func(c *Config) { c.Senders.Verify = row.verify })
			if code != row.code || !strings.Contains(out, row.want) || known.Plus == (name == "no tags" || name == "nothing arrives") {
				t.Errorf("exit %d, %+v\n%s", code, known, out)
			}
		})
	}
}

// Real servers, with plus addressing and without.
func TestSendTestRealServers(t *testing.T) {
	for name, row := range map[string]struct {
		settings string
		plus     bool
	}{
		"with":    {"recipient_delimiter = +\n", true},
		"without": {"recipient_delimiter =\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			users := map[string]string{townHelp: mailboxtest.Password}
			dovecot := mailboxtest.StartDovecotWith(t, mailboxtest.DovecotOptions{LMTP: true}, users)
			postfix := mailboxtest.StartPostfixWith(t, dovecot, fmt.Sprintf("virtual_mailbox_domains = carpenter.example\nvirtual_mailbox_maps = inline:{%s=x}\nvirtual_transport = lmtp:inet:127.0.0.1:%d\n%s", townHelp, dovecot.LMTPPort, row.settings))
			town := settle(&town{TB: t, imap: dovecot.Port, smtp: postfix.Addr(), put: dovecot.Deliver, inbox: func(user string) [][]byte { return dovecot.Messages(user, "INBOX") }})
			town.once("2026-11-22 12:00")
			out, code, known := town.trial(nil)
			if code != exitDone || known.Plus != row.plus || !strings.Contains(out, "arrived after") {
				t.Errorf("exit %d, %+v\n%s\n%s", code, known, out, postfix.Log())
			}
			if left := dovecot.Messages(townHelp, "INBOX"); len(left) != 0 {
				t.Errorf("%d mails were left", len(left))
			}
			t.Logf("\n%s", out)
		})
	}
}
