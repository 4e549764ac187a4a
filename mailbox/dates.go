package mailbox

import (
	"strconv"
	"strings"
	"time"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// Dates in people's words, read against today: "by Thursday", "27 Nov",
// "7.12.", "bis Freitag", "2 more weeks". The day comes before the month in
// numbers, as in Europe, unless only the other order makes a date.

// datePhrase is a date in a run of tokens: tokens[first:last].
type datePhrase struct {
	date        store.Date
	first, last int
	exact       bool // names a day of a month, not only a weekday or a distance
	length      bool // a length of time ("2 weeks") rather than a day
}

// dateReader reads dates in one run of tokens.
type dateReader struct {
	vocabulary *words.Vocabulary
	tokens     []words.Token
	today      store.Date
}

// findDates returns the dates in the tokens, in order, none inside another.
func findDates(v *words.Vocabulary, tokens []words.Token, today store.Date) []datePhrase {
	if today.IsZero() {
		return nil
	}
	r := dateReader{v, tokens, today}
	var found []datePhrase
	for i := 0; i < len(tokens); {
		d, ok := r.at(i)
		if !ok || d.last <= i {
			i++
			continue
		}
		found = append(found, d)
		i = d.last
	}
	return found
}

// at reads the date that begins at token i.
func (r dateReader) at(i int) (datePhrase, bool) {
	readers := [...]func(int) (datePhrase, bool){r.numeric, r.dayMonth, r.monthDay, r.weekday, r.phrase, r.length}
	for _, read := range readers {
		if d, ok := read(i); ok {
			d.first = i
			return d, true
		}
	}
	return datePhrase{}, false
}

func (r dateReader) word(i int) string {
	if i < 0 || i >= len(r.tokens) {
		return ""
	}
	return r.tokens[i].Fold
}

// numeric reads 2026-11-27, 27.11.2026, 27.11., 27/11/2026 and, after a
// preposition, 27/11.
func (r dateReader) numeric(i int) (datePhrase, bool) {
	raw := r.tokens[i].Raw
	if raw[0] < '0' || raw[0] > '9' {
		return datePhrase{}, false
	}
	if d, err := store.ParseDate(raw); err == nil {
		return datePhrase{date: d, last: i + 1, exact: true}, true
	}
	sep := "."
	if strings.Contains(raw, "/") {
		sep = "/"
	}
	fields := strings.Split(strings.TrimSuffix(raw, "."), sep)
	if len(fields) != 2 && len(fields) != 3 || !strings.Contains(raw, sep) {
		return datePhrase{}, false
	}
	if len(fields) == 2 && !strings.HasSuffix(raw, ".") && !r.preposition(i-1) {
		return datePhrase{}, false // 7.12 may be a price, 1/2 a half
	}
	var n [3]int
	for j, f := range fields {
		var err error
		if n[j], err = strconv.Atoi(f); err != nil || len(f) > 4 {
			return datePhrase{}, false
		}
	}
	day, month, year := n[0], n[1], n[2]
	if month > 12 && day <= 12 {
		day, month = month, day
	}
	if len(fields) == 3 && year < 100 {
		year += 2000
	}
	d, ok := r.date(day, month, year)
	return datePhrase{date: d, last: i + 1, exact: true}, ok
}

// dayMonth reads "27 November", "27. Nov 2026", "27th of November", "1er mars",
// "1 de septiembre", with a weekday before it or not.
func (r dateReader) dayMonth(i int) (datePhrase, bool) {
	at := i
	if _, ok := r.dayName(at); ok {
		at++
		if r.vocabulary.Is("dayprep", r.word(at)) {
			at++ // "Friday the 27th", "Freitag, den 27."
		}
	}
	day, ok := r.day(at)
	if !ok {
		return datePhrase{}, false
	}
	at++
	if w := r.word(at); w == "of" || w == "de" {
		at++
	}
	month, ok := r.vocabulary.Value("month", r.word(at))
	if !ok {
		return datePhrase{}, false
	}
	at++
	year, at := r.year(at)
	d, ok := r.date(day, month, year)
	return datePhrase{date: d, last: at, exact: true}, ok
}

// monthDay reads "November 27th" and "Nov 27, 2026".
func (r dateReader) monthDay(i int) (datePhrase, bool) {
	at := i
	if _, ok := r.dayName(at); ok {
		at++
	}
	month, ok := r.vocabulary.Value("month", r.word(at))
	if !ok || !r.tokens[at].Name() && !r.preposition(at-1) { // "we march 2 by 2", "may 1 be enough"
		return datePhrase{}, false
	}
	at++
	if r.word(at) == "the" {
		at++
	}
	day, ok := r.day(at)
	if !ok {
		return datePhrase{}, false
	}
	year, at := r.year(at + 1)
	d, ok := r.date(day, month, year)
	return datePhrase{date: d, last: at, exact: true}, ok
}

// day reads 27, 27th, 1er.
func (r dateReader) day(i int) (int, bool) {
	w := r.word(i)
	for _, suffix := range [...]string{"st", "nd", "rd", "th", "er", "e"} {
		w = strings.TrimSuffix(w, suffix)
	}
	if len(w) == 0 || len(w) > 2 {
		return 0, false
	}
	n, err := strconv.Atoi(w)
	return n, err == nil && n >= 1 && n <= 31
}

// year reads the year that may follow; it returns the token after it.
func (r dateReader) year(i int) (year, next int) {
	if i < len(r.tokens) && r.tokens[i].Number() && len(r.tokens[i].Fold) == 4 {
		n, _ := strconv.Atoi(r.tokens[i].Fold) // four digits
		if n >= 1000 && n < 2200 {             // 1989 makes a date that is no day to come
			return n, i + 1
		}
	}
	return 0, i
}

// weekday reads "Thursday" and "Fri" after a preposition: the next such day.
func (r dateReader) weekday(i int) (datePhrase, bool) {
	n, ok := r.vocabulary.Value("weekday", r.word(i))
	if !ok && (r.vocabulary.Is("by", r.word(i-1)) || r.word(i-1) == "on") {
		n, ok = r.vocabulary.Value("weekdayabbr", r.word(i))
	}
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
	if distance == 0 {
		distance = 7
	}
	return datePhrase{date: r.today.AddDays(distance), last: last}, true
}

// dayName reads a weekday, abbreviated or not.
func (r dateReader) dayName(i int) (int, bool) {
	if n, ok := r.vocabulary.Value("weekday", r.word(i)); ok {
		return n, true
	}
	return r.vocabulary.Value("weekdayabbr", r.word(i))
}

// phrase reads "tomorrow", "next week" (its Monday), "end of the month".
func (r dateReader) phrase(i int) (datePhrase, bool) {
	if !r.vocabulary.Begins(r.word(i), "nextweek", "endweek", "nextmonth", "endmonth", "shift") {
		return datePhrase{}, false
	}
	for n := 6; n >= 1; n-- {
		if i+n > len(r.tokens) {
			continue
		}
		line := joinFolded(r.tokens[i : i+n])
		monday := r.today.AddDays((8 - int(r.today.Weekday())) % 7)
		if monday == r.today {
			monday = monday.AddDays(7)
		}
		switch {
		case r.vocabulary.IsLine("nextweek", line):
			return datePhrase{date: monday, last: i + n}, true
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

// length reads "2 weeks", "two more weeks", "another month", "a fortnight".
func (r dateReader) length(i int) (datePhrase, bool) {
	n, ok := r.vocabulary.Value("cardinal", r.word(i))
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
	if r.vocabulary.Is("moreword", r.word(at)) {
		at++
	}
	return datePhrase{date: r.today.AddDays(n * unit), last: at, length: true}, true
}

// preposition says whether the word before a date announces one.
func (r dateReader) preposition(i int) bool {
	w := r.word(i)
	return w != "" && (r.vocabulary.Is("by", w) || r.vocabulary.Is("dayprep", w))
}

// date makes a date of a day and a month; without a year it is the next one.
func (r dateReader) date(day, month, year int) (store.Date, bool) {
	if month < 1 || month > 12 || day < 1 || day > 31 || year != 0 && (year < 2000 || year > 2199) {
		return store.Date{}, false
	}
	d := store.Date{Year: year, Month: time.Month(month), Day: day}
	if year == 0 {
		d.Year = r.today.Year
		if d.Before(r.today) {
			d.Year++
		}
		if d.Month == time.February && d.Day == 29 {
			for n := 0; n < 8 && d.AddDays(0) != d; n++ {
				d.Year++
			}
		}
	}
	return d, d.AddDays(0) == d // 31 November is no day
}

func (r dateReader) past(i int) bool {
	return r.vocabulary.Is("past", r.word(i-1)) || r.vocabulary.Is("past", r.word(i-2))
}

func (r dateReader) by(i int) bool {
	return r.vocabulary.Is("by", r.word(i-1)) || r.vocabulary.Is("by", r.word(i-2)) && r.preposition(i-1)
}

// until is the last day that the tokens name; zero: none. A length of time
// counts from today.
func until(v *words.Vocabulary, tokens []words.Token, today store.Date) store.Date {
	for _, d := range findDates(v, tokens, today) {
		if !d.date.Before(today) && !(dateReader{v, tokens, today}).past(d.first) {
			return d.date
		}
	}
	return store.Date{}
}

// joinFolded is the folded words with blanks between them.
func joinFolded(tokens []words.Token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.Fold)
	}
	return b.String()
}
