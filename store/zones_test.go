package store

import (
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var everyZone = flag.Bool("every-zone", false, "play the days around every change of clocks in every zone: half an hour")

// TestDaysAroundAChangeOfClocks plays asks, an offer, digests and a question
// through the days around changes of clocks: everything that the clock makes due
// comes once, on its local date, and at its time.
func TestDaysAroundAChangeOfClocks(t *testing.T) {
	names := []string{"Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "America/Havana", "Africa/Cairo", "America/Santiago", "Asia/Kathmandu"}
	most := 2 // changes in each
	if *everyZone {
		names, most = zones(t), 1000
	}
	if testing.Short() {
		names, most = names[:1], 1
	}
	cycles := 0
	for i, name := range names {
		loc, err := time.LoadLocation(name)
		if err != nil {
			continue
		}
		for j, day := range changes(loc) {
			if j >= 2*most || j%2 == 0 && !*everyZone { // the day before, and that of the change
				continue
			}
			at := digestTimes[(i+j)%len(digestTimes)]
			t.Run(fmt.Sprintf("%s %s %s", name, day, at), func(t *testing.T) {
				c := &cycle{zone: loc, day: day, digests: map[string]int{}, other: map[string]int{}}
				c.play(t, at)
			})
			cycles++
		}
	}
	t.Logf("%d changes of clocks in %d zones", cycles, len(names))
}

// cycle is the days around one change.
type cycle struct {
	*scene
	zone    *time.Location
	day     Date
	digests map[string]int // recipient and date of the edition
	other   map[string]int // kind and recipient
	asks    map[int64]Date // the edition that must bring each
}

func (c *cycle) play(t *testing.T, at Clock) {
	all := settings(t)
	all.Calendar = Calendar{Location: c.zone, At: at, LateUntil: Clock{23, 59}, Days: [7]bool{true, true, true, true, true, true, true}}
	calendar := all.Calendar
	noon := func(days int) time.Time { return calendar.Instant(c.day.AddDays(days), Clock{12, 0}) }
	b, err := Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), all, noon(-4))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := b.Staff(t.Context(), people, noon(-4)); err != nil {
		t.Fatal(err)
	}
	c.scene, c.asks = &scene{TB: t, Book: b}, map[int64]Date{}
	acts := map[time.Time]func(now time.Time){
		noon(-2):                             func(now time.Time) { c.ask(now, priya) },
		noon(-1):                             func(now time.Time) { c.ask(now, ana); c.does(now, mark, Act{Kind: ActOffer, Ask: 1}) },
		calendar.Instant(c.day, Clock{3, 1}): func(now time.Time) { c.ask(now, sam) }, // around which clocks usually change
		noon(4):                              func(now time.Time) { c.does(now, priya, Act{Kind: ActClose, Ask: 1}) },
	}
	instants := []time.Time{}
	for when := range acts {
		instants = append(instants, when)
	}
	for d := -3; d <= 5; d++ {
		due := calendar.Instant(c.day.AddDays(d), at)
		instants = append(instants, due.Add(-time.Second), due, due.Add(time.Minute), noon(d), noon(d).Add(6*time.Hour))
	}
	for hour := range 50 { // every half hour of the day, and its ends
		instants = append(instants, calendar.Instant(c.day, Clock{0, 0}).Add(time.Duration(hour)*30*time.Minute))
	}
	slices.SortFunc(instants, time.Time.Compare)
	for _, now := range slices.Compact(instants) {
		if do := acts[now]; do != nil {
			do(now)
		}
		c.tick(now)
		c.tick(now) // at once once more changes nothing
	}
	c.told(t)
}

func (c *cycle) does(now time.Time, who string, act Act) Outcome {
	return c.eventAt(now, Event{Envelope: Envelope{From: who, Auth: Believed, MessageID: fmt.Sprintf("<%d@mail>", c.uid+1)}, Verdict: Accepted, Reason: "test", Acts: []Act{act}})
}

// ask is one, and notes which edition must bring it.
func (c *cycle) ask(now time.Time, who string) {
	o := c.does(now, who, Act{Kind: ActAsk, Title: "A", Text: "a"})
	if len(o.Facts) != 1 || o.Facts[0].Ask.Number == 0 {
		c.Fatalf("%+v", o.Facts)
	}
	local, at := now.In(c.zone), c.settings.Calendar.At
	date := DateOf(now, c.zone)
	if local.Hour()*60+local.Minute() >= at.Hour*60+at.Minute {
		date = date.AddDays(1)
	}
	c.asks[o.Facts[0].Ask.Number] = date
}

// tick is one pass of the clock and of the sender.
func (c *cycle) tick(now time.Time) {
	if _, err := c.Publish(c.Context(), now, say); err != nil {
		c.Fatal(err)
	}
	date := DateOf(now, c.zone)
	for _, line := range c.sendAt(now) {
		head, words, _ := strings.Cut(line, ": ")
		kind, to, _ := strings.Cut(head, " to ")
		if kind != KindDigest {
			if c.other[kind+" "+to]++; kind == KindDidItHelp && date != c.day.AddDays(2) {
				c.Errorf("%s comes on %s", head, date)
			}
			continue
		}
		if c.digests[to+" "+date.String()]++; c.digests[to+" "+date.String()] > 1 {
			c.Errorf("%s has two digests of %s", to, date)
		}
		for number, want := range c.asks {
			if strings.Contains(words, fmt.Sprintf("#%d ", number)) && c.other[fmt.Sprintf("ask %d to %s", number, to)] == 0 {
				c.other[fmt.Sprintf("ask %d to %s", number, to)]++
				if date != want {
					c.Errorf("%s reads of ask %d on %s, want %s", to, number, date, want)
				}
			}
		}
	}
}

// told is what everybody must have been told at the end.
func (c *cycle) told(t *testing.T) {
	for number, asker := range map[int64]string{1: priya, 2: ana, 3: sam} {
		for _, p := range people {
			if p.Email == asker || number == 1 && p.Email == mark {
				continue
			}
			if c.other[fmt.Sprintf("ask %d to %s", number, p.Email)] != 1 {
				t.Errorf("%s never read of ask %d (edition %s)", p.Email, number, c.asks[number])
			}
		}
	}
	for key, want := range map[string]int{"did_it_help priya@carpenter.example": 1, "introduction priya@carpenter.example": 1, "introduction mark@carpenter.example": 1} {
		if c.other[key] != want {
			t.Errorf("%s: %d letters, want %d", key, c.other[key], want)
		}
	}
	c.audited()
}
