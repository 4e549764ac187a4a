package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
)

// The line is cut at every few octets of a session, in both directions and in
// every way in which lines are cut, and then it is good again. What the servers
// have in the end is what counts.

// cut is one break of one session.
type cut struct {
	octets     int64
	fromServer bool
	how        mailboxtest.How
}

func (c cut) String() string {
	from := "client"
	if c.fromServer {
		from = "server"
	}
	return fmt.Sprintf("%s after %d octets from the %s", c.how, c.octets, from)
}

// cuts are every seventh octet of a session, each in one of the ways by turns;
// in the long form every octet in every way.
func cuts(fromClient, fromServer int64, every bool) []cut {
	var all []cut
	for direction, size := range []int64{fromClient, fromServer} {
		step, ways := int64(7), 1
		if every {
			step, ways = 1, 3
		}
		for octets, turn := int64(0), 0; octets <= size; octets, turn = octets+step, turn+1 {
			for way := range ways {
				all = append(all, cut{octets, direction == 1, mailboxtest.How((turn + way) % 3)})
			}
		}
	}
	return all
}

// lanes is how many sessions are cut side by side: a stalled one only waits.
// Seven, so that every lane meets every way.
const lanes = 7

// silence is how long a server may say nothing in these tests.
const silence = 150 * time.Millisecond

// cutDaemon is a daemon that waits for an SMTP server as long as timeout says.
func (t *town) cutDaemon(config *Config, now time.Time, timeout time.Duration) *daemon {
	t.Helper()
	d, err := assemble(context.Background(), config, nil, slog.New(slog.NewTextHandler(io.Discard, nil)), now)
	if err != nil {
		t.Fatal(err)
	}
	settings := d.witness.watch(d.config.SMTPSettings())
	settings.Timeout, settings.FinalTimeout, settings.Connections = timeout, timeout, 1
	d.submitter = mailbox.NewSubmitter(settings)
	return d
}

// imapLane is a town of its own on a shared Dovecot.
type imapLane struct {
	*town
	user  string
	proxy *mailboxtest.Proxy
	d     *daemon
	now   time.Time
}

func openIMAPLane(t *testing.T, dovecot *mailboxtest.Dovecot, i int) *imapLane {
	var mu sync.Mutex
	got := map[string][][]byte{}
	user := fmt.Sprintf("help%d@carpenter.example", i)
	l := &imapLane{user: user, now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), proxy: mailboxtest.StartProxy(t, fmt.Sprintf("127.0.0.1:%d", dovecot.Port))}
	smtp := mailboxtest.StartSMTP(t, func(_, to string, raw []byte) error {
		mu.Lock()
		defer mu.Unlock()
		got[to] = append(got[to], raw)
		return nil
	})
	l.town = settle(&town{TB: t, imap: l.proxy.Port, smtp: smtp, put: func(_ string, raw []byte) error { return dovecot.Deliver(user, raw) },
		inbox: func(user string) [][]byte {
			mu.Lock()
			defer mu.Unlock()
			return got[user]
		}})
	l.edit("tls: none, username: "+townHelp, "tls: none, username: "+user)
	config, err := loadConfig(l.config, nil)
	if err != nil {
		t.Fatal(err)
	}
	l.d = l.cutDaemon(config, l.now, time.Minute)
	t.Cleanup(func() { _ = l.d.close() })
	return l
}

// ask writes an ask whose beginning and end can be told.
func (l *imapLane) ask(title string) {
	l.writes("priya", title, "It begins here.\n\n"+strings.Repeat("A line of an ask, as people write them.\n", 4)+"\nIt ends here.")
}

// pass is one pass, with patience or without.
func (l *imapLane) pass(timeout time.Duration) passReport {
	l.d.inbox.Timeout = timeout
	l.now = l.now.Add(time.Second)
	return l.d.pass(context.Background(), l.now)
}

func TestIMAPCutAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of sessions")
	}
	imapCut(t, false)
}

func TestLongIMAPCutAnywhere(t *testing.T) {
	if !*long {
		t.Skip("thousands of sessions; -long")
	}
	imapCut(t, true)
}

// imapCut reads an inbox on Dovecot through a line that is cut.
func imapCut(t *testing.T, every bool) {
	users := map[string]string{}
	for i := range lanes {
		users[fmt.Sprintf("help%d@carpenter.example", i)] = mailboxtest.Password
	}
	dovecot := mailboxtest.StartDovecot(t, users)
	all := make([]*imapLane, lanes)
	for i := range all {
		all[i] = openIMAPLane(t, dovecot, i)
		// The first session creates folders, the second is like all that follow.
		for _, title := range []string{"Borrow the first", "Borrow the second"} {
			before, beforeServer := all[i].proxy.Passed()
			all[i].ask(title)
			if err := all[i].pass(time.Minute).status(); err != nil {
				t.Fatal(err)
			}
			if i == 0 && title == "Borrow the second" {
				after, afterServer := all[i].proxy.Passed()
				t.Logf("a session is %d octets from the client, %d from the server", after-before, afterServer-beforeServer)
			}
		}
	}
	fromClient, fromServer := all[0].proxy.Passed()
	todo := cuts(fromClient/2+40, fromServer/2+100, every)
	begin := time.Now()
	var work sync.WaitGroup
	failed := make([]int, lanes)
	for i, l := range all {
		work.Go(func() {
			for j := i; j < len(todo); j += lanes {
				c := todo[j]
				l.ask(fmt.Sprintf("Borrow %dx", j))
				l.proxy.Break(c.octets, c.fromServer, c.how)
				if l.pass(silence).status() != nil {
					failed[i]++
				}
				l.proxy.Heal()
				if err := l.pass(time.Minute).status(); err != nil {
					t.Errorf("%s, and then on a good line: %v", c, err)
				}
			}
		})
	}
	work.Wait()
	passes := 0
	for i, l := range all {
		l.allAsked(todo, i)
		passes += failed[i]
		if n := len(dovecot.Messages(l.user, "INBOX")); n != 0 {
			t.Errorf("lane %d: %d messages are left in the inbox", i, n)
		}
		if err := l.d.close(); err != nil {
			t.Error(err)
		}
		l.audited()
	}
	if passes < len(todo)/2 {
		t.Errorf("%d of %d cuts were felt: the test proves less than it says", passes, len(todo))
	}
	t.Logf("%d cuts, %d of them felt, in %v", len(todo), passes, time.Since(begin).Round(time.Second))
}

// allAsked compares the lane's asks and acknowledgements with what was asked.
func (l *imapLane) allAsked(todo []cut, lane int) {
	l.Helper()
	asks, err := l.d.book.Asks(context.Background(), true, l.now)
	if err != nil {
		l.Fatal(err)
	}
	count := map[string]int{}
	for _, a := range asks {
		count[a.Title]++
		if !strings.HasPrefix(a.Body, "It begins here.") || !strings.HasSuffix(a.Body, "It ends here.") {
			l.Errorf("%q is truncated: %q", a.Title, a.Body)
		}
	}
	told := map[string]int{}
	for _, m := range l.letters("priya", "") {
		title, _, _ := strings.Cut(strings.TrimPrefix(m.Subject, "Got it: "), " (#")
		told[title]++
	}
	for j := lane; j < len(todo); j += lanes {
		title := fmt.Sprintf("Borrow %dx", j)
		if count[title] != 1 || told[title] != 1 {
			l.Errorf("%s: %d asks and %d acknowledgements of %q", todo[j], count[title], told[title], title)
		}
	}
}

// smtpLane sends the same morning again and again: one acknowledgement and two
// digests, from a book that is put back before each.
type smtpLane struct {
	*town
	proxy  *mailboxtest.Proxy
	config *Config
	mu     sync.Mutex
	got    map[string]int // recipient, Message-ID and length of each letter that arrived
}

func openSMTPLane(t *testing.T) *smtpLane {
	l := &smtpLane{got: map[string]int{}}
	l.proxy = mailboxtest.StartProxy(t, mailboxtest.StartSMTP(t, func(_, to string, raw []byte) error {
		l.take(to, raw)
		return nil
	}))
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

// restore puts the book back.
func (l *smtpLane) restore(template string) error {
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
