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
		for _, n := range slashed(t, listed) {
			numbers = append(numbers, n)
		}
		if !t.Number() {
			continue
		}
		n, ok := askNumber(t.Fold)
		if !ok || slices.Contains(numbers, n) {
			continue
		}
		if !hashed(r, i) && !u.meant(r, i, start, end) && (dated[i] || !listed[n] || !u.bareNumber(r, i, start, end)) {
			continue
		}
		if len(numbers) == 0 && i > start && (negator(r.tokens[i-1].Fold) || inPlaceOf(r.tokens[start].Fold)) {
			denied = true
		}
		numbers = append(numbers, n)
	}
	return numbers, denied
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
func hashed(r *reading, i int) bool {
	before := strings.TrimRight(r.text[max(0, r.tokens[i].Start-8):r.tokens[i].Start], " \u00a0\u202f")
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
	joined := i > 0 && (t.Before == '.' && u.words.Is("numberword", r.tokens[i-1].Fold) || t.Before == '+' && r.tokens[i-1].Number()) // "nr.17", "17+19"
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
	alone := len(r.tokens) == 1
	if len(t.Fold) == 4 && (strings.HasPrefix(t.Fold, "19") || strings.HasPrefix(t.Fold, "20")) && !alone {
		return false // a year
	}
	if i+1 < end && u.words.Is("unit", r.tokens[i+1].Fold) {
		return false
	}
	if telephone(r, i) {
		return false
	}
	return u.announced(r, i, start)
}

// announced says whether the words before the number let it be an ask's.
func (u *understanding) announced(r *reading, i, start int) bool {
	for j := i - 1; j >= max(start, i-20); j-- {
		w := r.tokens[j]
		switch {
		case u.words.Is("numberword", w.Fold):
			return true
		case u.words.Is("place", w.Fold):
			return false
		case w.Number():
			continue // "17 19"
		case u.words.Is("before_number", w.Fold), u.words.Is("small", w.Fold), conjunction(r.tokens, j), adversative(w.Fold), negator(w.Fold):
			return true
		default:
			return false
		}
	}
	return true
}

// telephone says whether the number is one of several groups of digits.
func telephone(r *reading, i int) bool {
	group := func(j int) bool {
		if j < 0 || j >= len(r.tokens) || !r.tokens[j].Number() {
			return false
		}
		a, b := min(i, j), max(i, j)
		gap := r.text[r.tokens[a].End:r.tokens[b].Start]
		near := strings.Trim(gap, " -/()+.\u00a0") == "" && !strings.Contains(gap, "\n")
		return near && (len(r.tokens[j].Fold) >= 3 || strings.HasPrefix(r.tokens[j].Fold, "0"))
	}
	return group(i-1) || group(i+1) || strings.HasPrefix(r.tokens[i].Fold, "0")
}

// followedByListed says whether "17,19" goes on with a number of its own.
func followedByListed(r *reading, i int) bool {
	return i+1 < len(r.tokens) && r.tokens[i+1].Number() && len(r.tokens[i+1].Fold) == len(r.tokens[i].Fold) && r.text[r.tokens[i].End] == ','
}
