package digest

import (
	"fmt"
	"strings"
	texttemplate "text/template"

	"askfirst/store"
)

// language is one language's strings, with what of them is needed as lists.
type language struct {
	tag           string
	set           *texttemplate.Template
	weekdays      []string // by time.Weekday
	weekdaysShort []string
	months        []string // January first
	monthsShort   []string
	glue          map[string]bool // words that no line may begin with, see wrap
	greetings     []string
	closings      []string
	clauses       map[string]bool // first words of thanks that continue a sentence
}

func newLanguage(tag string, set *texttemplate.Template) (*language, error) {
	l := &language{tag: tag, set: set, glue: map[string]bool{}, clauses: map[string]bool{}}
	for _, list := range []struct {
		name string
		want int
		to   *[]string
	}{
		{"weekdays", 7, &l.weekdays}, {"weekdays.short", 7, &l.weekdaysShort},
		{"months", 12, &l.months}, {"months.short", 12, &l.monthsShort},
	} {
		s, err := l.say(list.name, nil)
		if err != nil {
			return nil, err
		}
		if *list.to = strings.Fields(s); len(*list.to) != list.want {
			return nil, fmt.Errorf("templates: %s/words.txt: %q lists %d names instead of %d", tag, list.name, len(*list.to), list.want)
		}
	}
	for name, to := range map[string]map[string]bool{"glue": l.glue, "thanks.clauses": l.clauses} {
		s, err := l.say(name, nil)
		if err != nil {
			return nil, err
		}
		for _, w := range strings.Fields(s) {
			to[w] = true
		}
	}
	for name, to := range map[string]*[]string{"greetings": &l.greetings, "closings": &l.closings} {
		s, err := l.say(name, nil)
		if err != nil {
			return nil, err
		}
		for w := range strings.SplitSeq(s, ",") {
			*to = append(*to, strings.ToLower(strings.TrimSpace(w)))
		}
	}
	return l, nil
}

// dir is the writing direction of the language.
func (l *language) dir() string {
	base, _, _ := strings.Cut(l.tag, "-")
	switch base {
	case "ar", "fa", "he", "ur", "yi":
		return "rtl"
	}
	return "ltr"
}

// say gives one string of words.txt.
func (l *language) say(name string, data any) (string, error) {
	var b strings.Builder
	if err := l.set.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("templates: %w", err)
	}
	return strings.TrimSpace(b.String()), nil
}

// plural is the CLDR plural category of n, for the languages that have only
// "one" and "other".
func (l *language) plural(n int) string {
	one := n == 1
	if base, _, _ := strings.Cut(l.tag, "-"); base == "fr" || base == "pt" {
		one = n == 0 || n == 1
	}
	if one {
		return "one"
	}
	return "other"
}

// count gives the plural form of a string, "offers.one" or "offers.other".
func (l *language) count(name string, n int) (string, error) {
	return l.say(name+"."+l.plural(n), n)
}

// dayWords are the parts from which a language builds its dates.
type dayWords struct {
	Weekday, WeekdayShort, Month, MonthShort string
	Day, Year                                int
	At                                       string // time of day
}

func (l *language) day(d store.Date, at store.Clock) dayWords {
	m := max(int(d.Month), 1) - 1
	return dayWords{
		Weekday: l.weekdays[d.Weekday()], WeekdayShort: l.weekdaysShort[d.Weekday()],
		Month: l.months[m%12], MonthShort: l.monthsShort[m%12],
		Day: d.Day, Year: d.Year, At: at.String(),
	}
}

// long is "Thursday 27 November", with the year when it is far away.
func (l *language) long(d, today store.Date) (string, error) {
	name := "date.long"
	if today.AddDays(300).Before(d) || d.Before(today.AddDays(-300)) {
		name = "date.year"
	}
	return l.say(name, l.day(d, store.Clock{}))
}

// short is "Thu 27 Nov".
func (l *language) short(d store.Date) (string, error) {
	return l.say("date.short", l.day(d, store.Clock{}))
}

// when is the date of an edition as people say it: "tomorrow at 07:30",
// "on Monday at 07:30". late says that the time of day has passed already.
func (l *language) when(d, today store.Date, at store.Clock, late bool) (string, error) {
	name := "when.far"
	switch {
	case d.IsZero() || d.Before(today):
		name = "when.next"
	case d == today && late:
		name = "when.late"
	case d == today:
		name = "when.today"
	case d == today.AddDays(1):
		name = "when.tomorrow"
	case d.Before(today.AddDays(7)):
		name = "when.week"
	}
	return l.say(name, l.day(d, at))
}

// since is "since Friday", with the date when that Friday is not the last one.
func (l *language) since(d, today store.Date) (string, error) {
	name := "since.week"
	if !today.Before(d.AddDays(7)) {
		name = "since.far"
	}
	return l.say(name, l.day(d, store.Clock{}))
}
