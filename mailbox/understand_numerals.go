package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
)

// Numbers in words, as dictation and telephone greetings write them: "number
// seventeen", "die Siebzehn", "le dix-sept". They count only if listed, and only
// where the number of an ask stands: "four of them" and "at eleven" are none.

// numerals puts digits in the place of words that name a listed ask.
func (u *understanding) numerals(tokens []words.Token, listed map[int64]bool) []words.Token {
	if len(listed) == 0 {
		return tokens
	}
	bare := u.bareNumerals(tokens)
	var out []words.Token // nil: nothing has changed so far
	for i := 0; i < len(tokens); i++ {
		n, last := u.numeral(tokens, i)
		if last == i || !listed[n] || !u.numeralMeansAsk(tokens, i, last, n, bare) {
			if out != nil {
				out = append(out, tokens[i])
			}
			continue
		}
		if out == nil {
			out = slices.Clone(tokens[:i])
		}
		t := tokens[i]
		t.Fold, t.End, t.After = itoa(n), tokens[last-1].End, tokens[last-1].After
		out = append(out, t)
		i = last - 1
	}
	if out == nil {
		return tokens
	}
	return out
}

// numeral is the number that begins at token i, and where it ends: the longest.
func (u *understanding) numeral(tokens []words.Token, i int) (n int64, last int) {
	if !u.words.Begins(tokens[i].Fold, "numeral") {
		return 0, i
	}
	for size := min(4, len(tokens)-i); size >= 1; size-- {
		if v, ok := u.words.Value("numeral", joinFolded(tokens[i:i+size])); ok {
			return int64(v), i + size
		}
	}
	return 0, i
}

// numeralMeansAsk says whether the words tokens[i:last] stand where the number of
// an ask does. Small numbers are said of many things and want the word "number".
// bare: the text is numbers and small words alone.
func (u *understanding) numeralMeansAsk(tokens []words.Token, i, last int, n int64, bare bool) bool {
	if i > 0 && u.words.Is("numberword", tokens[i-1].Fold) {
		if tokens[i-1].Fold == "no" && tokens[i].Fold == "one" {
			return false // nobody
		}
		return !(last < len(tokens) && u.words.Is("unit", tokens[last].Fold))
	}
	if n <= 3 || last < len(tokens) && (u.words.Is("unit", tokens[last].Fold) || u.words.Is("place", tokens[last].Fold)) {
		return false
	}
	if bare {
		return true
	}
	if u.numeralAfter(tokens, last) {
		return false
	}
	if i == 0 || !u.words.Is("article", tokens[i-1].Fold) {
		return false
	}
	return last == len(tokens) || u.saysSomething(tokens[last:])
}

// numeralAfter says whether another number follows at once: "seventeen forty".
func (u *understanding) numeralAfter(tokens []words.Token, i int) bool {
	if i >= len(tokens) {
		return false
	}
	_, last := u.numeral(tokens, i)
	return last > i
}

// bareNumerals says whether the text is numbers and small words alone.
func (u *understanding) bareNumerals(tokens []words.Token) bool {
	for i := 0; i < len(tokens); {
		if _, last := u.numeral(tokens, i); last > i {
			i = last
			continue
		}
		if t := tokens[i]; !t.Number() && !u.words.Is("small", t.Fold) && !u.words.Is("article", t.Fold) && !conjunction(tokens, i) && t.Fold != "en" && t.Fold != "y" {
			return false
		}
		i++
	}
	return true
}

// saysSomething says whether words after a number speak of the ask with that
// number, rather than name what is counted.
func (u *understanding) saysSomething(tokens []words.Token) bool {
	if u.words.Is("small", tokens[0].Fold) && len(tokens) == 1 {
		return true
	}
	const near = 12
	return slices.ContainsFunc(u.words.Find(tokens[:min(near, len(tokens))]), func(m words.Match) bool { return m.Start == 0 && actClass(m.Class) && m.Class != "not" })
}

// byPlace is the listed ask that "the second one" or "the last" names; 0: none,
// or several. Floors, lessons and days have places too, so nothing may follow but
// what is said of the ask.
func (u *understanding) byPlace(r *reading, asks []int64) int64 {
	found := int64(0)
	for i, t := range r.tokens {
		place, ok := u.words.Value("ordinal", t.Fold)
		if !ok || !u.placeMeansAsk(r, i) {
			continue
		}
		if place < 0 {
			place = len(asks)
		}
		if found != 0 || place < 1 || place > len(asks) { // nothing may be listed
			return 0
		}
		found = asks[place-1]
	}
	return found
}

// placeMeansAsk says whether the ordinal at token i stands for an ask.
func (u *understanding) placeMeansAsk(r *reading, i int) bool {
	next := i + 1
	if next < len(r.tokens) && u.words.Is("oneword", r.tokens[next].Fold) {
		next++ // "the second one", "le premier sujet"
	} else if i == 0 && len(r.tokens) > 2 || i > 0 && !u.words.Is("article", r.tokens[i-1].Fold) {
		return false
	}
	if i > 1 && (u.words.Is("dayprep", r.tokens[i-2].Fold) || u.words.Is("by", r.tokens[i-2].Fold)) && next == i+1 && !u.words.Is("before_number", r.tokens[i-2].Fold) {
		return false // "on the second"
	}
	if next == len(r.tokens) {
		return true
	}
	between := r.text[r.tokens[next-1].End:r.tokens[next].Start]
	return strings.ContainsAny(between, ",.!?;:\n–—-") || u.words.Is("small", r.tokens[next].Fold) && r.tokens[next].Fold != "of" || u.saysSomething(r.tokens[next:])
}

// unglued takes apart what thumbs run together: "do17", "17and".
func (u *understanding) unglued(tokens []words.Token, listed map[int64]bool) []words.Token {
	var out []words.Token // nil: nothing has changed so far
	for i, t := range tokens {
		cut := u.seam(t, listed)
		if cut > 0 && out == nil {
			out = slices.Clone(tokens[:i])
		}
		if cut == 0 {
			if out != nil {
				out = append(out, t)
			}
			continue
		}
		a, b := t, t
		a.Raw, a.Fold, a.End, a.After = t.Raw[:cut], t.Fold[:cut], t.Start+cut, 0
		b.Raw, b.Fold, b.Start, b.Before = t.Raw[cut:], t.Fold[cut:], t.Start+cut, 0
		out = append(out, a, b)
	}
	if out == nil {
		return tokens
	}
	return out
}

// seam is where a word and the number of a listed ask meet in a token; 0: nowhere.
func (u *understanding) seam(t words.Token, listed map[int64]bool) int {
	if len(listed) == 0 {
		return 0
	}
	for _, possessive := range [...]string{"'s", "’s"} {
		if number, ok := strings.CutSuffix(t.Raw, possessive); ok {
			if n, ok := askNumber(number); ok && listed[n] {
				return len(number) // "18's sitting in my room"
			}
		}
	}
	if len(t.Fold) != len(t.Raw) {
		return 0
	}
	letters, digits := strings.TrimRight(t.Fold, "0123456789"), strings.TrimLeft(t.Fold, "0123456789")
	cut, word, number := len(letters), letters, t.Fold[len(letters):]
	if len(digits) < len(t.Fold) {
		cut, word, number = len(t.Fold)-len(digits), digits, t.Fold[:len(t.Fold)-len(digits)]
	}
	n, ok := askNumber(number)
	if !ok || !listed[n] || len(word) < 2 || !u.gluedTo(word) {
		return 0
	}
	return cut
}

// gluedTo says whether a word may have lost the blank to a number beside it.
func (u *understanding) gluedTo(word string) bool {
	if u.words.Is("unit", word) || u.words.Is("place", word) {
		return false
	}
	switch word {
	case "and", "und", "et", "or", "oder", "ou":
		return true
	}
	return u.words.Is("before_number", word) || u.words.Is("numberword", word) || len(word) > 1 && u.words.Is("small", word)
}
