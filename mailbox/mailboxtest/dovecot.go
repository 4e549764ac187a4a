//go:build unix

package mailboxtest

import (
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Dovecot is a real IMAP server that a test has started. Mail lies in Maildirs
// below its folder.
type Dovecot struct {
	Port    int // plain and STARTTLS, on 127.0.0.1
	TLSPort int // implicit TLS
	// LMTPPort takes mail for every user (RFC 2033); 0: none.
	LMTPPort int
	// RootCAs trusts its certificate, which is for localhost and 127.0.0.1.
	RootCAs *x509.CertPool

	t      TB
	dir    string
	uid    int
	gid    int
	daemon *exec.Cmd
	ended  chan struct{}
	serial atomic.Int64
}

// DovecotOptions change its configuration.
type DovecotOptions struct {
	Prefix     string // of the personal namespace, such as "INBOX."; the separator is then "."
	Capability string // replaces the announced IMAP capabilities
	LMTP       bool   // take mail by LMTP (dovecot-lmtpd)
	// Sieve is the script of each user that has one (RFC 5228, dovecot-sieve); with
	// it mail is taken by LMTP, and what scripts write goes to Submission.
	Sieve      map[string]string
	Submission string // host:port
}

// StartDovecot starts a server with users and their passwords; the test's end
// stops it. Without Dovecot on the machine the test is skipped, in CI it fails.
func StartDovecot(t TB, users map[string]string) *Dovecot {
	return StartDovecotWith(t, DovecotOptions{}, users)
}

// StartDovecotWith is StartDovecot with options.
func StartDovecotWith(t TB, options DovecotOptions, users map[string]string) *Dovecot {
	t.Helper()
	program := find(t, "dovecot", "dovecot-imapd")
	// Not t.TempDir: the names of sockets must stay below 108 octets, and a
	// test's folder carries the test's name.
	dir, err := os.MkdirTemp("", "dc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	ports := freePorts(t, 3)
	d := &Dovecot{t: t, dir: dir, uid: os.Getuid(), gid: os.Getgid(), Port: ports[0], TLSPort: ports[1]}
	if options.Sieve != nil {
		options.LMTP = true
		findFile(t, "/usr/lib/dovecot/modules/lib90_sieve_plugin.so", "dovecot-sieve")
	}
	if options.LMTP {
		findFile(t, "/usr/lib/dovecot/lmtp", "dovecot-lmtpd")
		d.LMTPPort = ports[2]
	}
	if d.uid == 0 {
		d.uid, d.gid = 65534, 65534 // Dovecot refuses to read mail as root
	}
	certificate, key, pool := SelfSigned(t)
	d.RootCAs = pool
	var passwd strings.Builder
	for user, password := range users {
		fmt.Fprintf(&passwd, "%s:{PLAIN}%s\n", user, password)
	}
	for name, content := range map[string]string{
		"cert.pem": string(certificate), "key.pem": string(key), "passwd": passwd.String(), "dovecot.conf": d.config(options),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{dir, d.mail("")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	d.own(d.mail(""))
	for user := range users {
		d.makeMaildir(user)
	}
	d.writeScripts(options)
	d.daemon = nil
	d.start(program)
	t.Cleanup(d.Stop)
	return d
}

const dovecotConfig = `protocols = imap %[10]s
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
listen = 127.0.0.1
%[2]s
ssl = yes
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:%[1]s/mail/%%u
first_valid_uid = 1
mail_fsync = never
mail_max_userip_connections = 100
%[7]s
namespace inbox {
  inbox = yes
  prefix = %[8]s
  separator = %[9]s
}
passdb {
  driver = passwd-file
  args = %[1]s/passwd
}
userdb {
  driver = static
  args = uid=%[3]d gid=%[4]d home=%[1]s/mail/%%u
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[5]d
  }
  inet_listener imaps {
    port = %[6]d
    ssl = yes
  }
}
%[11]s`

const dovecotLMTP = `service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = %d
  }
}
protocol lmtp {
  postmaster_address = postmaster@carpenter.example
}
`

func (d *Dovecot) config(options DovecotOptions) string {
	// As root it uses the accounts of its package. As anybody else everything
	// runs as the one user there is.
	accounts := ""
	if os.Getuid() != 0 {
		name := strconv.Itoa(os.Getuid())
		if me, err := user.Current(); err == nil {
			name = me.Username
		}
		accounts = fmt.Sprintf("default_login_user = %[1]s\ndefault_internal_user = %[1]s\ndefault_internal_group = %[2]d", name, os.Getgid())
	}
	separator := "/"
	if options.Prefix != "" {
		separator = "."
	}
	capability := ""
	if options.Capability != "" {
		capability = "imap_capability = " + options.Capability
	}
	protocol, service := "", ""
	if options.LMTP {
		protocol, service = "lmtp", fmt.Sprintf(dovecotLMTP, d.LMTPPort)
	}
	if options.Sieve != nil {
		service += fmt.Sprintf(dovecotSieve, d.dir, options.Submission)
	}
	return fmt.Sprintf(dovecotConfig, d.dir, accounts, d.uid, d.gid, d.Port, d.TLSPort, capability, options.Prefix, separator, protocol, service)
}

const dovecotSieve = `submission_host = %[2]s
protocol lmtp {
  mail_plugins = $mail_plugins sieve
}
plugin {
  sieve = file:%[1]s/sieve/%%u.sieve
  sieve_extensions = +vacation-seconds
  sieve_vacation_min_period = 0
}
`

// writeScripts gives users their scripts. The server compiles them beside.
func (d *Dovecot) writeScripts(options DovecotOptions) {
	d.t.Helper()
	if options.Sieve == nil {
		return
	}
	folder := filepath.Join(d.dir, "sieve")
	if err := os.Mkdir(folder, 0o755); err != nil {
		d.t.Fatal(err)
	}
	d.own(folder)
	for user, script := range options.Sieve {
		if err := os.WriteFile(filepath.Join(folder, user+".sieve"), []byte(script), 0o644); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *Dovecot) start(program string) {
	d.t.Helper()
	d.daemon = exec.Command(program, "-F", "-c", filepath.Join(d.dir, "dovecot.conf"))
	// A file and not a buffer: its children inherit it, and waiting for the
	// daemon must not wait for them.
	output, err := os.Create(filepath.Join(d.dir, "output"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer output.Close()
	d.daemon.Stdout, d.daemon.Stderr = output, output
	d.daemon.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := d.daemon.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.ended = make(chan struct{})
	go func(daemon *exec.Cmd, ended chan struct{}) {
		_ = daemon.Wait() // its exit status says nothing that the log does not
		close(ended)
	}(d.daemon, d.ended)
	if err := reachable(d.Port, d.ended); err != nil {
		said, _ := os.ReadFile(output.Name())
		d.t.Fatalf("dovecot does not start: %v\n%s\n%s", err, said, d.Log())
	}
}

// Stop ends the server and every connection to it; Start begins again with the
// same ports and mail.
func (d *Dovecot) Stop() {
	if d.daemon == nil {
		return
	}
	pid := d.daemon.Process.Pid
	_ = syscall.Kill(pid, syscall.SIGTERM) // gone already: Wait knows
	select {
	case <-d.ended:
	case <-time.After(50 * time.Millisecond): // it may wait long for idle children
	}
	_ = syscall.Kill(-pid, syscall.SIGKILL) // the process group that it was started in
	<-d.ended
	d.daemon = nil
}

// Start starts it again after Stop.
func (d *Dovecot) Start() {
	d.t.Helper()
	d.start(find(d.t, "dovecot", "dovecot-imapd"))
}

// Log is what the server has written.
func (d *Dovecot) Log() string {
	log, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	return string(log)
}

func (d *Dovecot) own(path string) {
	if os.Getuid() == 0 {
		if err := os.Chown(path, d.uid, d.gid); err != nil {
			d.t.Fatal(err)
		}
	}
}
