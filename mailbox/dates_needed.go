package mailbox

import (
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// A needed-by day that nobody meant hurries an ask for nothing, so a day in a
// text counts only where it can be one: not in what is told ("On Monday I tried
// the one in the office"), not in what comes again ("my duty on Mondays"), not
// in a name ("Freaky Friday").

// farAhead is how many days a day without a year may lie ahead: "on 12
// November", said on the 20th, was last week.
const farAhead = 180

// neededBy is the day by which something is needed: the first day with "by"
// before it, else the first exact one, else the first at all.
func neededBy(v *words.Vocabulary, text string, now reckoning) store.Date {
	text = head(text, readable)
	tokens := words.Tokens(text)
	r := dateReader{v, tokens, now}
	best, rank := store.Date{}, 0
	for _, d := range findDates(v, tokens, now) {
		if n := r.needs(text, d); n > rank {
			best, rank = d.date, n
		}
	}
	return best
}

// needs is how likely a date is the day by which something is needed; 0: not.
func (r dateReader) needs(text string, d datePhrase) int {
	if d.length || d.date.Before(r.today) || r.past(d.first) || r.again(d) {
		return 0
	}
	if r.by(d.first) {
		return 3
	}
	first, last := r.sentence(text, d)
	needed, told := false, false
	for _, t := range r.tokens[first:last] {
		needed = needed || r.vocabulary.Is("need", t.Fold)
		told = told || r.told(t.Fold)
	}
	switch {
	case told && !needed:
		return 0
	case d.exact && !r.yearNamed(d) && r.today.AddDays(farAhead).Before(d.date):
		return 0
	case d.exact:
		return 2
	case r.preposition(d.first - 1), needed, d.first == first && r.apart(text, d):
		return 1
	}
	return 0
}

// told says whether a word tells of what has been.
func (r dateReader) told(w string) bool {
	return r.vocabulary.Is("told", w) || len(w) >= 5 && strings.HasSuffix(w, "ed") && !r.vocabulary.Is("need", w)
}

// again says whether a date is a day of every week: "Mondays", "montags",
// "every Monday".
func (r dateReader) again(d datePhrase) bool {
	switch r.word(d.first - 1) {
	case "every", "each", "jeden", "chaque", "tous", "cada", "todos", "elke", "iedere":
		return true
	case "our", "my", "the", "a", "your", "their", "unser", "mein", "notre", "mon", "nuestro", "mi", "onze", "mijn":
		return !d.exact && d.last < len(r.tokens) && r.tokens[d.last-1].After == 0 && !r.preposition(d.first-2) // "our Friday club"
	}
	w := r.word(d.first)
	_, day := r.vocabulary.Value("weekday", w)
	_, one := r.vocabulary.Value("weekday", strings.TrimSuffix(w, "s"))
	return day && one && strings.HasSuffix(w, "s")
}

// yearNamed says whether a date has its year with it.
func (r dateReader) yearNamed(d datePhrase) bool {
	raw := strings.Trim(r.tokens[d.last-1].Raw, ".")
	return len(raw) >= 4 && strings.Trim(raw[len(raw)-2:], "0123456789") == "" && strings.Trim(raw, "0123456789./-") == ""
}

// sentence is the tokens of the sentence around a date.
func (r dateReader) sentence(text string, d datePhrase) (first, last int) {
	ends := func(i int) bool { // between tokens i-1 and i
		between := text[r.tokens[i-1].End:r.tokens[i].Start]
		return strings.ContainsAny(between, ".!?;:") && strings.ContainsAny(between, " \n\t") || strings.Contains(between, "\n\n") ||
			strings.Contains(between, "\n") && hardBreak(text, r.tokens[i-1].End, r.tokens[i].Start)
	}
	const most = 60
	for first = d.first; first > 0 && d.first-first < most && !ends(first); first-- {
	}
	for last = d.last; last < len(r.tokens) && last-d.last < most && !ends(last); last++ {
	}
	return first, last
}

// apart says whether a date stands for itself: "Friday: thirty chairs".
func (r dateReader) apart(text string, d datePhrase) bool {
	if d.last == len(r.tokens) {
		return true
	}
	return strings.ContainsAny(text[r.tokens[d.last-1].End:r.tokens[d.last].Start], ",.:;!?\n–-(")
}
