package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"askfirst/mailbox/mailboxtest"
)

// The command line's contract: the exit codes and where the sentences go.
func TestCheckCommand(t *testing.T) {
	po := checkOffice(t, mailboxtest.Options{NeedLogin: true})
	dir := t.TempDir()
	path := filepath.Join(dir, "c.yaml")
	writeFile(t, filepath.Join(dir, "p"), mailboxtest.Password)
	good := fmt.Sprintf(`
exchange: { name: X, address: help@x.example, timezone: UTC }
inbox: { host: localhost, tls: none, port: %d, username: help@x.example, password_file: p }
smtp: { host: localhost, tls: none, port: %d, username: help@x.example, password_file: p }
senders: { verify: none }
staff: [{ name: Ann, email: ann@x.example }]
`, po.IMAPPort(), po.SMTPPort())
	run := func(config string, args ...string) (int, string, string) {
		writeFile(t, path, config)
		var out, errs bytes.Buffer
		code := execute(t.Context(), append([]string{"--config", path, "check"}, args...), strings.NewReader(""), &out, &errs, []string{})
		return code, out.String(), errs.String()
	}
	if code, out, errs := run(good); code != 0 || !strings.Contains(out, "Everything works; see the warnings.") || errs != "" {
		t.Errorf("good: exit %d\n%s%s", code, out, errs)
	}
	if _, err := os.Stat(filepath.Join(dir, "askfirst.db")); err == nil {
		t.Error("check created the book")
	}
	if code, out, errs := run(strings.Replace(good, fmt.Sprint(po.SMTPPort()), "1", 1)); code != 1 || !strings.Contains(out, "nothing listens at localhost:1") || errs != "" {
		t.Errorf("no server: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs := run(strings.Replace(good, fmt.Sprint(po.SMTPPort()), "1", 1), "--offline"); code != 0 || errs != "" {
		t.Errorf("offline: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs := run(strings.Replace(good, "verify: none", "verify: authentication-results", 1)); code != 78 || out != "" || !strings.Contains(errs, ":5:20: senders.verify: authentication-results needs senders.authserv_ids") {
		t.Errorf("no authserv_ids: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs := run(strings.ReplaceAll(good, "password_file: p", "password_file: q"), "--offline"); code != 78 || errs != "" {
		t.Errorf("no secret: exit %d\n%s%s", code, out, errs)
	}
	if code, _, errs := run(good, "--ofline"); code != 2 || !strings.Contains(errs, "--ofline") {
		t.Errorf("a flag that does not exist: exit %d\n%s", code, errs)
	}
}
