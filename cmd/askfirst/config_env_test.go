package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// environment > file > default, key by key.
func TestConfigEnvironment(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "more.csv"), "name,email\nBen,ben@x.example\n")
	path := filepath.Join(dir, "c.yaml")
	writeFile(t, path, string(onBase([]byte("# base\ninbox: { host: file.x.example, port: 1143, username: help, password_file: p }\ndigest: { days: [mon] }\n"))))
	_, err := loadConfig(path, []string{
		"PATH=/bin", "ASKFIRST_INBOX__HOST=env.x.example", "ASKFIRST_INBOX__TLS=starttls", "ASKFIRST_DIGEST__DAYS=tue, wed",
		"ASKFIRST_LADDER__EXPIRE=25", "ASKFIRST_STAFF_FILE=more.csv", "ASKFIRST_SMTP__PORT=1", "ASKFIRST_SMTP__PORT=2525",
		"ASKFIRST_DIGEST__AT=", "ASKFIRST_INBOX__PASSWORD_ENV=ASKFIRST_INBOX__PASSWORD", "ASKFIRST_INBOX__PASSWORD_FILE=",
		"ASKFIRST_RELEASE=7",
	})
	if err == nil {
		t.Fatal("password_file and password_env were both accepted")
	}
	wantProblems(t, err, "environment variable ASKFIRST_INBOX__PASSWORD_ENV: inbox.password_file and inbox.password_env are given, and only one can hold the password; keep one of them")

	config, err := loadConfig(path, []string{
		"ASKFIRST_INBOX__HOST=env.x.example", "ASKFIRST_INBOX__TLS=starttls", "ASKFIRST_DIGEST__DAYS=tue, wed",
		"ASKFIRST_LADDER__EXPIRE=25", "ASKFIRST_STAFF_FILE=more.csv", "ASKFIRST_SMTP__PORT=1", "ASKFIRST_SMTP__PORT=2525",
		"ASKFIRST_DIGEST__AT=", "ASKFIRST_RELEASE=7", "ASKFIRST_SMTP_HOST=one.x.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	if config.Inbox.Host != "env.x.example" || config.Inbox.Port != 1143 || config.Inbox.TLS != "starttls" || config.Inbox.Username != "help" {
		t.Errorf("inbox %+v", config.Inbox)
	}
	if config.Digest.Days != [7]bool{2: true, 3: true} || config.Digest.At.String() != "07:30" || config.Ladder.Expire != 25 || config.SMTP.Port != 2525 {
		t.Errorf("digest %+v, ladder %+v, smtp port %d", config.Digest, config.Ladder, config.SMTP.Port)
	}
	if len(config.Staff) != 2 || config.Staff[1].Email != "ben@x.example" {
		t.Errorf("staff %+v", config.Staff)
	}
	if len(config.notes) != 1 || config.notes[0].String() != "environment variable ASKFIRST_SMTP_HOST: this is no option and was not used; did you mean ASKFIRST_SMTP__HOST?" {
		t.Errorf("notes %v", config.notes)
	}
}

// Everything can come from the environment but the staff list itself.
func TestConfigEnvironmentAlone(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "staff.csv"), "name,email\nBen,ben@x.example\n")
	config, err := parseConfig(filepath.Join(dir, "c.yaml"), []byte("exchange:\n"), []string{
		"ASKFIRST_EXCHANGE__NAME=X: the school", "ASKFIRST_EXCHANGE__ADDRESS=help@x.example", "ASKFIRST_EXCHANGE__TIMEZONE=UTC",
		"ASKFIRST_INBOX__HOST=i.x.example", "ASKFIRST_INBOX__USERNAME=help", "ASKFIRST_INBOX__PASSWORD_COMMAND=printf 'a b\\n'",
		"ASKFIRST_SMTP__HOST=s.x.example", "ASKFIRST_SENDERS__VERIFY=none", "ASKFIRST_STAFF_FILE=staff.csv",
	})
	if err != nil {
		t.Fatal(err)
	}
	if secret, err := config.Inbox.Secret(t.Context()); err != nil || secret != "a b" || config.Exchange.Name != "X: the school" {
		t.Errorf("%q, %v, %q", secret, err, config.Exchange.Name)
	}
}

func TestConfigEnvironmentMistakes(t *testing.T) {
	_, err := parseConfig("c.yaml", onBase([]byte("# base")), []string{
		"ASKFIRST_INBOX__PROT=993", "ASKFIRST_SMTP__PORT=ninety", "ASKFIRST_STAFF__0__NAME=x", "ASKFIRST_SMTP__PASSWORD=hunter2",
	})
	wantProblems(t, err,
		"environment variable ASKFIRST_INBOX__PROT: there is no such option; did you mean ASKFIRST_INBOX__PORT?",
		"environment variable ASKFIRST_SMTP__PASSWORD: a password cannot be given as an option; name the variable instead: password_env: MAIL_PASSWORD",
		"environment variable ASKFIRST_STAFF__0__NAME: there is no such option",
		`environment variable ASKFIRST_SMTP__PORT: smtp.port must be a whole number, not "ninety"`,
	)
}

// A variable that password_env names is a secret, even when its name looks
// like an option's.
func TestConfigEnvironmentSecret(t *testing.T) {
	config, err := parseConfig("c.yaml", onBase([]byte("# base\nsmtp: { host: s.x.example, username: u, password_env: ASKFIRST_SMTP__PASSWORD }")),
		[]string{"ASKFIRST_SMTP__PASSWORD=hunter2"})
	if err != nil {
		t.Fatal(err)
	}
	if secret, err := config.SMTP.Secret(t.Context()); err != nil || secret != "hunter2" {
		t.Errorf("%q, %v", secret, err)
	}
}

func TestSecretSources(t *testing.T) {
	dir := t.TempDir()
	load := func(source string, environ ...string) *Config {
		t.Helper()
		config, err := parseConfig(filepath.Join(dir, "c.yaml"), onBase([]byte("# base\nsmtp: { host: s.x.example, username: u, "+source+" }")), environ)
		if err != nil {
			t.Fatal(err)
		}
		return config
	}
	for _, c := range []struct{ file, want string }{
		{"hunter2", "hunter2"}, {"hunter2\n", "hunter2"}, {"hunter2\r\n", "hunter2"}, {" hunter2 \n", " hunter2 "},
		{"\ufeffhunter2\n", "hunter2"}, {"ab #c\n", "ab #c"}, {"01234", "01234"},
	} {
		writeFile(t, filepath.Join(dir, "p"), c.file)
		if got, err := load("password_file: p").SMTP.Secret(t.Context()); err != nil || got != c.want {
			t.Errorf("file %q gives %q, %v", c.file, got, err)
		}
	}
	if got, err := load("password_env: MAILPW", "MAILPW=s=w#rd\n").SMTP.Secret(t.Context()); err != nil || got != "s=w#rd" {
		t.Errorf("environment gives %q, %v", got, err)
	}
	for source, want := range map[string]string{
		`password_command: echo $HOME_OF`:                     "there",
		`password_command: "cat p2; exit 0"`:                  "from p2",
		`password_command: [printf, "%s-%s\n", "a b", "$HO"]`: "a b-$HO",
	} {
		writeFile(t, filepath.Join(dir, "p2"), "from p2\n")
		got, err := load(source, "HOME_OF=there", "PATH="+os.Getenv("PATH")).SMTP.Secret(t.Context())
		if err != nil || got != want {
			t.Errorf("%s gives %q, %v", source, got, err)
		}
	}
}

// A changed secret counts at the next login, without a reload.
func TestSecretIsReadAnew(t *testing.T) {
	dir := t.TempDir()
	config, err := parseConfig(filepath.Join(dir, "c.yaml"), onBase([]byte("# base")), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"one", "two"} {
		writeFile(t, filepath.Join(dir, "p"), want+"\n")
		if got, err := config.Inbox.Secret(t.Context()); err != nil || got != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
}

// What goes wrong with a secret is told without it, without what the command
// wrote, and without the option's value, which may be the password itself.
func TestSecretTrouble(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "empty"), "\n")
	writeFile(t, filepath.Join(dir, "lines"), "hunter2\nswordfish\n")
	writeFile(t, filepath.Join(dir, "big"), strings.Repeat("hunter2", maxSecret))
	for source, want := range map[string]string{
		"password_file: hunter2":                              "smtp.password_file names a file that is of no use: there is no such file",
		"password_file: .":                                    "smtp.password_file names a file that is of no use: this is a folder, not a file",
		"password_file: empty":                                "smtp.password_file leads to an empty password",
		"password_file: lines":                                "smtp.password_file leads to more than one line",
		"password_file: big":                                  "smtp.password_file names a file that is of no use: the file is larger than 64 KiB",
		"password_env: hunter2":                               "smtp.password_env names an environment variable that does not exist",
		"password_command: echo hunter2; echo x >&2; exit 3":  "smtp.password_command ended with status 3",
		"password_command: [/no/such/hunter2, x]":             "smtp.password_command cannot be started",
		"password_command: exit 0":                            "smtp.password_command leads to an empty password",
		"password_command: yes hunter2 | head -c 1000000":     "smtp.password_command printed far more than a password",
		"password_command: \"kill -9 $$ # hunter2 was here\"": "smtp.password_command ended with status -1",
	} {
		path := filepath.Join(dir, "c.yaml")
		config, err := parseConfig(path, onBase([]byte("# base\nsmtp: { host: s.x.example, username: u, \n"+source+" }")), []string{"PATH=" + os.Getenv("PATH")})
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		got, err := config.SMTP.Secret(t.Context())
		if err == nil || got != "" {
			t.Errorf("%s: %q, %v", source, got, err)
			continue
		}
		if text := err.Error(); !strings.Contains(text, want) || !strings.HasPrefix(text, path+":3:") || slices.ContainsFunc([]string{"hunter2", "swordfish"},
			func(secret string) bool { return strings.Contains(text, secret) }) {
			t.Errorf("%s: %q, wanted %q", source, text, want)
		}
	}
}

// A configuration that is printed whole, by accident, shows no secret.
func TestConfigPrintsNoSecret(t *testing.T) {
	config, err := parseConfig("c.yaml", onBase([]byte("# base\nsmtp: { host: s.x.example, username: u, password_env: PW }")), []string{"PW=hunter2"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := config.SMTP.Secret(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %#v", config, *config, *config); strings.Contains(text, "hunter2") {
		t.Error("the secret is in it")
	}
}
