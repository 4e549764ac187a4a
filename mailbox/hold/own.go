package hold

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"askfirst/mailbox/words"
)

// Options is what an exchange adds to the detection, and what it leaves out.
type Options struct {
	Words    []string // words or phrases; case and accents do not matter
	Patterns []string // regular expressions (RE2)
	Off      []string // codes that are not looked for
}

// ownWords is what an exchange added, ready for use.
type ownWords struct {
	phrases  [][]string
	patterns []*regexp.Regexp
}

// Limits of what a configuration may add: each costs time with every mail.
const (
	mostOwn       = 200
	longestOwn    = 200 // bytes of a pattern
	longestPhrase = 8   // words
)

// New is the standard detector with an exchange's own additions.
func New(o Options) (*Detector, error) {
	d := *Standard()
	d.off = map[Code]bool{}
	for _, w := range o.Words {
		phrase, err := Phrase(w)
		if err != nil {
			return nil, err
		}
		d.own.phrases = append(d.own.phrases, phrase)
	}
	for _, p := range o.Patterns {
		re, err := Pattern(p)
		if err != nil {
			return nil, err
		}
		d.own.patterns = append(d.own.patterns, re)
	}
	if len(o.Words)+len(o.Patterns) > mostOwn {
		return nil, fmt.Errorf("more than %d words and patterns", mostOwn)
	}
	for _, code := range o.Off {
		if !slices.Contains(Codes(), Code(code)) {
			return nil, fmt.Errorf("%q is not something that is looked for", code)
		}
		d.off[Code(code)] = true
	}
	return &d, nil
}

// Phrase reads a word or phrase of a configuration.
func Phrase(s string) ([]string, error) {
	var phrase []string
	for _, t := range words.Tokens(head(s, readable)) {
		phrase = append(phrase, t.Fold)
	}
	switch {
	case len(phrase) == 0:
		return nil, errors.New("has no word in it")
	case len(phrase) > longestPhrase:
		return nil, fmt.Errorf("has more than %d words", longestPhrase)
	}
	return phrase, nil
}

// Pattern reads a regular expression of a configuration. One that fits nothing
// at all fits every mail and is refused.
func Pattern(s string) (*regexp.Regexp, error) {
	if len(s) > longestOwn {
		return nil, fmt.Errorf("is longer than %d characters", longestOwn)
	}
	re, err := regexp.Compile("(?i)" + s)
	var bad *syntax.Error
	switch {
	case errors.As(err, &bad) && bad.Code == syntax.ErrInvalidPerlOp:
		return nil, errors.New("uses a look-around or another extension that is not available")
	case errors.As(err, &bad):
		return nil, errors.New("has a mistake: " + bad.Code.String())
	case err != nil:
		return nil, errors.New("has a mistake")
	case re.MatchString(""):
		return nil, errors.New("fits every mail, even an empty one")
	}
	return re, nil
}

// ours looks for the exchange's own words and patterns.
func (s *scanned) ours() {
	for _, re := range s.d.own.patterns {
		for _, at := range re.FindAllStringIndex(s.text, mostFindings) {
			s.hit(Word, at[0])
		}
	}
	for _, phrase := range s.d.own.phrases {
		for i := 0; i+len(phrase) <= len(s.tokens); i++ {
			if fits(s.tokens[i:], phrase) {
				s.hit(Word, s.tokens[i].Start)
			}
		}
	}
}

// fits says whether tokens begin with a phrase; "EHCPs" and "EHCP's" fit "EHCP".
func fits(tokens []words.Token, phrase []string) bool {
	for i, w := range phrase {
		if fold := tokens[i].Fold; fold != w && strings.TrimSuffix(fold, "s") != w {
			return false
		}
	}
	return true
}
