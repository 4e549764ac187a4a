package words

import (
	"fmt"
	"strings"
)

// Groups of words that take each other's place in a phrase: the forms of a verb,
// the words for a relative. They keep one pattern from being written a hundred
// times.

// groupName is how phrases hold a group: those of two languages are apart.
func (v *Vocabulary) groupName(name string) string { return "=" + v.tongue + "/" + name }

func (v *Vocabulary) addToGroup(name, entry string) error {
	word := Fold(entry)
	if strings.ContainsAny(word, " ^$@_=?.") {
		return fmt.Errorf("%q in the group %s is not a single word", entry, name)
	}
	key := v.groupName(name)
	if v.groups[key] == nil {
		v.groups[key] = map[string]bool{}
	}
	v.groups[key][word] = true
	return nil
}

// members are the words that a part of a phrase stands for.
func (v *Vocabulary) members(part string) []string {
	group, ok := v.groups[part]
	if !ok {
		return []string{part}
	}
	words := make([]string, 0, len(group))
	for word := range group {
		words = append(words, word)
	}
	return words
}

// fits says whether a folded word is what a part of a phrase stands for.
func (v *Vocabulary) fits(part, word string) bool {
	if part == word {
		return true
	}
	return part[0] == '=' && v.groups[part][word]
}

// variants are the phrases that an entry with words that may be missing ("?ne")
// stands for.
func variants(entry string) []string {
	i := strings.Index(entry, "?")
	if i < 0 {
		return []string{entry}
	}
	optional, rest, more := strings.Cut(entry[i+1:], " ")
	mark := ""
	if !more && strings.HasSuffix(optional, "$") {
		mark = "$"
	}
	with := entry[:i] + entry[i+1:]
	without := strings.TrimSpace(entry[:i]+rest) + mark
	return append(variants(with), variants(without)...)
}

// rarest is the part by which a phrase is found: the longest word before its
// first gap, or else its first group. It costs least where few texts have it.
func (v *Vocabulary) rarest(p phrase) int {
	best, length := p.anchor, 0
	for i, part := range p.parts {
		switch {
		case part == "..":
			return best
		case part != "_" && part != "@" && v.groups[part] == nil && len(part) > length:
			best, length = i, len(part)
		}
	}
	return best
}
