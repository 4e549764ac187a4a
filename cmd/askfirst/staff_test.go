package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"askfirst/store"
)

// csvConfig loads a good configuration whose staff comes from a CSV file.
func csvConfig(t *testing.T, csv string, inline ...string) (*Config, error) {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "staff.csv"), csv)
	people := "staff: []\n"
	if len(inline) > 0 {
		people = "staff:\n  - " + strings.Join(inline, "\n  - ") + "\n"
	}
	t.Chdir(dir)
	return parseConfig("c.yaml", onBase([]byte("# base\nstaff_file: staff.csv\n"+people)), nil)
}

// The same three people as different programs save them.
func TestStaffFile(t *testing.T) {
	want := []store.Person{
		{Name: "Priya Nair", Email: "priya@x.example", Aliases: []string{"p.nair@x.example", "pn@x.example"}, Group: "Science", Knows: []string{"microscopes", "year 8"}},
		{Name: "Jürgen “Jo” Löwe", Email: "jo@x.example", Group: `Sport, "outdoor"`, Leader: true, Language: "de"},
		{Name: "Zoë d’Arc", Email: "zoe@x.example"},
	}
	plain := "name,email,aliases,group,leader,knows,language\n" +
		"Priya Nair,Priya@x.example,p.nair@x.example|pn@x.example,Science,,microscopes | year 8,\n" +
		"Jürgen “Jo” Löwe,jo@x.example,,\"Sport, \"\"outdoor\"\"\",yes,,DE\n" +
		"Zoë d’Arc,zoe@x.example,,,no,,\n"
	semicolons := "\ufeffE-Mail;Name;Group;LEADER;knows;aliases;language;\r\n" +
		"Priya@x.example;Priya Nair;Science;;microscopes|year 8;p.nair@x.example|pn@x.example;;\r\n" +
		"jo@x.example;Jürgen “Jo” Löwe;\"Sport, \"\"outdoor\"\"\";TRUE;;;de;\r\n" +
		";;;;;;;\r\n" +
		"zoe@x.example;\"Zoë\n d’Arc\";;0;;;;\r\n"
	for name, csv := range map[string]string{
		"plain":        plain,
		"bom and crlf": "\ufeff" + strings.ReplaceAll(plain, "\n", "\r\n"),
		"semicolons":   semicolons,
		"sep line":     "sep=;\r\n" + strings.TrimPrefix(semicolons, "\ufeff"),
		"utf-16 tabs":  string(utf16LE("name\temail\taliases\tgroup\tleader\tknows\tlanguage\r\nPriya Nair\tpriya@x.example\tp.nair@x.example|pn@x.example\tScience\t\tmicroscopes|year 8\t\r\nJürgen “Jo” Löwe\tjo@x.example\t\t\"Sport, \"\"outdoor\"\"\"\tx\t\tde\r\nZoë d’Arc\tzoe@x.example\r\n")),
		"windows-1252": strings.NewReplacer("ü", "\xfc", "ö", "\xf6", "ë", "\xeb", "“", "\x93", "”", "\x94", "’", "\x92").Replace(plain),
	} {
		t.Run(name, func(t *testing.T) {
			config, err := csvConfig(t, csv)
			if err != nil {
				t.Fatal(err)
			}
			if got := config.People(); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// People of the file and people of the list are one staff.
func TestStaffMerged(t *testing.T) {
	config, err := csvConfig(t, "name,email,id\nBen,ben@x.example,17\n", "{ name: Ann, email: ann@x.example }")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range config.Staff {
		names = append(names, fmt.Sprintf("%s %s:%d %s", p.Name, p.File, p.Line, p.Stable))
	}
	if want := []string{"Ann c.yaml:4 ", "Ben staff.csv:2 17"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	_, err = csvConfig(t, "name,email\nBen,Ann+x@x.example\nHelp,help@x.example\n", "{ name: Ann, email: ann@x.example }")
	wantProblems(t, err,
		"staff.csv:2:5: this address is already that of the person in c.yaml, line 4; each address can belong to one person only",
		"staff.csv:3:6: this address is the help address; remove it, the exchange would write to itself")
}

func TestStaffFileMistakes(t *testing.T) {
	for csv, want := range map[string][]string{
		"":             {"staff.csv:1:1: the staff list is empty; begin with the line name,email,aliases,group,leader,knows,language"},
		"name,email\n": {"c.yaml:3:8: there is nobody on the staff list; add at least one person, or name a list with staff_file: staff.csv"},
		"name,emial,phone\nA,a@x.example,1\n": {
			`staff.csv:1:6: "emial" is not a column of the staff list; did you mean email?`,
			`staff.csv:1:12: "phone" is not a column of the staff list; the columns are name, email, aliases, group, leader, knows, language and id`},
		"name,email,Email\n":          {"staff.csv:1:12: the column email stands here a second time; keep one of the two"},
		"Ann,ann@x.example\n":         {"staff.csv:1:1: the first line must name the columns; begin the file with the line name,email,aliases,group,leader,knows,language"},
		"name,group\nA,b\n":           {"staff.csv:1:1: there is no column email; begin the file with the line name,email,aliases,group,leader,knows,language"},
		"PK\x03\x04 a spreadsheet":    {"staff.csv: this is not a CSV text; save the sheet as CSV (comma separated)"},
		"name,email\nLö,\"a@x\n":      {`staff.csv:2:1: a quotation mark in this row is not closed, or stands in the middle of a cell; put the cell in quotation marks and double those within it: "Sport ""A"""`},
		"name,email\nA,a@x.example,x": {"staff.csv:2:15: this row has a cell under no column; put cells that contain the separator in quotation marks"},
		"sep=;\nname;email;leader;language;aliases\nLöwe;a@x;vielleicht;german;b@\n;c@x.example\nD;;\n\n\nE;e@x.example\nE;E@x.example\n": {
			"staff.csv:3:6: staff.email must end in a full domain, like carpenter.example; write it like help@carpenter.example",
			`staff.csv:3:10: staff.leader must be true or false, not "vielleicht"`,
			`staff.csv:3:21: staff.language must be a language code of two letters such as en, de, fr, es or nl, not "german"; write for example en`,
			"staff.csv:3:28: staff.aliases must end in a full domain, like carpenter.example; write it like priya@carpenter.example",
			"staff.csv:4:1: this person has no name; write name: Priya Nair",
			"staff.csv:5:1: this person has no email; write email: priya@carpenter.example",
			"staff.csv:9:3: this address is already that of the person in line 8; each address can belong to one person only"},
	} {
		_, err := csvConfig(t, csv)
		if err == nil {
			t.Errorf("%q was accepted", csv)
			continue
		}
		wantProblems(t, err, want...)
	}
}

// Ten thousand wrong rows: quick, and a readable answer.
func TestStaffFileManyMistakes(t *testing.T) {
	start := spent(t)
	_, err := csvConfig(t, "name,email\n"+strings.Repeat("Ann Lee,nowhere\n", 10_000))
	if err == nil {
		t.Fatal("accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	if took := spent(t) - start; took > 3*time.Second || len(lines) != shownProblems+1 {
		t.Errorf("%d lines after %v", len(lines), took)
	}
	if last := lines[len(lines)-1]; last != "and 960 more problems like these" {
		t.Error(last)
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct{ word, want string }{
		{"prot", "port"}, {"Port", "port"}, {"pot", "port"}, {"hots", "host"}, {"usrname", "username"}, {"user", ""},
		{"password-file", "password_file"}, {"passwordfile", "password_file"}, {"pollen", "poll"}, {"x", ""}, {"", ""}, {"maxsize", "max_size"},
	} {
		if got := nearest(c.word, []string{"host", "port", "username", "password_file", "poll", "max_size"}); got != c.want {
			t.Errorf("nearest(%q) = %q, want %q", c.word, got, c.want)
		}
	}
}

func TestConfigWarnings(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "p"), "x")
	path := filepath.Join(dir, "c.yaml")
	load := func(text string) *Config {
		t.Helper()
		config, err := parseConfig(path, onBase([]byte("# base\n"+text)), nil)
		if err != nil {
			t.Fatal(err)
		}
		return config
	}
	now := time.Date(2026, 12, 20, 8, 0, 0, 0, time.UTC)
	has := func(config *Config, words string) bool {
		return slices.ContainsFunc(config.Warnings(now), func(p Problem) bool { return strings.Contains(p.String(), words) })
	}
	quiet := load("digest: { holidays: [2027-05-03] }\nstaff: [{ name: A, email: a@x.example, leader: true }]\n")
	if w := quiet.Warnings(now); len(w) != 0 {
		t.Errorf("warned for nothing: %v", w)
	}
	for text, words := range map[string]string{
		"digest: { holidays: [2026-12-01..2027-01-03] }":                                                            "ends on 2027-01-03; add the next ones",
		"digest: { holidays: [2026-11-01] }":                                                                        "is over since 2026-11-01",
		"digest: { at: \"08:00\" }":                                                                                 "digest.holidays is empty",
		"exchange: { name: X, address: help@x.example, timezone: UTC }":                                             "exchange.admin is not set",
		"smtp: { host: smtp.office365.com, username: u, password_file: p }":                                         "Microsoft 365 accepts 30 messages a minute and refuses the rest; write per_minute: 30",
		"smtp: { host: smtp.office365.com, username: u, password_file: p, per_minute: 60 }":                         "write per_minute: 30",
		"inbox: { host: outlook.office365.com, username: u, password_file: p }":                                     "not accepted passwords over IMAP",
		"staff: [{ name: A, email: a@x.example }]":                                                                  "nobody on the staff list is a leader",
		"exchange: { name: X, address: help@x.example, timezone: UTC, connector: b@x.example, admin: a@x.example }": "connector is not on the staff list",
	} {
		if config := load(text); !has(config, words) {
			t.Errorf("%s: %v lacks %q", text, config.Warnings(now), words)
		}
	}
	if has(load("smtp: { host: smtp.office365.com, username: u, password_file: p, per_minute: 30 }"), "per_minute") {
		t.Error("warned of a right per_minute")
	}
	if has(quiet, "can be read") {
		t.Error("warned of a file with mode 600")
	}
	chmodFile(t, filepath.Join(dir, "p"), 0o644)
	if !has(quiet, "inbox.password_file can be read by other users of this machine (mode 0644); chmod 600 "+filepath.Join(dir, "p")) {
		t.Error("not warned of a file with mode 644")
	}
}
