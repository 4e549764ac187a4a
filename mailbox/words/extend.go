package words

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// What a school adds to the vocabulary: its own phrases, for a few of the
// sections. They are plain words, without the marks of the data files.

// extension is a section that may be extended.
type extension struct {
	name  string // as an administrator writes it
	class Class
	first bool // the phrase acts only where nothing but small talk comes before
}

func extensions() []extension {
	return []extension{
		{"ask", "asking", false}, {"offer", "offer", false}, {"refuse", "refuse", false}, {"refer", "refer", false}, {"metoo", "metoo", true},
		{"thanks", "thanks", false}, {"close", "close", true}, {"reopen", "reopen", true}, {"withdraw", "withdraw", true}, {"withdraw_offer", "unoffer", false},
		{"private", "private", true}, {"courtesy", "courtesy", false},
		{"pause", "pause", true}, {"resume", "resume", true}, {"weekly", "weekly", true}, {"daily", "daily", true}, {"stop", "stop", true},
		{"help", "help", true}, {"status", "status", true}, {"undo", "undo", true},
	}
}

// Extensible is the names of the sections that may be extended.
func Extensible() []string {
	var names []string
	for _, e := range extensions() {
		names = append(names, e.name)
	}
	return names
}

// Limits of what may be added.
const (
	MostPhrases   = 300
	longestPhrase = 60 // characters
	mostParts     = 8  // words
)

// Check says in a sentence why a phrase cannot be added to a section; nil: it can.
func (v *Vocabulary) Check(section, entry string) error {
	i := slices.IndexFunc(extensions(), func(e extension) bool { return e.name == section })
	if i < 0 {
		return fmt.Errorf("%s is no section that can be extended", section)
	}
	tokens := Tokens(entry)
	small := true
	for _, t := range tokens {
		small = small && (v.small(t) || v.Is("greeting", t.Fold))
	}
	class := extensions()[i].class
	switch {
	case len(tokens) == 0:
		return fmt.Errorf("%q has no word in it", entry)
	case utf8.RuneCountInString(entry) > longestPhrase || len(tokens) > mostParts:
		return fmt.Errorf("%q is too long for a phrase: at most %d words", entry, mostParts)
	case strings.ContainsAny(entry, "^$_=?") || strings.Contains(entry, ".."):
		return fmt.Errorf("%q has a mark in it that is no part of a word", entry)
	case small:
		return fmt.Errorf("%q consists of words that people begin or end any mail with, so it would act by accident", entry)
	}
	line := joined(tokens)
	for _, other := range extensions() {
		if other.class != class && v.lines[other.class][line] && !agree(other.class, class) {
			return fmt.Errorf("%q means %s already", entry, other.name)
		}
	}
	return nil
}

// agree says whether one phrase may stand in both sections.
func agree(a, b Class) bool {
	for _, pair := range [...][2]Class{{"thanks", "courtesy"}, {"withdraw", "unoffer"}, {"offer", "courtesy"}, {"unoffer", "refuse"}} {
		if pair[0] == a && pair[1] == b || pair[0] == b && pair[1] == a {
			return true
		}
	}
	return false
}

// With is the vocabulary with phrases added to its sections; v stays as it is.
// What Check refuses is refused here as well.
func (v *Vocabulary) With(added map[string][]string) (*Vocabulary, error) {
	wide := &Vocabulary{phrases: maps.Clone(v.phrases), slots: maps.Clone(v.slots), sets: deep(v.sets), values: v.values, tongue: "own", lines: deep(v.lines), begins: maps.Clone(v.begins), groups: v.groups}
	for _, e := range extensions() {
		for _, entry := range added[e.name] {
			if err := v.Check(e.name, entry); err != nil {
				return nil, err
			}
			mark := ""
			if e.first {
				mark = "^"
			}
			tokens := Tokens(entry)
			for _, t := range tokens { // or the append might write into v's
				wide.phrases[t.Fold] = slices.Clone(wide.phrases[t.Fold])
			}
			if err := wide.add(e.class, mark+joined(tokens)); err != nil {
				return nil, err
			}
		}
	}
	for name := range added {
		if !slices.Contains(Extensible(), name) {
			return nil, fmt.Errorf("%s is no section that can be extended", name)
		}
	}
	return wide, nil
}

func deep(sets map[Class]map[string]bool) map[Class]map[string]bool {
	out := make(map[Class]map[string]bool, len(sets))
	for class, set := range sets {
		out[class] = maps.Clone(set)
	}
	return out
}

// joined is the folded tokens with blanks between them.
func joined(tokens []Token) string {
	parts := make([]string, len(tokens))
	for i, t := range tokens {
		parts[i] = t.Fold
	}
	return strings.Join(parts, " ")
}
