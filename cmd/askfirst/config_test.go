package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"askfirst/store"
)

// `go test ./cmd/askfirst -run Config -update-config` writes the sentences anew.
var updateConfig = flag.Bool("update-config", false, "rewrite testdata/config/*.want")

// wantProblems fails unless err is Problems with exactly these lines.
func wantProblems(t *testing.T, err error, want ...string) {
	t.Helper()
	var problems Problems
	if err != nil && !errors.As(err, &problems) {
		t.Fatalf("an error that is no Problems: %v", err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems:\n%s\nwanted:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// One fixture a mistake: NAME.yaml, and beside it NAME.want with the sentences.
// A fixture whose first line is "# base" is laid over a good configuration:
// what it says is put in place of the groups it names.
func TestConfigMistakes(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/config/*.yaml")
	if err != nil || len(fixtures) < 40 {
		t.Fatalf("%d fixtures, %v", len(fixtures), err)
	}
	for _, path := range fixtures {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			config, err := parseConfig(path, onBase(raw), nil)
			var got string
			if err != nil {
				var problems Problems
				if !errors.As(err, &problems) {
					t.Fatalf("an error that is no Problems: %v", err)
				}
				got = problems.Error() + "\n"
			} else {
				for _, p := range config.notes {
					got += "note: " + p.String() + "\n"
				}
			}
			got = strings.ReplaceAll(got, "testdata/config/", "")
			want := strings.TrimSuffix(path, ".yaml") + ".want"
			if *updateConfig {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(text) {
				t.Errorf("got:\n%swanted:\n%s", got, text)
			}
			// No wording of the YAML library or of Go reaches a reader, and no secret.
			if m := regexp.MustCompile(`!!|go-yaml|cannot construct|unmarshal|strconv|syntax error|hunter2|swordfish|%!`).FindString(got); m != "" {
				t.Errorf("%q in:\n%s", m, got)
			}
		})
	}
}

// onBase completes a fixture that begins with "# base" by the groups it lacks.
// They follow it, so that its own lines keep their numbers.
func onBase(raw []byte) []byte {
	if !bytes.HasPrefix(raw, []byte("# base")) {
		return raw
	}
	groups := map[string]string{
		"exchange": "exchange: { name: X, address: help@x.example, admin: it@x.example, timezone: Europe/London }\n",
		"inbox":    "inbox: { host: imap.x.example, username: help, password_file: p }\n",
		"smtp":     "smtp: { host: smtp.x.example }\n",
		"senders":  "senders: { verify: none }\n",
		"staff":    "staff: [{ name: Ann Lee, email: ann@x.example }]\n",
	}
	out := append(slices.Clone(raw), '\n')
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range groups {
			if !yield(name) {
				return
			}
		}
	}) {
		if !regexp.MustCompile(`(?m)^` + name + `:`).Match(raw) {
			out = append(out, groups[name]...)
		}
	}
	return out
}

func TestConfigExample(t *testing.T) {
	config, err := loadConfig("../../config.example.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(readFile(t, "../../config.example.yaml"), []byte("\n")); n > 60 {
		t.Errorf("config.example.yaml has %d lines, at most 60 are read", n)
	}
	calendar := config.Calendar()
	if got := calendar.EditionFor(time.Date(2026, 12, 18, 9, 0, 0, 0, time.UTC)); got.String() != "2027-01-04" {
		t.Errorf("after the last digest before the holidays comes %s", got)
	}
	if got := config.StoreExchange(); got != (store.Exchange{Name: "Carpenter Elementary", Address: "help@carpenter.example",
		Admin: "it@carpenter.example", Language: "en", Members: 2}) {
		t.Errorf("exchange %+v", got)
	}
	people := config.People()
	if len(people) != 2 || people[0].Name != "Priya Nair" || !slices.Equal(people[0].Knows, []string{"microscopes", "year 8"}) ||
		people[0].Leader || !people[1].Leader || people[1].Group != "Office" {
		t.Errorf("people %+v", people)
	}
	if config.Inbox.Port != 993 || config.Inbox.TLS != "implicit" || config.SMTP.Port != 587 || config.SMTP.TLS != "starttls" {
		t.Errorf("inbox %d %s, smtp %d %s", config.Inbox.Port, config.Inbox.TLS, config.SMTP.Port, config.SMTP.TLS)
	}
	if w := config.Warnings(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)); len(w) != 0 {
		t.Errorf("the example is warned about: %v", w)
	}
}

// Every option that is commented out in the example works when its "# " is
// removed, and between them and the others every key of the schema is shown.
func TestConfigExampleOptions(t *testing.T) {
	lines := strings.Split(string(readFile(t, "../../config.example.yaml")), "\n")
	commented := regexp.MustCompile(`^(\s*)# ([a-z_0-9]+:|- \{)`)
	count := 0
	for i, line := range lines {
		m := commented.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		count++
		t.Run(strings.Trim(m[2], ":"), func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "staff.csv"), "name,email\nJo Lee,jo@carpenter.example\n")
			if err := os.Mkdir(filepath.Join(dir, "templates"), 0o755); err != nil {
				t.Fatal(err)
			}
			changed := slices.Clone(lines)
			changed[i] = strings.Replace(line, "# ", "", 1)
			if strings.HasPrefix(m[2], "password_") || m[2] == "oauth2:" { // one of three
				for k := i; k > 0 && strings.HasPrefix(changed[k], "  "); k-- {
					if strings.HasPrefix(changed[k], "  password_file") {
						changed[k] = ""
					}
				}
			}
			path := filepath.Join(dir, "config.yaml")
			writeFile(t, path, strings.Join(changed, "\n"))
			_, err := loadConfig(path, nil)
			if err != nil {
				t.Error(err)
			}
		})
	}
	if count < 20 {
		t.Errorf("only %d options are commented out", count)
	}
	text := strings.Join(lines, "\n")
	for _, o := range (&decoder{c: defaultConfig("x")}).options() {
		keys := []option{o}
		keys = append(keys, o.group...)
		if o.key == "staff" {
			keys = append(keys, (&decoder{}).personOptions(&Person{})...)
		}
		for _, k := range keys {
			if !regexp.MustCompile(`\b` + k.key + `:`).MatchString(text) {
				t.Errorf("config.example.yaml does not show %s of %s", k.key, o.key)
			}
		}
	}
}

func TestConfigAllProblemsAtOnce(t *testing.T) {
	_, err := parseConfig("c.yaml", []byte(`exchange:
  name: X
  adress: help@x.example
  timezone: Europe/Londn
inbox: { host: imap.x.example, prot: 993, username: help, password_file: p, poll: 5 minutes }
smtp: { host: smtp.x.example, port: ninety }
senders: { verify: dkimm }
digest: { at: "7:75", days: [mon, tuesday, fry], holidays: [2026-02-30] }
staff:
  - { name: Ann, email: ann@x.example }
  - { name: Ben, email: ANN@x.example, leadr: true }
`), nil)
	wantProblems(t, err,
		`c.yaml:3:3: "adress" is not an option under exchange; did you mean address?`,
		`c.yaml:4:13: exchange.timezone must be a time zone, not "Europe/Londn"; did you mean Europe/London?`,
		`c.yaml:5:32: "prot" is not an option under inbox; did you mean port?`,
		`c.yaml:5:83: inbox.poll must be a length of time, not "5 minutes"; write a number and s, m, h, d, w or y, like 60s`,
		`c.yaml:6:37: smtp.port must be a whole number, not "ninety"`,
		`c.yaml:7:20: senders.verify must be one of confirm, authentication-results, microsoft365, dkim or none, not "dkimm"; did you mean dkim?`,
		`c.yaml:8:15: digest.at must be a time of day, not "7:75"; write it like "07:30"`,
		`c.yaml:8:44: "fry" is not a day of the week; did you mean fri?`,
		`c.yaml:8:61: "2026-02-30" is not a date that exists, nor a range of dates; write "2026-12-21" or "2026-12-21..2027-01-01"`,
		`c.yaml:11:25: this address is already that of the person in line 10; each address can belong to one person only`,
		`c.yaml:11:40: "leadr" is not an option under staff; did you mean leader?`,
	)
}

func TestConfigNotThere(t *testing.T) {
	dir := t.TempDir()
	_, err := loadConfig(filepath.Join(dir, "none.yaml"), nil)
	wantProblems(t, err, dir+"/none.yaml: there is no such file; name the right file with --config")
	_, err = loadConfig(dir, nil)
	wantProblems(t, err, dir+": this is a folder, not a file; name the right file with --config")
	big := filepath.Join(dir, "big.yaml")
	writeFile(t, big, strings.Repeat("# nothing\n", maxConfigSize/10+1))
	_, err = loadConfig(big, nil)
	wantProblems(t, err, big+": the file is larger than 4096 KiB; name the right file with --config")
	t.Chdir(dir)
	if _, err := os.Stat(systemConfig); err != nil {
		_, err = loadConfig("", nil)
		wantProblems(t, err, "config.yaml: there is no configuration here, nor at /etc/askfirst/config.yaml; copy config.example.yaml to config.yaml, or name a file with --config")
	}
	writeFile(t, "config.yaml", string(onBase([]byte("# base"))))
	config, err := loadConfig("", nil)
	if err != nil || config.Path != "config.yaml" || config.Exchange.Name != "X" {
		t.Errorf("config.yaml in the working folder: %v, %v", config, err)
	}
}

// Windows saves text in more than one way; none of them is a mistake.
func TestConfigEncodings(t *testing.T) {
	good := string(onBase([]byte("# base\nexchange: { name: Löwenzahn, address: help@x.example, timezone: Europe/Berlin }")))
	crlf := strings.ReplaceAll(good, "\n", "\r\n")
	for name, raw := range map[string][]byte{
		"crlf":    []byte(crlf),
		"bom":     []byte("\ufeff" + crlf),
		"utf-16":  utf16LE(crlf),
		"dashes":  []byte("---\n" + good),
		"dots":    []byte(good + "...\n"),
		"no end":  []byte(strings.TrimSpace(good)),
		"comment": []byte(good + "# the end"),
	} {
		config, err := parseConfig("c.yaml", raw, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if config.Exchange.Name != "Löwenzahn" {
			t.Errorf("%s: name %q", name, config.Exchange.Name)
		}
	}
}

func TestConfigValues(t *testing.T) {
	config, err := parseConfig("/etc/af/c.yaml", onBase([]byte(`# base
exchange: { name: 123, address: Help@X.example, timezone: America/New_York, language: DE, connector: ANN@x.example }
inbox: { host: 127.0.0.1, tls: none, username: help, password_command: [cat, "p q"], poll: 5m, since: 2026-11-01, max_size: 2MB }
smtp: { host: "::1", port: 465, per_minute: 30 }
senders: { verify: none, authserv_ids: "mx1.x.example, mx2.x.example", hops: 2 }
digest: { at: 06:05, days: [Monday, SAT, thurs], holidays: [2026-12-24, 2026-12-27..2027-01-02], late_until: "18:30" }
ladder: { waiting: 1, expire: 30 }
keep: { asks: 2y, words: 8w }
store: { url: "file:data/book.db" }
staff: [{ name: "  Ann   Lee ", email: Ann@x.example, aliases: a.lee@x.example, knows: "maths, year 8", leader: yes, id: 007 }]
`)), nil)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	check("name", config.Exchange.Name, "123")
	check("address", config.Exchange.Address, "help@x.example")
	check("language", config.Exchange.Language, "de")
	check("connector", config.Exchange.Connector, "ann@x.example")
	check("inbox port", config.Inbox.Port, 143)
	check("poll", config.Inbox.Poll, 5*time.Minute)
	check("max_size", config.Inbox.MaxSize, 2_000_000)
	check("since", config.Inbox.Since.UTC().Format(time.RFC3339), "2026-11-01T04:00:00Z")
	check("smtp tls", config.SMTP.TLS, "implicit")
	check("smtp login", config.SMTP.Secret == nil, true)
	check("authserv_ids", config.Senders.AuthservIDs, []string{"mx1.x.example", "mx2.x.example"})
	check("at", config.Digest.At, "06:05")
	check("late_until", config.Digest.LateUntil, "18:30")
	check("days", config.Digest.Days, [7]bool{time.Monday: true, time.Thursday: true, time.Saturday: true})
	check("holidays", config.Digest.Holidays, []store.DateRange{
		{First: store.Date{Year: 2026, Month: 12, Day: 24}, Last: store.Date{Year: 2026, Month: 12, Day: 24}},
		{First: store.Date{Year: 2026, Month: 12, Day: 27}, Last: store.Date{Year: 2027, Month: 1, Day: 2}}})
	check("ladder", config.Ladder, Ladder{1, 3, 5, 7, 10, 30})
	check("keep", config.Keep, KeepConfig{730 * day, 30 * day, 56 * day})
	check("book", config.Book, "/etc/af/data/book.db")
	check("people", config.People(), []store.Person{{Stable: "007", Name: "Ann Lee", Email: "ann@x.example",
		Aliases: []string{"a.lee@x.example"}, Knows: []string{"maths", "year 8"}, Leader: true}})
}

// A digest in the afternoon still has some time to be late in.
func TestConfigLateUntilFollowsDigest(t *testing.T) {
	for at, want := range map[string]string{"07:30": "12:00", "09:00": "13:30", "13:00": "17:30", "22:00": "23:59"} {
		config, err := parseConfig("c.yaml", onBase([]byte("# base\ndigest: { at: \""+at+"\" }")), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := config.Digest.LateUntil.String(); got != want {
			t.Errorf("at %s: late until %s, want %s", at, got, want)
		}
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func utf16LE(s string) []byte {
	out := []byte{0xff, 0xfe}
	for _, r := range s {
		out = append(out, byte(r), byte(r>>8))
	}
	return out
}

func chmodFile(t testing.TB, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// A school's own phrases are understood, and only where they were added.
func TestConfigWords(t *testing.T) {
	config, err := parseConfig("c.yaml", onBase([]byte("# base\nwords: { offer: [deal me in], stop: \"kein bock mehr, lasst mich\" }")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if own := config.Policy().Words; own == nil || !own.IsLine("offer", "deal me in") || !own.IsLine("stop", "kein bock mehr") || !own.IsLine("stop", "lasst mich") || !own.IsLine("offer", "i can help") {
		t.Errorf("%v", config.Words)
	}
	plain, err := parseConfig("c.yaml", onBase([]byte("# base")), nil)
	if err != nil || plain.Policy().Words != nil {
		t.Errorf("%v, %v", plain.Words, err)
	}
	var many []string
	for i := range 301 {
		many = append(many, fmt.Sprintf("deal me in number%d", i))
	}
	_, err = parseConfig("c.yaml", onBase([]byte("# base\nwords: { offer: ["+strings.Join(many, ", ")+"] }")), nil)
	wantProblems(t, err, "c.yaml:2:1: words has 301 phrases, and 300 are the most; keep those that your colleagues really write")
}
