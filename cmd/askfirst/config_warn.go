package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"askfirst/store"
)

// calendarNotice is how long before its end a calendar asks to be continued.
const calendarNotice = 20

// Warnings is what is allowed and yet worth a look, at an instant.
func (c *Config) Warnings(now time.Time) []Problem {
	w := append([]Problem(nil), c.notes...)
	add := func(key, remedy, format string, args ...any) {
		w = append(w, Problem{File: c.Path, Key: key, Message: fmt.Sprintf(format, args...), Remedy: remedy})
	}
	if c.Exchange.Admin == "" {
		add("exchange.admin", "name who looks after the exchange", "exchange.admin is not set, so nobody hears of trouble")
	}
	c.warnCalendar(store.DateOf(now, c.Exchange.Location), add)
	leaders := 0
	for _, p := range c.Staff {
		if p.Leader {
			leaders++
		}
	}
	if leaders == 0 {
		add("staff", "mark the people in charge with leader: true", "nobody on the staff list is a leader, and asking becomes normal when leaders ask first")
	}
	c.warnProvider(add)
	for _, e := range []struct {
		name     string
		endpoint Endpoint
	}{{"inbox", c.Inbox.Endpoint}, {"smtp", c.SMTP.Endpoint}} {
		if e.endpoint.SecretFile == "" {
			continue
		}
		// Windows has no such bits; there the mode says 0666 for every file.
		if info, err := os.Stat(e.endpoint.SecretFile); err == nil && os.PathSeparator == '/' && info.Mode().Perm()&0o077 != 0 {
			add(e.name+".password_file", "chmod 600 "+e.endpoint.SecretFile,
				"%s.password_file can be read by other users of this machine (mode %04o)", e.name, info.Mode().Perm())
		}
	}
	return w
}

func (c *Config) warnCalendar(today store.Date, add func(key, remedy, format string, args ...any)) {
	if len(c.Digest.Holidays) == 0 {
		add("digest.holidays", `add them like holidays: ["2026-12-21..2027-01-01"]`, "digest.holidays is empty, so digests leave in the holidays too")
		return
	}
	var last store.Date
	for _, r := range c.Digest.Holidays {
		if last.Before(r.Last) {
			last = r.Last
		}
	}
	switch {
	case last.Before(today):
		add("digest.holidays", "add the next ones", "the last holiday in the calendar is over since %s", last)
	case last.Before(today.AddDays(calendarNotice)):
		add("digest.holidays", "add the next ones", "the last holiday in the calendar ends on %s", last)
	}
}

func (c *Config) warnProvider(add func(key, remedy, format string, args ...any)) {
	if p := providerOf(c.Inbox.Host); p != nil && p.noLogin != "" && c.Inbox.Secret != nil {
		add("inbox.host", "sign in with inbox.oauth2 instead of a password", "%s", p.noLogin)
	}
	p := providerOf(c.SMTP.Host)
	if p == nil {
		return
	}
	if p.perMinute > 0 && (c.SMTP.PerMinute == 0 || c.SMTP.PerMinute > p.perMinute) {
		add("smtp.per_minute", fmt.Sprintf("write per_minute: %d", p.perMinute), "%s accepts %d messages a minute and refuses the rest", p.name, p.perMinute)
	}
	if p.perDay > 0 && len(c.Staff) > p.perDay*3/4 {
		add("smtp.host", "send through a relay of your own", "%s accepts about %d messages a day, and one digest has %d", p.name, p.perDay, len(c.Staff))
	}
	if c.SMTP.PerMinute > 0 && len(c.Staff) > c.SMTP.PerMinute*60*3 {
		add("smtp.per_minute", "", "at %d messages a minute a digest to %d people takes %s", c.SMTP.PerMinute, len(c.Staff),
			strings.TrimSuffix((time.Duration(len(c.Staff)/c.SMTP.PerMinute)*time.Minute).String(), "0s"))
	}
}
