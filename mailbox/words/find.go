package words

import "slices"

// Match is a phrase found in a run of tokens: tokens[Start:End].
type Match struct {
	Class      Class
	Start, End int
	Tongue     string // of the phrase: en, de, …; "own" for the exchange's own
}

// gap is how many words ".." stands for at most; at the end of a phrase, twice as many.
const gap = 3

// Find returns every phrase in the tokens, in order of their first tokens; of
// one class and beginning it is the longest.
func (v *Vocabulary) Find(tokens []Token) []Match {
	lead := 0 // tokens of small talk at the beginning
	for lead < len(tokens) && v.small(tokens[lead]) {
		lead++
	}
	tail := len(tokens) // tokens of small talk at the end
	for tail > 0 && v.small(tokens[tail-1]) {
		tail--
	}
	var found []Match
	for i, t := range tokens {
		for _, p := range v.phrases[t.Fold] {
			start := i - p.anchor
			if start < 0 || p.first && start > lead {
				continue
			}
			end := v.match(tokens, start, p.parts)
			if end < 0 || p.last && end < tail {
				continue
			}
			found = keepLongest(found, Match{p.class, start, end, p.tongue})
		}
	}
	slices.SortStableFunc(found, func(a, b Match) int { return a.Start - b.Start })
	return found
}

func keepLongest(found []Match, m Match) []Match {
	for i := len(found) - 1; i >= 0 && i >= len(found)-40; i-- {
		if found[i].Class == m.Class && found[i].Start == m.Start {
			if m.End > found[i].End {
				found[i] = m
			}
			return found
		}
	}
	return append(found, m)
}

// small says whether a token is small talk: it carries no meaning of its own at
// the edges of a sentence. Numbers count as such: "17 me too", "withdraw 14".
func (v *Vocabulary) small(t Token) bool {
	return t.Number() || v.Is("small", t.Fold) || v.Is("numberword", t.Fold) && t.Fold != "ask" && t.Fold != "offer"
}

// person says whether a token could be a colleague's name: capitalised, and no
// word that sentences begin with.
func (v *Vocabulary) person(t Token) bool {
	_, day := v.Value("weekday", t.Fold)
	_, month := v.Value("month", t.Fold)
	return t.Name() && len(t.Fold) > 1 && !day && !month && !t.Number() && !v.Is("noname", t.Fold) && !v.Is("common", t.Fold) && !v.Is("small", t.Fold)
}

// match returns where the parts, laid from token i on, end; -1: they do not fit.
func (v *Vocabulary) match(tokens []Token, i int, parts []string) int {
	for n, part := range parts {
		if part == ".." && n == len(parts)-1 {
			if len(tokens)-i > 2*gap {
				return -1
			}
			return len(tokens)
		}
		if part == ".." {
			for skip := range gap + 1 {
				if end := v.match(tokens, i+skip, parts[n+1:]); end >= 0 {
					return end
				}
			}
			return -1
		}
		if i >= len(tokens) {
			return -1
		}
		switch part {
		case "_":
		case "@":
			if !v.person(tokens[i]) {
				return -1
			}
		default:
			if !v.fits(part, tokens[i].Fold) {
				return -1
			}
		}
		i++
	}
	return i
}
