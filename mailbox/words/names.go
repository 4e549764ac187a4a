package words

import "slices"

// Slot is a place where a phrase expects a name: tokens[At], in tokens[Start:End].
type Slot struct{ Start, End, At int }

// Slots are the places where phrases of a class expect a name, whatever stands
// there: on a phone names are not capitalised, and colleagues are called Will
// and June.
func (v *Vocabulary) Slots(tokens []Token, class Class) []Slot {
	lead, tail := 0, len(tokens)
	for lead < tail && v.small(tokens[lead]) {
		lead++
	}
	for tail > 0 && v.small(tokens[tail-1]) {
		tail--
	}
	var found []Slot
	for i, t := range tokens {
		for _, p := range v.slots[t.Fold] {
			if p.class != class {
				continue
			}
			at := slices.Index(p.parts, "@")
			start := i - p.anchor
			end := start + len(p.parts)
			if at < 0 || start < 0 || end > len(tokens) || p.first && start > lead || p.last && end < tail {
				continue
			}
			fits := true
			for j, part := range p.parts {
				fits = fits && (part == "@" || part == "_" || v.fits(part, tokens[start+j].Fold))
			}
			if s := (Slot{start, end, start + at}); fits && !slices.Contains(found, s) {
				found = append(found, s)
			}
		}
	}
	return found
}

// Person says whether a token could be somebody's name: capitalised, and no word
// that sentences begin with, or an address.
func (v *Vocabulary) Person(t Token) bool { return v.person(t) }
