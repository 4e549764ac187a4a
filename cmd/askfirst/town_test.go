package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
)

const townHelp = "help@carpenter.example"

// town is a staff with real mailboxes around one exchange: mail servers, a
// configuration, and the command line.
type town struct {
	testing.TB
	config string // path
	imap   int
	smtp   string
	put    func(user string, raw []byte) error
	inbox  func(user string) [][]byte
	idle   func() // waits until servers have delivered; nil: they are at once
	sent   int
}

var townsfolk = []string{"priya", "mark", "sam", "ana", "ben", "ruth"}

func address(who string) string {
	if strings.Contains(who, "@") {
		return who
	}
	return who + "@carpenter.example"
}

// inProcess is a town on the post office.
func inProcess(t testing.TB) *town {
	addresses := []string{townHelp}
	for _, who := range townsfolk {
		addresses = append(addresses, address(who))
	}
	office, err := mailboxtest.Open(addresses...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { office.Close() })
	return settle(&town{TB: t, imap: office.IMAPPort(), smtp: office.SMTPAddr(), put: office.Deliver, inbox: func(user string) [][]byte {
		if mails := office.Messages(user); mails != nil {
			return mails
		}
		return office.Outside()[user]
	}})
}

// onDovecot is a town whose mailboxes are Dovecot's.
func onDovecot(t testing.TB) *town {
	users := map[string]string{townHelp: mailboxtest.Password}
	for _, who := range townsfolk {
		users[address(who)] = mailboxtest.Password
	}
	dovecot := mailboxtest.StartDovecot(t, users)
	outside := map[string][][]byte{}
	smtp := mailboxtest.StartSMTP(t, func(_, to string, raw []byte) error {
		if dovecot.Has(to) {
			return dovecot.Deliver(to, raw)
		}
		outside[to] = append(outside[to], raw)
		return nil
	})
	return settle(&town{TB: t, imap: dovecot.Port, smtp: smtp, put: dovecot.Deliver, inbox: func(user string) [][]byte {
		if dovecot.Has(user) {
			return dovecot.Messages(user, "INBOX")
		}
		return outside[user]
	}})
}

// settle writes the configuration.
func settle(t *town) *town {
	t.Helper()
	folder := t.TempDir()
	_, smtpPort, err := net.SplitHostPort(t.smtp)
	if err != nil {
		t.Fatal(err)
	}
	var staff strings.Builder
	for _, who := range townsfolk {
		fmt.Fprintf(&staff, "  - { name: %s, email: %s, leader: %v }\n", strings.ToUpper(who[:1])+who[1:]+" Example", address(who), who == "sam")
	}
	text := fmt.Sprintf(`exchange: { name: Carpenter Elementary, address: %s, admin: it@else.example, timezone: Europe/London }
inbox: { host: 127.0.0.1, port: %d, tls: none, username: %s, password_file: imap.password, poll: 2s, max_size: 1MiB }
smtp: { host: 127.0.0.1, port: %s, tls: none }
senders: { verify: none }
digest: { at: "07:30" }
staff:
%s`, townHelp, t.imap, townHelp, smtpPort, staff.String())
	t.config = filepath.Join(folder, "config.yaml")
	for name, content := range map[string]string{"config.yaml": text, "imap.password": mailboxtest.Password + "\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return t
}

// run is one command line; it returns standard output, standard error and the
// exit code.
func (t *town) run(args ...string) (string, string, int) {
	t.Helper()
	var out, errs bytes.Buffer
	code := execute(context.Background(), append([]string{"--config", t.config}, args...), strings.NewReader(""), &out, &errs, nil)
	return out.String(), errs.String(), code
}

func london(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func (t *town) time(local string) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", local, london(t))
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

// once is one pass at a local time, which must succeed.
func (t *town) once(local string) passReport {
	t.Helper()
	out, errs, code := t.run("once", "--json", "--at", t.time(local).Format(time.RFC3339))
	var report passReport
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitDone {
		t.Fatalf("once at %s: exit %d, %v\n%s\n%s", local, code, err, out, errs)
	}
	t.settled()
	return report
}

// writes delivers a mail to the help address.
func (t *town) writes(who, subject, text string, change ...func(*note)) {
	t.Helper()
	t.sent++
	name := strings.ToUpper(who[:1]) + who[1:] + " Example"
	n := note{from: address(who), name: name, subject: subject, at: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), id: fmt.Sprintf("<%d.%s@mail>", t.sent, strings.ReplaceAll(who, "@", ".")), text: text}
	for _, c := range change {
		c(&n)
	}
	if err := t.put(townHelp, n.bytes()); err != nil {
		t.Fatal(err)
	}
}

// answers is a reply to the newest letter whose subject has the words.
func (t *town) answers(who, words, text string, style func(note) note) {
	t.Helper()
	letter := t.letter(who, words)
	t.writes(who, "Re: "+letter.Subject, text, func(n *note) {
		n.answers = letter
		*n = style(*n)
	})
}

// letters are all mails in somebody's mailbox whose subject has the words.
func (t *town) letters(who, words string) []*parse.Message {
	var found []*parse.Message
	for _, raw := range t.inbox(address(who)) {
		if m := parse.Read(raw, parse.Standard()); strings.Contains(m.Subject, words) {
			found = append(found, m)
		}
	}
	return found
}

func (t *town) letter(who, words string) *parse.Message {
	t.Helper()
	found := t.letters(who, words)
	if len(found) == 0 {
		for _, m := range t.letters(who, "") {
			t.Logf("%s has %q", who, m.Subject)
		}
		t.Fatalf("%s has no letter about %q", who, words)
	}
	return found[len(found)-1]
}

// expect is how many letters about something somebody has.
func (t *town) expect(who, words string, want int) {
	t.Helper()
	if got := len(t.letters(who, words)); got != want {
		t.Errorf("%s has %d letters about %q, want %d", who, got, words, want)
		for _, m := range t.letters(who, "") {
			t.Logf("  %q", m.Subject)
		}
	}
}

func (t *town) audited() {
	t.Helper()
	if out, errs, code := t.run("audit"); code != exitDone {
		t.Errorf("audit: exit %d\n%s%s", code, out, errs)
	}
}

// execute runs one command line as main would, without its probe.
func execute(ctx context.Context, args []string, in io.Reader, out, errs io.Writer, environ []string) int {
	return (&app{in: in, out: out, err: errs, environ: environ}).execute(ctx, args)
}
