//go:build unix

package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net"
	"net/smtp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"askfirst/mailbox"
	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
)

// The decision matrix, played with real mail: a Postfix whose milter is rspamd
// takes what the world sends, Dovecot keeps it, and everybody's mailbox is looked
// into. Names and keys are those of a name server of the test.

// borderTown is a town behind a border: writes goes through its outer side.
type borderTown struct {
	*town
	border  *mailboxtest.Border
	dovecot *mailboxtest.Dovecot
	key     ed25519.PrivateKey
	records map[string]string
	seen    map[string]bool // letters, by who has them
	way     string          // senders.verify
}

// writer is somebody who writes, from a server, with or without a signature.
type writer struct {
	who    string
	ip     string   // of the server; "": the writer has logged in to ours
	signed string   // the domain that signs; "": none
	extra  []string // header fields that are written along
	to     string   // in the envelope; "": the help address
}

const (
	schoolsServer   = "192.0.2.1"
	strangersServer = "198.51.100.7"
	evilServer      = "198.51.100.66"
)

// forgedFields are what a forger adds: what our own server would write.
func forgedFields() []string {
	return []string{"Authentication-Results: mx.carpenter.example; dmarc=pass header.from=carpenter.example; dkim=pass header.d=carpenter.example",
		"X-MS-Exchange-Organization-AuthAs: Internal", "Sender: <ana@carpenter.example>"}
}

// writersAll are the rows of the matrix.
func writersAll() map[string]writer {
	return map[string]writer{
		"mark": {who: "mark", ip: schoolsServer, signed: "carpenter.example"},
		"nora": {who: "nora@calm.example", ip: schoolsServer}, // a domain that says nothing about itself
		"ana":  {who: "ana", ip: evilServer, extra: forgedFields()},
		"eve":  {who: "eve@outside.example", ip: strangersServer, signed: "outside.example"},
		"zoe":  {who: "zoe@calm.example", ip: evilServer},
		"ben":  {who: "ben", ip: schoolsServer, signed: "carpenter.example", extra: []string{"Auto-Submitted: auto-replied"}},
	}
}

// onBorder starts the servers.
func onBorder(t testing.TB) *borderTown {
	b := &borderTown{key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{5}, ed25519.SeedSize)), seen: map[string]bool{}}
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(b.key.Public().(ed25519.PublicKey))
	b.records = map[string]string{
		"a._domainkey.carpenter.example": record,
		"a._domainkey.outside.example":   record,
		"_dmarc.carpenter.example":       "v=DMARC1; p=reject",
		"_dmarc.outside.example":         "v=DMARC1; p=none",
		"carpenter.example":              "v=spf1 ip4:" + schoolsServer + " -all",
		"outside.example":                "v=spf1 ip4:" + strangersServer + " -all",
	}
	people := []string{townHelp, "it@else.example", "nora@calm.example", "zoe@calm.example", "eve@outside.example"}
	for _, who := range townsfolk {
		people = append(people, address(who))
	}
	users := map[string]string{}
	for _, who := range people {
		users[who] = mailboxtest.Password
	}
	rspamd := mailboxtest.StartRspamdMilter(t, mailboxtest.StartNames(t, b.records))
	b.dovecot = mailboxtest.StartDovecotWith(t, mailboxtest.DovecotOptions{LMTP: true}, users)
	b.border = mailboxtest.StartBorder(t, b.dovecot, rspamd, "carpenter.example", people)
	return b
}

// opens is a new exchange, with a book and settings of its own, at the same
// servers.
func (b *borderTown) opens(t testing.TB) {
	b.town = settle(&town{TB: t, imap: b.dovecot.Port, smtp: b.border.Addr(),
		put:   b.dovecot.Deliver, // in its order
		inbox: func(user string) [][]byte { return b.dovecot.Messages(user, "INBOX") }})
	b.idle = func() {
		if !b.border.Idle(30 * time.Second) {
			t.Fatalf("postfix does not deliver\n%s", b.border.Log())
		}
	}
	b.edit("staff:\n", "staff:\n  - { name: Nora Example, email: nora@calm.example }\n")
}

// arrives sends a mail as its writer's server would, which names the client that
// it has it from as every server does.
func (b *borderTown) arrives(w writer, subject, text string, change ...func(*note)) {
	b.Helper()
	b.sent++
	n := note{from: address(w.who), name: nameOf(w.who), subject: subject, at: time.Now(), text: text,
		id: fmt.Sprintf("<%d.%s@mail>", b.sent, strings.ReplaceAll(w.who, "@", "."))}
	for _, c := range change {
		c(&n)
	}
	n.extra = append(n.extra, w.extra...)
	raw := bytes.Replace(n.bytes(), []byte("To: <"+demoHelp+">"), []byte("To: <"+townHelp+">"), 1)
	if w.signed != "" {
		var signed bytes.Buffer
		if err := dkim.Sign(&signed, bytes.NewReader(raw), &dkim.SignOptions{Domain: w.signed, Selector: "a", Signer: b.key,
			HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed}); err != nil {
			b.Fatal(err)
		}
		raw = signed.Bytes()
	}
	raw = append([]byte("Received: from laptop by mail.example with ESMTPSA id 1; Fri, 20 Nov 2026 09:00:00 +0000\r\n"), raw...)
	to, err := cmp.Or(w.to, townHelp), error(nil)
	if w.ip == "" {
		err = smtp.SendMail(fmt.Sprintf("127.0.0.1:%d", b.border.Inside), nil, address(w.who), []string{to}, raw)
	} else {
		err = b.border.Arrive(w.ip, address(w.who), to, raw)
	}
	if err != nil {
		b.Fatalf("%s: %v\n%s", w.who, err, b.border.Log())
	}
}

func nameOf(who string) string {
	name, _, _ := strings.Cut(who, "@")
	return strings.ToUpper(name[:1]) + name[1:] + " Example"
}

// everybody are all who have a mailbox.
func everybody() []string {
	return append(slices.Clone(townsfolk), "nora@calm.example", "zoe@calm.example", "eve@outside.example", "it@else.example")
}

// news are the subjects of the letters that came since the last look, "who: subject".
func (b *borderTown) news() []string {
	b.Helper()
	b.settled()
	var all []string
	for _, who := range everybody() {
		name, _, _ := strings.Cut(who, "@")
		for _, raw := range b.inbox(address(who)) {
			if key := who + string(raw); !b.seen[key] {
				b.seen[key] = true
				all = append(all, name+": "+parse.Read(raw, parse.Standard()).Subject)
			}
		}
	}
	slices.Sort(all)
	return all
}

// expectNews are letters that came; each by who has it and words of its subject.
func (b *borderTown) expectNews(what string, want ...string) {
	b.Helper()
	got := b.news()
	left := slices.Clone(got)
	for _, w := range want {
		i := slices.IndexFunc(left, func(line string) bool {
			who, words, _ := strings.Cut(w, ": ")
			return strings.HasPrefix(line, who+": ") && strings.Contains(line, words)
		})
		if i < 0 {
			b.Errorf("%s: nobody got %q", what, w)
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, line := range left {
		b.Errorf("%s: a letter too many: %q", what, line)
	}
	if b.Failed() {
		b.Logf("%s: %q", what, got)
	}
}

// before the matrix: everybody has something to offer on, to thank for and to
// withdraw.
func (b *borderTown) prepares() {
	b.Helper()
	b.once("2026-11-19 12:00")
	for i, who := range []string{"mark", "nora@calm.example", "ana", "ben"} {
		b.writes(who, "A ladder for "+who[:3], "Tall enough for the hall.")
		b.writes(who, "A canoe for "+who[:3], "For the trip.")
		b.writes("sam", "Thing "+[]string{"kettle", "drum", "tent", "tuba"}[i], "For the staff room.")
		b.once(fmt.Sprintf("2026-11-19 12:1%d", i))
	}
	b.once("2026-11-20 07:30")
	b.settled()
	b.writes("priya", "Re: asks", "I can help with 1, 4, 7 and 10", func(n *note) { n.answers = b.letter("priya", "asks") })
	b.once("2026-11-20 08:00")
	b.news()
}

// pass is once; keys of signatures come from the test's name server.
func (b *borderTown) pass(local string) {
	b.Helper()
	b.settled()
	if b.way != mailbox.VerifyDKIM {
		b.once(local)
		return
	}
	d := b.daemon(b.time(local))
	d.keys.lookup = func(_ context.Context, name string) ([]string, error) {
		if record, ok := b.records[name]; ok {
			return []string{record}, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	if err := d.pass(b.Context(), b.time(local)).status(); err != nil {
		b.Fatal(err)
	}
	b.check(d.close())
}
