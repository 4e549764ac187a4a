package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/store"
)

// What scripts rely on: exit codes, and JSON in which every field is present.

// openTown is a town on a post office that the test can break.
func openTown(t testing.TB, options mailboxtest.Options) (*town, *mailboxtest.PostOffice) {
	t.Helper()
	addresses := []string{townHelp}
	for _, who := range townsfolk {
		addresses = append(addresses, address(who))
	}
	po, err := mailboxtest.OpenWith(options, addresses...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { po.Close() })
	return settle(&town{TB: t, imap: po.IMAPPort(), smtp: po.SMTPAddr(), put: po.Deliver, inbox: po.Messages}), po
}

// edit changes the configuration.
func (t *town) edit(old, new string) {
	t.Helper()
	raw, err := os.ReadFile(t.config)
	if err != nil || !strings.Contains(string(raw), old) {
		t.Fatalf("no %q in the configuration: %v", old, err)
	}
	writeFile(t, t.config, strings.Replace(string(raw), old, new, 1))
}

// beside is the path of a file beside the configuration.
func (t *town) beside(name string) string { return filepath.Join(filepath.Dir(t.config), name) }

// tries runs a command line that ends with a code and says something on standard
// error; it returns standard output.
func (t *town) tries(code int, says string, args ...string) string {
	t.Helper()
	out, errs, got := t.run(args...)
	if got != code || !strings.Contains(errs, says) {
		t.Errorf("askfirst %s: exit %d, want %d and a word of %q\n%s%s", strings.Join(args, " "), got, code, says, out, errs)
	}
	return out
}

// fields are the names in a JSON object, nested ones with dots.
func fields(t testing.TB, text string) []string {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var names []string
	var walk func(prefix string, object map[string]any)
	walk = func(prefix string, object map[string]any) {
		for name, value := range object {
			names = append(names, prefix+name)
			switch value := value.(type) {
			case map[string]any:
				walk(prefix+name+".", value)
			case []any:
				if len(value) > 0 {
					if first, ok := value[0].(map[string]any); ok {
						walk(prefix+name+"[].", first)
					}
				}
			case string:
				stamp := regexp.MustCompile(`^\d{4}-\d\d-\d\dT`).MatchString(value)
				if at, err := time.Parse(time.RFC3339, value); stamp && (err != nil || !strings.HasSuffix(value, "Z") || at.IsZero()) {
					t.Errorf("%s is %q, which is not RFC 3339 in UTC", prefix+name, value)
				}
			}
		}
	}
	walk("", object)
	slices.Sort(names)
	return names
}

func shape(t testing.TB, what, text, want string) {
	t.Helper()
	names := strings.Fields(want)
	slices.Sort(names)
	if got := fields(t, text); !slices.Equal(got, names) {
		t.Errorf("%s --json has the fields\n%v, want\n%v", what, got, names)
	}
}

const (
	onceFields = `at received accepted refused ignored quarantined pending editions editions.date editions.composed
		letters letters.queued letters.sent letters.retry letters.failed letters.in_doubt letters.expired letters.held errors`
	statusFields = `healthy problems at version schema running last_read last_sent digest digest.last_date digest.next_at
		asks asks.open asks.helped asks.held outbox outbox.queued outbox.sending outbox.dot_sent outbox.sent outbox.failed outbox.retry
		outbox.in_doubt outbox.expired outbox.held outbox.oldest_queued intake intake.pending intake.quarantined`
	auditFields = `ok uids accepted refused ignored quarantined pending letters letters.queued letters.sending letters.dot_sent letters.sent
		letters.retry letters.failed letters.in_doubt letters.expired letters.held findings`
	explainFields = `file message_id from member auth action ask candidates acts needs_confirm refer_to text subject reason would_send`
)

func TestJSONOfEveryCommand(t *testing.T) {
	town, po := openTown(t, mailboxtest.Options{})
	shape(t, "status before the first run", town.tries(exitDone, "", "status", "--json"), statusFields)
	shape(t, "audit before the first run", town.tries(exitDone, "", "audit", "--json"), auditFields)
	writeFile(t, town.beside("a.eml"), "From: Priya <priya@carpenter.example>\r\nSubject: A ladder\r\n\r\nHas anyone a ladder?\r\n")
	writeFile(t, town.beside("b.eml"), "no mail at all")
	check := func() {
		out := town.tries(exitDone, "", "explain", "--json", town.beside("a.eml"), town.beside("b.eml"))
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if len(lines) != 2 {
			t.Fatalf("explain: %d lines for two files\n%s", len(lines), out)
		}
		shape(t, "explain", lines[0], explainFields+" acts[].action acts[].ask acts[].text")
		shape(t, "explain of garbage", lines[1], explainFields)
		if strings.Contains(out, "null") {
			t.Errorf("explain says null where nothing may be: %s", out)
		}
	}
	check()
	if _, err := os.Stat(town.beside("askfirst.db")); err == nil {
		t.Error("looking created the book")
	}
	town.writes("sam", "A picture book about moving house", "Which one?")
	shape(t, "once", town.tries(exitDone, "", "once", "--json", "--at", "2026-11-22T15:00:00Z"), onceFields)
	shape(t, "once on a working day", town.tries(exitDone, "", "once", "--json", "--at", "2026-11-23T08:00:00Z"), onceFields)
	check()
	shape(t, "status", town.tries(exitDone, "", "status", "--json", "--at", "2026-11-23T08:01:00Z"), statusFields)
	shape(t, "audit", town.tries(exitDone, "", "audit", "--json", "--server"), auditFields)
	town.writes("ana", "One that nobody read", "Yet.")
	shape(t, "audit with findings", town.tries(exitFailed, "", "audit", "--json", "--server"), auditFields+" findings[].code findings[].ref findings[].detail")
	po.Close()
	out := town.tries(exitBusy, "inbox", "once", "--json", "--at", "2026-11-23T08:02:00Z")
	shape(t, "once without servers", out, onceFields+" errors[].where errors[].message")
	shape(t, "status with a problem", town.tries(exitFailed, "", "status", "--json"), statusFields)
}

func TestUnusableSettings(t *testing.T) {
	commands := []string{"run", "once", "check", "explain x.eml", "preview", "status", "audit", "asks", "asks withdraw 1 --reason x", "why <a@b>"}
	town, _ := openTown(t, mailboxtest.Options{})
	good := town.config
	for _, line := range commands {
		town.config = town.beside("nothing.yaml")
		town.tries(exitUnusable, "there is no such file; name the right file with --config", strings.Fields(line)...)
		town.config = good
	}
	town.edit("timezone: Europe/London", "timezone: Europe/Londn")
	for _, line := range commands {
		town.tries(exitUnusable, "config.yaml:1:", strings.Fields(line)...)
	}
}

func TestSecretsAndServersOfOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*town)
		code  int
		where string
	}{
		{"no password file", func(t *town) { os.Remove(t.beside("imap.password")) }, exitUnusable, "inbox"},
		{"wrong password", func(t *town) { writeFile(t, t.beside("imap.password"), "wrong") }, exitUnusable, "inbox"},
		{"no IMAP server", func(t *town) { t.edit(fmt.Sprint(t.imap), "1") }, exitBusy, "inbox"},
		{"no SMTP server", func(t *town) {
			t.edit("smtp: { host: 127.0.0.1, port: "+port(t.smtp), "smtp: { host: 127.0.0.1, port: 1")
		}, exitBusy, "smtp"},
		{"wrong SMTP password", func(t *town) {
			writeFile(t, t.beside("smtp.password"), "wrong")
			t.edit(port(t.smtp)+", tls: none }", port(t.smtp)+", tls: none, username: help, password_file: smtp.password }")
		}, exitUnusable, "smtp"},
		{"no SMTP password", func(t *town) {
			t.edit(port(t.smtp)+", tls: none }", port(t.smtp)+", tls: none, username: help, password_file: smtp.password }")
		}, exitUnusable, "smtp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			town, po := openTown(t, mailboxtest.Options{})
			town.writes("sam", "A picture book", "Which one?")
			town.once("2026-11-22 12:00")
			town.writes("ana", "A laminator for one afternoon", "Has anyone one?")
			before, _ := os.ReadFile(town.config)
			c.spoil(town)
			out := town.tries(c.code, c.where+": ", "once", "--json", "--at", "2026-11-22T13:00:00Z")
			var report passReport
			if err := json.Unmarshal([]byte(out), &report); err != nil || len(report.Errors) != 1 || report.Errors[0].Where != c.where || report.Errors[0].Message == "" {
				t.Errorf("the report names another trouble: %v\n%s", err, out)
			}
			town.tries(exitFailed, "", "status")
			// Put right, it goes on where it was.
			writeFile(t, town.config, string(before))
			writeFile(t, town.beside("imap.password"), mailboxtest.Password)
			if r := town.once("2026-11-22 14:00"); r.Letters.Queued+r.Letters.Retry != 0 {
				t.Errorf("letters still wait: %+v", r)
			}
			if n := len(po.Messages(address("ana"))); n != 1 {
				t.Errorf("ana has %d letters, want her acknowledgement", n)
			}
			town.tries(exitDone, "", "status", "--at", "2026-11-22T14:00:00Z")
			town.audited()
		})
	}
}

func port(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }

func TestLocked(t *testing.T) {
	town, _ := openTown(t, mailboxtest.Options{})
	town.once("2026-11-22 12:00")
	lock, err := store.Acquire(town.beside("askfirst.db"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	holder := fmt.Sprintf("process %d", os.Getpid())
	town.tries(exitBusy, holder, "once", "--json")
	town.tries(exitBusy, holder, "run")
	if out := town.tries(exitDone, "", "status", "--json", "--at", "2026-11-22T12:01:00Z"); !strings.Contains(out, `"running":true`) {
		t.Errorf("status does not see the daemon: %s", out)
	}
}

// A look at the status must not keep a daemon from starting.
func TestLookingTakesNoLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book")
	end := make(chan struct{})
	go func() {
		defer close(end)
		for range 20000 {
			store.Held(path)
		}
	}()
	for open := true; open; {
		lock, err := store.Acquire(path, time.Now())
		if err != nil {
			t.Fatalf("a look held the lock: %v", err)
		}
		lock.Release()
		select {
		case <-end:
			open = false
		default:
		}
	}
}

func TestBrokenBook(t *testing.T) {
	town, _ := openTown(t, mailboxtest.Options{})
	writeFile(t, town.beside("askfirst.db"), strings.Repeat("this is no book ", 500))
	for _, line := range []string{"run", "once", "explain " + town.config, "preview", "asks", "asks withdraw 1 --reason x", "why <a@b>"} {
		town.tries(exitFailed, "the book is damaged", strings.Fields(line)...)
	}
	shape(t, "status", town.tries(exitFailed, "", "status", "--json"), statusFields)
	shape(t, "audit", town.tries(exitFailed, "", "audit", "--json"), auditFields+" findings[].code findings[].ref findings[].detail")
	if raw, _ := os.ReadFile(town.beside("askfirst.db")); !bytes.HasPrefix(raw, []byte("this is no book")) {
		t.Error("the evidence is gone")
	}
}

// A book in a folder that may not be written is still looked at.
func TestReadOnlyFolder(t *testing.T) {
	town, _ := openTown(t, mailboxtest.Options{})
	town.writes("sam", "A picture book", "Which one?")
	town.once("2026-11-22 12:00")
	writeFile(t, town.beside("a.eml"), "From: ana@carpenter.example\r\nSubject: #1\r\n\r\nI can help with #1\r\n")
	binary := buildBinary(t)
	look := func(line string) (string, int) { return asNobody(t, town, binary, strings.Fields(line)...) }
	for _, line := range []string{"status --at 2026-11-22T12:01:00Z", "audit", "asks", "preview --at 2026-11-22T12:01:00Z", "explain " + town.beside("a.eml")} {
		if out, code := look(line); code != exitDone || strings.Contains(out, "no asks") || strings.Contains(line, "explain") && !strings.Contains(out, "offer #1") {
			t.Errorf("askfirst %s: exit %d\n%s", line, code, out)
		}
	}
	if out, code := look("asks withdraw 1 --reason x"); code != exitFailed || strings.Contains(out, "damaged") || !strings.Contains(out, "may not be written") {
		t.Errorf("withdraw: exit %d\n%s", code, out)
	}
}

func TestExplainFiles(t *testing.T) {
	town, _ := openTown(t, mailboxtest.Options{})
	writeFile(t, town.beside("a.eml"), "From: ana@carpenter.example\r\nSubject: A ladder\r\n\r\nHas anyone a ladder?\r\n")
	writeFile(t, town.beside("big.eml"), "From: ana@carpenter.example\r\nSubject: A film\r\n\r\n"+strings.Repeat("film ", 300_000))
	writeFile(t, town.beside("empty.eml"), "")
	out, errs, code := town.run("explain", "--json", town.beside("a.eml"), town.beside("none.eml"), filepath.Dir(town.config), town.beside("big.eml"), town.beside("empty.eml"))
	if code != exitFailed || !strings.Contains(errs, "none.eml: there is no such file") || !strings.Contains(errs, filepath.Base(filepath.Dir(town.config))+": this is a folder") {
		t.Errorf("exit %d\n%s", code, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d of 3 readable files explained\n%s", len(lines), out)
	}
	var e explanation
	if err := json.Unmarshal([]byte(lines[1]), &e); err != nil || e.Action != "refused" || e.Reason != store.ReasonTooLarge || !slices.Equal(e.WouldSend, []string{"too_large"}) {
		t.Errorf("a large file: %v %s", err, lines[1])
	}
	var o, x bytes.Buffer
	raw, _ := os.ReadFile(town.beside("a.eml"))
	if code := execute(t.Context(), []string{"--config", town.config, "explain", "--json", "-"}, bytes.NewReader(raw), &o, &x, nil); code != exitDone || !strings.Contains(o.String(), `"file":"-"`) || !strings.Contains(o.String(), `"action":"ask"`) {
		t.Errorf("standard input: exit %d %s%s", code, o.String(), x.String())
	}
}

// Going back in time makes nothing due twice, and no letter lost.
func TestBackInTime(t *testing.T) {
	town, po := openTown(t, mailboxtest.Options{})
	town.once("2026-11-20 12:00")
	town.writes("sam", "A picture book", "Which one?")
	town.once("2026-11-22 12:00")
	town.once("2026-11-23 07:30")
	before := len(po.Messages(address("ana")))
	town.writes("priya", "A microscope for Year 8", "On Thursday.")
	for _, at := range []string{"2026-11-23 07:30", "2026-11-20 07:30", "2026-11-23 07:29", "2026-11-22 12:00", "2026-11-23 07:31", "2020-01-06 07:30", "2026-11-23 08:00"} {
		town.once(at)
	}
	if after := len(po.Messages(address("ana"))); after != before {
		t.Errorf("ana has %d letters, want %d", after, before)
	}
	if n := len(po.Messages(address("priya"))); n != 2 { // digest, acknowledgement
		t.Errorf("priya has %d letters, want 2", n)
	}
	town.audited()
}

// TestBookNowhere: a folder that is not there is the configuration's fault.
func TestBookNowhere(t *testing.T) {
	s := inProcess(t)
	text, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.config, append(text, "\nstore: { url: not/there/askfirst.db }\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, code := s.run("once")
	if code != exitUnusable || !strings.Contains(errs, "does not exist; create it") {
		t.Errorf("exit %d\n%s", code, errs)
	}
}

// TestNoBookYet: before the first pass there is nothing to see, which is no
// fault; what must give something fails, and standard output stays clean.
func TestNoBookYet(t *testing.T) {
	town := inProcess(t)
	const says = "there is no book yet: it begins with the first `askfirst run` or `askfirst once`"
	for _, line := range []string{"asks", "addresses", "quarantine list"} {
		if out := town.tries(exitDone, "", strings.Fields(line)...); out != says+"\n" {
			t.Errorf("askfirst %s prints %q", line, out)
		}
	}
	for code, lines := range map[int][]string{
		exitDone:   {"outbox list", "outbox list --json", "preview", "preview --eml"},
		exitFailed: {"why <a@b>", "export", "backup copy.db", "asks withdraw 1 --reason x", "quarantine show 1"},
	} {
		for _, line := range lines {
			if out := town.tries(code, says, strings.Fields(line)...); out != "" {
				t.Errorf("askfirst %s prints %q", line, out)
			}
		}
	}
	if _, err := os.Stat(town.beside("askfirst.db")); err == nil {
		t.Error("looking created the book")
	}
}
