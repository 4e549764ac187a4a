package store

import (
	"fmt"
	"time"
)

// Date is a day in the exchange's time zone. The zero Date is "no date".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the date of an instant in a location.
func DateOf(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-11-23" and refuses days that do not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date like 2026-11-23", s)
	}
	return DateOf(t, time.UTC), nil
}

// IsZero says that there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String is the date as 2026-11-23, "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// AddDays counts calendar days.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 12, 0, 0, 0, time.UTC), time.UTC)
}

// Before says whether d is an earlier day than e.
func (d Date) Before(e Date) bool {
	if d.Year != e.Year {
		return d.Year < e.Year
	}
	if d.Month != e.Month {
		return d.Month < e.Month
	}
	return d.Day < e.Day
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC).Weekday()
}

// Clock is a local time of day.
type Clock struct{ Hour, Minute int }

// String is the time as 07:30.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c.Hour, c.Minute) }

// DateRange is a closed range of dates, both ends included.
type DateRange struct{ First, Last Date }

// Calendar knows on which days and at what time the exchange speaks.
type Calendar struct {
	Location  *time.Location
	At        Clock   // when the digest leaves
	LateUntil Clock   // until when a late digest still leaves; later it merges into the next
	Days      [7]bool // by time.Weekday
	Holidays  []DateRange
}

// horizon bounds every search for a working day: a calendar whose holidays
// cover ten years has none, and a search must end.
const horizon = 3660

// Working says whether d is a working day outside the holidays.
func (c Calendar) Working(d Date) bool {
	if !c.Days[d.Weekday()] {
		return false
	}
	for _, r := range c.Holidays {
		if !d.Before(r.First) && !r.Last.Before(d) {
			return false
		}
	}
	return true
}

// Date is the local date of an instant.
func (c Calendar) Date(t time.Time) Date { return DateOf(t, c.Location) }

// Next is the first working day after d; zero when there is none.
func (c Calendar) Next(d Date) Date {
	for range horizon {
		if d = d.AddDays(1); c.Working(d) {
			return d
		}
	}
	return Date{}
}

// Previous is the last working day before d; zero when there is none.
func (c Calendar) Previous(d Date) Date {
	for range horizon {
		if d = d.AddDays(-1); c.Working(d) {
			return d
		}
	}
	return Date{}
}

// Add is the n-th working day after d; zero when there is none.
func (c Calendar) Add(d Date, n int) Date {
	for ; n > 0 && !d.IsZero(); n-- {
		d = c.Next(d)
	}
	return d
}

// Between counts the working days after first, up to and including last.
func (c Calendar) Between(first, last Date) int {
	n := 0
	for d := first.AddDays(1); !last.Before(d); d = d.AddDays(1) {
		if c.Working(d) {
			n++
		}
	}
	return n
}

// Instant is when a clock on the wall shows the time on that date. In the gap
// of a daylight-saving change it is the instant that the clock would have shown
// without the change; in a repeated hour it is the first of the two.
//
// time.Date promises neither: which side of a change it takes depends on the zone.
func (c Calendar) Instant(d Date, at Clock) time.Time {
	wall := time.Date(d.Year, d.Month, d.Day, at.Hour, at.Minute, 0, 0, time.UTC)
	shifted := func(by time.Duration) time.Time { // by the offset that holds then
		_, offset := wall.Add(by).In(c.Location).Zone()
		return wall.Add(-time.Duration(offset) * time.Second).In(c.Location)
	}
	shows := func(t time.Time) bool { return c.Date(t) == d && t.Hour() == at.Hour && t.Minute() == at.Minute }
	before, after := shifted(-24*time.Hour), shifted(24*time.Hour)
	if !shows(before) && (shows(after) || c.Date(before) != d) { // a gap may reach midnight
		return after
	}
	return before
}

// EditionFor is the date of the edition that carries what is accepted at t: the
// first working day whose digest time lies after t. Zero when there is none.
func (c Calendar) EditionFor(t time.Time) Date {
	d := c.Date(t)
	if c.Working(d) && t.Before(c.Instant(d, c.At)) {
		return d
	}
	return c.Next(d)
}
