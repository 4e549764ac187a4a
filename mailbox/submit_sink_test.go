package mailbox

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

func TestSink(t *testing.T) {
	s := submitter(t, smtpConfig(t, mailboxtest.StartSink(t)))
	receipts := s.Deliver(t.Context(), parcels(8), nil)
	if got := states(receipts); strings.Count(got, "accepted") != 8 {
		t.Fatalf("%+v", receipts)
	}
	banner, err := s.Check(t.Context())
	if err != nil || !banner.Pipelining {
		t.Errorf("%+v, %v", banner, err)
	}
}

// smtp-sink without PIPELINING, and with faults of its own making.
func TestSinkFaults(t *testing.T) {
	for _, c := range []struct {
		name      string
		arguments []string
		want      string
	}{
		{"no pipelining", []string{"-p"}, "accepted accepted accepted"},
		{"no ehlo", []string{"-e"}, "accepted accepted accepted"},
		{"hang up after the dot", []string{"-q", "."}, "in_doubt unsent unsent"},
		{"hang up at rcpt", []string{"-q", "rcpt"}, "temporary unsent unsent"},
		{"421 after the dot", []string{"-Q", "."}, "temporary unsent unsent"},
		{"421 at data", []string{"-Q", "data"}, "temporary unsent unsent"},
		{"4xx at data", []string{"-r", "data"}, "temporary temporary temporary"},
		{"5xx at rcpt", []string{"-f", "rcpt"}, "permanent permanent permanent"},
		{"5xx at mail", []string{"-f", "mail"}, "policy policy policy"},
		{"5xx after the dot", []string{"-f", "."}, "permanent permanent permanent"},
		// Without PIPELINING, since a waiting smtp-sink answers what was sent ahead
		// before the dot that it lets wait.
		{"a slow reply", []string{"-p", "-W", ".:1"}, "accepted accepted accepted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := smtpConfig(t, mailboxtest.StartSink(t, c.arguments...))
			config.Timeout, config.FinalTimeout = time.Second, 3*time.Second
			receipts := submitter(t, config).Deliver(t.Context(), parcels(3), nil)
			if got := states(receipts); got != c.want {
				t.Errorf("%s, want %s: %+v", got, c.want, receipts)
			}
		})
	}
}

// The connection is cut after every seventh octet that the server sends: a
// letter is reported as accepted only if it is there, and as not sent only if it
// is not.
func TestReceiptsNeverLie(t *testing.T) {
	po, config := smtpOffice(t, mailboxtest.Options{})
	proxy := mailboxtest.StartProxy(t, po.SMTPAddr())
	config.Port = proxy.Port
	seen := map[ReceiptState]int{}
	for octets := int64(1); octets < 900; octets += 7 {
		var before [3]int
		for i := range before {
			before[i] = len(po.Messages(member(i)))
		}
		proxy.CutAfter(octets)
		s := NewSubmitter(config)
		receipts := s.Deliver(t.Context(), parcels(3), nil)
		s.Close()
		proxy.Heal()
		time.Sleep(2 * time.Millisecond) // the server may still be at it
		for i, r := range receipts {
			seen[r.State]++
			arrived := len(po.Messages(member(i))) - before[i]
			switch {
			case r.State == Accepted && arrived != 1,
				(r.State == Unsent || r.State == Temporary) && arrived != 0,
				r.State == Permanent || r.State == ByPolicy, arrived > 1:
				t.Errorf("cut after %d octets: letter %d arrived %d times, receipt %+v", octets, i, arrived, r)
			}
		}
	}
	for _, state := range []ReceiptState{Accepted, Temporary, InDoubt, Unsent} {
		if seen[state] == 0 {
			t.Errorf("no receipt was %s: %v", state, seen)
		}
	}
}

// BenchmarkSubmit sends 10 kB letters to smtp-sink over four connections, and
// smtp-source does the same beside it: ratio is ours to its.
func BenchmarkSubmit(b *testing.B) {
	addr := mailboxtest.StartSink(b)
	config := smtpConfig(b, addr)
	config.Timeout = 0
	s := submitter(b, config)
	letter := bytes.Repeat([]byte("A line of a letter, of about seventy columns, as most lines are.\r\n"), 150)
	data := append([]byte("From: help@school.example\r\nSubject: digest\r\n\r\n"), letter...)
	const total = 5000
	for b.Loop() {
		begin := time.Now()
		var next, accepted atomic.Int64
		var senders sync.WaitGroup
		for range 4 {
			senders.Go(func() {
				batch := make([]Parcel, 8)
				for first := next.Add(8) - 8; first < total; first = next.Add(8) - 8 {
					for i := range batch {
						batch[i] = Parcel{ID: first + int64(i), From: helpAddress, To: "member@school.example", Data: data}
					}
					for _, r := range s.Deliver(context.Background(), batch, func(context.Context, []int64) error { return nil }) {
						if r.State == Accepted {
							accepted.Add(1)
						}
					}
				}
			})
		}
		senders.Wait()
		ours := time.Since(begin)
		if accepted.Load() != total {
			b.Fatalf("%d of %d accepted", accepted.Load(), total)
		}
		theirs := runSource(b, addr, total, len(data))
		b.ReportMetric(total/ours.Seconds(), "letters/s")
		b.ReportMetric(total/theirs.Seconds(), "smtp-source/s")
		b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
	}
}

func runSource(b *testing.B, addr string, total, size int) time.Duration {
	b.Helper()
	source, err := exec.LookPath("smtp-source")
	if err != nil {
		b.Skip("smtp-source is not installed (apt-get install postfix)")
	}
	host, port, _ := net.SplitHostPort(addr)
	begin := time.Now()
	out, err := exec.Command(source, "-d", "-s", "4", "-m", fmt.Sprint(total), "-l", fmt.Sprint(size),
		"-f", helpAddress, "-t", "member@school.example", host+":"+port).CombinedOutput()
	if err != nil {
		b.Fatalf("smtp-source: %v\n%s", err, out)
	}
	return time.Since(begin)
}
