//go:build unix

package mailboxtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Postfix is a real mail transfer agent that a test has started: an instance of
// its own, with its own queue, that gives everything it takes to an LMTP server.
type Postfix struct {
	Port int // SMTP on 127.0.0.1, without login

	t   TB
	dir string
}

// StartPostfix starts an instance that relays everything to the LMTP server of
// dovecot; the test's end stops it. Without Postfix, or without the rights that
// it needs, the test is skipped; in CI it fails.
func StartPostfix(t TB, dovecot *Dovecot) *Postfix {
	t.Helper()
	return StartPostfixWith(t, dovecot, "")
}

// StartPostfixWith is StartPostfix with more lines for its main.cf, which win.
func StartPostfixWith(t TB, dovecot *Dovecot, settings string) *Postfix {
	t.Helper()
	return startPostfix(t, dovecot, settings, "")
}

// startPostfix has further services in its master.cf, too.
func startPostfix(t TB, dovecot *Dovecot, settings, services string) *Postfix {
	t.Helper()
	program := find(t, "postfix", "postfix")
	if os.Getuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("Postfix is started by root only")
		}
		t.Skipf("Postfix is started by root only: what needs it is not tested")
	}
	if dovecot.LMTPPort == 0 {
		t.Fatal("this Dovecot takes no LMTP")
	}
	dir, err := os.MkdirTemp("", "pf")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &Postfix{Port: freePorts(t, 1)[0], t: t, dir: dir}
	p.write(dovecot, settings, services)
	p.command(program, "start")
	t.Cleanup(func() { p.command(program, "abort") })
	if err := reachable(p.Port, nil); err != nil {
		t.Fatalf("postfix does not start: %v\n%s", err, p.Log())
	}
	return p
}

const postfixMain = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/log
maillog_file_prefixes = %[1]s
multi_instance_enable = yes
multi_instance_name = postfix-%[2]d
master_service_disable =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.carpenter.example
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
relay_domains =
default_transport = lmtp:inet:127.0.0.1:%[3]d
lmtp_connection_reuse_time_limit = 10s
default_destination_concurrency_limit = 20
default_destination_recipient_limit = 1
minimal_backoff_time = 5s
maximal_backoff_time = 10s
queue_run_delay = 5s
message_size_limit = 33554432
biff = no
smtpd_peername_lookup = no
disable_dns_lookups = yes
smtp_host_lookup = native
`

const postfixMaster = `127.0.0.1:%[1]d inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
pickup unix n - n 60 1 pickup
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
`

func (p *Postfix) write(dovecot *Dovecot, settings, services string) {
	p.t.Helper()
	for name, content := range map[string]string{
		"main.cf":   fmt.Sprintf(postfixMain, p.dir, p.Port, dovecot.LMTPPort) + settings,
		"master.cf": fmt.Sprintf(postfixMaster, p.Port) + services,
		"queue":     "", "data": "",
	} {
		path := filepath.Join(p.dir, name)
		var err error
		if content == "" {
			err = os.Mkdir(path, 0o755)
		} else {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
	if err := os.Chmod(p.dir, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if out, err := exec.Command("chown", "postfix", filepath.Join(p.dir, "data")).CombinedOutput(); err != nil {
		p.t.Fatalf("%v %s", err, out)
	}
}

// command runs one of the postfix command's verbs on this instance alone.
func (p *Postfix) command(program, verb string) {
	p.t.Helper()
	command := exec.Command(program, "-c", p.dir, verb)
	command.Env = append(os.Environ(), "MAIL_CONFIG="+p.dir)
	out, err := command.CombinedOutput()
	if err != nil && verb == "start" {
		p.t.Fatalf("postfix %s: %v\n%s\n%s", verb, err, out, p.Log())
	}
}

// Addr is host:port of its SMTP side.
func (p *Postfix) Addr() string { return "127.0.0.1:" + strconv.Itoa(p.Port) }

// Log is what it has written.
func (p *Postfix) Log() string {
	log, _ := os.ReadFile(filepath.Join(p.dir, "log"))
	return string(log)
}

// Idle waits until nothing is in the queue.
func (p *Postfix) Idle(limit time.Duration) bool {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if p.queued() == 0 {
			return true
		}
	}
	return false
}

func (p *Postfix) queued() int {
	n := 0
	for _, queue := range []string{"maildrop", "incoming", "active", "deferred"} {
		// A file that vanishes while we look has been delivered.
		_ = filepath.WalkDir(filepath.Join(p.dir, "queue", queue), func(path string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
				n++
			}
			return nil
		})
	}
	return n
}
