package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"askfirst/mailbox"
	"askfirst/mailbox/mailboxtest"
)

// checkable is a good configuration for servers on this machine, with the
// options that runCheck would get.
func checkable(t *testing.T, inbox, smtp string) (*Config, checkOptions) {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "p"), mailboxtest.Password+"\n")
	config, err := parseConfig(filepath.Join(dir, "c.yaml"), fmt.Appendf(nil, `
exchange: { name: Carpenter, address: help@x.example, admin: it@x.example, timezone: Europe/London }
inbox: { host: localhost, username: help@x.example, password_file: p, %s }
smtp: { host: localhost, username: help@x.example, password_file: p, %s }
senders: { verify: none }
digest: { holidays: [2027-05-03] }
staff: [{ name: Ann, email: ann@x.example, leader: true }]
`, inbox, smtp), nil)
	if err != nil {
		t.Fatal(err)
	}
	return config, checkOptions{Now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), Timeout: 5 * time.Second,
		Inbox: config.InboxSettings(), SMTP: config.SMTPSettings()}
}

func checkOffice(t *testing.T, options mailboxtest.Options) *mailboxtest.PostOffice {
	t.Helper()
	po, err := mailboxtest.OpenWith(options, "help@x.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { po.Close() })
	return po
}

// told is what the operator reads, without the temporary folder and the ports.
func told(t *testing.T, config *Config, findings []Finding) string {
	t.Helper()
	var b bytes.Buffer
	if err := writeFindings(&b, findings); err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(config.Dir+"/", "", config.Dir, "DIR",
		config.Inbox.Endpoint.addr(), "IMAP", config.SMTP.Endpoint.addr(), "SMTP").Replace(b.String())
}

func TestCheckWorks(t *testing.T) {
	po := checkOffice(t, mailboxtest.Options{NeedLogin: true})
	config, o := checkable(t, fmt.Sprintf("tls: none, port: %d", po.IMAPPort()), fmt.Sprintf("tls: none, port: %d", po.SMTPPort()))
	findings := runCheck(t.Context(), config, o)
	want := `ok       configuration: c.yaml: Carpenter, 1 person, digest at 07:30 Europe/London
ok       book: askfirst.db does not exist yet, the first run creates it
ok       inbox: the password can be read
ok       inbox: logged in to IMAP as help@x.example and opened the inbox (IDLE, MOVE, UIDPLUS)
ok       smtp: the password can be read
ok       smtp: logged in to SMTP as help@x.example (PIPELINING, letters up to 32 MiB)

Everything works.
`
	if got := told(t, config, findings); got != want || checkExit(findings) != 0 {
		t.Errorf("exit %d\n%s\nwanted\n%s", checkExit(findings), got, want)
	}
}

func TestCheckPoorServer(t *testing.T) {
	po := checkOffice(t, mailboxtest.Options{Caps: []imap.Cap{imap.CapIMAP4rev1}})
	config, o := checkable(t, fmt.Sprintf("tls: none, port: %d", po.IMAPPort()), fmt.Sprintf("tls: none, port: %d", po.SMTPPort()))
	findings := runCheck(t.Context(), config, o)
	got := told(t, config, findings)
	for _, want := range []string{
		"warning  inbox: the server can neither move mail nor remove single messages",
		"\nEverything works; see the warnings.\n",
	} {
		if !strings.Contains(got, want) || checkExit(findings) != 0 {
			t.Errorf("exit %d, lacks %q:\n%s", checkExit(findings), want, got)
		}
	}
}

// A password that cannot be read or is refused: exit 78, whatever else is wrong.
func TestCheckSecrets(t *testing.T) {
	po := checkOffice(t, mailboxtest.Options{NeedLogin: true})
	config, o := checkable(t, fmt.Sprintf("tls: none, port: %d", po.IMAPPort()), "tls: none, port: 1")
	writeFile(t, filepath.Join(config.Dir, "p"), "hunter2\n")
	findings := runCheck(t.Context(), config, o)
	got := told(t, config, findings)
	if want := "problem  inbox: IMAP refused the login as help@x.example and says "; !strings.Contains(got, want) || checkExit(findings) != 78 {
		t.Errorf("exit %d\n%s", checkExit(findings), got)
	}
	if !strings.Contains(got, "problem  smtp: nothing listens at SMTP\n") || !strings.Contains(got, "2 problems to solve.") || strings.Contains(got, "hunter2") {
		t.Error(got)
	}
	config, o = checkable(t, "tls: none, port: 1", fmt.Sprintf("tls: none, port: %d", po.SMTPPort()))
	writeFile(t, filepath.Join(config.Dir, "p"), "hunter2\n")
	findings = runCheck(t.Context(), config, o)
	if got := told(t, config, findings); !strings.Contains(got, "problem  smtp: SMTP refused the login as help@x.example") || checkExit(findings) != 78 {
		t.Errorf("exit %d\n%s", checkExit(findings), got)
	}
	if err := os.Remove(filepath.Join(config.Dir, "p")); err != nil {
		t.Fatal(err)
	}
	for _, offline := range []bool{true, false} {
		o.Offline = offline
		findings = runCheck(t.Context(), config, o)
		want := `problem  inbox: inbox.password_file names a file that is of no use: there is no such file (c.yaml:3:68)
           write the password into that file, readable by this service only (chmod 600)
problem  smtp: smtp.password_file names a file that is of no use: there is no such file (c.yaml:4:67)
           write the password into that file, readable by this service only (chmod 600)

2 problems to solve.
`
		if got := told(t, config, findings); !strings.HasSuffix(got, want) || checkExit(findings) != 78 {
			t.Errorf("exit %d\n%s", checkExit(findings), got)
		}
	}
}

// Offline, no server is touched.
func TestCheckOffline(t *testing.T) {
	config, o := checkable(t, "port: 1", "port: 1")
	o.Offline = true
	o.Inbox.Dial = func(context.Context, string, string) (net.Conn, error) {
		t.Error("dialled")
		return nil, errors.New("no")
	}
	o.SMTP.Dial = o.Inbox.Dial
	if findings := runCheck(t.Context(), config, o); len(findings) != 4 || checkExit(findings) != 0 {
		t.Errorf("%v", findings)
	}
}

// Each way a server can fail, with its cause and its remedy; exit 1.
func TestCheckServerTrouble(t *testing.T) {
	dialling := func(err error) func(*mailbox.Server) {
		return func(s *mailbox.Server) {
			s.Dial = func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Err: err}
			}
		}
	}
	plain := checkOffice(t, mailboxtest.Options{})
	for name, c := range map[string]struct {
		imap, smtp int // ports; 0: 1
		tls        string
		change     func(*mailbox.Server)
		cause      string
		remedy     string
	}{
		"refused":      {tls: "implicit", cause: "nothing listens at ADDR", remedy: "check the port, and that the server runs"},
		"no such name": {tls: "implicit", change: dialling(&net.DNSError{IsNotFound: true, Name: "localhost"}), cause: "there is no server named localhost", remedy: "check the spelling of WHAT.host"},
		"no dns":       {tls: "implicit", change: dialling(&net.DNSError{IsTimeout: true, Name: "localhost"}), cause: "the name server gives no answer about localhost", remedy: "look at this machine's network and its name server"},
		"silent":       {tls: "none", imap: silent(t), smtp: silent(t), cause: "ADDR does not answer in time", remedy: "check the port, and ask whether a firewall is in between"},
		"silent tls":   {tls: "implicit", imap: silent(t), smtp: silent(t), cause: "ADDR does not answer in time", remedy: "check the port, and ask whether a firewall is in between"},
		"hangs up":     {tls: "none", imap: hangsUp(t), smtp: hangsUp(t), cause: "ADDR hangs up on us", remedy: "check WHAT.port and WHAT.tls, and ask whether the server admits this machine"},
		"not tls":      {tls: "implicit", imap: plain.IMAPPort(), smtp: plain.SMTPPort(), cause: "ADDR does not begin with encryption", remedy: "use WHAT.tls: starttls, or the port for tls: implicit (IMAP 993, SMTP 465)"},
		"no starttls":  {tls: "starttls", imap: plain.IMAPPort(), smtp: plain.SMTPPort(), cause: "ADDR does not offer STARTTLS, or fails at it", remedy: "use WHAT.tls: implicit with its port (IMAP 993, SMTP 465)"},
		"untrusted":    certificateCase(t, "localhost", time.Hour, false, "nobody this machine trusts has signed the certificate of ADDR", "install the certificate of its authority on this machine, or name its file in the environment variable SSL_CERT_FILE"),
		"wrong name":   certificateCase(t, "mail.y.example", time.Hour, true, "the certificate of ADDR is not for localhost, it is for mail.y.example", "write the name in the certificate as WHAT.host"),
		"expired":      certificateCase(t, "localhost", -time.Hour, true, "the certificate of ADDR is valid from ", "renew it on the server, and look at this machine's clock"),
	} {
		t.Run(name, func(t *testing.T) {
			if c.imap == 0 {
				c.imap, c.smtp = 1, 1
			}
			config, o := checkable(t, fmt.Sprintf("tls: %s, port: %d", c.tls, c.imap), fmt.Sprintf("tls: %s, port: %d", c.tls, c.smtp))
			o.Timeout = 20 * time.Second
			if strings.HasPrefix(name, "silent") {
				o.Timeout = time.Second
			}
			if c.change != nil {
				c.change(&o.Inbox.Server)
				c.change(&o.SMTP.Server)
			}
			findings := runCheck(t.Context(), config, o)
			if code := checkExit(findings); code != 1 {
				t.Errorf("exit %d", code)
			}
			for _, f := range findings {
				if f.Severity != SeverityProblem {
					continue
				}
				port := map[string]int{"inbox": c.imap, "smtp": c.smtp}[f.What]
				in := strings.NewReplacer("ADDR", fmt.Sprintf("localhost:%d", port), "WHAT", f.What)
				if cause, remedy := in.Replace(c.cause), in.Replace(c.remedy); !strings.HasPrefix(f.Cause, cause) || f.Remedy != remedy {
					t.Errorf("%s: %q, %q\nwanted %q, %q", f.What, f.Cause, f.Remedy, cause, remedy)
				}
			}
			if got := told(t, config, findings); !strings.HasSuffix(got, "\n2 problems to solve.\n") {
				t.Error(got)
			}
		})
	}
}

// silent is the port of a server that says nothing.
func silent(t *testing.T) int {
	return listenLocal(t, func(net.Conn) {})
}

// hangsUp is the port of a server that closes every connection.
func hangsUp(t *testing.T) int {
	return listenLocal(t, func(conn net.Conn) { conn.Close() })
}

func listenLocal(t *testing.T, greet func(net.Conn)) int {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go greet(conn)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// certificateCase is a TLS server with a certificate for a name that ends after
// some time; trusted says whether the client knows who signed it.
func certificateCase(t *testing.T, name string, ends time.Duration, trusted bool, cause, remedy string) (c struct {
	imap, smtp int
	tls        string
	change     func(*mailbox.Server)
	cause      string
	remedy     string
}) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(ends), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if trusted {
		pool.AddCert(parsed)
	}
	settings := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	port := listenLocal(t, func(conn net.Conn) { _ = tls.Server(conn, settings).Handshake() })
	c.imap, c.smtp, c.tls, c.cause, c.remedy = port, port, "implicit", cause, remedy
	c.change = func(s *mailbox.Server) { s.RootCAs = pool }
	return c
}

func TestCheckBook(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "file"), "")
	writeFile(t, filepath.Join(dir, "good.db"), "")
	writeFile(t, filepath.Join(dir, "open.db"), "")
	chmodFile(t, filepath.Join(dir, "open.db"), 0o644)
	broken := func(context.Context) error { return errors.New("it is malformed") }
	for _, c := range []struct {
		path string
		open func(context.Context) error
		want []string
	}{
		{"none.db", broken, []string{"ok none.db does not exist yet, the first run creates it"}},
		{"good.db", func(context.Context) error { return nil }, []string{"ok good.db opens"}},
		{"open.db", nil, []string{"warning open.db holds everybody's words and can be read by other users of this machine (mode 0644)", "ok open.db opens"}},
		{"good.db", broken, []string{"problem good.db: it is malformed"}},
		{"no/such/x.db", nil, []string{"problem there is no folder no/such"}},
		{"file/x.db", nil, []string{"problem file is not a folder that can be used"}},
		{".", nil, []string{"problem . can not be opened for reading and writing"}},
	} {
		findings := checkBook(t.Context(), filepath.Join(dir, c.path), c.open)
		var got []string
		for _, f := range findings {
			if strings.Contains(f.Cause, "MiB are free") {
				continue // says something of this machine, not of the code
			}
			got = append(got, string(f.Severity)+" "+strings.ReplaceAll(f.Cause, dir+"/", ""))
		}
		if c.path == "." {
			c.want = []string{"problem " + dir + " can not be opened for reading and writing"}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %q, want %q", c.path, got, c.want)
		}
		if left, err := filepath.Glob(filepath.Join(dir, ".askfirst-check-*")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	if os.Geteuid() != 0 {
		chmodFile(t, dir, 0o500)
		t.Cleanup(func() { chmodFile(t, dir, 0o700) })
		if f := checkBook(t.Context(), filepath.Join(dir, "x.db"), nil); len(f) != 1 || f[0].Severity != SeverityProblem {
			t.Errorf("a folder that cannot be written to: %v", f)
		}
	}
}

// A server that announces little.
func TestCheckDovecotWithoutIdle(t *testing.T) {
	dovecot := mailboxtest.StartDovecotWith(t, mailboxtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS"}, map[string]string{"help@x.example": mailboxtest.Password})
	config, o := checkable(t, fmt.Sprintf("tls: none, port: %d", dovecot.Port), "port: 1")
	got := told(t, config, runCheck(t.Context(), config, o))
	if !strings.Contains(got, " and opened the inbox (UIDPLUS)\n") || strings.Contains(got, "no MOVE") ||
		!strings.Contains(got, "warning  inbox: the server does not announce new mail (no IDLE), so an ask is noticed after up to 60s\n") {
		t.Error(got)
	}
}

// The same check on a real server, over both kinds of encryption.
func TestCheckDovecot(t *testing.T) {
	dovecot := mailboxtest.StartDovecot(t, map[string]string{"help@x.example": mailboxtest.Password})
	for mode, port := range map[string]int{"implicit": dovecot.TLSPort, "starttls": dovecot.Port} {
		config, o := checkable(t, fmt.Sprintf("tls: %s, port: %d", mode, port), "port: 1")
		o.Inbox.RootCAs = dovecot.RootCAs
		o.Timeout = 20 * time.Second
		got := told(t, config, runCheck(t.Context(), config, o))
		if !strings.Contains(got, "ok       inbox: logged in to IMAP as help@x.example and opened the inbox (IDLE, MOVE, UIDPLUS)\n") {
			t.Errorf("%s:\n%s", mode, got)
		}
		writeFile(t, filepath.Join(config.Dir, "p"), "wrong")
		findings := runCheck(t.Context(), config, o)
		if got := told(t, config, findings); !strings.Contains(got, "problem  inbox: IMAP refused the login as help@x.example") || checkExit(findings) != 78 {
			t.Errorf("%s, wrong password: exit %d\n%s", mode, checkExit(findings), got)
		}
	}
}
