package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
)

// smtpLane sends the same morning again and again: one acknowledgement and two
// digests, from a book that is put back before each.
type smtpLane struct {
	*town
	proxy  *mailboxtest.Proxy
	config *Config
	busy   *atomic.Int64 // sessions of the server
	mu     sync.Mutex
	got    map[string]int // recipient, Message-ID and length of each letter that arrived
}

func openSMTPLane(t *testing.T) *smtpLane {
	l := &smtpLane{got: map[string]int{}}
	at, busy := mailboxtest.StartCountedSMTP(t, func(_, to string, raw []byte) error {
		l.take(to, raw)
		return nil
	})
	l.proxy, l.busy = mailboxtest.StartProxy(t, at), busy
	l.town = settle(&town{TB: t, imap: 1, smtp: fmt.Sprintf("127.0.0.1:%d", l.proxy.Port)})
	for _, who := range townsfolk[2:] { // two are enough
		l.edit(fmt.Sprintf("  - { name: %s Example, email: %s, leader: %v }\n", strings.ToUpper(who[:1])+who[1:], address(who), who == "sam"), "")
	}
	config, err := loadConfig(l.town.config, nil)
	if err != nil {
		t.Fatal(err)
	}
	l.config = config
	return l
}

func (l *smtpLane) take(to string, raw []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := parse.Read(raw, parse.Standard())
	kind := "answer"
	if m.Header.Get("List-Id") != "" {
		kind = "digest"
	}
	l.got[fmt.Sprintf("%s %s %s %d", kind, to, m.MessageID, len(raw))]++
}

// restore puts the book back, when the server has done with the morning before:
// what a cut left on its way would be taken for this one's.
func (l *smtpLane) restore(template string) error {
	for wait := time.Now().Add(time.Minute); l.busy.Load() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(wait) {
			return errors.New("the server does not end a session")
		}
	}
	old, _ := filepath.Glob(l.config.Book + "*")
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	kept, _ := filepath.Glob(template + "*")
	for _, path := range kept {
		if err := copyFile(path, l.config.Book+strings.TrimPrefix(path, template)); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got = map[string]int{}
	return nil
}

// morning sends what the template holds: at half past seven over a line that
// breaks as c says, and then as often as anything waits.
func (l *smtpLane) morning(c *cut) error {
	now := time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC)
	d := l.cutDaemon(l.config, now, silence)
	defer d.close()
	send := func() error {
		_, err := d.send(context.Background(), func() time.Time { return now }, true)
		return err
	}
	if c != nil {
		l.proxy.Break(c.octets, c.fromServer, c.how)
	}
	_ = send() // may well fail
	l.proxy.Heal()
	settings := d.witness.watch(d.config.SMTPSettings())
	d.submitter.Close()
	d.submitter = mailbox.NewSubmitter(settings) // patient again
	for range 5 {
		due, err := d.book.NextDue(context.Background())
		if err != nil || due.IsZero() {
			return err
		}
		now = now.Add(10 * time.Minute)
		if err := send(); err != nil {
			return err
		}
	}
	return fmt.Errorf("something still waits")
}

func TestSMTPCutAnywhere(t *testing.T) {
	grounded(t)
	if testing.Short() {
		t.Skip("hundreds of sessions")
	}
	smtpCut(t, false)
}

func TestLongSMTPCutAnywhere(t *testing.T) {
	if !*long {
		t.Skip("thousands of sessions; -long")
	}
	smtpCut(t, true)
}

// smtpCut sends a morning's letters through a line that is cut.
func smtpCut(t *testing.T, every bool) {
	template := filepath.Join(t.TempDir(), "template.db")
	all := make([]*smtpLane, lanes)
	for i := range all {
		all[i] = openSMTPLane(t)
	}
	first := all[0]
	first.prepare(template)
	if err := first.restore(template); err != nil {
		t.Fatal(err)
	}
	beforeClient, beforeServer := first.proxy.Passed()
	if err := first.morning(nil); err != nil {
		t.Fatal(err)
	}
	fromClient, fromServer := first.proxy.Passed()
	peace := first.got
	fromClient, fromServer = fromClient-beforeClient, fromServer-beforeServer
	t.Logf("a session is %d octets from the client, %d from the server: %v", fromClient, fromServer, peace)
	todo := cuts(fromClient, fromServer, every)
	begin := time.Now()
	var work sync.WaitGroup
	lost, twice := make([]int, lanes), make([]int, lanes)
	for i, l := range all {
		work.Go(func() {
			for j := i; j < len(todo); j += lanes {
				err := l.restore(template)
				if err == nil {
					err = l.morning(&todo[j])
				}
				if err != nil {
					t.Errorf("%s: %v", todo[j], err)
				}
				missing, again := l.compare(todo[j], peace)
				lost[i] += missing
				twice[i] += again
			}
		})
	}
	work.Wait()
	missing, again := 0, 0
	for i := range all {
		missing, again = missing+lost[i], again+twice[i]
	}
	t.Logf("%d cuts in %v: %d digests in doubt did not arrive, %d answers came twice", len(todo), time.Since(begin).Round(time.Second), missing, again)
	if missing == 0 || again == 0 {
		t.Error("the window between dot and answer was not met as it should be: the test proves less than it says")
	}
}

// prepare makes the book of half past seven: an acknowledgement and two digests
// wait. Their HTML is short, since all octets within a letter are alike.
func (l *smtpLane) prepare(template string) {
	l.Helper()
	config := *l.config
	config.Templates = l.TempDir()
	writeFile(l, filepath.Join(config.Templates, "layout.html"), shortLayout())
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	d := l.cutDaemon(&config, now, time.Minute)
	decide := func(subject string, n int) {
		l.takes(d, now, fmt.Sprintf("From: Priya <priya@carpenter.example>\r\nSubject: %s\r\nMessage-ID: <%d@mail>\r\n\r\nFor one lesson.\r\n", subject, n))
		if _, err := d.decide(context.Background(), now, func() {}); err != nil {
			l.Fatal(err)
		}
	}
	decide("A drum kit", 1)
	if _, err := d.send(context.Background(), func() time.Time { return now }, true); err != nil {
		l.Fatal(err)
	}
	now = time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC)
	decide("A ladder", 2)
	if _, err := d.publish(context.Background(), now); err != nil {
		l.Fatal(err)
	}
	if err := d.close(); err != nil {
		l.Fatal(err)
	}
	kept, _ := filepath.Glob(l.config.Book + "*")
	for _, path := range kept {
		if strings.HasSuffix(path, ".lock") {
			continue
		}
		if err := copyFile(path, template+strings.TrimPrefix(path, l.config.Book)); err != nil {
			l.Fatal(err)
		}
	}
}

// shortLayout is a layout that shows next to nothing.
func shortLayout() string {
	layout := `{{define "page"}}<p>{{.Subject}}</p>{{end}}`
	for _, part := range []string{"title", "heading", "para", "quote", "card", "line", "point", "buttons"} {
		layout += fmt.Sprintf(`{{define %q}}{{end}}`, part)
	}
	return layout
}

// compare says how many digests did not arrive and how many answers came twice,
// which is all that may differ from peace.
func (l *smtpLane) compare(c cut, peace map[string]int) (missing, again int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for letter, n := range l.got {
		switch {
		case peace[letter] == 0:
			l.Errorf("%s: a letter that is not one: %s", c, letter)
		case n == 2 && strings.HasPrefix(letter, "answer"):
			again++
		case n > 1:
			l.Errorf("%s: %s came %d times", c, letter, n)
		}
	}
	for letter := range peace {
		switch {
		case l.got[letter] > 0:
		case strings.HasPrefix(letter, "digest"):
			missing++
		default:
			l.Errorf("%s: %s was lost", c, letter)
		}
	}
	return missing, again
}
