package mailbox

import (
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"

	"askfirst/mailbox/mailboxtest"
)

func TestReadingLeavesMailUnread(t *testing.T) {
	s, d := dovecotStation(t, mailboxtest.DovecotOptions{})
	s.deliverAll(t, ask(1, 0), ask(2, 0))
	in := s.open(t)
	uids := uidsOf(scan(t, in))
	if _, err := in.Fetch(t.Context(), uids); err != nil {
		t.Fatal(err)
	}
	if _, err := in.FetchHeader(t.Context(), uids); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if n := d.Seen(helpAddress, "INBOX"); n != 0 {
		t.Errorf("%d messages were marked as read", n)
	}
}

func TestNamespacePrefix(t *testing.T) {
	s, d := dovecotStation(t, mailboxtest.DovecotOptions{Prefix: "INBOX."})
	s.deliverAll(t, ask(1, 0))
	in := s.open(t)
	if in.folders.prefix != "INBOX." || in.folders.delim != '.' {
		t.Fatalf("prefix %q, delimiter %q", in.folders.prefix, in.folders.delim)
	}
	if err := in.File(t.Context(), uidsOf(scan(t, in)), "Askfirst/Done"); err != nil {
		t.Fatal(err)
	}
	if n := len(d.Messages(helpAddress, "Askfirst/Done")); n != 1 {
		t.Errorf("%d messages in Askfirst.Done\n%s", n, d.Log())
	}
}

func TestServerNames(t *testing.T) {
	for _, c := range []struct {
		f            folders
		folder, want string
	}{
		{folders{delim: '/'}, "Askfirst/Done", "Askfirst/Done"},
		{folders{delim: '.'}, "Askfirst/Done", "Askfirst.Done"},
		{folders{delim: '.', prefix: "INBOX."}, "Askfirst/Done", "INBOX.Askfirst.Done"},
		{folders{delim: '.', prefix: "INBOX."}, "inbox", "INBOX"},
		{folders{delim: '.', prefix: "INBOX."}, "INBOX/Help", "INBOX.Help"},
		{folders{}, "Askfirst/Done", "Askfirst-Done"},
	} {
		if got := c.f.serverName(c.folder); got != c.want {
			t.Errorf("%q with %+v: %q, want %q", c.folder, c.f, got, c.want)
		}
	}
}

// Another person's mail that waits to be expunged stays, whatever we do.
func TestFilingWithoutMove(t *testing.T) {
	for _, c := range []struct {
		name, capability string
		left, done       int
	}{
		{"uidplus", "IMAP4rev1 UIDPLUS NAMESPACE IDLE", 2, 2},
		{"neither", "IMAP4rev1 IDLE", 4, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, d := dovecotStation(t, mailboxtest.DovecotOptions{Capability: c.capability})
			s.deliverAll(t, ask(1, 0), ask(2, 0), ask(3, 0), ask(4, 0))
			in := s.open(t)
			if in.caps.Has(imap.CapMove) {
				t.Fatal("the server still offers MOVE")
			}
			uids := uidsOf(scan(t, in))
			if err := in.mark(t.Context(), uidSet(uids[3:]), imap.FlagDeleted); err != nil { // somebody else's
				t.Fatal(err)
			}
			for range 2 {
				if err := in.File(t.Context(), uids[:2], "Askfirst/Done"); err != nil {
					t.Fatal(err)
				}
			}
			if got := len(scan(t, in)); got != c.left {
				t.Errorf("%d left, want %d", got, c.left)
			}
			if got := s.count("Askfirst/Done"); got != c.done {
				t.Errorf("%d done, want %d", got, c.done)
			}
			in.Close()
			if c.done == 0 && d.Seen(helpAddress, "INBOX") != 2 {
				t.Errorf("%d marked as read, want 2", d.Seen(helpAddress, "INBOX"))
			}
		})
	}
}

// The copy fails: the message stays.
func TestFailedFilingLosesNothing(t *testing.T) {
	for _, capability := range []string{"", "IMAP4rev1 UIDPLUS NAMESPACE IDLE"} {
		s, _ := dovecotStation(t, mailboxtest.DovecotOptions{Capability: capability})
		s.deliverAll(t, ask(1, 0), ask(2, 0))
		in := s.open(t)
		uids := uidsOf(scan(t, in))
		err := in.File(t.Context(), uids, "../outside//x")
		if !errors.Is(err, ErrRefused) {
			t.Errorf("%q: %v, want ErrRefused", capability, err)
		}
		if n := s.count("INBOX"); n != 2 || len(scan(t, in)) != 2 {
			t.Errorf("%q: %d messages left, want 2", capability, n)
		}
	}
}

func TestServerDiesAndComesBack(t *testing.T) {
	s, d := dovecotStation(t, mailboxtest.DovecotOptions{})
	s.deliverAll(t, ask(1, 0))
	in := s.open(t)
	before := in.UIDValidity()
	died := make(chan struct{})
	go func() {
		defer close(died)
		time.Sleep(200 * time.Millisecond)
		d.Stop()
	}()
	if _, err := in.Wait(t.Context(), 20*time.Second); !errors.Is(err, ErrLost) {
		t.Fatalf("%v, want ErrLost", err)
	}
	<-died
	if _, err := Open(t.Context(), s.config); !errors.Is(err, ErrUnreachable) {
		t.Errorf("%v, want ErrUnreachable", err)
	}
	d.Start()
	in = s.open(t)
	if n := len(scan(t, in)); n != 1 || in.UIDValidity() != before {
		t.Errorf("%d messages, UIDVALIDITY %d, was %d", n, in.UIDValidity(), before)
	}
}

func TestEncryption(t *testing.T) {
	s, d := dovecotStation(t, mailboxtest.DovecotOptions{})
	s.deliverAll(t, ask(1, 0))
	open := func(mode TLSMode, port int, host string, roots *x509.CertPool) error {
		config := s.config
		config.TLS, config.Port, config.Host, config.RootCAs, config.Timeout = mode, port, host, roots, 2*time.Second
		in, err := Open(t.Context(), config)
		if err != nil {
			return err
		}
		defer in.Close()
		if n := len(scan(t, in)); n != 1 {
			t.Errorf("%s: %d messages", mode, n)
		}
		return nil
	}
	for _, host := range []string{"localhost", "127.0.0.1"} {
		if err := open(TLSImplicit, d.TLSPort, host, d.RootCAs); err != nil {
			t.Errorf("implicit TLS to %s: %v", host, err)
		}
		if err := open(TLSStart, d.Port, host, d.RootCAs); err != nil {
			t.Errorf("STARTTLS to %s: %v", host, err)
		}
	}
	for name, err := range map[string]error{
		"implicit, unknown certificate": open(TLSImplicit, d.TLSPort, "127.0.0.1", x509.NewCertPool()),
		"starttls, unknown certificate": open(TLSStart, d.Port, "127.0.0.1", x509.NewCertPool()),
		"implicit on the plain port":    open(TLSImplicit, d.Port, "127.0.0.1", d.RootCAs),
	} {
		if !errors.Is(err, ErrTLS) {
			t.Errorf("%s: %v, want ErrTLS", name, err)
		}
	}
	plain := postOfficeStation(t)
	config := plain.config
	config.TLS = TLSStart
	if _, err := Open(t.Context(), config); !errors.Is(err, ErrTLS) {
		t.Errorf("no STARTTLS offered: %v, want ErrTLS", err)
	}
}

func TestNoPasswordInClear(t *testing.T) {
	for _, host := range []string{"imap.school.example", "192.0.2.1", "", "localhost.evil.example"} {
		config := InboxConfig{Server: Server{Host: host, TLS: TLSNone, Username: "u", Password: secret("p")}}
		if _, err := Open(t.Context(), config); !errors.Is(err, ErrInsecure) {
			t.Errorf("%q: %v, want ErrInsecure", host, err)
		}
		if _, err := NewSubmitter(SMTPConfig{Server: config.Server}).Check(t.Context()); !errors.Is(err, ErrInsecure) {
			t.Errorf("%q: %v, want ErrInsecure", host, err)
		}
	}
	config := InboxConfig{Server: Server{Host: "localhost", TLS: "ssl"}}
	if _, err := Open(t.Context(), config); err == nil || !strings.Contains(err.Error(), "not one of") {
		t.Errorf("unknown mode: %v", err)
	}
}

func TestPorts(t *testing.T) {
	for mode, want := range map[TLSMode][2]int{"": {993, 465}, TLSImplicit: {993, 465}, TLSStart: {143, 587}, TLSNone: {143, 25}} {
		s := Server{TLS: mode}
		if got := [2]int{s.port(imapPorts()), s.port(smtpPorts())}; got != want {
			t.Errorf("%q: %v, want %v", mode, got, want)
		}
	}
	if got := (Server{Port: 7}).port(imapPorts()); got != 7 {
		t.Errorf("port %d", got)
	}
}

// Two hours of an inbox where little happens, in no time: IDLE is renewed, mail
// is noticed at once, and nothing is left behind.
func TestTwoHoursOfIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		po, err := mailboxtest.OpenWith(mailboxtest.Options{Memory: true}, helpAddress)
		if err != nil {
			t.Fatal(err)
		}
		config := inboxConfig(0, mailboxtest.Password)
		config.Dial = po.DialIMAP
		in, err := Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		for time.Since(begin) < 2*time.Hour {
			changed, err := in.Wait(t.Context(), 10*time.Minute)
			if err != nil || changed {
				t.Fatalf("changed %v, %v", changed, err)
			}
		}
		time.AfterFunc(17*time.Second, func() {
			if err := po.Deliver(helpAddress, ask(1, 0)); err != nil {
				t.Error(err)
			}
		})
		begin = time.Now()
		if changed, err := in.Wait(t.Context(), 10*time.Minute); !changed || err != nil {
			t.Fatalf("changed %v, %v", changed, err)
		}
		if took := time.Since(begin); took != 17*time.Second {
			t.Errorf("noticed after %v, want 17s", took)
		}
		if listed, err := in.Scan(t.Context()); err != nil || len(listed) != 1 {
			t.Errorf("%v, %v", listed, err)
		}
		in.Close()
		po.Close()
	})
}

// What the library's own fallback does, so that we notice when it gets better:
// without MOVE, a copy that fails still deletes.
func TestTheLibrarysFallbackStillLosesMail(t *testing.T) {
	s, _ := dovecotStation(t, mailboxtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS NAMESPACE IDLE"})
	s.deliverAll(t, ask(1, 0), ask(2, 0))
	in := s.open(t)
	uids := uidsOf(scan(t, in))
	err := in.command(context.Background(), "move", func() error {
		_, err := in.client.Move(uidSet(uids[:1]), "No/Such/Folder").Wait()
		return err
	})
	if err == nil {
		t.Fatal("moving to a missing folder succeeded")
	}
	// The commands are pipelined: wait until the last has been carried out.
	_ = in.command(context.Background(), "noop", func() error { return in.client.Noop().Wait() })
	if n := len(scan(t, in)); n != 1 {
		t.Skipf("%d messages left: the library no longer loses mail and File could use its Move", n)
	}
}

func TestScannedSizesAreAskedForOnce(t *testing.T) {
	s := postOfficeStation(t)
	s.deliverAll(t, ask(1, 0), ask(2, 0))
	in := s.open(t)
	first := scan(t, in)
	in.known[first[0].UID] = Listed{UID: first[0].UID, Size: 4711, InternalDate: time.Now()}
	if second := scan(t, in); second[0].Size != 4711 {
		t.Error("a known size was asked for again")
	}
	if err := in.File(t.Context(), uidsOf(first), "Askfirst/Done"); err != nil {
		t.Fatal(err)
	}
	scan(t, in)
	if len(in.known) != 0 {
		t.Errorf("%d sizes are kept of messages that have gone", len(in.known))
	}
}

func TestNumbers(t *testing.T) {
	got, err := numbers(imap.UIDSet{{Start: 5, Stop: 7}, {Start: 1, Stop: 1}, {Start: 9, Stop: 8}})
	if err != nil || !slices.Equal(got, []uint32{1, 5, 6, 7, 8, 9}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, set := range []imap.UIDSet{{{Start: 1, Stop: 4_294_967_295}}, {{Start: 4, Stop: 0}}} {
		if _, err := numbers(set); err == nil {
			t.Errorf("%v was believed", set)
		}
	}
}

// BenchmarkFetch reads 3,000 messages of 10 kB from Dovecot in batches of 100.
func BenchmarkFetch(b *testing.B) {
	d := mailboxtest.StartDovecot(b, map[string]string{helpAddress: "secret"})
	for i := range 3000 {
		if err := d.Deliver(helpAddress, ask(i, 450)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		in, err := Open(context.Background(), inboxConfig(d.Port, "secret"))
		if err != nil {
			b.Fatal(err)
		}
		listed, err := in.Scan(context.Background())
		if err != nil || len(listed) != 3000 {
			b.Fatalf("%d listed, %v", len(listed), err)
		}
		for _, batch := range Batches(listed, 100, 8<<20) {
			if messages, err := in.Fetch(context.Background(), batch); err != nil || len(messages) != len(batch) {
				b.Fatalf("%d of %d, %v", len(messages), len(batch), err)
			}
		}
		in.Close()
	}
	b.ReportMetric(3000*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkScan lists an inbox of 100,000 messages, first and again.
func BenchmarkScan(b *testing.B) {
	po, err := mailboxtest.Open(helpAddress)
	if err != nil {
		b.Fatal(err)
	}
	defer po.Close()
	for i := range 100_000 {
		if err := po.Deliver(helpAddress, ask(i, 0)); err != nil {
			b.Fatal(err)
		}
	}
	in, err := Open(context.Background(), inboxConfig(po.IMAPPort(), mailboxtest.Password))
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	begin := time.Now()
	if listed, err := in.Scan(context.Background()); err != nil || len(listed) != 100_000 {
		b.Fatalf("%d listed, %v", len(listed), err)
	}
	first := time.Since(begin)
	for b.Loop() {
		if listed, err := in.Scan(context.Background()); err != nil || len(listed) != 100_000 {
			b.Fatalf("%d listed, %v", len(listed), err)
		}
	}
	b.ReportMetric(first.Seconds(), "s-first")
}
