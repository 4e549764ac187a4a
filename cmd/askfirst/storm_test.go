package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
)

// Storms: one sender of thousands, strangers who do not exist, robots that
// cannot be told from people. Others must not wait for them, and nobody may be
// flooded by what we answer.

// storm is so many mails of one writer, each another ask.
func storm(from string, from1, count int) [][]byte {
	mails := make([][]byte, count)
	for i := range mails {
		n := from1 + i
		mails[i] = fmt.Appendf(nil, "From: %s\r\nTo: %s\r\nSubject: Chairs for row %d\r\nMessage-ID: <storm.%d@mail>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0000\r\n\r\nForty chairs for row %d, please.\r\n", from, townHelp, n, n, n)
	}
	return mails
}

// TestStormOfOneSender delivers thousands of mails of one member while the daemon
// works, and meanwhile mails of others: their acknowledgements must not
// wait, and the member gets a handful of letters.
func TestStormOfOneSender(t *testing.T) {
	grounded(t)
	if testing.Short() {
		t.Skip("thousands of mails")
	}
	town, po := openTown(t, mailboxtest.Options{})
	now := time.Now()
	d := town.daemon(now)
	d.log = newLog(io.Discard, slog.LevelError)
	storms, others := 3000, 30
	if *long {
		storms, others = 10_000, 40
	}
	for _, raw := range storm("Sam <sam@carpenter.example>", 0, storms) {
		if err := po.Deliver(townHelp, raw); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.run(ctx) }()
	intake := func() map[string]int {
		counts, err := d.book.IntakeCounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return counts
	}
	town.until(2*time.Minute, "the storm is being decided", func() bool { return intake()["pending"] > 0 && intake()["refused"]+intake()["accepted"] > 0 })
	var waits []time.Duration
	amid := 0
	for i := range others {
		who := []string{"priya", "mark", "ana", "ben", "ruth"}[i%5]
		if intake()["pending"] > 0 {
			amid++
		}
		if i >= 5*15 { // nobody of them has had enough for a day
			break
		}
		waits = append(waits, town.asked(who, fmt.Sprintf("A ladder, number %d, for %s", i, who), 30*time.Second))
	}
	town.until(3*time.Minute, "the storm is over", func() bool { return intake()["pending"] == 0 })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	slices.Sort(waits)
	p95 := waits[len(waits)*95/100]
	t.Logf("%d acknowledgements, %d of them amid the storm: median %v, p95 %v, longest %v; storm over after %v", len(waits), amid, waits[len(waits)/2], p95, waits[len(waits)-1], time.Since(now))
	if p95 > 10*time.Second || amid < 3 {
		t.Errorf("p95 %v, and %d of %d mails came amid the storm", p95, amid, len(waits))
	}
	letters := town.letters("sam", "")
	if len(letters) > 20 {
		t.Errorf("the storm's sender got %d letters", len(letters))
	}
	town.expect("sam", "Too many mails at once", 1)
	town.expect("sam", "enough letters for one day", 1)
	if n := intake()["accepted"]; n > 300+len(waits)+12 {
		t.Errorf("%d mails were acted on", n)
	}
	_ = d.close()
	town.audited()
}

// TestLettersWaitForTomorrow: whoever has had enough letters for one day gets the
// rest in one on the next morning, introductions at once, and the digest as ever.
func TestLettersWaitForTomorrow(t *testing.T) {
	town := inProcess(t)
	town.once("2026-11-20 12:00")
	for _, who := range []string{"mark", "ana", "ben"} {
		town.writes(who, "A ladder for "+who, "Tall enough for the hall.")
	}
	town.once("2026-11-20 13:00")
	for i := range 30 {
		town.writes("sam", fmt.Sprintf("Chairs for row %d", i), "Forty would do.")
	}
	if r := town.once("2026-11-22 15:00"); r.Accepted != 30 || r.Letters.Sent != 19 || r.Letters.Queued != 12 {
		t.Errorf("%+v", r)
	}
	town.expect("sam", "Got it: Chairs", 18)
	town.says(town.letter("sam", "enough letters for one day"), "the others come in one letter tomorrow at 07:30", "Nothing is lost")
	if s := town.status(); !s.Healthy {
		t.Errorf("letters that wait for tomorrow are a problem: %v", s.Problems)
	}
	// a helper's offer introduces two people at once, however much they have had
	town.writes("sam", "I can help with #1", "I can help with #1, mine is in room 12.")
	town.writes("mark", "I can help with #5", "I can help with #5, take ours.")
	town.once("2026-11-22 16:00")
	town.expect("sam", "Mark, meet Sam", 1)
	town.expect("sam", "Sam, meet Mark", 1)
	if r := town.once("2026-11-22 23:00"); r.Letters.Sent != 0 {
		t.Errorf("in the evening: %+v", r)
	}
	town.audited()
	r := town.once("2026-11-23 07:30")
	if r.Letters.Queued != 12 { // told with the one letter: theirs is its end
		t.Errorf("in the morning: %+v", r)
	}
	rest := town.letter("sam", "What else there was to tell you")
	for i := 18; i < 30; i++ {
		if i == 22 { // by then row 1 had found help
			continue
		}
		town.says(rest, fmt.Sprintf("Letter: Got it: Chairs for row %d", i))
	}
	town.says(rest, "Forty would do.", "not waits for you")
	town.expect("sam", "What else there was to tell you", 1)
	if r := town.once("2026-11-23 07:40"); r.Letters.Sent != 12 || r.Letters.Queued != 0 {
		t.Errorf("after it: %+v", r)
	}
	town.expect("sam", "Got it: Chairs", 18)
	town.expect("sam", "enough letters for one day", 1)
	town.once("2026-11-24 07:30")
	town.expect("sam", "What else there was to tell you", 1)
	town.audited()
}

// TestForgedStrangers: a storm of senders who do not exist sends a bounded number
// of letters into the world, and each stranger hears once in thirty days.
func TestForgedStrangers(t *testing.T) {
	town, po := openTown(t, mailboxtest.Options{})
	town.once("2026-11-22 12:00")
	for round := range 3 {
		for i := range 300 {
			raw := fmt.Sprintf("From: stranger%d@else.example\r\nSubject: Chairs\r\nMessage-ID: <%d.%d@else>\r\n\r\nForty chairs?\r\n", i, i, round)
			if err := po.Deliver(townHelp, []byte(raw)); err != nil {
				t.Fatal(err)
			}
		}
		at := fmt.Sprintf("2026-11-22 %d:00", 13+2*round)
		r := town.once(at)
		if r.Refused != 300 || r.Letters.Sent != 60 {
			t.Errorf("%s: %+v", at, r)
		}
	}
	outside := po.Outside()
	if len(outside) != 180 {
		t.Errorf("%d strangers were answered", len(outside))
	}
	for stranger, letters := range outside {
		if len(letters) != 1 {
			t.Errorf("%s got %d letters", stranger, len(letters))
		}
	}
	town.audited()
}

// TestRobotWithoutManners: a colleague's program answers every letter from her
// address and marks nothing. It is bounded day by day, and others are spared.
func TestRobotWithoutManners(t *testing.T) {
	days := 2
	if *long {
		days = 10
	}
	town := inProcess(t)
	town.once("2026-11-22 12:00")
	town.writes("mark", "A ladder", "Tall enough for the hall.")
	answered := map[string]bool{}
	start := town.time("2026-11-22 13:00")
	perDay := map[string]int{}
	for pass := range days * 24 * 4 {
		at := start.Add(time.Duration(pass) * 15 * time.Minute)
		for _, raw := range town.inbox(address("sam")) {
			m := parse.Read(raw, parse.Standard())
			if answered[m.MessageID] {
				continue
			}
			answered[m.MessageID] = true
			perDay[at.Format(time.DateOnly)]++
			town.writes("sam", "Your mail number "+fmt.Sprint(len(answered)), "I have received your mail and will see to it soon. Please tell me more about it.", func(n *note) { n.id = fmt.Sprintf("<robot.%d@mail>", len(answered)) })
		}
		town.once(at.Format("2006-01-02 15:04"))
	}
	for day, n := range perDay {
		if n > 21 { // a digest beside the twenty
			t.Errorf("%s: the robot got %d letters", day, n)
		}
	}
	for _, who := range townsfolk {
		most := days + 1 + 4 // digests, and letters about their own asks
		if n := len(town.letters(who, "")); who != "sam" && n > most {
			t.Errorf("%s got %d letters in %d days", who, n, days)
		}
	}
	t.Logf("letters to the robot: %v", perDay)
	town.audited()
}

// Messages are decided in the order of their arrival, as long as nobody has
// written very many; then those of others have their turn first.
func TestTurns(t *testing.T) {
	town := inProcess(t)
	d := town.daemon(town.time("2026-11-22 15:00"))
	for i := range 66 {
		who := "sam"
		if i == 1 || i > 60 {
			who = "mark"
		}
		town.writes(who, fmt.Sprintf("Chairs for row %d", i), "Forty would do.")
	}
	d.pass(t.Context(), town.time("2026-11-22 15:00"))
	titles := []string{}
	asks, err := d.book.Asks(t.Context(), true, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range asks {
		titles = append(titles, a.Asker.FirstName()+strings.TrimPrefix(a.Title, "Chairs for row"))
	}
	if len(titles) != 66 || titles[1] != "Mark 1" || titles[20] != "Sam 20" || titles[21] != "Mark 61" || titles[25] != "Mark 65" || titles[26] != "Sam 21" || titles[65] != "Sam 60" {
		t.Errorf("decided in the order %v", titles)
	}
}
