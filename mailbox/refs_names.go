package mailbox

import (
	_ "embed" // the nicknames
	"slices"
	"strings"
	"sync"

	"askfirst/mailbox/words"
	"askfirst/store"
)

//go:embed nicknames.txt
var nicknameFile string

// otherNames are, by a first name, those that the same person may have on the
// list: whole names of a short form, short forms of a whole name.
var otherNames = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(nicknameFile) {
		short, whole, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || strings.HasPrefix(line, ";") {
			continue
		}
		for s := range strings.SplitSeq(short, ",") {
			for w := range strings.SplitSeq(whole, ",") {
				s, w := strings.TrimSpace(s), strings.TrimSpace(w)
				all[s], all[w] = append(all[s], w), append(all[w], s)
			}
		}
	}
	return all
})

// nickname says whether of two folded first names one may be short for the other.
func nickname(a, b string) bool { return slices.Contains(otherNames()[a], b) }

// How much of a message is searched for names: what stands further down is a
// quote, or no referral.
const (
	nameBytes    = 6 << 10
	aroundName   = 4  // words on either side that may belong to it
	shortAnswer  = 8  // words of a mail that may be a name and little else
	mostThanked  = 40 // words in which thanks to somebody begin
	leastOpening = 4  // letters of a name that may be only its beginning
)

// namesOf are the folded words that may name a colleague: those where a phrase
// such as "ask …" or "… knows" expects a name, those that are thanked, and all
// words of a mail that has only a few.
func namesOf(v *words.Vocabulary, subject, fresh string) []string {
	n := &nameFinder{words: v}
	for i, text := range [...]string{subject, fresh} {
		tokens := words.Tokens(head(text, nameBytes))
		for _, s := range slices.Concat(v.Slots(tokens, "refer"), v.Slots(tokens, "subject"), v.Slots(tokens, "spoken")) {
			switch t := tokens[s.At]; {
			case s.At > s.Start:
				n.near(tokens, s.At, s.At+aroundName)
			case !v.Is("small", t.Fold) && !v.Is("noname", t.Fold):
				n.near(tokens, s.At-aroundName, s.At)
			}
		}
		for i, t := range tokens[:min(len(tokens), mostThanked)] {
			if v.Is("thanks", t.Fold) || i+1 < len(tokens) && v.IsLine("thanks", t.Fold+" "+tokens[i+1].Fold) {
				n.near(tokens, i+1, i+2*aroundName)
			}
		}
		if i == 1 && len(tokens) <= shortAnswer {
			for _, t := range tokens {
				n.add(t, true)
			}
		}
	}
	return n.found
}

// nameFinder collects words.
type nameFinder struct {
	words *words.Vocabulary
	found []string
}

// near adds the words between two places.
func (n *nameFinder) near(tokens []words.Token, from, to int) {
	for i := max(0, from); i < min(len(tokens), to+1); i++ {
		n.add(tokens[i], true)
	}
}

// add adds a word in the spellings by which the book may know it; close: it
// stands where the name is expected.
func (n *nameFinder) add(t words.Token, close bool) {
	const most = 30
	if t.Number() || len(n.found) >= most {
		return
	}
	if strings.Contains(t.Raw, "@") {
		n.note(strings.ToLower(t.Raw))
		return
	}
	fold := store.FoldName(t.Raw)
	if len(fold) < 2 || store.Particle(fold) || !t.Name() && (!close || n.words.Is("small", t.Fold) || n.words.Is("noname", t.Fold)) {
		return
	}
	n.note(fold)
	bare := fold
	if base := strings.TrimSuffix(fold, "s"); base != fold && len(base) >= 2 { // "Ben's", "Bens"
		n.note(base)
		bare = base
	}
	for _, part := range strings.Split(fold, "-") {
		n.note(part)
	}
	if !close || n.words.Is("common", t.Fold) {
		return
	}
	if len(fold) >= leastOpening {
		n.note(bare + "*")
	}
	for _, other := range otherNames()[fold] {
		n.note(other)
	}
}

func (n *nameFinder) note(name string) {
	if name != "" && !slices.Contains(n.found, name) {
		n.found = append(n.found, name)
	}
}
