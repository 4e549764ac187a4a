package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"askfirst/mailbox"
	"askfirst/mailbox/mailboxtest"
)

// TestClockJumps lets the clock of a working daemon jump, as after a machine has
// slept, or when somebody sets it: nobody gets two digests of one day, nothing
// comes in heaps, nothing hangs, and once the clock is right everything is.
func TestClockJumps(t *testing.T) {
	if testing.Short() {
		t.Skip("works through some hours")
	}
	synctest.Test(t, func(t *testing.T) {
		addresses := []string{townHelp}
		for _, who := range townsfolk {
			addresses = append(addresses, address(who))
		}
		po, err := mailboxtest.OpenWith(mailboxtest.Options{Memory: true}, addresses...)
		if err != nil {
			t.Fatal(err)
		}
		town := settle(&town{TB: t, imap: 143, smtp: "127.0.0.1:25", put: po.Deliver, inbox: func(user string) [][]byte {
			if mails := po.Messages(user); mails != nil {
				return mails
			}
			return po.Outside()[user]
		}})
		town.edit("poll: 2s", "poll: 60s")
		var ahead atomic.Int64 // of the bubble's own clock
		wall := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())).Round(0) }
		set := func(to time.Time) { ahead.Store(int64(time.Until(to))) }
		set(town.time("2026-11-22 15:00"))
		config, err := loadConfig(town.config, nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := assemble(t.Context(), config, nil, newLog(t.Output(), 0), wall())
		if err != nil {
			t.Fatal(err)
		}
		d.wall, d.inbox.Dial = wall, po.DialIMAP
		smtp := config.SMTPSettings()
		smtp.Dial = po.DialSMTP
		d.submitter = mailbox.NewSubmitter(d.witness.watch(smtp))
		ended := make(chan error, 1)
		ctx, stop := context.WithCancel(t.Context())
		go func() { ended <- d.run(ctx) }()

		j := &jumps{town: town, seen: map[string]int{}}
		for i, who := range []string{"sam", "ana", "ben"} {
			town.writes(who, fmt.Sprintf("Borrow thing %d", i), "A good one, please.")
		}
		time.Sleep(2 * time.Minute)
		j.look("at the beginning", 3)
		set(town.time("2026-11-23 07:29"))
		time.Sleep(2 * time.Minute)
		j.look("the first digest", 6)

		for i, jump := range []time.Duration{time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour, 0, 48 * time.Hour, -48 * time.Hour, 10 * 8766 * time.Hour, 0, -10 * 8766 * time.Hour, 0, -10 * 8766 * time.Hour, 10 * 8766 * time.Hour} {
			set(wall().Add(jump))
			time.Sleep(3 * time.Minute)
			// Ten years on, each of three asks may be asked about once.
			j.look(fmt.Sprintf("jump %d of %v", i, jump), 12)
			if late := d.pulse.silent(time.Now()); late != "" && jump == 0 {
				t.Errorf("after %v: %s", jump, late)
			}
			who := townsfolk[i%len(townsfolk)]
			town.writes(who, fmt.Sprintf("A ladder %d", i), "For the hall.")
			time.Sleep(3 * time.Minute)
			town.expect(who, fmt.Sprintf("Got it: A ladder %d", i), 1)
			j.look("an ask after it", 14)
		}
		set(town.time("2026-11-26 07:29"))
		time.Sleep(3 * time.Minute)
		j.look("the next morning", 7)
		for _, who := range townsfolk {
			town.expect(who, "(Thu 26 Nov)", 1)
		}
		asks, err := d.book.AskCounts(t.Context())
		if err != nil || asks["expired"] != 0 {
			t.Errorf("%v %v", asks, err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		audit, err := d.book.Audit(t.Context())
		if err != nil || len(audit.Findings) > 0 {
			t.Errorf("%v %v", audit.Findings, err)
		}
		if err := d.close(); err != nil {
			t.Error(err)
		}
		po.Close()
	})
}

// jumps looks at what came after each jump.
type jumps struct {
	*town
	seen map[string]int
}

// look counts what came since the last look: no more than most letters, and of
// each digest one.
func (j *jumps) look(when string, most int) {
	j.Helper()
	came := 0
	for _, who := range townsfolk {
		letters := j.letters(who, "")
		came += len(letters) - j.seen[who]
		j.seen[who] = len(letters)
		digests := map[string]int{}
		for _, m := range letters {
			if m.Header.Get("List-Id") != "" {
				digests[m.Subject[strings.LastIndexByte(m.Subject, '('):]]++
			}
		}
		for date, n := range digests {
			if n > 1 {
				j.Errorf("%s: %s has %d digests %s", when, who, n, date)
			}
		}
	}
	j.Logf("%s: %d letters", when, came)
	if came > most {
		j.Errorf("%s: %d letters came, at most %d should", when, came, most)
	}
}
