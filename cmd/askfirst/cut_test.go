package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/mailboxtest"
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
	asked int
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
	// A holiday without end: no digest, and nobody is asked whether it helped.
	l.edit(`digest: { at: "07:30" }`, `digest: { at: "07:30", holidays: ["2026-11-01..2027-10-31"] }`)
	config, err := loadConfig(l.config, nil)
	if err != nil {
		t.Fatal(err)
	}
	l.d = l.cutDaemon(config, l.now, time.Minute)
	t.Cleanup(func() { _ = l.d.close() })
	return l
}

// quota is how many letters somebody gets in a day of these tests: below the
// cap, behind which acknowledgements would wait for tomorrow.
const quota = 12

// ask writes an ask whose beginning and end can be told. Members take turns, and
// after so many a new day begins.
func (l *imapLane) ask(title string) {
	if l.asked++; l.asked%(quota*len(townsfolk)) == 0 {
		l.now = l.now.AddDate(0, 0, 1)
	}
	l.writes(townsfolk[l.asked%len(townsfolk)], title, "It begins here.\n\n"+strings.Repeat("A line of an ask, as people write them.\n", 4)+"\nIt ends here.")
}

// pass is one pass, with patience or without.
func (l *imapLane) pass(timeout time.Duration) passReport {
	l.d.inbox.Timeout = timeout
	l.now = l.now.Add(time.Second)
	return l.d.pass(context.Background(), l.now)
}

func TestIMAPCutAnywhere(t *testing.T) {
	grounded(t)
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
	for _, who := range townsfolk {
		for _, m := range l.letters(who, "") {
			title, _, _ := strings.Cut(strings.TrimPrefix(m.Subject, "Got it: "), " (#")
			told[title]++
		}
	}
	for j := lane; j < len(todo); j += lanes {
		title := fmt.Sprintf("Borrow %dx", j)
		if count[title] != 1 || told[title] != 1 {
			l.Errorf("%s: %d asks and %d acknowledgements of %q", todo[j], count[title], told[title], title)
		}
	}
}
