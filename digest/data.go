package digest

import (
	"fmt"
	"strings"
	"time"

	"askfirst/store"
)

// dataView is what is known about a person, in words.
type dataView struct {
	Name, Group, Language string
	Since                 string
	Addresses, Knows      []string
	Leader                bool
	Rhythm, Until         string
	Sections              []dataSection
	Asks, Raw, Words      string // how long things are kept
}

type dataSection struct {
	Name  string
	Lines []string
	More  int
}

// UntilWords follows how digests come.
func (d dataView) UntilWords() string {
	if d.Until == "" {
		return ""
	}
	return ", until " + d.Until
}

// dataWords bounds one line; asks and thanks are quoted whole in letters of
// their own.
const dataWords = 300

// setData lays out what is known about the recipient.
func (p *page) setData(d *store.Data) (err error) {
	if d == nil {
		return nil
	}
	m := d.Member
	v := dataView{Name: fold(m.Name), Group: fold(m.Group), Language: fold(m.Language), Leader: m.Leader, Rhythm: d.Rhythm}
	if v.Since, err = p.day(d.Since); err != nil {
		return err
	}
	if !m.PausedUntil.IsZero() {
		if v.Until, err = p.lang.long(m.PausedUntil, p.now.today); err != nil {
			return err
		}
	}
	for _, a := range d.Addresses {
		v.Addresses = append(v.Addresses, fold(a))
	}
	for _, k := range m.Knows {
		v.Knows = append(v.Knows, fold(k))
	}
	for _, s := range d.Sections {
		view := dataSection{Name: s.Name, More: s.More}
		for _, l := range s.Lines {
			line, err := p.dataLine(l)
			if err != nil {
				return err
			}
			view.Lines = append(view.Lines, line)
		}
		v.Sections = append(v.Sections, view)
	}
	for _, k := range []struct {
		into *string
		long time.Duration
	}{{&v.Asks, d.Keep.Asks}, {&v.Raw, d.Keep.Raw}, {&v.Words, d.Keep.Words}} {
		if *k.into, err = p.lang.count("data.days", int(k.long/(24*time.Hour))); err != nil {
			return err
		}
	}
	p.Data = v
	return nil
}

// day is the local date of an instant.
func (p *page) day(at time.Time) (string, error) {
	return p.lang.long(p.now.cal.Date(at), p.now.today)
}

// dataLine is "Friday 21 November, #17 (open): a microscope".
func (p *page) dataLine(l store.DataLine) (string, error) {
	line, err := p.day(l.At)
	if err != nil {
		return "", err
	}
	if l.Ask != 0 {
		line += fmt.Sprintf(", #%d", l.Ask)
	}
	if state := fold(strings.ReplaceAll(l.State, "_", " ")); state != "" {
		line += " (" + state + ")"
	}
	if words := shorten(fold(l.Words), dataWords); words != "" {
		line += ": " + words
	}
	return line, nil
}
