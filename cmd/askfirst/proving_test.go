package main

import (
	"errors"
	"fmt"
	"maps"
	"net/smtp"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// The proving ground: a week of asks, offers, introductions, thanks, changes and
// digests, played by the program itself while it is killed again and again, and
// compared letter by letter with the same week played in peace.

// chapter is one step of the week: mail comes in, then a pass.
type chapter struct {
	at   string
	mail func(t *town)
}

// provingWeek is the script. Every answer quotes the letter that it answers, which must
// have come.
func provingWeek() []chapter {
	return []chapter{
		{"2026-11-22 12:00", func(*town) {}},
		{"2026-11-22 15:00", func(t *town) {
			t.writes("sam", "A picture book about moving house", "Which one would you read with a six-year-old?")
			t.writes("priya", "Borrow a microscope", "One working microscope for a lesson on Thursday.", func(n *note) { n.photo = true })
			t.writes("ruth", "A ladder", "Tall enough for the hall.")
		}},
		{"2026-11-22 16:00", func(t *town) {
			t.answers("priya", "Got it: Borrow", "change to: Two working microscopes, for Thursday and Friday.", webmail)
			t.answers("ruth", "Got it: A ladder", "withdraw", phone)
		}},
		{"2026-11-23 07:30", func(*town) {}},
		{"2026-11-23 08:00", func(t *town) {
			t.answers("mark", "2 asks", t.number("microscope")+", take ours", phone)
			t.answers("ana", "2 asks", "I can help with #"+t.number("picture book")+", we have three in the library.", office)
			t.answers("ben", "2 asks", "Happy to help!", webmail)
			t.writes("someone@else.example", "Chairs for sale", "Do you want forty chairs?")
			t.writes("ruth", "Automatic reply: away", "I am away.", func(n *note) { n.extra = []string{"Auto-Submitted: auto-replied"} })
		}},
		{"2026-11-23 09:00", func(t *town) {
			t.answers("ben", "hich ask", t.number("microscope"), phone)
			t.writes("ana", "A laminator for one afternoon", "I have forty sheets to do before Monday.")
		}},
		{"2026-11-24 07:30", func(*town) {}},
		{"2026-11-24 10:00", func(t *town) {
			t.answers("ruth", "laminator", "yes, mine is in room 12", webmail)
			t.writes("ben", "pause until 1 December", "")
		}},
		{"2026-11-26 07:30", func(*town) {}},
		{"2026-11-26 10:00", func(t *town) {
			t.answers("priya", "Did Mark", "He stayed to plug it in, and the class saw cells.", webmail)
			t.answers("sam", "Did Ana", "private: the owl one made us both cry.", phone)
		}},
		{"2026-11-27 07:30", func(*town) {}},
		{"2026-11-27 10:00", func(t *town) {
			t.answers("ana", "Did Ruth", "Worked well, thank you so much!", webmail)
			t.writes("mark", "A tuba", "Any tuba, for the assembly.")
		}},
		{"2026-11-30 07:30", func(*town) {}},
		{"2026-12-01 07:30", func(*town) {}},
		{"2026-12-02 07:30", func(*town) {}},
	}
}

// number is that of an ask, as its acknowledgement says. A message that was there
// when the program died is decided after the others, so numbers may differ.
func (t *town) number(title string) string {
	t.Helper()
	for _, who := range townsfolk {
		for _, m := range t.letters(who, "Got it: ") {
			if strings.Contains(m.Subject, title) {
				return askNumber().FindStringSubmatch(m.Subject)[1]
			}
		}
	}
	t.Fatalf("nobody asked for %q", title)
	return ""
}

func askNumber() *regexp.Regexp { return regexp.MustCompile(`#(\d+)`) }

// inPeace plays the week without trouble.
func inPeace(t *town) {
	t.Helper()
	for _, c := range provingWeek() {
		c.mail(t)
		t.settled()
		t.once(c.at)
		t.settled()
	}
}

// harvest is what lies in everybody's mailbox at the end.
type harvest struct {
	letters map[string]int             // recipient and subject, but digests: how many different ones
	digests map[string]int             // recipient and date
	told    map[string]map[string]bool // recipient: the asks and thanks that digests told
	copies  int                        // letters that came a second time, with the same Message-ID
}

// reaped reads every mailbox. What must never be is an error at once: a digest
// twice, or any letter more than twice.
func (t *town) reaped() harvest {
	t.Helper()
	numbers := askNumber()
	h := harvest{letters: map[string]int{}, digests: map[string]int{}, told: map[string]map[string]bool{}}
	for _, who := range append(slices.Clone(townsfolk), "someone@else.example", "it@else.example") {
		seen := map[string]int{}
		h.told[who] = map[string]bool{}
		for _, m := range t.letters(who, "") {
			seen[m.MessageID]++
			digest := m.Header.Get("List-Id") != ""
			switch {
			case seen[m.MessageID] > 1 && digest:
				t.Errorf("%s got the digest %q twice", who, m.Subject)
			case seen[m.MessageID] > 2:
				t.Errorf("%s got %q %d times", who, m.Subject, seen[m.MessageID])
			case seen[m.MessageID] == 2:
				h.copies++
			case digest:
				date := m.Subject[strings.LastIndexByte(m.Subject, '('):]
				if h.digests[who+" "+date]++; h.digests[who+" "+date] > 1 {
					t.Errorf("%s got two digests %s", who, date)
				}
				for line := range strings.Lines(m.Plain) {
					line = strings.TrimSpace(line)
					if title, ok := strings.CutPrefix(numbers.ReplaceAllString(line, "#"), "# "); ok {
						title, _, _ = strings.Cut(title, " (") // how many offers there are depends on the day
						h.told[who][title] = true
					} else if strings.Contains(line, " thanks ") {
						h.told[who][line] = true
					}
				}
			default:
				h.letters[who+": "+numbers.ReplaceAllString(m.Subject, "#")]++
			}
		}
	}
	return h
}

// sameAs compares a week with the one played in peace: every letter that must be
// there is, and none besides. A digest may be missing where a kill left it in
// doubt; then the next one has told what it would have.
func (h harvest) sameAs(t *town, peace harvest) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(peace.letters)) {
		if h.letters[key] != peace.letters[key] {
			t.Errorf("%s: %d letters, want %d", key, h.letters[key], peace.letters[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(h.letters)) {
		if peace.letters[key] == 0 {
			t.Errorf("%s: nobody wrote that in peace", key)
		}
	}
	missing := 0
	for key := range peace.digests {
		if h.digests[key] == 0 {
			missing++
		}
	}
	for who, told := range peace.told {
		for line := range told {
			if !h.told[who][line] {
				t.Errorf("%s never read %q", who, line)
			}
		}
	}
	t.Logf("%d letters came a second time, %d digests of %d stayed in doubt", h.copies, missing, len(peace.digests))
	if missing > len(peace.digests)/4 {
		t.Errorf("%d digests of %d are missing", missing, len(peace.digests))
	}
}

// onPostfix is a town with two real servers: letters go through a Postfix of its
// own into Dovecot's mailboxes, and so do the members' mails.
func onPostfix(t testing.TB) *town { return onPostfixWith(t) }

// onPostfixWith has mailboxes for more people.
func onPostfixWith(t testing.TB, more ...string) *town {
	users := map[string]string{townHelp: mailboxtest.Password}
	for _, who := range append(append(slices.Clone(townsfolk), "someone@else.example", "it@else.example"), more...) {
		users[address(who)] = mailboxtest.Password
	}
	dovecot := mailboxtest.StartDovecotWith(t, mailboxtest.DovecotOptions{LMTP: true}, users)
	postfix := mailboxtest.StartPostfix(t, dovecot)
	town := settle(&town{TB: t, imap: dovecot.Port, smtp: postfix.Addr(),
		put: func(user string, raw []byte) error {
			defer postfix.Idle(30 * time.Second) // mails arrive in the order of the script, and asks get its numbers
			return smtp.SendMail(postfix.Addr(), nil, "writer@carpenter.example", []string{user}, raw)
		},
		inbox: func(user string) [][]byte { return dovecot.Messages(user, "INBOX") }})
	town.idle = func() {
		if !postfix.Idle(30 * time.Second) {
			t.Fatalf("postfix does not deliver\n%s", postfix.Log())
		}
	}
	return town
}

// settled waits until the servers have delivered what they took.
func (t *town) settled() {
	if t.idle != nil {
		t.idle()
	}
}

// writeClass is every system call by which the program leaves a trace: on its
// disk or on a wire.
const writeClass = "write,pwrite64,writev,sendto,sendmsg,fsync,fdatasync,ftruncate,renameat,unlinkat,openat"

// killer runs the program so that a system call ends it.
type killer struct {
	t      testing.TB
	strace string
	binary string
	kills  int
}

func newKiller(t testing.TB) *killer {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err == nil {
		err = exec.Command(path, "-f", "-qq", "-o", os.DevNull, "true").Run()
	}
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatalf("strace (apt-get install strace) does not work here: %v", err)
	case err != nil:
		t.Skipf("strace (apt-get install strace) does not work here: nothing is killed at system calls (%v)", err)
	}
	return &killer{t: t, strace: path, binary: buildBinary(t)}
}

// at runs the program once and ends it when one of its threads makes the n-th
// call of the class. It returns false when the program came to its own end,
// which must be a good one.
func (k *killer) at(n int, class string, args ...string) bool {
	k.t.Helper()
	command := exec.Command(k.strace, append([]string{"-f", "-qq", "-o", os.DevNull, "-e", "trace=" + class,
		"-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", class, n), k.binary}, args...)...)
	out, err := command.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false
	case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled() && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL:
		k.kills++
		return true
	}
	k.t.Fatalf("%v: %v\n%s", args, err, out)
	return false
}

// through makes one pass, killed at the first call, then at a later one, until
// it comes to its end: each run but the last is a recovery that is killed too.
func (k *killer) through(t *town, at string, stride int) {
	t.Helper()
	for n := 1; k.at(n, writeClass, "--config", t.config, "once", "--at", t.time(at).Format(time.RFC3339)); n += stride {
	}
}

// TestKilledAtEveryWrite plays the week while every pass is killed at each call
// by which it leaves a trace, in process and through Postfix and Dovecot.
func TestKilledAtEveryWrite(t *testing.T) {
	grounded(t)
	if testing.Short() {
		t.Skip("kills the program hundreds of times")
	}
	total := 0
	for _, ground := range []struct {
		name   string
		build  func(testing.TB) *town
		stride int
	}{{"in process", inProcess, sized(7, 1, 1)}, {"Postfix and Dovecot", onPostfix, sized(40, 6, 1)}} {
		t.Run(ground.name, func(t *testing.T) {
			k := newKiller(t)
			peaceful := ground.build(t)
			inPeace(peaceful)
			want := peaceful.reaped()
			town := ground.build(t)
			for _, c := range provingWeek() {
				c.mail(town)
				town.settled()
				k.through(town, c.at, ground.stride)
				town.settled()
				if out, _, _ := town.run("quarantine", "list"); !strings.Contains(out, "nothing is in quarantine") {
					t.Fatalf("after the kills of %s an innocent message is in quarantine:\n%s", c.at, out)
				}
			}
			town.reaped().sameAs(town, want)
			town.audited()
			town.tries(exitDone, "", "audit", "--server")
			t.Logf("%d kills", k.kills)
			total += k.kills
		})
	}
	t.Logf("%d kills in all", total)
	if total < sized(50, 500, 1500) && !t.Failed() {
		t.Errorf("only %d kills", total)
	}
}
