package main

import (
	"slices"

	"askfirst/mailbox/hold"
)

// The key hold: what, besides phone numbers, passwords and the like, an ask is
// held for until its writer has said "send", and what it is not held for.

// holdOptions is the keys under hold.
func (d *decoder) holdOptions() []option {
	return []option{
		{key: "words", read: d.each(&d.c.Hold.Words, "write a word or a short phrase, such as EHCP", func(s string) error {
			_, err := hold.Phrase(s)
			return err
		})},
		{key: "patterns", read: d.each(&d.c.Hold.Patterns, `write a regular expression (RE2) between single quotes, such as '\bEHCP\b'`, func(s string) error {
			_, err := hold.Pattern(s)
			return err
		})},
		{key: "off", read: d.holdOff},
	}
}

// each reads a list of which every item must pass.
func (d *decoder) each(into *[]string, remedy string, check func(string) error) func(string, *value) {
	return func(key string, v *value) {
		*into = nil
		items := d.items(key, v)
		if v.kind == scalarKind { // a comma may belong to it
			items = nil
			if s, ok := d.scalar(key, v, 200); ok {
				items = []*value{{text: s, at: v.at}}
			}
		}
		for _, item := range items {
			if err := check(item.text); err != nil {
				d.complain(item.at, key, remedy, "%s: %s %s", key, shown(item.text), err.Error())
				continue
			}
			*into = append(*into, item.text)
		}
	}
}

func (d *decoder) holdOff(key string, v *value) {
	d.c.Hold.Off = nil
	var names []string
	for _, c := range hold.Codes() {
		names = append(names, string(c))
	}
	for _, item := range d.items(key, v) {
		if slices.Contains(names, item.text) {
			d.c.Hold.Off = append(d.c.Hold.Off, item.text)
			continue
		}
		remedy := "the kinds are " + listed(names, "and")
		if guess := nearest(item.text, names); guess != "" {
			remedy = "did you mean " + guess + "?"
		}
		d.complain(item.at, key, remedy, "%s: %s is nothing that an ask is held for", key, shown(item.text))
	}
}

// finishHold makes the detector.
func (d *decoder) finishHold() {
	o := d.c.Hold
	if len(o.Words)+len(o.Patterns)+len(o.Off) == 0 {
		return
	}
	detector, err := hold.New(o)
	if err != nil {
		d.complain(d.place("hold"), "hold", "keep those that matter", "hold: %s", err.Error())
		return
	}
	d.c.detector = detector
}
