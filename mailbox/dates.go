package mailbox

import (
	"strconv"
	"strings"
	"time"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// Dates in people's words, read against today: "by Thursday", "27 Nov",
// "7.12.", "bis Freitag", "2 more weeks". In figures the day comes before the
// month, unless only the other order makes a date, or a weekday beside it says
// so, or the exchange writes English in an American time zone.

// datePhrase is a date in a run of tokens: tokens[first:last].
type datePhrase struct {
	date        store.Date
	first, last int
	exact       bool // names a day of a month, not only a weekday or a distance
	length      bool // a length of time ("2 weeks") rather than a day
}

// reckoning is what dates are read against.
type reckoning struct {
	today      store.Date
	monthFirst bool // 12/7 is the seventh of December
}

// reckoning is that of the exchange: English in a time zone of America puts the
// month first, as in the United States.
func (u *understanding) reckoning() reckoning {
	zone := ""
	if u.view.Calendar.Location != nil {
		zone = u.view.Calendar.Location.String()
	}
	american := strings.HasPrefix(zone, "America/") || strings.HasPrefix(zone, "US/") || zone == "Pacific/Honolulu" || zone == "Pacific/Guam"
	return reckoning{u.view.Today, american && u.view.Exchange.Language == "en"}
}

// dateReader reads dates in one run of tokens.
type dateReader struct {
	vocabulary *words.Vocabulary
	tokens     []words.Token
	reckoning
}

// findDates returns the dates in the tokens, in order, none inside another.
func findDates(v *words.Vocabulary, tokens []words.Token, now reckoning) []datePhrase {
	var found []datePhrase
	dateReader{v, tokens, now}.each(0, len(tokens), func(d datePhrase) { found = append(found, d) })
	return found
}

// each calls f with every date that begins between two tokens, and returns where
// to go on.
func (r dateReader) each(from, to int, f func(datePhrase)) int {
	if r.today.IsZero() {
		return to
	}
	for from < to {
		if r.mayBegin(from) {
			if d, ok := r.at(from); ok && d.last > from {
				f(d)
				from = d.last
				continue
			}
		}
		from++
	}
	return from
}

// mark marks the tokens that are parts of dates that begin between two tokens,
// and returns where to go on.
func (r dateReader) mark(dated []bool, from, to int) int {
	return r.each(from, to, func(d datePhrase) {
		for i := d.first; i < d.last && i < len(dated); i++ {
			dated[i] = true
		}
	})
}

// mayBegin says whether a date may begin at token i: with a figure, or with a
// word of those that dates begin with. Most tokens are asked nothing else.
func (r dateReader) mayBegin(i int) bool {
	t := r.tokens[i]
	switch c := t.Fold[0]; {
	case c >= '0' && c <= '9', t.Raw[0] >= '0' && t.Raw[0] <= '9':
		return true
	case t.Fold == "of", t.Fold == "de", t.Fold == "der", t.Fold == "van": // "of next week"
		return true
	}
	return strings.Contains(t.Fold, "-") || r.vocabulary.Begins(t.Fold, "weekday", "weekdayabbr", "ordinal", "month", "monthend", "monthmid", "monthstart",
		"nextweek", "endnextweek", "endweek", "nextmonth", "endmonth", "shift", "cardinal", "numeral")
}

// at reads the date that begins at token i.
func (r dateReader) at(i int) (datePhrase, bool) {
	readers := [...]func(int) (datePhrase, bool){r.numeric, r.dayMonth, r.monthDay, r.monthPart, r.dayAlone, r.weekday, r.phrase, r.length}
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

// numeric reads 2026-11-27, 2026/11/27, 27.11.2026, 27.11., 27/11/2026 and,
// after a preposition or a weekday, 27/11 and 27-11.
func (r dateReader) numeric(i int) (datePhrase, bool) {
	raw, at, named := r.tokens[i].Raw, i, -1
	if n, ok := r.dayName(i); ok && i+1 < len(r.tokens) {
		raw, at, named = r.tokens[i+1].Raw, i+1, n // "Fri 27/11"
	}
	if raw[0] < '0' || raw[0] > '9' {
		return datePhrase{}, false
	}
	for _, iso := range [...]string{raw, strings.ReplaceAll(raw, "/", "-"), raw[:min(len(raw), 10)]} {
		if len(iso) != len("2026-11-27") {
			continue
		}
		if d, err := store.ParseDate(iso); err == nil && (len(iso) == len(raw) || raw[10] == 'T' || raw[10] == 't') {
			return datePhrase{date: d, last: at + 1, exact: true}, true
		}
	}
	fields, dotted := dateFields(raw)
	if len(fields) == 1 && r.tokens[at].After == '.' && at+1 < len(r.tokens) && r.tokens[at+1].After == '.' && r.tokens[at+1].Number() && r.preposition(at-1) {
		fields, dotted = []string{raw, r.tokens[at+1].Raw}, true // "7. 12."
		at++
	}
	if len(fields) != 2 && len(fields) != 3 {
		return datePhrase{}, false
	}
	if len(fields) == 2 && !dotted && named < 0 && !r.preposition(i-1) {
		return datePhrase{}, false // 7.12 may be a price, 1/2 a half
	}
	if len(fields) == 2 && strings.Contains(raw, "-") && named < 0 && !r.vocabulary.Is("by", r.word(i-1)) {
		return datePhrase{}, false // "from 4-8"
	}
	var n [3]int
	for j, f := range fields {
		var err error
		if n[j], err = strconv.Atoi(f); err != nil || len(f) > 4 {
			return datePhrase{}, false
		}
	}
	if len(fields) == 3 && n[2] < 100 {
		n[2] += 2000
	}
	d, ok := r.ordered(n[0], n[1], n[2], named, r.monthFirst && !strings.Contains(raw, "."))
	return datePhrase{date: d, last: at + 1, exact: true}, ok
}

// dateFields splits figures at the marks between them. dotted says that a dot
// ends them, as in "7.12.".
func dateFields(raw string) (fields []string, dotted bool) {
	for _, sep := range [...]string{".", "/", "-"} {
		if strings.Contains(raw, sep) {
			return strings.Split(strings.TrimSuffix(raw, "."), sep), sep == "." && strings.HasSuffix(raw, ".")
		}
	}
	return []string{raw}, false
}

// ordered makes a date of two figures: in the usual order, else in the other; a
// weekday that was named (from 0; -1: none) decides between them.
func (r dateReader) ordered(a, b, year, weekday int, monthFirst bool) (store.Date, bool) {
	if monthFirst {
		a, b = b, a
	}
	first, ok := r.date(a, b, year)
	second, other := r.date(b, a, year)
	if !ok {
		return second, other
	}
	if weekday >= 0 && other && int(second.Weekday()) == weekday && (int(first.Weekday()) != weekday || second.Before(first)) {
		return second, true
	}
	return first, true
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
		day, ok = r.vocabulary.Value("ordinal", r.word(at)) // "premier décembre"
	}
	if !ok || day < 1 {
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
	if y := at + 1; (r.word(at) == "de" || r.word(at) == "del") && y < len(r.tokens) && r.tokens[y].Number() && len(r.word(y)) == 4 {
		at++ // "3 de enero de 2027"
	}
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
	for _, suffix := range [...]string{"st", "nd", "rd", "th", "er", "ste", "de", "e"} {
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
func until(v *words.Vocabulary, tokens []words.Token, now reckoning) store.Date {
	for _, d := range findDates(v, tokens, now) {
		if !d.date.Before(now.today) && !(dateReader{v, tokens, now}).past(d.first) {
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
