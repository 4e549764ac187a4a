package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// unusableSettings spoils what a daemon is started with, and says what the
// admin must read of it. The file itself stays readable and the book where it is.
func unusableSettings(t *town, good string) map[string]struct {
	spoil func()
	says  string
} {
	type bad = struct {
		spoil func()
		says  string
	}
	write := func(text string) func() { return func() { writeFile(t, t.config, text) } }
	return map[string]bad{
		"empty":          {write(""), "the file is empty"},
		"half":           {write(good[:len(good)/2]), "config.yaml:"},
		"a typo":         {write(strings.Replace(good, "digest: {", "digset: {", 1)), "did you mean digest?"},
		"no YAML":        {write("exchange: { name: [\n" + good), "config.yaml:"},
		"half the staff": {write(strings.Replace(good, "staff_file: staff.csv", "staff:\n  - { name: Sam Example, email: sam@carpenter.example }", 1)), "reload --confirm"},
		"no staff list":  {func() { t.check(os.Remove(t.beside("staff.csv"))) }, "staff_file"},
		"half a row":     {func() { writeFile(t, t.beside("staff.csv"), "name,email\nSam Example,sam@") }, "staff.csv:2"},
	}
}

// inSheet moves the town's staff list into a file of its own and returns both texts.
func (t *town) inSheet() (settings, sheet string) {
	t.Helper()
	raw, err := os.ReadFile(t.config)
	t.check(err)
	settings, _, _ = strings.Cut(string(raw), "staff:")
	settings += "staff_file: staff.csv\n"
	sheet = "name,email\n"
	for _, who := range townsfolk {
		sheet += who + " Example," + address(who) + "\n"
	}
	writeFile(t, t.config, settings)
	writeFile(t, t.beside("staff.csv"), sheet)
	return settings, sheet
}

// A daemon that is started with settings that cannot be used goes on with those
// that were in force before, says so everywhere, and takes the mended file by
// itself.
func TestStartsWithLastGoodSettings(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a daemon and waits for it")
	}
	town, po := openTown(t, mailboxtest.Options{})
	good, sheet := town.inSheet()
	binary := buildBinary(t)
	daemon := town.start(binary)
	if code := daemon.end(syscall.SIGTERM, 8*time.Second); code != exitDone {
		t.Fatalf("SIGTERM: exit %d", code)
	}
	admin := func() int { return len(po.Outside()["it@else.example"]) }
	i := 0
	for name, bad := range unusableSettings(town, good) {
		i++
		before := admin()
		bad.spoil()
		for _, command := range []string{"check", "once"} {
			if name == "half the staff" { // which is valid, and once takes it
				continue
			}
			if code := exitOf(town.run(command)); code != exitUnusable {
				t.Errorf("%s: %s: exit %d", name, command, code)
			}
		}
		daemon := town.begins(binary)
		town.asked(townsfolk[i%len(townsfolk)], "Thing number "+strconv.Itoa(i), 10*time.Second)
		town.until(10*time.Second, name+": the admin knows", func() bool { return admin() > before })
		letters := po.Outside()["it@else.example"]
		if letter := strings.ReplaceAll(string(letters[len(letters)-1]), "=\r\n", ""); !strings.Contains(letter, bad.says) {
			t.Errorf("%s: %q is not in\n%s", name, bad.says, letter)
		}
		writeFile(t, town.config, good)
		writeFile(t, town.beside("staff.csv"), sheet)
		if s := town.status(); s.Healthy || !s.Running || !strings.Contains(strings.Join(s.Problems, " "), "last good") {
			t.Errorf("%s: %+v", name, s)
		}
		if i == 1 { // the others need not wait for it
			town.until(keptPause+5*time.Second, name+": the mended file is in force", func() bool { return town.status().Healthy })
		} else {
			town.must("reload")
		}
		if s := town.status(); !s.Healthy {
			t.Errorf("%s: mended: %v", name, s.Problems)
		}
		if code := daemon.end(syscall.SIGTERM, 8*time.Second); code != exitDone {
			t.Errorf("%s: SIGTERM: exit %d", name, code)
		}
	}
	town.audited()
}

func exitOf(_, _ string, code int) int { return code }

// keptTown is a town whose settings, which it returns, are kept.
func keptTown(t *testing.T) (*town, string) {
	t.Helper()
	town := inProcess(t)
	d := town.daemon(time.Now())
	town.check(d.settled(t.Context(), nil, time.Now()))
	town.check(d.close())
	raw, err := os.ReadFile(town.config)
	town.check(err)
	return town, string(raw)
}

// What was kept counts for its own file and its own book alone, and not for ever.
func TestKeptSettingsAreRefused(t *testing.T) {
	town, good := keptTown(t)
	starts := func(config string, at time.Time, environ ...string) (kept bool) {
		t.Helper()
		a := &app{configPath: config, environ: environ}
		c, why, err := a.loadOrKept(t.Context(), at)
		if err == nil && (why == nil || len(c.Staff) != len(townsfolk)) {
			t.Errorf("%v, %v", c, why)
		}
		if err != nil && exitCode(err) != exitUnusable {
			t.Errorf("exit %d: %v", exitCode(err), err)
		}
		return err == nil
	}
	writeFile(t, town.config, good+"nonsense\n")
	now := time.Now()
	if !starts(town.config, now) {
		t.Error("the kept settings are not used")
	}
	if starts(town.config, now.Add(keptLife+time.Hour)) {
		t.Error("a book that has rested for a week is used")
	}
	if starts(town.config, now, "ASKFIRST_INBOX__PORT=much") {
		t.Error("settings are used that the environment spoils")
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	writeFile(t, town.config, good)
	town.must("backup", copied)
	writeFile(t, town.config, good+"nonsense\n")
	if !starts(town.config, now) {
		t.Error("a backup has used up the kept settings")
	}
	other := town.beside("other.yaml")
	writeFile(t, other, "nonsense\n")
	if starts(other, now) {
		t.Error("another file's settings are used")
	}
	moved := filepath.Join(t.TempDir(), "config.yaml")
	writeFile(t, moved, "nonsense\nstore: { url: "+town.book()+" }\n")
	if starts(moved, now) {
		t.Error("a file elsewhere uses this book's settings")
	}
	stray, err := os.ReadFile(copied)
	town.check(err)
	writeFile(t, town.beside("stray.db"), string(stray)) // a copy that somebody made by hand
	writeFile(t, town.config, "nonsense: 1\nstore: { url: stray.db }\n")
	if starts(town.config, now) {
		t.Error("settings are used that name another book than the one that keeps them")
	}
	writeFile(t, town.config, good)
	town.must("restore", copied)
	writeFile(t, town.config, good+"nonsense\n")
	if starts(town.config, now) {
		t.Error("settings are used that are as old as a backup")
	}
	town.check(os.Remove(town.config))
	if starts(town.config, now) {
		t.Error("a file that is gone is not missed")
	}
	town.check(os.Mkdir(town.config, 0o700))
	if starts(town.config, now) {
		t.Error("a folder is taken for a file")
	}
}

// Where the book may be is read from what is left of the file.
func TestBookOfABrokenFile(t *testing.T) {
	for _, c := range []struct {
		text    string
		environ []string
		want    []string
	}{
		{"", nil, []string{"/etc/af/askfirst.db"}},
		{"exchange: [\n", nil, []string{"/etc/af/askfirst.db"}},
		{"exchange: [\nstore: { url: /var/a.db }\nstaff:\n", nil, []string{"/var/a.db", "/etc/af/askfirst.db"}},
		{"exchange: [\nstore:\n  url: b.db # here\nstaff:\n", nil, []string{"/etc/af/b.db", "/etc/af/askfirst.db"}},
		{"exchange: [\r\nstore:\r\n  url: b.db\r\nstaff:\r\n", nil, []string{"/etc/af/b.db", "/etc/af/askfirst.db"}},
		{"store: { url: /var/a", nil, []string{"/etc/af/askfirst.db"}},
		{"store: { url: a.db }\ndigset: {}\n", nil, []string{"/etc/af/a.db", "/etc/af/askfirst.db"}},
		{"\tnonsense", []string{"ASKFIRST_STORE__URL=/var/c.db"}, []string{"/var/c.db", "/etc/af/askfirst.db"}},
		{"store: { url: a.db }", []string{"ASKFIRST_STORE__URL=/var/c.db"}, []string{"/var/c.db", "/etc/af/askfirst.db"}},
		{"", []string{"STATE_DIRECTORY=/var/lib/askfirst"}, []string{"/etc/af/askfirst.db", "/var/lib/askfirst/askfirst.db"}},
		{"just words", []string{"STATE_DIRECTORY=x"}, []string{"/etc/af/askfirst.db"}},
	} {
		if got := booksOf("/etc/af/config.yaml", []byte(c.text), c.environ); !slices.Equal(got, c.want) {
			t.Errorf("%q %v: %v, want %v", c.text, c.environ, got, c.want)
		}
	}
}

// However a file is cut off, a start uses all of the kept settings or says that
// it cannot.
func TestCutOffSettingsStartWhole(t *testing.T) {
	town, whole := keptTown(t)
	stride := sized(37, 7, 1)
	kept, used := 0, 0
	for n := 0; n < len(whole); n += stride {
		writeFile(t, town.config, whole[:n])
		c, why, err := (&app{configPath: town.config}).loadOrKept(t.Context(), time.Now())
		switch {
		case err != nil:
			t.Errorf("%d bytes: %v", n, err)
		case len(c.Staff) < len(townsfolk)-1 || c.Exchange.Address != townHelp:
			t.Errorf("%d bytes: %d colleagues of %q", n, len(c.Staff), c.Exchange.Address)
		case why != nil:
			kept++
		default:
			used++
		}
	}
	t.Logf("%d starts with the kept settings, %d with what was left of the file", kept, used)
}

// What only a restart can change is refused while the daemon works.
func TestReloadKeepsBookAndMonitor(t *testing.T) {
	town := inProcess(t)
	d := town.daemon(time.Now())
	for says, line := range map[string]string{"restart to change books": "store: { url: other.db }\n", "restart to listen elsewhere": "monitor: { listen: \"unix:m.sock\" }\n"} {
		raw, err := os.ReadFile(town.config)
		town.check(err)
		writeFile(t, town.beside("next.yaml"), line+string(raw))
		_, err = d.considered(t.Context(), func() (*Config, error) { return loadConfig(town.beside("next.yaml"), nil) })
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", line, err)
		}
	}
}
