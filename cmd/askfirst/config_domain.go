package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"askfirst/store"
)

// verify accepts what is built. A way of checking senders that is not built is
// refused rather than ignored: ignoring it would believe everybody.
func (d *decoder) verify(key string, v *value) {
	s, ok := d.scalar(key, v, 4096)
	if !ok {
		return
	}
	ways := []string{"none", "confirm", "authentication-results", "microsoft365", "dkim"}
	switch {
	case s == "none" || s == "confirm":
		d.c.Senders.Verify = s
	case slices.Contains(ways, s):
		d.complain(v.at, key, "until it is, none believes every sender: use it only where nobody outside can write to the help address",
			"%s: %s is not built yet", key, s)
	default:
		remedy := ""
		if guess := nearest(s, ways); guess != "" {
			remedy = "did you mean " + guess + "?"
		}
		d.complain(v.at, key, remedy, "%s must be one of %s, not %s", key, listed(ways, "or"), shown(s))
	}
}

// days reads the weekdays on which a digest may leave.
func (d *decoder) days(key string, v *value) {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	var days [7]bool
	items := d.items(key, v)
	for _, item := range items {
		name := strings.ToLower(item.text)
		i := slices.IndexFunc(names, func(short string) bool {
			full := strings.ToLower(time.Weekday(slices.Index(names, short)).String())
			return name == short || len(name) > 3 && strings.HasPrefix(full, name)
		})
		if i < 0 {
			remedy := "write mon, tue, wed, thu, fri, sat or sun"
			full := []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
			if guess := nearest(name, append(full, names...)); guess != "" {
				remedy = "did you mean " + guess[:3] + "?"
			}
			d.complain(item.at, key, remedy, "%s is not a day of the week", shown(item.text))
			continue
		}
		days[i] = true
	}
	if len(items) == 0 && !d.complained(key) {
		d.complain(v.at, key, "write for example [mon, tue, wed, thu, fri]", "%s names no day, so no digest would ever leave", key)
	}
	d.c.Digest.Days = days
}

// holidays reads single dates and closed ranges "first..last".
func (d *decoder) holidays(key string, v *value) {
	d.c.Digest.Holidays = nil
	for _, item := range d.items(key, v) {
		first, last, isRange := strings.Cut(item.text, "..")
		if !isRange {
			last = first
		}
		from, err := store.ParseDate(strings.TrimSpace(first))
		to, err2 := store.ParseDate(strings.TrimSpace(last))
		switch {
		case err != nil || err2 != nil:
			d.complain(item.at, key, `write "2026-12-21" or "2026-12-21..2027-01-01"`,
				"%s is not a date that exists, nor a range of dates", shown(item.text))
		case to.Before(from):
			d.complain(item.at, key, "put the earlier date first", "the holidays %s end before they begin", shown(item.text))
		default:
			d.c.Digest.Holidays = append(d.c.Digest.Holidays, store.DateRange{First: from, Last: to})
		}
	}
}

// book reads where the book is kept: a path.
func (d *decoder) book(key string, v *value) {
	s, ok := d.scalar(key, v, 4096)
	if !ok {
		return
	}
	path := strings.TrimPrefix(s, "file:")
	switch {
	case regexp.MustCompile(`^(?i)(postgres|postgresql|pgx|cockroachdb):`).MatchString(s):
		d.complain(v.at, key, "keep the book in a file for now: askfirst.db", "%s: a PostgreSQL book is not built yet", key)
	case strings.Contains(path, "://") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "?#"):
		d.complain(v.at, key, "write for example askfirst.db", "%s must be the path of a file", key)
	case path == "" || strings.HasSuffix(path, "/"):
		d.complain(v.at, key, "write for example askfirst.db", "%s must name a file, not a folder", key)
	default:
		d.c.Book = d.c.resolve(path)
	}
}

// templates reads the folder with a school's own templates.
func (d *decoder) templates(key string, v *value) {
	s, ok := d.scalar(key, v, 4096)
	if !ok {
		return
	}
	path := d.c.resolve(s)
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		d.complain(v.at, key, "create it, or remove the option", "%s: there is no folder %s", key, shown(filepath.Clean(path)))
		return
	}
	d.c.Templates = path
}

// listen reads where monitoring may ask: on this machine only.
func (d *decoder) listen(key string, v *value) {
	s, ok := d.scalar(key, v, 4096)
	if !ok {
		return
	}
	const example = "write for example 127.0.0.1:9464 or unix:monitor.sock"
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		if path == "" || strings.HasSuffix(path, "/") {
			d.complain(v.at, key, example, "%s must name a socket file", key)
			return
		}
		d.c.Monitor = s
		return
	}
	host, port, err := net.SplitHostPort(s)
	n, portErr := strconv.Atoi(port)
	switch {
	case err != nil || portErr != nil || n < 1 || n > 65535:
		d.complain(v.at, key, example, "%s must be a host and a port, not %s", key, shown(s))
	case !loopback(host):
		d.complain(v.at, key, example, "%s would answer the network; it may listen on this machine only", key)
	default:
		d.c.Monitor = s
	}
}

// language accepts any two-letter code; letters that have no translation yet
// are written in English, which deserves a remark and not a refusal.
func (d *decoder) language(into *string) func(string, *value) {
	return func(key string, v *value) {
		s, ok := d.scalar(key, v, 4096)
		if !ok {
			return
		}
		code, remark, err := parseLanguage(s)
		if err != nil {
			d.complain(v.at, key, "write for example en", "%s must be %s, not %s", key, err.Error(), shown(s))
			return
		}
		if remark != "" && !slices.ContainsFunc(d.c.notes, func(p Problem) bool { return strings.HasSuffix(p.Message, remark) }) {
			d.note(v.at, key, "", "%s: %s", key, remark)
		}
		*into = code
	}
}

func parseLanguage(s string) (code, remark string, err error) {
	code = strings.ToLower(s)
	if len(code) != 2 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz") != "" {
		return "", "", errors.New("a language code of two letters such as en, de, fr, es or nl")
	}
	if !slices.Contains([]string{"en", "de", "fr", "es", "nl"}, code) {
		remark = "there are no letters in " + shown(code) + " yet, they will be in English"
	}
	return code, remark, nil
}
