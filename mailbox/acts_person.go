package mailbox

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// Whom words name. A full name is stronger than a first name with a team, that
// stronger than a first name alone; a short form or the beginning of a name
// counts when nobody has the whole of it. Two who fit are never chosen between.

// mention is somebody as the words name them: tokens[start:end].
type mention struct {
	raw        string
	start, end int
	fit        []store.Member // colleagues whom it may mean, the writer aside
	writer     bool           // it means the writer
}

// personAt reads the name that begins at token i. ok is false when there is none.
func (u *understanding) personAt(tokens []words.Token, i int) (mention, bool) {
	m := mention{start: i}
	titled := false
	for i+1 < len(tokens) && i-m.start < 2 && store.Honorific(store.FoldName(tokens[i].Raw)) {
		titled = true
		i++
	}
	if i >= len(tokens) || tokens[i].Number() {
		return m, false
	}
	fit := u.view.Named
	for j := i; j < min(len(tokens), i+5) && (j == i || sameBreath(tokens[j-1], tokens[j])); j++ {
		next := u.narrowed(fit, tokens[j], j == i, titled)
		if len(next) == 0 {
			if j > i && u.words.Person(tokens[j]) && !u.ofGroup(fit, tokens[j]) {
				fit = nil // "Ben Miller" is not Ben Okafor
				m.end = u.unknownEnd(tokens, j)
			}
			break
		}
		fit, m.end = next, j+1
	}
	if m.end == 0 { // nobody's name on the list
		if !titled && !u.words.Person(tokens[i]) {
			return m, false
		}
		fit, m.end = nil, u.unknownEnd(tokens, i)
	}
	m.raw = spoken(tokens[m.start:m.end])
	if len(fit) > 1 {
		fit = u.byGroup(fit, slices.Concat(tokens[max(0, m.start-3):m.start], tokens[m.end:min(len(tokens), m.end+8)]))
	}
	for _, f := range fit {
		if u.view.Writer != nil && f.ID == u.view.Writer.ID {
			m.writer = len(fit) == 1
			continue
		}
		m.fit = append(m.fit, f)
	}
	return m, true
}

// sameBreath says whether nothing but blanks stands between two words of a name,
// or the dot of an initial.
func sameBreath(a, b words.Token) bool {
	initial := utf8.RuneCountInString(a.Raw) == 1 && a.After == '.'
	return (a.After == 0 || initial) && b.Before == 0
}

// unknownEnd is where a name ends that nobody on the list has.
func (u *understanding) unknownEnd(tokens []words.Token, i int) int {
	end := i + 1
	for end < len(tokens) && end < i+3 && sameBreath(tokens[end-1], tokens[end]) && u.words.Person(tokens[end]) && !strings.Contains(tokens[end].Raw, "@") {
		end++
	}
	return end
}

// spoken is a name as it was written, without a possessive ending.
func spoken(tokens []words.Token) string {
	raw := joinRaw(tokens)
	for _, s := range [...]string{"'s", "’s"} {
		raw = strings.TrimSuffix(raw, s)
	}
	r, size := utf8.DecodeRuneInString(raw)
	if strings.Contains(raw, "@") || size == 0 {
		return raw
	}
	return string(unicode.ToUpper(r)) + raw[size:]
}

// narrowed are those of the members whom one word of a name fits. Whole words
// come before short forms and beginnings.
func (u *understanding) narrowed(members []store.Member, t words.Token, first, titled bool) []store.Member {
	if strings.Contains(t.Raw, "@") {
		return having(members, func(m store.Member) bool { return first && hasAddress(m, t.Raw) })
	}
	fold := store.FoldName(t.Raw)
	if fold == "" || store.Particle(fold) && first && !t.Name() {
		return nil
	}
	if utf8.RuneCountInString(fold) == 1 {
		return having(members, func(m store.Member) bool {
			return !first && t.Name() && slices.ContainsFunc(store.NameWords(m.Name), func(w []string) bool { return strings.HasPrefix(w[0], fold) })
		})
	}
	if !t.Name() && !first && (u.words.Is("small", t.Fold) || u.words.Is("common", t.Fold)) && !store.Particle(fold) {
		return nil
	}
	variants := []string{fold}
	if base := strings.TrimSuffix(fold, "s"); base != fold && len(base) > 1 {
		variants = append(variants, base)
	}
	whole := func(surname bool) []store.Member {
		return having(members, func(m store.Member) bool {
			names := store.NameWords(m.Name)
			if surname && len(names) > 1 {
				names = names[1:]
			}
			return slices.ContainsFunc(names, func(w []string) bool {
				return slices.ContainsFunc(variants, func(v string) bool { return slices.Contains(w, v) })
			})
		})
	}
	if titled {
		if found := whole(true); len(found) > 0 {
			return found
		}
	}
	if found := whole(false); len(found) > 0 {
		return found
	}
	if store.Particle(fold) || !t.Name() && (!first || u.words.Is("small", t.Fold) || u.words.Is("common", t.Fold) || u.words.Is("noname", t.Fold)) {
		return nil
	}
	return having(members, func(m store.Member) bool {
		return slices.ContainsFunc(store.NameWords(m.Name), func(w []string) bool {
			return slices.ContainsFunc(w, func(s string) bool {
				return nickname(variants[len(variants)-1], s) || nickname(fold, s) || len(fold) >= leastOpening && strings.HasPrefix(s, fold)
			})
		})
	})
}

func having(members []store.Member, fits func(store.Member) bool) []store.Member {
	var found []store.Member
	for _, m := range members {
		if fits(m) {
			found = append(found, m)
		}
	}
	return found
}

func hasAddress(m store.Member, address string) bool {
	address = store.BareAddress(address)
	return address == store.BareAddress(m.Email) || slices.ContainsFunc(m.Aliases, func(a string) bool { return store.BareAddress(a) == address })
}

// ofGroup says whether a word belongs to the team of one of the members.
func (u *understanding) ofGroup(members []store.Member, t words.Token) bool {
	return slices.ContainsFunc(members, func(m store.Member) bool {
		return slices.ContainsFunc(words.Tokens(m.Group), func(g words.Token) bool { return g.Fold == t.Fold })
	})
}

// byGroup are those of the members whose team the words name: "in Year 4", "from
// Science". When they name none, it is all of them.
func (u *understanding) byGroup(members []store.Member, near []words.Token) []store.Member {
	best, found := 0, members
	for _, m := range members {
		score := u.groupScore(m, near)
		if score > best {
			best, found = score, nil
		}
		if score == best && best > 0 {
			found = append(found, m)
		}
	}
	return found
}

// groupScore is how well words name a member's team: 0 not at all, more than 100
// the whole of it.
func (u *understanding) groupScore(m store.Member, near []words.Token) int {
	group := words.Tokens(m.Group)
	hits, content := 0, 0
	for _, g := range group {
		if !slices.ContainsFunc(near, func(t words.Token) bool { return alike(t.Fold, g.Fold) }) {
			continue
		}
		hits++
		if !u.words.Is("common", g.Fold) && !u.words.Is("small", g.Fold) && !u.words.Is("dayprep", g.Fold) {
			content++
		}
	}
	switch {
	case len(group) > 0 && hits == len(group):
		return 100 + hits
	case content > 0 && !slices.ContainsFunc(group, func(g words.Token) bool { return g.Number() }):
		return content
	}
	return 0
}

// joined adds those who are named in the same breath: "Ben or Priya", "Ben, Priya
// and Sam".
func (u *understanding) joined(tokens []words.Token, m mention) []mention {
	all := []mention{m}
	for len(all) < 6 {
		last := all[len(all)-1]
		i := last.end
		comma := i > 0 && i < len(tokens) && tokens[i-1].After == ','
		if i < len(tokens) && andOr(tokens[i].Fold) {
			i++
		} else if !comma {
			break
		}
		next, ok := u.personAt(tokens, i)
		if !ok || len(next.fit) == 0 {
			break
		}
		all = append(all, next)
	}
	return all
}

// andOr says whether a word joins names.
func andOr(w string) bool {
	switch w {
	case "and", "or", "und", "oder", "et", "ou", "y", "e", "o", "u", "en", "of", "plus":
		return true
	}
	return false
}
