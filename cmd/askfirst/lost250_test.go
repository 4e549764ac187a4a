package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
)

// The reply to a final dot is lost, again and again, whether the server kept the
// letter or not: no digest is ever sent twice, and every other letter arrives.
func TestLost250(t *testing.T) {
	grounded(t)
	if testing.Short() {
		t.Skip("thousands of letters")
	}
	const members = 150
	want := sized(200, 1_000, 20_000)
	town, po := openTown(t, mailboxtest.Options{})
	town.crowd(members)
	var mu sync.Mutex
	lost, turn := 0, 0
	fault := func(step mailboxtest.Step, _, to string) *mailboxtest.Fault {
		mu.Lock()
		defer mu.Unlock()
		if step != mailboxtest.StepDot {
			return nil
		}
		// Two in three replies are lost; of those, every other letter was kept.
		if turn++; turn%3 == 0 {
			return nil
		}
		lost++
		return &mailboxtest.Fault{Cut: true, Keep: turn%3 == 1}
	}
	day := time.Date(2026, 11, 22, 12, 0, 0, 0, london(t))
	town.once(day.Format("2006-01-02 15:04"))
	days, asks := 0, 0
	for lost < want {
		days++
		asks++
		town.writes(townsfolk[days%len(townsfolk)], fmt.Sprintf("Borrow thing%s", strings.Repeat("x", days)), "Some words about it.")
		day = day.AddDate(0, 0, 1)
		town.once(day.Format(time.DateOnly) + " 06:00")
		po.SetFault(fault)
		for _, at := range []string{"07:20", "07:30", "07:31", "07:45", "08:30"} {
			town.run("once", "--at", town.time(day.Format(time.DateOnly)+" "+at).Format(time.RFC3339))
		}
		po.SetFault(nil)
		town.once(day.Format(time.DateOnly) + " 15:00") // after noon: nothing is composed, the rest is sent
	}
	town.once(day.Format(time.DateOnly) + " 23:00")
	got := 0
	for i := range members {
		dates := map[string]int{}
		for _, m := range town.letters(fmt.Sprintf("colleague%d@carpenter.example", i), "") {
			got++
			if dates[m.Subject[strings.LastIndexByte(m.Subject, '('):]]++; dates[m.Subject[strings.LastIndexByte(m.Subject, '('):]] > 1 {
				t.Errorf("member %d got %q twice", i, m.Subject)
			}
		}
	}
	acknowledged := 0
	for _, who := range townsfolk {
		ids := map[string]int{}
		for _, m := range town.letters(who, "Got it: ") {
			if ids[m.MessageID]++; ids[m.MessageID] > 2 {
				t.Errorf("%q came %d times", m.Subject, ids[m.MessageID])
			}
		}
		acknowledged += len(ids)
	}
	if acknowledged != asks {
		t.Errorf("%d acknowledgements for %d asks", acknowledged, asks)
	}
	t.Logf("%d replies lost in %d days, %d digests arrived, none twice", lost, days, got)
	town.audited()
}
