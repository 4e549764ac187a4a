package mailboxtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// SelfSigned makes a certificate for localhost and 127.0.0.1, its key, and a
// pool that trusts it.
func SelfSigned(t TB) (certificate, key []byte, pool *x509.CertPool) {
	t.Helper()
	return SelfSignedFor(t, "localhost", time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour))
}

// SelfSignedFor is SelfSigned for another name or time.
func SelfSignedFor(t TB, name string, from, until time.Time) (certificate, key []byte, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: from, NotAfter: until, DNSNames: []string{name},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if name == "localhost" {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	key = pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certificate)
	return certificate, key, pool
}

// ServerTLS is a server's configuration with a certificate of its own, and the
// pool that trusts it.
func ServerTLS(t TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	return ServerTLSFor(t, "localhost", time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour))
}

// ServerTLSFor is ServerTLS for another name or time.
func ServerTLSFor(t TB, name string, from, until time.Time) (*tls.Config, *x509.CertPool) {
	t.Helper()
	certificate, key, pool := SelfSignedFor(t, name, from, until)
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, pool
}

// StartSMTP starts an SMTP server on loopback that hands each message to deliver
// once a recipient, for instance into Dovecot's mailboxes. It returns host:port.
// An error of deliver is answered with 451.
func StartSMTP(t TB, deliver func(from, to string, raw []byte) error) string {
	t.Helper()
	address, _ := StartCountedSMTP(t, deliver)
	return address
}

// StartCountedSMTP is StartSMTP with the number of sessions that are open: a
// session whose line was cut may still hand over what had reached it.
func StartCountedSMTP(t TB, deliver func(from, to string, raw []byte) error) (address string, sessions *atomic.Int64) {
	t.Helper()
	sessions = new(atomic.Int64)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		sessions.Add(1)
		return &deliverySession{deliver: deliver, open: sessions}, nil
	}))
	server.Domain = "localhost"
	server.MaxMessageBytes = 32 << 20
	server.ErrorLog = log.New(io.Discard, "", 0)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // ends with Close
	}()
	t.Cleanup(func() {
		server.Close()
		listener.Close()
		<-ended
	})
	return listener.Addr().String(), sessions
}

// deliverySession is one connection to StartSMTP's server.
type deliverySession struct {
	deliver func(from, to string, raw []byte) error
	open    *atomic.Int64
	from    string
	to      []string
}

func (s *deliverySession) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }
func (s *deliverySession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}
func (s *deliverySession) Reset() { s.from, s.to = "", nil }

func (s *deliverySession) Logout() error {
	s.open.Add(-1)
	return nil
}

func (s *deliverySession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for _, to := range s.to {
		if err := s.deliver(s.from, to, raw); err != nil {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: err.Error()}
		}
	}
	return nil
}

// StartSink starts Postfix's smtp-sink, which takes everything and keeps
// nothing, with further arguments such as "-q", "." for faults. It returns
// host:port.
func StartSink(t TB, arguments ...string) string {
	t.Helper()
	program := find(t, "smtp-sink", "postfix")
	port := freePorts(t, 1)[0]
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if os.Getuid() == 0 {
		arguments = append([]string{"-u", "nobody"}, arguments...)
	}
	sink := exec.Command(program, append(arguments, addr, "512")...)
	var output bytes.Buffer
	sink.Stdout, sink.Stderr = &output, &output
	if err := sink.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = sink.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = sink.Process.Kill()
		<-ended
	})
	if err := reachable(port, ended); err != nil {
		t.Fatalf("smtp-sink does not start: %v\n%s", err, output.String())
	}
	return addr
}
