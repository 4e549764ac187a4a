//go:build unix

package mailboxtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Rspamd is a real rspamd that checks SPF, DKIM and DMARC and says what it would
// write into Authentication-Results.
type Rspamd struct {
	// Milter is the port where a mail server asks it about each message and is
	// told which fields to take out and to write; 0: nowhere.
	Milter int

	t    TB
	port int
}

const rspamdConfig = `options {
  pidfile = "%[1]s/pid"; filters = "dkim"; local_addrs = []; url_tld = "%[1]s/tld"; tempdir = "%[1]s"; dynamic_conf = "%[1]s/dynamic"; dbdir = "%[1]s"; hs_cache_dir = "%[1]s";
  dns { nameserver = ["127.0.0.1:%[3]d:1"]; timeout = 2s; retransmits = 2; }
}
logging { type = "file"; filename = "%[1]s/log"; level = "info"; }
worker "normal" { bind_socket = "127.0.0.1:%[2]d"; count = 1; task_timeout = 8s; }
modules { path = "%[1]s/plugins/"; }
lua = "/usr/share/rspamd/rules/rspamd.lua";
dkim { }
spf { }
dmarc { actions {} }
milter_headers { use = ["authentication-results"]; }
actions { reject = 1000; add_header = 900; greylist = 800; }
`

const rspamdMilter = `worker "rspamd_proxy" {
  bind_socket = "127.0.0.1:%d"; count = 1; milter = yes; timeout = 20s;
  upstream "local" { default = yes; self_scan = yes; }
}
`

// StartRspamd starts an rspamd that asks the given name server; the test's end
// stops it. Without rspamd, or without the rights that it needs, the test is
// skipped; in CI it fails.
func StartRspamd(t TB, names *Names) *Rspamd { return startRspamd(t, names, false) }

// StartRspamdMilter is StartRspamd beside a mail server.
func StartRspamdMilter(t TB, names *Names) *Rspamd { return startRspamd(t, names, true) }

func startRspamd(t TB, names *Names, milter bool) *Rspamd {
	t.Helper()
	program := find(t, "rspamd", "rspamd")
	if os.Getuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("rspamd is started by root only")
		}
		t.Skipf("rspamd is started by root only: what needs it is not tested")
	}
	dir, err := os.MkdirTemp("", "rspamd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	ports := freePorts(t, 2)
	r := &Rspamd{t: t, port: ports[0]}
	settings := fmt.Sprintf(rspamdConfig, dir, r.port, names.Port)
	if milter {
		r.Milter = ports[1]
		settings += fmt.Sprintf(rspamdMilter, r.Milter)
	}
	if err := os.Mkdir(filepath.Join(dir, "plugins"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, plugin := range []string{"dmarc.lua", "spf.lua", "milter_headers.lua"} {
		path := "/usr/share/rspamd/plugins/" + plugin
		findFile(t, path, "rspamd")
		if err := os.Symlink(path, filepath.Join(dir, "plugins", plugin)); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(dir, "rspamd.conf")
	for path, content := range map[string]string{config: settings, filepath.Join(dir, "tld"): "example\n"} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("chown", "-R", "_rspamd", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	r.start(program, config, filepath.Join(dir, "log"))
	return r
}

func (r *Rspamd) start(program, config, log string) {
	r.t.Helper()
	command := exec.Command(program, "-f", "-i", "-u", "_rspamd", "-g", "_rspamd", "-c", config)
	if err := command.Start(); err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	r.t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = command.Process.Kill()
			<-ended
		}
	})
	for range 4 { // it compiles its rules before it listens
		if reachable(r.port, ended) == nil && (r.Milter == 0 || reachable(r.Milter, ended) == nil) {
			return
		}
	}
	text, _ := os.ReadFile(log)
	r.t.Fatalf("rspamd does not start:\n%s", text)
}

// Results is the value of the Authentication-Results field that rspamd writes
// for a message from an envelope sender and a client address.
func (r *Rspamd) Results(message, mailFrom, ip string) string {
	r.t.Helper()
	request, err := http.NewRequest("POST", "http://127.0.0.1:"+strconv.Itoa(r.port)+"/checkv2", strings.NewReader(message))
	if err != nil {
		r.t.Fatal(err)
	}
	for name, value := range map[string]string{"From": mailFrom, "Rcpt": "help@carpenter.example", "IP": ip, "Helo": "mail.carpenter.example", "Hostname": "mail.carpenter.example", "MTA-Name": "mx.carpenter.example"} {
		request.Header.Set(name, value)
	}
	client := http.Client{Timeout: 20 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Milter struct {
			Add map[string]struct{ Value string } `json:"add_headers"`
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		r.t.Fatal(err)
	}
	return answer.Milter.Add["Authentication-Results"].Value
}
