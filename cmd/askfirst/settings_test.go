package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// TestSettingsHalfSaved reads the configuration cut off after every few bytes,
// as an editor or a copy may leave it for a moment: each is refused in words
// that name the place, or is whole in itself and drops nobody unseen.
func TestSettingsHalfSaved(t *testing.T) {
	town, _ := openTown(t, mailboxtest.Options{})
	d := town.daemon(time.Now())
	whole, err := os.ReadFile(town.config)
	if err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(`config\.yaml:(\d+:\d+:| the file is empty)`)
	load := func() (*Config, error) { return loadConfig(town.config, nil) }
	refused, adopted := 0, 0
	for n := 0; n < len(whole); n += 7 {
		writeFile(t, town.config, string(whole[:n]))
		next, err := d.considered(t.Context(), load)
		switch {
		case err == nil && len(next.config.Staff) < len(townsfolk)-1:
			t.Errorf("%d bytes: %d of %d colleagues are left, and nobody was asked", n, len(next.config.Staff), len(townsfolk))
		case err == nil:
			adopted++
		case errors.Is(err, errTooMany):
			refused++
		default:
			refused++
			if !place.MatchString(err.Error()) {
				t.Errorf("%d bytes: no place is named: %v", n, err)
			}
		}
	}
	t.Logf("%d were refused, %d were whole", refused, adopted)
	if refused < 100 {
		t.Errorf("only %d were refused", refused)
	}
}

// badSettings spoils what the daemon reads at a reload; each leaves everything
// as it was, and the admin hears why.
func badSettings(t *town, good string) map[string]struct {
	spoil func()
	says  string
} {
	type bad = struct {
		spoil func()
		says  string
	}
	staff := good[:strings.Index(good, "staff:")]
	write := func(text string) func() { return func() { writeFile(t, t.config, text) } }
	aliases := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		aliases += fmt.Sprintf("%c: &%[1]c [*%c,*%[2]c,*%[2]c,*%[2]c,*%[2]c,*%[2]c,*%[2]c,*%[2]c,*%[2]c]\n", c, c-1)
	}
	return map[string]bad{
		"empty":              {write(""), "config.yaml"},
		"gone":               {func() { t.check(os.Remove(t.config)) }, "config.yaml"},
		"a folder":           {func() { t.check(os.Remove(t.config)); t.check(os.Mkdir(t.config, 0o700)) }, "config.yaml"},
		"aliases of aliases": {write(aliases + good), "config.yaml:"},
		"a megabyte of keys": {write(good + strings.Repeat("key: 1\n", 1<<17)), "config.yaml"},
		"ten thousand deep":  {write(good + "deep: " + strings.Repeat("[", 10000)), "config.yaml:"},
		"NULs":               {write(good + "\x00\x00\x00"), "config.yaml"},
		"two documents":      {write(good + "---\nexchange: {}\n"), "config.yaml:"},
		"a key twice":        {write(good + "senders: { verify: none }\n"), "config.yaml:"},
		"no time zone":       {write(strings.Replace(good, "Europe/London", "Europe/Lundon", 1)), "config.yaml:1:"},
		"half a staff file": {func() {
			writeFile(t, t.beside("staff.csv"), "name,email\nSam Example,sam@carpenter.example\nAna Example,ana@")
			writeFile(t, t.config, staff+"staff_file: staff.csv\n")
		}, "staff.csv:3"},
		"no staff file": {write(staff + "staff_file: nobody.csv\n"), "staff"},
		"a broken template": {func() {
			t.check(os.MkdirAll(t.beside("words/en"), 0o700))
			writeFile(t, t.beside("words/en/acknowledgement.txt"), "{{ .Nothing")
			writeFile(t, t.config, good+"templates: words\n")
		}, "acknowledgement.txt:1"},
	}
}

func (t *town) check(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestBadSettings reloads one bad thing after another while asks come in: the
// daemon goes on with what it has, and the admin is told within ten seconds.
func TestBadSettings(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a daemon and waits for it")
	}
	town, po := openTown(t, mailboxtest.Options{})
	raw, err := os.ReadFile(town.config)
	if err != nil {
		t.Fatal(err)
	}
	good := string(raw)
	daemon := town.start(buildBinary(t))
	i := 0
	for name, bad := range badSettings(town, good) {
		i++
		before := len(po.Outside()["it@else.example"])
		bad.spoil()
		_ = daemon.command.Process.Signal(syscall.SIGHUP)
		town.until(10*time.Second, name+": the admin knows", func() bool { return len(po.Outside()["it@else.example"]) > before })
		letters := po.Outside()["it@else.example"]
		if letter := strings.ReplaceAll(string(letters[len(letters)-1]), "=\r\n", ""); !strings.Contains(letter, bad.says) {
			t.Errorf("%s: %q is not in\n%s", name, bad.says, letter)
		}
		town.check(os.RemoveAll(town.config))
		writeFile(t, town.config, good)
		subject := fmt.Sprintf("Thing number %d", i)
		town.asked(townsfolk[i%len(townsfolk)], subject, 10*time.Second)
	}
	if out := town.must("reload"); !strings.Contains(out, "in force") {
		t.Error(out)
	}
	if code := daemon.end(syscall.SIGTERM, 8*time.Second); code != exitDone {
		t.Errorf("SIGTERM: exit %d", code)
	}
	town.audited()
}

// TestReloadInFlight reads settings anew, good and bad, in one process while
// messages and letters are under way.
func TestReloadInFlight(t *testing.T) {
	if testing.Short() {
		t.Skip("works for some seconds")
	}
	town, po := openTown(t, mailboxtest.Options{})
	d := town.daemon(time.Now())
	good := d.config
	po.SetFault(func(mailboxtest.Step, string, string) *mailboxtest.Fault {
		return &mailboxtest.Fault{Wait: 3 * time.Millisecond}
	})
	hangups := make(chan os.Signal, 1)
	var mu sync.Mutex
	loads := 0
	load := func() (*Config, error) {
		mu.Lock()
		defer mu.Unlock()
		loads++
		if loads%3 == 0 {
			return nil, errors.New("config.yaml:1:1: as if")
		}
		other := *good
		other.Exchange.Name = fmt.Sprintf("School %d", loads)
		return &other, nil
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.serve(ctx, load, hangups) }()
	const asks = 24
	for i := range asks {
		town.writes(townsfolk[i%len(townsfolk)], fmt.Sprintf("Thing number %d", i), "A good one, please.")
		select { // as signals come: those that nobody waits for are one
		case hangups <- syscall.SIGHUP:
		default:
		}
		time.Sleep(20 * time.Millisecond)
	}
	count := func() (n int) {
		for _, who := range townsfolk {
			n += len(town.letters(who, "Got it"))
		}
		return n
	}
	town.until(30*time.Second, "every ask is acknowledged", func() bool { return count() >= asks })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := count(); n != asks {
		t.Errorf("%d acknowledgements for %d asks", n, asks)
	}
	t.Logf("settings were read %d times", loads)
}

// A stop, or new settings, that come before the loops have begun are no error.
func TestStoppedBeforeItBegan(t *testing.T) {
	town, _ := openTown(t, mailboxtest.Options{})
	d := town.daemon(time.Now())
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := d.run(ctx); err != nil {
		t.Errorf("stopped before it began: %v", err)
	}
}
