package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// buildBinary is the program itself, for tests that kill it.
func buildBinary(t testing.TB) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "askfirst")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// TestKilledAtRandom kills the program fifty times at random moments of a day
// full of asks, offers and digests. At the end everything was decided once,
// every ask has its acknowledgement and its place in everybody's digest, and
// nobody got two digests of one day.
func TestKilledAtRandom(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the program fifty times: half a minute")
	}
	for name, build := range map[string]func(testing.TB) *town{"in process": inProcess, "Dovecot": onDovecot} {
		t.Run(name, func(t *testing.T) { killedAtRandom(build(t), buildBinary(t)) })
	}
}

const kills = 50

func killedAtRandom(t *town, binary string) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	t.once("2026-11-22 12:00")
	asked, survived, own := 0, 0, map[string]int{}
	// Half of the runs are to be killed, on whatever machine this is.
	reach := 60 * time.Millisecond
	moment := func() time.Duration { return time.Millisecond + time.Duration(random.Int64N(int64(reach))) }
	ask := func() {
		asked++
		who := townsfolk[asked%len(townsfolk)]
		own[who]++
		t.writes(who, fmt.Sprintf("Borrow thing%d%s", asked, strings.Repeat("x", asked%7+1)), "A good one, please.")
	}
	pass := func(at string, kill time.Duration) bool {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		command := exec.CommandContext(ctx, binary, "--config", t.config, "once", "--at", t.time(at).Format(time.RFC3339))
		command.Stdout, command.Stderr = io.Discard, io.Discard
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		if kill > 0 {
			timer := time.AfterFunc(kill, func() { _ = command.Process.Kill() })
			defer timer.Stop()
		}
		done := command.Wait() == nil
		if kill > 0 && done {
			survived++
			reach = reach * 8 / 10
		} else if kill > 0 {
			reach = reach * 11 / 10
		}
		return done
	}
	for range kills / 2 {
		for range 1 + random.IntN(2) {
			ask()
		}
		pass("2026-11-22 15:00", moment())
	}
	if !pass("2026-11-22 18:00", 0) {
		t.Fatal("the pass after the kills failed")
	}
	for i := range kills / 2 {
		at := fmt.Sprintf("2026-11-%d 07:%d", 23+i/5, 30+i%5)
		pass(at, moment())
	}
	// A digest cut off after its final dot is not sent again: the next ones repair
	// the gap, a digest having room for fourteen asks.
	for _, at := range []string{"2026-11-30 07:30", "2026-12-01 07:30", "2026-12-02 07:30", "2026-12-03 07:30"} {
		if !pass(at, 0) {
			t.Fatal("a pass after the kills failed")
		}
	}
	t.Logf("%d asks, %d runs, of which %d ended before they were killed", asked, kills, survived)
	if survived > kills*2/3 {
		t.Errorf("%d of %d runs were not killed: the test proves little", survived, kills)
	}
	t.nothingLost(asked, own)
	t.audited()
}

// nothingLost compares everybody's mailbox with what must be there.
func (t *town) nothingLost(asked int, own map[string]int) {
	t.Helper()
	acknowledged, copies, twice := map[string]bool{}, map[string]int{}, 0
	for _, who := range townsfolk {
		editions, told := map[string]string{}, map[string]bool{}
		for _, m := range t.letters(who, "") {
			subject := m.Subject
			if strings.HasPrefix(subject, "Got it:") {
				acknowledged[subject] = true
				if copies[m.MessageID]++; copies[m.MessageID] > 1 {
					twice++
				}
				if copies[m.MessageID] > 2 {
					t.Errorf("%q came %d times", subject, copies[m.MessageID])
				}
				continue
			}
			if m.Header.Get("List-Id") == "" {
				continue
			}
			date := subject[strings.LastIndexByte(subject, '('):]
			if first := editions[date]; first != "" {
				t.Errorf("%s got two digests %s: %s and %s", who, date, first, m.MessageID)
			}
			editions[date] = m.MessageID
			for line := range strings.Lines(m.Plain) {
				if number, _, ok := strings.Cut(line, " "); ok && strings.HasPrefix(number, "#") {
					told[number] = true
				}
			}
		}
		if len(editions) == 0 {
			t.Errorf("%s got no digest at all", who)
		}
		if want := asked - own[who]; len(told) != want {
			t.Errorf("%s was told of %d asks of colleagues, want %d", who, len(told), want)
		}
	}
	t.Logf("%d acknowledgements came a second time, with the same Message-ID", twice)
	if len(acknowledged) != asked {
		out, _, _ := t.run("audit", "--server")
		t.Logf("the ledger:\n%s", out)
		t.Errorf("%d asks were acknowledged, want %d", len(acknowledged), asked)
	}
	out, errs, code := t.run("asks")
	if lines := strings.Count(out, "\n"); code != exitDone || lines != asked {
		t.Errorf("%d asks are on the list, want %d\n%s", lines, asked, errs)
	}
}
