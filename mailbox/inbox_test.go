package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

const helpAddress = "help@school.example"

// station is a mail server under test, and what the test may do to it from
// behind.
type station struct {
	config   InboxConfig
	deliver  func(raw []byte) error
	count    func(folder string) int
	renumber func()
	target   string // host:port, for a proxy
}

func (s station) open(t *testing.T, change ...func(*InboxConfig)) *Inbox {
	t.Helper()
	config := s.config
	for _, c := range change {
		c(&config)
	}
	in, err := Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func (s station) deliverAll(t *testing.T, messages ...[]byte) {
	t.Helper()
	for _, raw := range messages {
		if err := s.deliver(raw); err != nil {
			t.Fatal(err)
		}
	}
}

func inboxConfig(port int, password string) InboxConfig {
	return InboxConfig{Server: Server{Host: "127.0.0.1", Port: port, TLS: TLSNone, Username: helpAddress, Password: secret(password)}}
}

func secret(s string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s, nil }
}

func postOfficeStation(t *testing.T) station {
	t.Helper()
	po, err := mailboxtest.Open(helpAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { po.Close() })
	return station{
		config:  inboxConfig(po.IMAPPort(), mailboxtest.Password),
		deliver: func(raw []byte) error { return po.Deliver(helpAddress, raw) },
		count: func(folder string) int {
			n, err := po.Count(helpAddress, folder)
			if err != nil {
				return 0
			}
			return n
		},
		renumber: func() {
			if err := po.Renumber(helpAddress, 2); err != nil {
				t.Fatal(err)
			}
		},
		target: po.IMAPAddr(),
	}
}

func dovecotStation(t *testing.T, options mailboxtest.DovecotOptions) (station, *mailboxtest.Dovecot) {
	t.Helper()
	d := mailboxtest.StartDovecotWith(t, options, map[string]string{helpAddress: "pass word \"quoted\\"})
	return station{
		config:   inboxConfig(d.Port, "pass word \"quoted\\"),
		deliver:  func(raw []byte) error { return d.Deliver(helpAddress, raw) },
		count:    func(folder string) int { return len(d.Messages(helpAddress, folder)) },
		renumber: func() { d.Renumber(helpAddress) },
		target:   fmt.Sprintf("127.0.0.1:%d", d.Port),
	}, d
}

// bothServers runs a test on the post office and on Dovecot: the first answers
// strictly in order and hides what the second shows.
func bothServers(t *testing.T, test func(t *testing.T, s station)) {
	t.Run("postoffice", func(t *testing.T) { test(t, postOfficeStation(t)) })
	t.Run("dovecot", func(t *testing.T) {
		s, _ := dovecotStation(t, mailboxtest.DovecotOptions{})
		test(t, s)
	})
}

func ask(n int, padding int) []byte {
	return fmt.Appendf(nil, "From: priya@school.example\r\nTo: %s\r\nSubject: ask %d\r\nMessage-ID: <%d@school.example>\r\n\r\nNumber %d\r\n%s",
		helpAddress, n, n, n, strings.Repeat("0123456789 and so on\r\n", padding))
}

func scan(t *testing.T, in *Inbox) []Listed {
	t.Helper()
	listed, err := in.Scan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return listed
}

func uidsOf(listed []Listed) []uint32 {
	var uids []uint32
	for _, l := range listed {
		uids = append(uids, l.UID)
	}
	return uids
}

func TestScanAndFetch(t *testing.T) {
	bothServers(t, func(t *testing.T, s station) {
		in := s.open(t)
		if listed := scan(t, in); len(listed) != 0 {
			t.Fatalf("an empty inbox lists %v", listed)
		}
		var sent [][]byte
		for i := range 150 {
			sent = append(sent, ask(i, i%40))
		}
		s.deliverAll(t, sent...)
		listed := scan(t, in)
		if len(listed) != 150 || !slices.IsSorted(uidsOf(listed)) {
			t.Fatalf("listed %v", listed)
		}
		var got [][]byte
		for _, batch := range Batches(listed, 70, 1<<30) {
			messages, err := in.Fetch(t.Context(), batch)
			if err != nil {
				t.Fatal(err)
			}
			if len(messages) != len(batch) {
				t.Fatalf("%d of %d fetched", len(messages), len(batch))
			}
			for i, m := range messages {
				if m.UID != batch[i] || m.Size != int64(len(m.Raw)) {
					t.Errorf("UID %d size %d, want UID %d size %d", m.UID, m.Size, batch[i], len(m.Raw))
				}
				got = append(got, m.Raw)
			}
		}
		for i := range sent {
			if !bytes.Equal(sent[i], got[i]) {
				t.Fatalf("message %d came back as %q", i, got[i])
			}
		}
		for i, l := range listed {
			if l.Size != int64(len(sent[i])) || time.Since(l.InternalDate) > time.Hour {
				t.Errorf("listed %+v, want size %d", l, len(sent[i]))
			}
		}
		if _, err := in.Fetch(t.Context(), uidsOf(listed)); err == nil {
			t.Error("150 messages at once were not refused")
		}
	})
}

func TestFetchLeavesOutWhatIsNotThere(t *testing.T) {
	bothServers(t, func(t *testing.T, s station) {
		s.deliverAll(t, ask(1, 0), ask(2, 0))
		in := s.open(t)
		uids := uidsOf(scan(t, in))
		messages, err := in.Fetch(t.Context(), []uint32{uids[0], uids[1], uids[1] + 1, 4_000_000_000})
		if err != nil || len(messages) != 2 {
			t.Fatalf("%d messages, %v", len(messages), err)
		}
		if messages, err = in.Fetch(t.Context(), []uint32{4_000_000_000}); err != nil || len(messages) != 0 {
			t.Fatalf("%d messages, %v", len(messages), err)
		}
		if messages, err = in.Fetch(t.Context(), nil); err != nil || len(messages) != 0 {
			t.Fatalf("%d messages, %v", len(messages), err)
		}
	})
}

func TestTooLargeIsNotDownloaded(t *testing.T) {
	bothServers(t, func(t *testing.T, s station) {
		s.deliverAll(t, ask(1, 500), ask(2, 0))
		in := s.open(t, func(c *InboxConfig) { c.MaxSize = 2000 })
		uids := uidsOf(scan(t, in))
		messages, err := in.Fetch(t.Context(), uids)
		if err != nil || len(messages) != 2 {
			t.Fatalf("%d messages, %v", len(messages), err)
		}
		if !messages[0].TooLarge || messages[0].Raw != nil || messages[0].Size < 10_000 {
			t.Errorf("%+v, want too large", messages[0])
		}
		if messages[1].TooLarge || len(messages[1].Raw) == 0 {
			t.Errorf("%+v, want a message", messages[1])
		}
		headers, err := in.FetchHeader(t.Context(), uids[:1])
		if err != nil || len(headers) != 1 {
			t.Fatalf("%d headers, %v", len(headers), err)
		}
		want := "From: priya@school.example\r\nTo: " + helpAddress + "\r\nSubject: ask 1\r\nMessage-ID: <1@school.example>\r\n\r\n"
		if string(headers[0].Raw) != want {
			t.Errorf("header %q", headers[0].Raw)
		}
	})
}

func TestSince(t *testing.T) {
	bothServers(t, func(t *testing.T, s station) {
		s.deliverAll(t, ask(1, 0))
		in := s.open(t, func(c *InboxConfig) { c.Since = time.Now().Add(time.Hour) })
		if listed := scan(t, in); len(listed) != 0 {
			t.Errorf("%d listed, want none before Since", len(listed))
		}
		in = s.open(t, func(c *InboxConfig) { c.Since = time.Now().Add(-time.Hour) })
		if listed := scan(t, in); len(listed) != 1 {
			t.Errorf("%d listed, want 1", len(listed))
		}
	})
}

func TestFileMovesAndCreates(t *testing.T) {
	bothServers(t, func(t *testing.T, s station) {
		for i := range 30 {
			s.deliverAll(t, ask(i, 0))
		}
		in := s.open(t)
		uids := uidsOf(scan(t, in))
		for range 2 { // the second time they have vanished, which is no error
			if err := in.File(t.Context(), uids[:20], "Askfirst/Done"); err != nil {
				t.Fatal(err)
			}
			if err := in.File(t.Context(), uids[20:25], "Askfirst/Refused"); err != nil {
				t.Fatal(err)
			}
		}
		if err := in.File(t.Context(), append(uids[24:26:26], 4_000_000_000), "Askfirst/Done"); err != nil {
			t.Fatal(err)
		}
		if got := uidsOf(scan(t, in)); !slices.Equal(got, uids[26:]) {
			t.Errorf("left %v, want %v", got, uids[26:])
		}
		if done, refused := s.count("Askfirst/Done"), s.count("Askfirst/Refused"); done != 21 || refused != 5 {
			t.Errorf("%d done and %d refused, want 21 and 5", done, refused)
		}
		// Another connection finds the folder there.
		other := s.open(t)
		if err := other.File(t.Context(), uids[26:27], "Askfirst/Done"); err != nil {
			t.Fatal(err)
		}
		if done := s.count("Askfirst/Done"); done != 22 {
			t.Errorf("%d done, want 22", done)
		}
	})
}

func TestWait(t *testing.T) {
	bothServers(t, func(t *testing.T, s station) {
		in := s.open(t)
		scan(t, in)
		begin := time.Now()
		if changed, err := in.Wait(t.Context(), 150*time.Millisecond); changed || err != nil {
			t.Fatalf("quiet inbox: changed %v, %v", changed, err)
		}
		if took := time.Since(begin); took < 140*time.Millisecond || took > 2*time.Second {
			t.Errorf("waited %v", took)
		}
		delivered := make(chan time.Time, 1)
		go func() {
			time.Sleep(100 * time.Millisecond)
			at := time.Now()
			if err := s.deliver(ask(1, 0)); err != nil {
				t.Error(err)
			}
			delivered <- at
		}()
		changed, err := in.Wait(t.Context(), 20*time.Second)
		if !changed || err != nil {
			t.Fatalf("changed %v, %v", changed, err)
		}
		if latency := time.Since(<-delivered); latency > time.Second {
			t.Errorf("new mail was noticed after %v", latency)
		}
		// The mention stands until the next scan if nobody looked.
		if listed := scan(t, in); len(listed) != 1 {
			t.Fatalf("%d listed", len(listed))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := in.Wait(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("%v, want the context's end", err)
		}
		if listed := scan(t, in); len(listed) != 1 { // the connection is still good
			t.Fatalf("%d listed", len(listed))
		}
	})
}

func TestWrongPassword(t *testing.T) {
	bothServers(t, func(t *testing.T, s station) {
		config := s.config
		config.Password = secret("wrong")
		if _, err := Open(t.Context(), config); !errors.Is(err, ErrAuth) || errors.Is(err, ErrLost) {
			t.Errorf("%v, want ErrAuth", err)
		}
		config.Password = func(context.Context) (string, error) { return "", errors.New("the file is gone") }
		if _, err := Open(t.Context(), config); !errors.Is(err, ErrSecret) || !strings.Contains(err.Error(), "the file is gone") {
			t.Errorf("%v, want ErrSecret", err)
		}
		config = s.config
		config.Folder = "No/Such/Folder"
		if _, err := Open(t.Context(), config); !errors.Is(err, ErrRefused) {
			t.Errorf("%v, want ErrRefused", err)
		}
	})
}

func TestUIDValidityIsFollowed(t *testing.T) {
	bothServers(t, func(t *testing.T, s station) {
		s.deliverAll(t, ask(1, 0), ask(2, 0))
		in := s.open(t)
		before := in.UIDValidity()
		if n := len(scan(t, in)); before == 0 || n != 2 {
			t.Fatalf("UIDVALIDITY %d, %d messages", before, n)
		}
		in.Close()
		if in = s.open(t); in.UIDValidity() != before {
			t.Fatalf("UIDVALIDITY went from %d to %d by itself", before, in.UIDValidity())
		}
		in.Close()
		s.renumber()
		in = s.open(t)
		if in.UIDValidity() == before {
			t.Fatalf("UIDVALIDITY is still %d", before)
		}
		if n := len(scan(t, in)); n != 2 {
			t.Fatalf("%d messages after renumbering", n)
		}
	})
}

func TestEndedContextEndsACommand(t *testing.T) {
	bothServers(t, func(t *testing.T, s station) {
		s.deliverAll(t, ask(1, 0))
		proxy := mailboxtest.StartProxy(t, s.target)
		in := s.open(t, func(c *InboxConfig) { c.Port = proxy.Port })
		proxy.Stall()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begin := time.Now()
		if _, err := in.Scan(ctx); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrLost) {
			t.Errorf("%v, want the context's end", err)
		}
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("took %v", took)
		}
		if _, err := in.Scan(t.Context()); !errors.Is(err, ErrLost) {
			t.Errorf("a spent connection says %v", err)
		}
	})
}

func TestHalfOpenIsNoticed(t *testing.T) {
	bothServers(t, func(t *testing.T, s station) {
		s.deliverAll(t, ask(1, 0))
		operations := map[string]func(in *Inbox) error{
			"scan":  func(in *Inbox) error { _, err := in.Scan(t.Context()); return err },
			"fetch": func(in *Inbox) error { _, err := in.Fetch(t.Context(), []uint32{1}); return err },
			"file":  func(in *Inbox) error { return in.File(t.Context(), []uint32{1}, "Askfirst/Done") },
			"idle":  func(in *Inbox) error { _, err := in.Wait(t.Context(), 100*time.Millisecond); return err },
			"noop": func(in *Inbox) error {
				in.noIdle = true
				_, err := in.Wait(t.Context(), 100*time.Millisecond)
				return err
			},
		}
		for name, run := range operations {
			t.Run(name, func(t *testing.T) {
				proxy := mailboxtest.StartProxy(t, s.target)
				in := s.open(t, func(c *InboxConfig) { c.Port = proxy.Port })
				scan(t, in)
				in.config.Timeout = 300 * time.Millisecond
				proxy.Stall()
				begin := time.Now()
				err := run(in)
				if !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "silent") {
					t.Errorf("%v, want silence to be noticed", err)
				}
				if took := time.Since(begin); took > 3*time.Second {
					t.Errorf("noticed after %v", took)
				}
			})
		}
	})
}

// The line is cut at many places of a FETCH: never is anything but a whole
// message handed over, and a new connection reads it.
func TestCutLiteralIsNeverHandedOver(t *testing.T) {
	bothServers(t, func(t *testing.T, s station) {
		s.deliverAll(t, ask(1, 200), ask(2, 200))
		proxy := mailboxtest.StartProxy(t, s.target)
		whole := false
		for octets := int64(1); octets < 12_000; octets += 397 {
			in := s.open(t, func(c *InboxConfig) { c.Port = proxy.Port })
			uids := uidsOf(scan(t, in))
			proxy.CutAfter(octets)
			messages, err := in.Fetch(t.Context(), uids)
			if err == nil {
				whole = true
				for i, m := range messages {
					if !bytes.Equal(m.Raw, ask(i+1, 200)) {
						t.Fatalf("cut after %d: message %d is %d octets", octets, i, len(m.Raw))
					}
				}
				if len(messages) != 2 {
					t.Fatalf("cut after %d: %d messages and no error", octets, len(messages))
				}
			} else if len(messages) != 0 || !errors.Is(err, ErrLost) {
				t.Fatalf("cut after %d: %d messages, %v", octets, len(messages), err)
			}
			in.Close()
			proxy.Heal()
		}
		if !whole {
			t.Error("the cut never came after the end: the test proves less than it says")
		}
	})
}

func TestBatches(t *testing.T) {
	listed := []Listed{{UID: 1, Size: 10}, {UID: 2, Size: 10}, {UID: 3, Size: 100}, {UID: 4, Size: 1}, {UID: 5, Size: 1}, {UID: 6, Size: 1}}
	got := fmt.Sprint(Batches(listed, 2, 20))
	if want := "[[1 2] [3] [4 5] [6]]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := Batches(nil, 0, 0); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestBackoff(t *testing.T) {
	var b Backoff
	var waits []time.Duration
	for range 10 {
		waits = append(waits, b.Next(func() float64 { return 0 }))
	}
	want := []time.Duration{5, 10, 20, 40, 80, 160, 320, 640, 900, 900}
	for i := range want {
		if waits[i] != want[i]*time.Second {
			t.Errorf("wait %d is %v, want %v", i, waits[i], want[i]*time.Second)
		}
	}
	if w := b.Next(func() float64 { return 0.999 }); w < 450*time.Second || w > 451*time.Second {
		t.Errorf("with jitter %v", w)
	}
	b.Reset()
	if w := b.Next(func() float64 { return 0 }); w != 5*time.Second {
		t.Errorf("after Reset %v", w)
	}
}
