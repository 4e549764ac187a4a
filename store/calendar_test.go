package store

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

// zones are the names of all zones that the system's list has; without one, a
// few that are odd.
func zones(t testing.TB) []string {
	t.Helper()
	list, err := os.ReadFile(filepath.Join("/usr/share/zoneinfo", "tzdata.zi"))
	if err != nil {
		return []string{"Europe/London", "Europe/Berlin", "America/New_York", "America/Nuuk", "Australia/Lord_Howe", "Africa/Casablanca",
			"Asia/Kathmandu", "Pacific/Apia", "Pacific/Kiritimati", "Africa/Cairo", "Asia/Beirut", "America/Havana", "America/Santiago"}
	}
	var names []string
	for line := range strings.Lines(string(list)) {
		f := strings.Fields(line)
		switch {
		case len(f) > 1 && f[0] == "Z":
			names = append(names, f[1])
		case len(f) > 2 && f[0] == "L":
			names = append(names, f[2])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// changes are the dates between 2024 and 2035 on which a zone's clocks change.
func changes(loc *time.Location) []Date {
	var dates []Date
	for t := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); t.Year() < 2036; {
		_, end := t.In(loc).ZoneBounds()
		if end.IsZero() || end.Year() >= 2036 {
			break
		}
		dates = append(dates, DateOf(end.Add(-time.Second), loc), DateOf(end, loc))
		t = end
	}
	return slices.Compact(dates)
}

var digestTimes = []Clock{{0, 0}, {1, 30}, {2, 30}, {7, 30}, {23, 59}}

// Every working day has exactly one edition in every zone, on the days before,
// of and after every change of clocks, whatever the digest's time.
func TestEditionsInAllZones(t *testing.T) {
	names := zones(t)
	if len(names) < 400 {
		t.Logf("only %d zones: the system has no list", len(names))
	}
	tried := 0
	for _, name := range names {
		loc, err := time.LoadLocation(name)
		if err != nil {
			continue
		}
		days := changes(loc)
		for _, at := range digestTimes {
			c := Calendar{Location: loc, At: at, LateUntil: Clock{23, 59}, Days: [7]bool{true, true, true, true, true, true, true}}
			b := &Book{settings: Settings{Calendar: c}, created: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
			for _, d := range days {
				around(t, b, name, d)
				tried++
			}
		}
	}
	t.Logf("%d days in %d zones", tried, len(names))
}

// around checks the editions of three days, minute by minute where it matters.
func around(t *testing.T, b *Book, zone string, day Date) {
	c := b.settings.Calendar
	for d := day.AddDays(-1); !day.AddDays(1).Before(d); d = d.AddDays(1) {
		at := c.Instant(d, c.At)
		if got := c.Date(at); got != d {
			t.Fatalf("%s: the digest of %s at %s leaves on %s", zone, d, c.At, got)
		}
		if before := b.dueEdition(at.Add(-time.Second)); before == d {
			t.Errorf("%s: the edition of %s is due before %s", zone, d, c.At)
		}
		for _, late := range []time.Duration{0, time.Millisecond, 59 * time.Second} {
			if got := b.dueEdition(at.Add(late)); got != d {
				t.Errorf("%s: at %s %s is due, want %s", zone, at.Add(late), got, d)
			}
		}
		if got := b.NextEdition(at.Add(-time.Nanosecond)); !got.Equal(at) {
			t.Errorf("%s: before %s the next edition is at %s", zone, at, got)
		}
		next := c.Instant(d.AddDays(1), c.At)
		if got := b.NextEdition(at); !got.Equal(next) || !next.After(at) {
			t.Errorf("%s: after %s the next edition is at %s, want %s", zone, at, got, next)
		}
		if got := c.EditionFor(at); got != d.AddDays(1) {
			t.Errorf("%s: what comes at %s goes into %s", zone, at, got)
		}
	}
}

// In a gap it is the time without the change, in a repeated hour the first.
func TestInstantAtChanges(t *testing.T) {
	for _, c := range []struct {
		zone, date string
		at         Clock
		want       string
	}{
		{"Europe/London", "2026-10-25", Clock{1, 30}, "2026-10-25T00:30:00Z"},
		{"Europe/London", "2026-03-29", Clock{1, 30}, "2026-03-29T01:30:00Z"},
		{"Europe/Berlin", "2026-10-25", Clock{2, 30}, "2026-10-25T00:30:00Z"},
		{"Europe/Berlin", "2026-03-29", Clock{2, 30}, "2026-03-29T01:30:00Z"},
		{"America/New_York", "2026-11-01", Clock{1, 30}, "2026-11-01T05:30:00Z"},
		{"America/New_York", "2026-03-08", Clock{2, 30}, "2026-03-08T07:30:00Z"},
		{"Australia/Lord_Howe", "2026-04-05", Clock{1, 45}, "2026-04-04T14:45:00Z"},
		{"Australia/Lord_Howe", "2026-10-04", Clock{2, 10}, "2026-10-03T15:40:00Z"},
		{"Australia/Lord_Howe", "2026-10-04", Clock{3, 10}, "2026-10-03T16:10:00Z"}, // half an hour behind the gap
		{"Africa/Cairo", "2026-04-24", Clock{0, 0}, "2026-04-23T22:00:00Z"},
		{"America/Havana", "2026-11-01", Clock{0, 30}, "2026-11-01T04:30:00Z"},
	} {
		loc, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		d, _ := ParseDate(c.date)
		got := Calendar{Location: loc}.Instant(d, c.at)
		if got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s %s in %s is %s, want %s", c.date, c.at, c.zone, got.UTC().Format(time.RFC3339), c.want)
		}
	}
}

// A digest time without a later end still leaves a whole minute to be noticed.
func TestTheLastMinuteIsAMinute(t *testing.T) {
	c := settings(t).Calendar
	c.At, c.LateUntil = Clock{23, 59}, Clock{23, 59}
	b := &Book{settings: Settings{Calendar: c}, created: at(t, "2026-11-20 12:00")}
	for moment, want := range map[string]string{"2026-11-23T23:58:59Z": "", "2026-11-23T23:59:00Z": "2026-11-23", "2026-11-23T23:59:59Z": "2026-11-23", "2026-11-24T00:00:00Z": ""} {
		now, _ := time.Parse(time.RFC3339, moment)
		if got := b.dueEdition(now).String(); got != want {
			t.Errorf("at %s: %q, want %q", moment, got, want)
		}
	}
}

// Working days are counted past weekends and holidays; a calendar without any
// ends every search.
func TestWorkingDays(t *testing.T) {
	c := settings(t).Calendar
	day := func(s string) Date {
		d, err := ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	c.Holidays = []DateRange{{day("2026-11-25"), day("2026-11-26")}}
	never := c
	never.Days = [7]bool{}
	for _, r := range []struct{ got, want any }{
		{c.Previous(day("2026-11-23")), "2026-11-20"},
		{c.Previous(day("2026-11-27")), "2026-11-24"},
		{c.Next(day("2026-11-24")), "2026-11-27"},
		{c.Next(day("2026-11-27")), "2026-11-30"},
		{c.Add(day("2026-11-23"), 0), "2026-11-23"},
		{c.Add(day("2026-11-23"), 3), "2026-11-30"},
		{c.Between(day("2026-11-23"), day("2026-11-30")), 3},
		{c.Between(day("2026-11-23"), day("2026-11-23")), 0},
		{c.Between(day("2026-11-27"), day("2026-11-29")), 0},
		{c.Between(day("2026-12-31"), day("2027-01-01")), 1},
		{c.Between(day("2026-11-30"), day("2026-11-23")), 0},
		{never.Next(day("2026-11-23")), ""},
		{never.Previous(day("2026-11-23")), ""},
		{never.Add(day("2026-11-23"), 2), ""},
		{never.EditionFor(at(t, "2026-11-23 07:00")), ""},
		{c.EditionFor(at(t, "2026-11-22 06:00")), "2026-11-23"}, // a Sunday
		{c.EditionFor(at(t, "2026-11-25 06:00")), "2026-11-27"}, // a holiday
		{c.EditionFor(at(t, "2026-11-23 07:29")), "2026-11-23"},
		{c.EditionFor(at(t, "2026-11-23 07:30")), "2026-11-24"},
	} {
		if fmt.Sprint(r.got) != fmt.Sprint(r.want) {
			t.Errorf("got %v, want %v", r.got, r.want)
		}
	}
}
