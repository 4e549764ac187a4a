package mailbox

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// heap runs something and returns by how many MiB the heap grew meanwhile.
func heap(run func()) uint64 {
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			peak.Store(max(peak.Load(), now.HeapInuse))
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	run()
	close(done)
	<-watched
	return (max(peak.Load(), before.HeapInuse) - before.HeapInuse) >> 20
}

// pour writes the same words until the client hangs up, and never more than a
// gibibyte.
func pour(conn net.Conn, begin, again string) {
	block := []byte(strings.Repeat(again, 1+65536/len(again)))
	if _, err := fmt.Fprint(conn, begin); err != nil {
		return
	}
	for range (1 << 30) / len(block) {
		if _, err := conn.Write(block); err != nil {
			return
		}
	}
}

// A server that sends without end, at any step, costs a bounded memory, most of
// it the library's, and ends with an error.
func TestServerSendsWithoutEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("pours out hundreds of megabytes")
	}
	for _, c := range []struct{ name, at, begin, again string }{
		{"line at login", "LOGIN", "* OK ", "aaaaaaaaaa"},
		{"line at select", "SELECT", "* OK ", "aaaaaaaaaa"},
		{"capabilities", "LOGIN", "* CAPABILITY", " AAAAAAAA"},
		{"literal name", "LIST", "* LIST () \"/\" {999999999}\r\n", "aaaaaaaaaa"},
		{"parentheses", "SELECT", "* FLAGS ", "("},
		{"flags", "SELECT", "* FLAGS (", "a "},
		{"found", "UID SEARCH", "* SEARCH", " 1 3 5"},
		{"flags while searching", "UID SEARCH", "* FLAGS (", "a "},
		{"news", "UID SEARCH", "", "* 7 EXISTS\r\n"},
		{"others' flags", "UID FETCH", "", "* 1 FETCH (FLAGS (\\Seen))\r\n"},
		{"literal too large", "UID FETCH", "* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] {99999999999}\r\n", "aaaaaaaaaa"},
		{"many literals", "UID FETCH", "", ""},
		{"line in a fetch", "UID FETCH", "* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] \"", "aaaaaaaaaa"},
	} {
		t.Run(c.name, func(t *testing.T) {
			adversary := mailboxtest.StartAdversary(t)
			for n := range 60 {
				adversary.Deliver(ask(n, 1))
			}
			adversary.Play(func(command *mailboxtest.Command) bool {
				if !strings.HasPrefix(command.Text, c.at) || c.at == "UID FETCH" && !command.Body {
					return false
				}
				if c.again != "" {
					pour(command.Conn, c.begin, c.again)
					return true
				}
				nine := strings.Repeat("a", 9<<20) // below the limit, each of them
				for _, uid := range command.UIDs {
					command.Say("* %d FETCH (UID %d RFC822.SIZE 5 BODY[] {%d}\r\n%s)\r\n", uid, uid, len(nine), nine)
				}
				return true
			})
			var err error
			grown := heap(func() {
				var in *Inbox
				if in, err = Open(t.Context(), inboxConfig(adversary.Port, "secret")); err != nil {
					return
				}
				defer in.Close()
				var listed []Listed
				if listed, err = in.Scan(t.Context()); err == nil {
					_, err = in.Fetch(t.Context(), uidsOf(listed))
				}
			})
			if !errors.Is(err, ErrLost) && !errors.Is(err, ErrUnreachable) {
				t.Errorf("%v, want the connection's end", err)
			}
			if grown > 400 {
				t.Errorf("the heap grew by %d MiB", grown)
			}
			t.Logf("%d MiB: %.150v", grown, err)
		})
	}
}

// BYE and a closed line at any step end in an error that says so, never in a
// wait or a wrong list.
func TestByeAnywhere(t *testing.T) {
	for _, step := range []string{"LOGIN", "LIST", "SELECT", "NOOP", "UID SEARCH", "UID FETCH", "UID MOVE", "IDLE", "DONE"} {
		for _, words := range []string{"* BYE going down\r\n", "* BYE [UNAVAILABLE] later\r\n", ""} {
			adversary := mailboxtest.StartAdversary(t)
			adversary.Deliver(ask(1, 1))
			adversary.Play(func(c *mailboxtest.Command) bool {
				if !strings.HasPrefix(c.Text, step) {
					return false
				}
				c.Say("%s", words)
				c.Conn.Close()
				return true
			})
			config := inboxConfig(adversary.Port, "secret")
			config.Timeout = 3 * time.Second
			begin := time.Now()
			in, err := Open(t.Context(), config)
			if err == nil {
				if _, err = in.Scan(t.Context()); err == nil {
					_, err = in.Fetch(t.Context(), []uint32{1})
				}
				if err == nil {
					err = in.File(t.Context(), []uint32{1}, "Askfirst/Done")
				}
				if err == nil {
					_, err = in.Wait(t.Context(), 50*time.Millisecond)
				}
				in.Close()
			}
			if !errors.Is(err, ErrLost) && !errors.Is(err, ErrUnreachable) || time.Since(begin) > 2500*time.Millisecond {
				t.Errorf("%q at %s: %v after %v", words, step, err, time.Since(begin))
			}
		}
	}
}
