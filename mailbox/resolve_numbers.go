package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
)

// mentions are the asks that tokens[start:end] name: "#17" always, a bare "17"
// only when it was listed and stands where a number of an ask stands. Years,
// rooms, times, dates, prices and telephone numbers are none.
func (u *understanding) mentions(r *reading, start, end int, dated []bool, listed map[int64]bool) (numbers []int64, denied bool) {
	for i := start; i < end; i++ {
		t := r.tokens[i]
		if !dated[i] && !(i > 0 && strings.Contains(t.Fold, "-") && u.spans(r.tokens[i-1])) {
			numbers = append(numbers, slashed(t, listed)...)
		}
		if !t.Number() || secondDay(r, i, dated) {
			continue
		}
		n, ok := askNumber(t.Fold)
		if !ok || slices.Contains(numbers, n) {
			continue
		}
		if !hashed(r, i) && !u.meant(r, i, start, end) && (dated[i] || !listed[n] || !u.bareNumber(r, i, start, end)) {
			continue
		}
		if len(numbers) == 0 && i > start && (negator(r.tokens[i-1].Fold) || deniesThe(r.tokens, i-2) || inPlaceOf(r.tokens[start].Fold)) {
			denied = true
		}
		numbers = append(numbers, n)
	}
	return numbers, denied
}

// secondDay says whether the number at i is the second of two days: "am 17. und
// 18.".
func secondDay(r *reading, i int, dated []bool) bool {
	return i >= 2 && dated[i-2] && r.tokens[i-2].Number() && r.tokens[i-2].After == '.' && r.tokens[i].After == '.' &&
		(conjunction(r.tokens, i-1) || r.tokens[i-1].Fold == "bis")
}

// meant says whether the number corrects another: "not 17, I meant 18". It
// counts though nothing listed it, so that a wrong number is asked about.
func (u *understanding) meant(r *reading, i, start, end int) bool {
	if i+1 < end && u.words.Is("unit", r.tokens[i+1].Fold) || len(r.tokens[i].Fold) > 4 {
		return false
	}
	for n := 1; n <= 3 && i-n >= start; n++ {
		if u.words.IsLine("meant", joinFolded(r.tokens[i-n:i])) {
			return true
		}
	}
	return false
}

// spans says whether a word lets figures behind it be a time from one to
// another: "Friday 4-8".
func (u *understanding) spans(before words.Token) bool {
	_, day := u.words.Value("weekday", before.Fold)
	return day || u.words.Is("place", before.Fold) || u.words.Is("from", before.Fold)
}

// ranged says whether the number at i is the end of a range: "from 4 to 8".
func (u *understanding) ranged(r *reading, i int) bool {
	return i >= 3 && r.tokens[i-2].Number() && u.words.Is("from", r.tokens[i-3].Fold) &&
		(u.words.Is("to", r.tokens[i-1].Fold) || conjunction(r.tokens, i-1) || r.tokens[i-1].Fold == "y" || r.tokens[i-1].Fold == "en")
}

// slashed reads "17/19": two listed numbers, one token.
func slashed(t words.Token, listed map[int64]bool) []int64 {
	fields := strings.FieldsFunc(t.Fold, func(r rune) bool { return r == '/' || r == '-' })
	if len(fields) < 2 || len(fields) > 4 {
		return nil
	}
	var numbers []int64
	for _, f := range fields {
		n, ok := askNumber(f)
		if !ok || !listed[n] {
			return nil
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// hashed says whether a number wears the mark of an ask: #17, # 17, №17, ＃17.
func hashed(r *reading, i int) bool { return marked(r.text, r.tokens[i].Start) }

// marked says whether such a mark stands before a place in a text.
func marked(text string, start int) bool {
	before := strings.TrimRight(text[max(0, start-8):start], " \u00a0\u202f")
	for _, mark := range [...]string{"#", "＃", "№", "﹟"} {
		if strings.HasSuffix(before, mark) {
			return true
		}
	}
	return false
}

// bareNumber says whether the number at i stands where an ask's would, in the
// clause start:end.
func (u *understanding) bareNumber(r *reading, i, start, end int) bool {
	t := r.tokens[i]
	joined := i > 0 && (t.Before == '.' && u.words.Is("numberword", r.tokens[i-1].Fold) || t.Before == '+' && r.tokens[i-1].End == t.Start-1 && r.tokens[i-1].Number()) // "nr.17", "17+19"
	alone := len(r.tokens) == 1
	if alone && t.Before != 0 && strings.ContainsRune("*-_", t.Before) || alone && t.After != 0 && strings.ContainsRune("*-_/", t.After) {
		return true // "*17*", "-17"
	}
	if strings.ContainsRune("£$€%¥+-.:/*×", t.Before) && t.Before != 0 && !joined || strings.ContainsRune("%°€£$×-/", t.After) && t.After != 0 {
		return false
	}
	rest := r.text[t.End:]
	if len(rest) > 1 && strings.ContainsRune(",.:", rune(rest[0])) && rest[1] >= '0' && rest[1] <= '9' && !followedByListed(r, i) {
		return false // 17,50
	}
	if strings.HasPrefix(strings.TrimLeft(rest, " "), "%") {
		return false
	}
	if len(t.Fold) == 4 && (strings.HasPrefix(t.Fold, "19") || strings.HasPrefix(t.Fold, "20")) && !alone {
		return false // a year
	}
	if i+1 < end && u.words.Is("unit", r.tokens[i+1].Fold) && !(r.tokens[i+1].Fold == "x" && i+2 == end) && !(r.tokens[i+1].Fold == "am" && len(t.Fold) > 1 && t.Fold > "12") { // "17 x" ends with a kiss, "17 am besten" is no time
		return false
	}
	quantity := i > start && u.words.Is("quantity", r.tokens[i-1].Fold) || i > start+1 && r.tokens[i-1].Fold == "de" && r.tokens[i-2].Fold == "besoin"
	if telephone(r, i) || u.ranged(r, i) || quantity && u.counts(r, i, end) {
		return false
	}
	return u.announced(r, i, start)
}

// announced says whether the words before the number let it be an ask's.
func (u *understanding) announced(r *reading, i, start int) bool {
	if u.listedPlace(r, i) {
		return false
	}
	if t := r.tokens[i]; t.Before == '(' && t.After == ')' {
		return true // "no idea (4)"
	}
	for j := i - 1; j >= max(start, i-20); j-- {
		w := r.tokens[j]
		switch {
		case u.words.Is("numberword", w.Fold), conjunction(r.tokens, j): // "1 y 4" before "Y 4", a year
			return true
		case u.words.Is("place", w.Fold):
			return false
		case w.Number():
			continue // "17 19"
		case (w.Fold == "is" || w.Fold == "on") && slices.ContainsFunc(r.tokens[max(start, j-3):j], func(t words.Token) bool { return u.words.Is("reach", t.Fold) }):
			return false // "my extension is 17", "call me on 17"
		case u.words.Is("before_number", w.Fold), u.words.Is("small", w.Fold), adversative(w.Fold), negator(w.Fold):
			return true
		default:
			said := r.tokens[start : j+1] // "reveal 17", "tell them my name 17"
			return slices.ContainsFunc(u.words.Find(said), func(m words.Match) bool { return m.Class == "reveal" && m.End == len(said) })
		}
	}
	return true
}

// counts says whether the number at i counts what follows it: "5 tables". Words
// that say something of an ask do not: "17 sorted", "17 me".
func (u *understanding) counts(r *reading, i, end int) bool {
	if i+1 >= end || strings.Trim(r.text[r.tokens[i].End:r.tokens[i+1].Start], " \u00a0") != "" {
		return false
	}
	next := r.tokens[i+1]
	switch w := next.Fold; {
	case next.Number(), next.Name(), u.words.Is("small", w), u.words.Is("before_number", w), u.words.Is("numberword", w), u.words.Is("dayprep", w), u.words.Is("by", w):
		return false
	case conjunction(r.tokens, i+1), adversative(w), negator(w), pronoun(w):
		return false
	}
	return !slices.ContainsFunc(u.words.Find(r.tokens[i+1:end]), func(m words.Match) bool { return m.Start == 0 && actClass(m.Class) })
}

// actClass says whether phrases of a class say what is done to an ask.
func actClass(class words.Class) bool {
	switch class {
	case "offer", "assent", "refuse", "close", "withdraw", "unoffer", "reopen", "extend", "thanks", "refer", "metoo", "change", "meant", "notyet", "failed", "not", "idiom", "available", "courtesy", "okay", "reveal":
		return true
	}
	return false
}

// listedPlace says whether the number is the last of some that follow a place:
// "lessons 3 and 4".
func (u *understanding) listedPlace(r *reading, i int) bool {
	j := i - 1
	for j > 0 && conjunction(r.tokens, j) && r.tokens[j-1].Number() {
		j -= 2
	}
	return j >= 0 && j < i-1 && u.words.Is("place", r.tokens[j].Fold)
}

// telephone says whether the number is one of several groups of digits, one of
// which is no number of an ask.
func telephone(r *reading, i int) bool {
	odd := func(j int) bool { return len(r.tokens[j].Fold) >= 3 || strings.HasPrefix(r.tokens[j].Fold, "0") }
	near := func(a, b int) bool { // groups a and b = a+1 of one number
		if a < 0 || b >= len(r.tokens) || !r.tokens[a].Number() || !r.tokens[b].Number() {
			return false
		}
		gap := r.text[r.tokens[a].End:r.tokens[b].Start]
		return strings.Trim(gap, " -/()+.\u00a0") == "" && !strings.Contains(gap, "\n")
	}
	const most = 8 // groups
	for j := i; j-1 >= i-most && near(j-1, j); j-- {
		if odd(j - 1) {
			return true
		}
	}
	for j := i; j+1 <= i+most && near(j, j+1); j++ {
		if odd(j + 1) {
			return true
		}
	}
	return strings.HasPrefix(r.tokens[i].Fold, "0")
}

// followedByListed says whether "17,19" goes on with a number of its own.
func followedByListed(r *reading, i int) bool {
	return i+1 < len(r.tokens) && r.tokens[i+1].Number() && len(r.tokens[i+1].Fold) == len(r.tokens[i].Fold) && r.text[r.tokens[i].End] == ','
}
