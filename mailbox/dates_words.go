package mailbox

import (
	"strconv"
	"strings"
	"time"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// Dates without figures, or with a single one: weekdays, "the 27th", "end of
// November", "tomorrow", "two more weeks".

// weekday reads "Thursday", and "Fri" after a preposition: the next such day.
// "This Friday" may be today; "next Friday" is that of the next week where
// people say so (en, de, nl), and the coming one elsewhere.
func (r dateReader) weekday(i int) (datePhrase, bool) {
	n, ok := r.weekdayName(i)
	if !ok {
		return datePhrase{}, false
	}
	last := i + 1
	if day, ok := r.day(last); ok && strings.Trim(r.word(last), "0123456789") != "" {
		for n := range 40 { // "Friday 27th": the next 27th that is one
			if d := r.today.AddDays(n); d.Day == day {
				return datePhrase{date: d, last: last + 1, exact: true}, true
			}
		}
	}
	distance := (n - int(r.today.Weekday()) + 7) % 7
	switch next := r.lineAt(last, "nextweek"); {
	case r.word(last) == "week":
		distance, last = distance+7, last+1 // "Friday week"
	case next > last:
		return datePhrase{date: r.nextMonday().AddDays((n + 6) % 7), last: next}, true // "Friday next week"
	case r.vocabulary.Is("thisday", r.word(i-1)):
		// today, if it is that day
	case r.vocabulary.Is("nextday", r.word(i-1)):
		return datePhrase{date: r.nextMonday().AddDays((n + 6) % 7), last: last}, true
	case distance == 0:
		distance = 7
	}
	if r.word(i-1) == "on" && r.word(i-2) == "week" {
		distance += 7 // "a week on Friday"
	}
	return datePhrase{date: r.today.AddDays(distance), last: last}, true
}

// weekdayName reads the name of a weekday, abbreviated after a preposition. Two
// letters are many other words: they want a dot, a capital or a word of their
// language before them.
func (r dateReader) weekdayName(i int) (int, bool) {
	n, ok := r.vocabulary.Value("weekday", r.word(i))
	if ok || !r.vocabulary.Is("by", r.word(i-1)) && r.word(i-1) != "on" && r.word(i-1) != "am" && r.word(i-1) != "op" {
		return n, ok
	}
	t := r.tokens[i]
	if len(t.Fold) == 2 && t.After != '.' && (!t.Name() || i+1 < len(r.tokens)) {
		switch r.word(i - 1) {
		case "bis", "tot", "am", "op":
		default:
			return 0, false
		}
	}
	return r.vocabulary.Value("weekdayabbr", t.Fold)
}

// dayName reads a weekday, abbreviated or not.
func (r dateReader) dayName(i int) (int, bool) {
	if n, ok := r.vocabulary.Value("weekday", r.word(i)); ok {
		return n, true
	}
	return r.vocabulary.Value("weekdayabbr", r.word(i))
}

// nextMonday is the first day of the next week.
func (r dateReader) nextMonday() store.Date {
	days := (8 - int(r.today.Weekday())) % 7
	if days == 0 {
		days = 7
	}
	return r.today.AddDays(days)
}

// lineAt is where an entry of a class that begins at token i ends, the longest;
// i: none does. A small "of" may come first.
func (r dateReader) lineAt(i int, class words.Class) int {
	if w := r.word(i); (w == "of" || w == "de" || w == "der" || w == "van") && i+1 < len(r.tokens) {
		if end := r.lineAt(i+1, class); end > i+1 {
			return end
		}
	}
	if !r.vocabulary.Begins(r.word(i), class) {
		return i
	}
	for n := min(6, len(r.tokens)-i); n >= 1; n-- {
		if r.vocabulary.IsLine(class, joinFolded(r.tokens[i:i+n])) {
			return i + n
		}
	}
	return i
}

// dayAlone reads the day of a month without the month, where a word announces a
// date: "until the 27th", "am 27.", "jusqu'au 27".
func (r dateReader) dayAlone(i int) (datePhrase, bool) {
	day, ok := r.day(i)
	if !ok || i == 0 {
		return datePhrase{}, false
	}
	t, before := r.tokens[i], r.word(i-1)
	by := r.vocabulary.Is("by", r.word(i-2)) || r.vocabulary.Is("by", before)
	bare := i+1 == len(r.tokens) || t.After != 0 || r.vocabulary.Is("by", r.word(i+1)) || r.vocabulary.Is("dayprep", r.word(i+1)) || r.vocabulary.Is("small", r.word(i+1))
	switch {
	case !bare:
		return datePhrase{}, false
	case !t.Number(): // "the 27th", "de 27e"
		if before != "the" && before != "de" && before != "den" || !by && r.word(i-2) != "on" && r.word(i-2) != "op" {
			return datePhrase{}, false
		}
	case t.After == '.' && (before == "am" || before == "zum" || before == "bis" || before == "den"):
	case before == "jusquau", r.vocabulary.Is("by", r.word(i-2)) && (before == "le" || before == "el" || before == "del"), before == "del" && r.word(i-2) == "antes":
	default:
		return datePhrase{}, false
	}
	for n := range 62 {
		if d := r.today.AddDays(n); d.Day == day {
			return datePhrase{date: d, last: i + 1, exact: true}, true
		}
	}
	return datePhrase{}, false
}

// monthPart reads "end of November", "Mitte Dezember", "mi-décembre", and "until
// December", which is its first day.
func (r dateReader) monthPart(i int) (datePhrase, bool) {
	day, at := 0, i
	for _, part := range [...]struct {
		class words.Class
		day   int
	}{{"monthend", 31}, {"monthmid", 15}, {"monthstart", 1}} {
		if end := r.lineAt(i, part.class); end > i {
			day, at = part.day, end
		}
	}
	word := r.word(at)
	if prefix, rest, ok := strings.Cut(word, "-"); ok && day == 0 && r.vocabulary.Is("monthmid", prefix) {
		day, word = 15, rest // "mid-December"
	}
	month, ok := r.vocabulary.Value("month", word)
	if !ok || day == 0 && !r.vocabulary.Is("by", r.word(i-1)) {
		return datePhrase{}, false
	}
	if _, abbreviated := r.vocabulary.Value("weekdayabbr", word); abbreviated && day == 0 && r.word(i-1) != "by" && r.word(i-1) != "until" {
		return datePhrase{}, false // "avant mar." is a Tuesday
	}
	year, last := r.year(at + 1)
	if year == 0 {
		year = r.today.Year
		if time.Month(month) < r.today.Month || day <= 1 && time.Month(month) == r.today.Month && r.today.Day > 1 {
			year++
		}
	}
	d := store.Date{Year: year, Month: time.Month(month), Day: max(1, day)}
	if day == 31 {
		d = store.DateOf(time.Date(year, time.Month(month)+1, 0, 12, 0, 0, 0, time.UTC), time.UTC)
	}
	return datePhrase{date: d, last: last, exact: true}, true
}

// phrase reads "tomorrow", "next week" (its Monday), "end of the month".
func (r dateReader) phrase(i int) (datePhrase, bool) {
	if !r.vocabulary.Begins(r.word(i), "nextweek", "endnextweek", "endweek", "nextmonth", "endmonth", "shift") || r.greets(i) {
		return datePhrase{}, false
	}
	if end := r.lineAt(i, "endnextweek"); end > i {
		return datePhrase{date: r.nextMonday().AddDays(4), last: end}, true
	}
	for n := min(6, len(r.tokens)-i); n >= 1; n-- {
		line := joinFolded(r.tokens[i : i+n])
		switch {
		case r.vocabulary.IsLine("nextweek", line):
			if day, ok := r.vocabulary.Value("weekday", r.word(i+n)); ok {
				return datePhrase{date: r.nextMonday().AddDays((day + 6) % 7), last: i + n + 1}, true // "nächste Woche Freitag"
			}
			return datePhrase{date: r.nextMonday(), last: i + n}, true
		case r.vocabulary.IsLine("endweek", line):
			return datePhrase{date: r.today.AddDays((5 - int(r.today.Weekday()) + 7) % 7), last: i + n}, true
		case r.vocabulary.IsLine("nextmonth", line):
			return datePhrase{date: store.DateOf(time.Date(r.today.Year, r.today.Month+1, 1, 12, 0, 0, 0, time.UTC), time.UTC), last: i + n}, true
		case r.vocabulary.IsLine("endmonth", line):
			return datePhrase{date: store.DateOf(time.Date(r.today.Year, r.today.Month+1, 0, 12, 0, 0, 0, time.UTC), time.UTC), last: i + n}, true
		}
		if shift, ok := r.vocabulary.Value("shift", line); ok {
			return datePhrase{date: r.today.AddDays(shift), last: i + n}, true
		}
	}
	return datePhrase{}, false
}

// greets says whether the word at i is no day but a part of one, or of a
// greeting: "guten Morgen", "por la mañana".
func (r dateReader) greets(i int) bool {
	for n := 1; n <= 2 && i-n >= 0; n++ {
		if r.vocabulary.IsLine("notday", joinFolded(r.tokens[i-n:i+1])) {
			return true
		}
	}
	return false
}

// length reads "2 weeks", "two more weeks", "another month", "a fortnight". With
// "in" before it, it is a day.
func (r dateReader) length(i int) (datePhrase, bool) {
	n, ok := r.vocabulary.Value("cardinal", r.word(i))
	if !ok {
		n, ok = r.vocabulary.Value("numeral", r.word(i))
	}
	if !ok && r.tokens[i].Number() && len(r.word(i)) <= 3 {
		n, _ = strconv.Atoi(r.word(i)) // up to three digits
		ok = n > 0
	}
	if !ok {
		return datePhrase{}, false
	}
	at := i + 1
	for at < i+3 && (r.vocabulary.Is("moreword", r.word(at)) || r.word(at) == "of") {
		at++
	}
	unit, ok := r.vocabulary.Value("dayunit", r.word(at))
	if !ok || n*unit > 400 {
		return datePhrase{}, false
	}
	at++
	if r.word(at) == "on" {
		if _, ok := r.vocabulary.Value("weekday", r.word(at+1)); ok && n == 1 && unit == 7 {
			return r.weekday(at + 1) // "a week on Friday"
		}
	}
	if r.vocabulary.Is("moreword", r.word(at)) {
		at++
	}
	return datePhrase{date: r.today.AddDays(n * unit), last: at, length: !r.vocabulary.Is("within", r.word(i-1))}, true
}
