package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"askfirst/store"
)

// What a single value may be, and the sentence for what it is not.

// scalar is the text of a value that must be a single one.
func (d *decoder) scalar(key string, v *value, most int) (string, bool) {
	switch {
	case v.kind == nullKind:
		return "", false
	case v.kind != scalarKind:
		d.complain(v.at, key, "", "%s must be a single value, not a list or a group", key)
	case v.text == "":
		d.complain(v.at, key, "fill it in, or remove the option", "%s is empty", key)
	case len([]rune(v.text)) > most:
		d.complain(v.at, key, "", "%s is longer than %d characters", key, most)
	case strings.ContainsFunc(v.text, unprintable):
		d.complain(v.at, key, "", "%s must be one line without invisible characters", key)
	default:
		return v.text, true
	}
	return "", false
}

// unprintable is what must not reach a header or a screen: line breaks, control
// characters and the marks that turn the direction of text.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' ||
		r == '\u2028' || r == '\u2029' || r == '\ufeff' || r == unicode.ReplacementChar
}

func (d *decoder) text(into *string, most int) func(string, *value) {
	return func(key string, v *value) {
		if s, ok := d.scalar(key, v, most); ok {
			*into = s
		}
	}
}

func (d *decoder) whole(into *int, least, most int) func(string, *value) {
	return func(key string, v *value) {
		s, ok := d.scalar(key, v, 4096)
		if !ok {
			return
		}
		n, err := strconv.Atoi(s)
		switch {
		case err != nil:
			d.complain(v.at, key, "", "%s must be a whole number, not %s", key, shown(s))
		case n < least || n > most:
			d.complain(v.at, key, "", "%s must be between %d and %d, not %d", key, least, most, n)
		default:
			*into = n
		}
	}
}

// words reads a list of words; a single value is taken as a list split at commas.
func (d *decoder) words(into *[]string) func(string, *value) {
	return func(key string, v *value) {
		*into = nil
		for _, item := range d.items(key, v) {
			*into = append(*into, item.text)
		}
	}
}

// items are the single values of a list, without empty ones.
func (d *decoder) items(key string, v *value) []*value {
	var items []*value
	switch v.kind {
	case listKind:
		for _, item := range v.items {
			if _, ok := d.scalar(key, item, 200); ok {
				items = append(items, item)
			}
		}
	case scalarKind:
		if _, ok := d.scalar(key, v, 4096); ok {
			for _, s := range strings.Split(v.text, ",") {
				if s = strings.TrimSpace(s); s != "" {
					items = append(items, &value{text: s, at: v.at})
				}
			}
		}
	case mapKind:
		d.complain(v.at, key, "write [one, two]", "%s must be a list", key)
	}
	return items
}

// yes reads a yes or no in the words that people use.
func (d *decoder) yes(into *bool) func(string, *value) {
	return func(key string, v *value) {
		s, ok := d.scalar(key, v, 4096)
		if !ok {
			return
		}
		b, err := parseYes(s)
		if err != nil {
			d.complain(v.at, key, "", "%s must be true or false, not %s", key, shown(s))
		}
		*into = b
	}
}

func parseYes(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "yes", "y", "on", "1", "x":
		return true, nil
	case "false", "no", "n", "off", "0", "":
		return false, nil
	}
	return false, errors.New("neither yes nor no")
}

func (d *decoder) clock(into *store.Clock) func(string, *value) {
	return func(key string, v *value) {
		s, ok := d.scalar(key, v, 4096)
		if !ok {
			return
		}
		t, err := time.Parse("15:04", s)
		if err != nil {
			remedy := `write it like "07:30"`
			for _, layout := range []string{"15.04", "15h04", "1504", "3:04pm", "3:04 pm", "3pm", "3 pm", "15:04:05"} {
				if t, err := time.Parse(layout, strings.ToLower(s)); err == nil {
					remedy = fmt.Sprintf(`write it like "%s"`, t.Format("15:04"))
				}
			}
			d.complain(v.at, key, remedy, "%s must be a time of day, not %s", key, shown(s))
			return
		}
		*into = store.Clock{Hour: t.Hour(), Minute: t.Minute()}
	}
}

func (d *decoder) duration(into *time.Duration, least, most time.Duration, example string) func(string, *value) {
	return func(key string, v *value) {
		s, ok := d.scalar(key, v, 4096)
		if !ok {
			return
		}
		length, err := parseDuration(s)
		switch {
		case err != nil:
			d.complain(v.at, key, "write a number and s, m, h, d, w or y, like "+example, "%s must be a length of time, not %s", key, shown(s))
		case length < least:
			d.complain(v.at, key, "write for example "+example, "%s must be at least %s", key, durationText(least))
		case length > most:
			d.complain(v.at, key, "write for example "+example, "%s must be at most %s", key, durationText(most))
		default:
			*into = length
		}
	}
}

// parseDuration reads 60s, 5m, 12h, 30d, 8w and 1y; a year is 365 days.
func parseDuration(s string) (time.Duration, error) {
	m := regexp.MustCompile(`^([0-9]{1,5}) ?([smhdwy])$`).FindStringSubmatch(s)
	if m == nil {
		return 0, errors.New("not a length of time")
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0, err
	}
	unit := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": day, "w": 7 * day, "y": 365 * day}[m[2]]
	if n > int64(200*365*day/unit) {
		return 0, errors.New("longer than two hundred years")
	}
	return time.Duration(n) * unit, nil
}

// durationText is a length of time as parseDuration reads it.
func durationText(length time.Duration) string {
	switch {
	case length%day == 0:
		return fmt.Sprintf("%dd", length/day)
	case length%time.Hour == 0:
		return fmt.Sprintf("%dh", length/time.Hour)
	}
	return fmt.Sprintf("%ds", length/time.Second)
}

func (d *decoder) size(into *int64, least, most int64, example string) func(string, *value) {
	return func(key string, v *value) {
		s, ok := d.scalar(key, v, 4096)
		if !ok {
			return
		}
		n, err := parseSize(s)
		switch {
		case err != nil:
			d.complain(v.at, key, "write a number and KiB, MiB or GiB, like "+example, "%s must be a size, not %s", key, shown(s))
		case n < least || n > most:
			d.complain(v.at, key, "write for example "+example, "%s must be between %dKiB and %dMiB", key, least>>10, most>>20)
		default:
			*into = n
		}
	}
}

// parseSize reads 10MiB, 10MB, 10M and plain bytes.
func parseSize(s string) (int64, error) {
	m := regexp.MustCompile(`^([0-9]{1,9}) ?([kmg]?)(i?b)?$`).FindStringSubmatch(strings.ToLower(s))
	if m == nil || m[2] == "" && m[3] == "ib" {
		return 0, errors.New("not a size")
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0, err
	}
	base := int64(1024)
	if m[3] == "b" {
		base = 1000
	}
	power := map[string]int{"": 0, "k": 1, "m": 2, "g": 3}[m[2]]
	for range power {
		n *= base
	}
	return n, nil
}

func (d *decoder) since(key string, v *value) {
	s, ok := d.scalar(key, v, 4096)
	if !ok {
		return
	}
	if date, err := store.ParseDate(s); err == nil {
		d.firstDay = date
		return
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		d.c.Inbox.Since = t
		return
	}
	d.complain(v.at, key, "write it like 2026-11-23 or 2026-11-23T08:00:00Z", "%s must be a date or an instant, not %s", key, shown(s))
}
