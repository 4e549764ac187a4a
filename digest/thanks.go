package digest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"askfirst/store"
)

// thanksLine is one thank-you as the digest tells it. Words that continue the
// sentence do so ("Priya N. thanks Mark E., who lent a projector."), others are
// quoted.
func (p *page) thanksLine(t store.Thanks) (string, error) {
	line, err := p.subjectThanks(t)
	if err != nil {
		return "", err
	}
	words, err := p.links(fold(t.Words))
	if err != nil {
		return "", err
	}
	words = shortenAround(words, thanksLimit)
	if words == "" {
		return strings.TrimRight(line, ".") + ".", nil
	}
	first, _, more := strings.Cut(words, " ")
	if plain := strings.ToLower(strings.Trim(first, ",.;:!")); more && p.lang.clauses[plain] {
		joint, err := p.lang.say("thanks.joint", plain)
		if err != nil {
			return "", err
		}
		words = lowerFirst(words)
		if !strings.HasSuffix(words, "!") && !strings.HasSuffix(words, "…") {
			words = strings.TrimRight(words, ".") + "."
		}
		return line + strings.ReplaceAll(joint, "_", " ") + words, nil
	}
	quoted, err := p.lang.say("quoted", strings.Trim(words, "\""))
	return line + ": " + quoted, err
}

// subjectThanks says who thanks whom.
func (p *page) subjectThanks(t store.Thanks) (string, error) {
	from, err := p.person(t.From)
	if err != nil {
		return "", err
	}
	var names []string
	for _, m := range t.To {
		who, err := p.person(m)
		if err != nil {
			return "", err
		}
		names = append(names, who.Short)
	}
	to, err := p.list(names)
	if err != nil {
		return "", err
	}
	name := "thanks.line"
	if to == "" {
		name = "thanks.all"
	}
	s, err := p.lang.say(name, map[string]string{"From": from.Short, "To": to})
	return upperFirst(s), err
}

func lowerFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[size:]
}
