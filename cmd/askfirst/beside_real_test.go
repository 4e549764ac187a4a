//go:build unix

package main

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSendTestBesideADaemon: an admin tries the servers while the daemon runs,
// sends the message from outside, switches trust on as the trial says, and
// answers find their letters by nothing but the tag.
func TestSendTestBesideADaemon(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a daemon and real servers")
	}
	b := onBorder(t)
	b.opens(t)
	daemon := b.start(buildBinary(t))
	check := func(want ...string) {
		t.Helper()
		out, errs, code := b.run("check", "--send-test")
		for _, words := range want {
			if code != exitDone || !strings.Contains(out, words) {
				t.Errorf("exit %d, and it does not say %q\n%s%s", code, words, out, errs)
			}
		}
	}
	check("plus tag arrives", "no Authentication-Results on mail from inside", "has not been tried")
	outside, err := os.ReadFile(b.beside("outside-test.eml"))
	b.check(err)
	b.check(b.border.Arrive(evilServer, "eve@outside.example", townHelp, outside))
	b.settled()
	check("with 2 Received above", "authserv_ids: [mx.carpenter.example], hops: 2", "a forged Authentication-Results from outside is removed")
	b.edit("verify: none", "verify: authentication-results, authserv_ids: [mx.carpenter.example], hops: 2")
	b.must("reload")
	// It is tried in the name that the server was seen to use, once more.
	outside, err = os.ReadFile(b.beside("outside-test.eml"))
	b.check(err)
	b.check(b.border.Arrive(evilServer, "eve@outside.example", townHelp, outside))
	b.settled()
	check("a mail from outside came back clean", "a forged Authentication-Results from inside is removed")
	for who := range map[string]bool{"eve@outside.example": true, "it@else.example": true, "ana": true} {
		b.expect(who, "", 0)
	}
	b.tagsAlone()
	if log := daemon.logged(); strings.Contains(log, "level=ERROR") {
		t.Errorf("the daemon complains:\n%s", log)
	}
	if code := daemon.end(syscall.SIGTERM, 10*time.Second); code != exitDone {
		t.Errorf("exit %d", code)
	}
	b.audited()
	b.tries(exitDone, "", "audit", "--server")
}

// tagsAlone answers letters by their tags: no In-Reply-To, no References, no
// quote, no number, a subject of its own.
func (b *borderTown) tagsAlone() {
	b.Helper()
	w := writersAll()
	mark, ben, zoe := w["mark"], w["ben"], w["zoe"]
	ben.extra = nil
	tags := map[string]string{}
	for _, title := range []string{"A ladder", "A canoe", "A tent"} {
		b.arrives(mark, title, "For the hall, please.")
		b.until(15*time.Second, "an answer about "+title, func() bool { return len(b.letters("mark", "Got it: "+title)) == 1 })
		m := b.letter("mark", "Got it: "+title)
		if len(m.ReplyTo) != 1 || !strings.HasPrefix(m.ReplyTo[0].Email, "help+") {
			b.Fatalf("Reply-To %v", m.ReplyTo)
		}
		tags[title] = m.ReplyTo[0].Email
	}
	answers := func(who writer, title string, change ...func(*note)) {
		who.to = tags[title]
		b.arrives(who, "Re: what we talked about", "withdraw", change...)
	}
	// Whoever else writes to a tag speaks for himself: an outsider not at all, a
	// colleague about what is his.
	answers(zoe, "A tent")
	answers(ben, "A tent")
	forger := mark
	forger.ip, forger.signed, forger.extra = evilServer, "", forgedFields()
	answers(forger, "A tent")
	answers(mark, "A canoe", func(n *note) { n.extra = append(n.extra, "Cc: <"+tags["A canoe"]+">") })
	answers(mark, "A ladder")
	b.until(15*time.Second, "both are taken back", func() bool { return len(b.letters("mark", "Taken back")) == 2 })
	b.settled()
	b.until(15*time.Second, "the inbox is empty", func() bool { return len(b.dovecot.Messages(townHelp, "INBOX")) == 0 })
	b.expect("mark", "Taken back: A ladder", 1)
	b.expect("mark", "Taken back: A canoe", 1)
	b.expect("zoe@calm.example", "", 0)
	if out := b.must("asks", "--all"); strings.Count(out, "withdrawn") != 2 || !strings.Contains(out, "A tent") {
		b.Errorf("%s", out)
	}
	b.expect("ben", "", 0) // he has nothing there to take back
}
