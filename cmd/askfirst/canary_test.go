package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/store"
)

// Twenty things are planted where the program meets them, and everything that it
// gives out is searched for them: what people said in mail may stand in the book
// and in letters, and nowhere else; passwords nowhere at all.

// planted is what must not come out, by name.
type planted struct {
	secrets map[string]string // nowhere
	words   map[string]string // neither in logs nor in figures
}

func plant() planted {
	return planted{
		secrets: map[string]string{
			"IMAP password, an access token":   "ya29.a0AfB-canary1-token",
			"SMTP password":                    `canary2 "quoted\word`,
			"what the password command writes": "canary3complaint",
			"an environment value":             "canary4environment",
			"the IMAP password before":         "canary5formerly",
			"a password instead of a name":     "canary6!misplaced",
		},
		words: map[string]string{
			"member's address": "canary7@carpenter.example", "alias": "canary8@home.example", "stranger's address": "canary9@else.example",
			"display name": "Canaryten", "subject": "canaryeleven", "body": "canarytwelve", "attachment's name": "canarythirteen",
			"an offer's words": "canaryfourteen", "words of thanks": "canaryfifteen", "a stranger's words": "canarysixteen",
			"bounced address": "canary17@gone.example", "Message-ID": "canaryeighteen", "words of a panic": "canarynineteen",
		},
	}
}

// search looks for secrets in all of the text, for words too where words is true;
// as they are and as machines write them.
func (p planted) search(t *testing.T, where, text string, words bool) {
	t.Helper()
	look := func(name, value string) {
		for _, form := range []string{value, base64.StdEncoding.EncodeToString([]byte(value)), hex.EncodeToString([]byte(value)), fmt.Sprintf("%q", value)} {
			if i := strings.Index(text, form); i >= 0 {
				t.Errorf("%s: %s came out: …%s…", where, name, text[max(0, i-150):min(len(text), i+60)])
				return
			}
		}
	}
	for name, value := range p.secrets {
		look(name, value)
	}
	for name, value := range p.words {
		if words {
			look(name, value)
		}
	}
}

func TestCanaries(t *testing.T) {
	p := plant()
	token, smtpPassword := p.secrets["IMAP password, an access token"], p.secrets["SMTP password"]
	environ := []string{"PATH=" + os.Getenv("PATH"), "IMAP_TOKEN=" + token, "ELSEWHERE=" + p.secrets["an environment value"]}
	town, po := openTown(t, mailboxtest.Options{Password: token})
	town.edit("password_file: imap.password", "password_env: IMAP_TOKEN")
	writeFile(t, town.beside("smtp.password"), smtpPassword+"\n")
	town.edit(port(town.smtp)+", tls: none }", port(town.smtp)+`, tls: none }`)
	town.edit("name: Ben Example, email: ben@carpenter.example", "name: Canaryten Example, email: canary7@carpenter.example, aliases: [canary8@home.example]")
	var outputs, private bytes.Buffer
	run := func(words bool, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		execute(t.Context(), append([]string{"--config", town.config}, args...), strings.NewReader(""), &out, &errs, environ)
		outputs.WriteString(out.String() + errs.String())
		p.search(t, strings.Join(args, " ")+" (standard error)", errs.String(), true)
		p.search(t, strings.Join(args, " "), out.String(), words)
		private.WriteString(errs.String())
		return out.String()
	}
	once := func(at string) { t.Helper(); run(true, "once", "--json", "--at", at) }
	once("2026-11-22T12:00:00Z")
	town.canaryMail()
	echo := func(code int, class [3]int) *mailboxtest.Fault {
		return &mailboxtest.Fault{Code: code, Enhanced: class, Text: fmt.Sprintf("<canary7@carpenter.example> canary8@home.example sent %s", p.words["stranger's address"])}
	}
	minute := 0
	for _, step := range []mailboxtest.Step{mailboxtest.StepMail, mailboxtest.StepRcpt, mailboxtest.StepDot} {
		for _, fault := range []*mailboxtest.Fault{echo(450, [3]int{4, 2, 2}), echo(550, [3]int{5, 7, 1}), echo(554, [3]int{5, 1, 1}), {Cut: true}} {
			po.SetFault(func(s mailboxtest.Step, _, _ string) *mailboxtest.Fault {
				if s == step {
					return fault
				}
				return nil
			})
			minute++
			once(fmt.Sprintf("2026-11-22T15:%02d:00Z", 4*minute))
			run(true, "status", "--json")
			run(true, "audit", "--json")
		}
	}
	po.SetFault(nil)
	once("2026-11-23T07:30:00Z")
	town.answers("mark", "canaryeleven", "#1, "+p.words["an offer's words"], phone)
	once("2026-11-23T09:00:00Z")
	town.answers("canary7@carpenter.example", "meet Mark", "Sorted, thank you! "+p.words["words of thanks"], phone)
	once("2026-11-23T10:00:00Z")
	for _, line := range []string{"status", "status --json", "audit", "audit --server --json", "check", "check --offline", "man", "help", "completion bash", "version", "once --help"} {
		run(true, strings.Fields(line)...)
	}
	for _, line := range []string{"asks", "preview", "outbox list --json", "quarantine list", "why <canaryeighteen@mail>"} { // these show words, to whoever may read the book
		run(false, strings.Fields(line)...)
	}
	if !strings.Contains(private.String(), "level=") || !strings.Contains(outputs.String(), "address:") {
		t.Error("nothing was logged, or no server repeated an address: the test proves nothing")
	}
	p.rotations(t, town, run)
	if strings.Contains(outputs.String(), bookSecret(t, town)) {
		t.Error("the book's own secret came out")
	}
	p.daemon(t, town, po, environ)
	p.files(t, town)
}

// bookSecret is what the Message-IDs of a book are made with.
func bookSecret(t *testing.T, town *town) (secret string) {
	t.Helper()
	db, err := sql.Open("sqlite", town.beside("askfirst.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT value FROM book WHERE name = 'secret'`).Scan(&secret); err != nil || len(secret) < 32 {
		t.Fatal(secret, err)
	}
	return secret
}

// canaryMail is mail with everything planted in it.
func (t *town) canaryMail() {
	t.Helper()
	for _, raw := range []string{
		"From: Canaryten Example <canary7@carpenter.example>\r\nTo: <help@carpenter.example>\r\nSubject: A canaryeleven for Thursday\r\nMessage-ID: <canaryeighteen@mail>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
			"--b\r\nContent-Type: text/plain\r\n\r\nI need a canarytwelve in room 12.\r\n--b\r\nContent-Type: image/png; name=\"canarythirteen.png\"\r\nContent-Disposition: attachment; filename=\"canarythirteen.png\"\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n",
		"From: Canaryten <canary8@home.example>\r\nSubject: A second canaryeleven\r\nMessage-ID: <canaryeighteen.2@mail>\r\n\r\ncanarytwelve, please.\r\n",
		"From: <canary9@else.example>\r\nSubject: canarysixteen\r\nMessage-ID: <canaryeighteen.3@mail>\r\n\r\ncanarysixteen for sale\r\n",
		"From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nSubject: Undelivered Mail\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\ncanarytwelve\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; canary17@gone.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 <canary17@gone.example> canarytwelve\r\n\r\n--b--\r\n",
	} {
		if err := t.put(townHelp, []byte(raw)); err != nil {
			t.Fatal(err)
		}
	}
}

// rotations: passwords that are wrong, that a command prints, that stand where a
// name is wanted.
func (p planted) rotations(t *testing.T, town *town, run func(words bool, args ...string) string) {
	t.Helper()
	whole, err := os.ReadFile(town.config)
	if err != nil {
		t.Fatal(err)
	}
	all := func() {
		run(true, "once", "--json", "--at", "2026-11-24T09:00:00Z")
		run(true, "check")
		run(true, "status")
		run(true, "audit", "--server")
	}
	for _, change := range []string{
		"password_command: 'echo " + p.secrets["the IMAP password before"] + "; echo " + p.secrets["what the password command writes"] + " >&2'",
		"password_command: 'echo " + p.secrets["the IMAP password before"] + "; echo " + p.secrets["what the password command writes"] + " >&2; exit 3'",
		"password_env: '" + p.secrets["a password instead of a name"] + "'",
		"password_file: '" + "no-such-folder/" + "x'",
		"password: '" + p.secrets["a password instead of a name"] + "'",
	} {
		writeFile(t, town.config, strings.Replace(string(whole), "password_env: IMAP_TOKEN", change, 1))
		all()
	}
	smtp := port(town.smtp) + ", tls: none }"
	if !strings.Contains(string(whole), smtp) {
		t.Fatal("the configuration has no SMTP server")
	}
	writeFile(t, town.config, strings.Replace(string(whole), smtp, port(town.smtp)+", tls: none, username: help@carpenter.example, password_file: smtp.password }", 1))
	town.writes("ana", "A canaryeleven too", "canarytwelve")
	all()
	writeFile(t, town.config, string(whole))
}

// daemon: every level of the log, a panic, and what a monitoring system gets.
func (p planted) daemon(t *testing.T, town *town, po *mailboxtest.PostOffice, environ []string) {
	t.Helper()
	config, err := loadConfig(town.config, environ)
	if err != nil {
		t.Fatal(err)
	}
	log := &service{} // its buffer is safe to write to from every loop
	d, err := assemble(t.Context(), config, nil, newLog(log, slog.LevelDebug-4), town.time("2026-11-24 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	town.canaryMail()
	d.pass(t.Context(), town.time("2026-11-24 10:00"))
	words := p.words["words of a panic"]
	for _, value := range []any{words, fmt.Errorf("about %s of canary7@carpenter.example", words), []byte(words), struct{ Password string }{p.secrets["SMTP password"]}} {
		if d.guard(store.Intake{ID: 7}, func() error { panic(value) }) != reasonPanic {
			t.Error("a panic was not noticed")
		}
	}
	_ = d.guard(store.Intake{ID: 8}, func() error { return []error{nil}[len(words)] })
	po.SetFault(func(mailboxtest.Step, string, string) *mailboxtest.Fault {
		return &mailboxtest.Fault{Code: 550, Enhanced: [3]int{5, 7, 1}, Text: "<canary7@carpenter.example> may not send to canary8@home.example"}
	})
	town.canaryMail()
	town.writes("ruth", "A canaryeleven as well", "canarytwelve")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.run(ctx) }()
	town.until(20*time.Second, "the SMTP server's refusal is logged", func() bool { return strings.Contains(log.logged(), "msg=smtp") })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	po.SetFault(nil)
	p.search(t, "the log at every level", log.logged(), true)
	if !strings.Contains(log.logged(), "msg=panic") || !strings.Contains(log.logged(), "index out of range") {
		t.Errorf("no panic was logged:\n%s", log.logged())
	}
	if err := d.trouble(t.Context(), whereSMTP, fmt.Errorf("550 <canary7@carpenter.example> is unknown"), time.Now()); err != nil {
		t.Fatal(err)
	}
	m := &monitor{daemon: d}
	for name, page := range map[string]http.HandlerFunc{"livez": m.live, "readyz": m.ready, "metrics": m.metrics} {
		w := httptest.NewRecorder()
		page(w, httptest.NewRequest("GET", "/"+name, nil))
		p.search(t, "/"+name, w.Body.String(), true)
		if w.Body.Len() == 0 {
			t.Errorf("/%s is empty", name)
		}
	}
}

// files: what lies on the disk beside the files that hold passwords on purpose.
// Letters and words belong into the book; passwords do not, and the book's own
// secret is in the book alone.
func (p planted) files(t *testing.T, town *town) {
	t.Helper()
	searched := 0
	err := filepath.WalkDir(filepath.Dir(town.config), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".password") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		searched++
		p.search(t, filepath.Base(path), string(raw), false)
		info, err := entry.Info()
		if err == nil && strings.Contains(filepath.Base(path), "askfirst.db") && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v", filepath.Base(path), info.Mode())
		}
		return err
	})
	if err != nil || searched < 3 {
		t.Errorf("%d files were searched: %v", searched, err)
	}
}
