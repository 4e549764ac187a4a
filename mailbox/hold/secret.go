package hold

import (
	"regexp"
	"strings"
	"unicode"

	"askfirst/mailbox/words"
)

// A password is a word for one, something that ties ("is", a colon) and a value.
// "I forgot my password" has no value, "the password is wrong" none that could
// be one.

// Shapes of what stands between the word and its value. The first holds what the
// password is for: "for the guest network".
var (
	tie    = regexp.MustCompile(`(?i)^[\s)"'”’]*(?:\([^)\n]{0,40}\)\s*)?(?:(?:for|to|of|on|in|from|für|fuer|zum|zur|vom|von|am|im|pour|du|de|des|d'|d’|para|del|voor|van|bij)[\s'’][^\n:=?!]{0,48}?)?\s*(?:(?:will be|should be|always|now|today|new)\s+)?(:|=|->|→|=>|\b(?:is|was|are|ist|lautet|luidt|war|sind|est|c'est|c’est|es|era|wordt)\b)[ \t]*(?:(?:now|still|always|just|jetzt|immer|noch|maintenant|toujours|ahora|siempre|nu|nog|altijd)\s+)?[:=]?[ \t]*`)
	quoted = regexp.MustCompile(`^["“„«][^"”“»\n]{3,40}["”“»]`)
	beside = regexp.MustCompile(`^[ \t]*[-–(]?[ \t]*`)
)

// secrets looks for passwords and for codes of doors and alarms.
func (s *scanned) secrets() {
	for _, m := range s.found {
		end := s.tokens[m.End-1].End
		switch m.Class {
		case "password":
			if s.tied(end, false) || s.besides(end, false) || s.reversed(m) {
				s.hit(Password, s.tokens[m.Start].Start)
			}
		case "code":
			if s.tied(end, true) || s.besides(end, true) {
				s.hit(Password, s.tokens[m.Start].Start)
			}
		case "pin":
			if s.tokens[m.Start].Raw == "PIN" || m.End > m.Start+1 {
				if s.tied(end, true) || s.besides(end, true) {
					s.hit(Password, s.tokens[m.Start].Start)
				}
			}
		}
	}
}

// tied says whether a value is tied to the word that ends at end.
func (s *scanned) tied(end int, digits bool) bool {
	rest := s.line(end)
	at := tie.FindStringSubmatchIndex(rest)
	if at == nil {
		return false
	}
	colon := strings.ContainsAny(rest[at[2]:at[3]], ":=>→") || len(rest[at[2]:at[3]]) > 4 // "lautet"
	value := rest[at[1]:]
	if strings.TrimSpace(value) == "" && colon { // on the next line
		from := end + len(rest)
		if from < len(s.text) {
			value = s.line(from + 1)
		}
	}
	word, more, _ := strings.Cut(strings.TrimLeft(value, " \t*_"), " ")
	if digits {
		return keypad(value)
	}
	return s.secret(word, more, colon)
}

// besides says whether the value follows without anything that ties:
// "pw hunter2", "door code 4711".
func (s *scanned) besides(end int, digits bool) bool {
	rest := s.line(end)
	value := rest[len(beside.FindString(rest)):]
	if digits {
		return keypad(value)
	}
	if quoted.MatchString(value) {
		return true
	}
	word, _, _ := strings.Cut(value, " ")
	word = bare(word)
	return len(word) >= 5 && mixed(word) && !s.classCode(word)
}

// reversed says whether the value stands in front: "hunter2 is the password".
func (s *scanned) reversed(m words.Match) bool {
	for i := m.Start - 1; i >= max(0, m.Start-4); i-- {
		if s.is(i, "being") && i > 0 && mixed(s.tokens[i-1].Raw) && len(s.tokens[i-1].Raw) >= 5 {
			return true
		}
	}
	return false
}

// secret says whether a word could be a password.
func (s *scanned) secret(word, more string, colon bool) bool {
	marked := strings.ContainsAny(firstRune(word), `"'“„«‘`)
	question := strings.HasSuffix(word, "?") || !colon && strings.HasSuffix(strings.TrimSpace(more), "?")
	word = bare(word)
	fold := words.Fold(word)
	switch {
	case word == "" || question && !mixed(word) && !marked:
		return false
	case mixed(word), marked && len(word) >= 3:
		return true
	case s.d.words.Is("nosecret", fold) || !hasLetterOrDigit(word):
		return false
	case colon:
		return len(word) >= 3
	case strings.Trim(word, "0123456789") == "":
		return len(word) >= 4
	}
	// "The password is swordfish." A word that ends the sentence, or one that is
	// no word of the language's small ones and is followed by a digit.
	more = strings.TrimSpace(more)
	next, _, _ := strings.Cut(more, " ")
	return len(word) >= 4 && (more == "" || strings.Trim(next, "0123456789.") == "")
}

// bare is a word without the punctuation around it.
func bare(word string) string {
	return strings.Trim(strings.TrimRight(word, ".,;:?\t "), "\"'“”„«»‘’()[]<>*_,;")
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

func hasLetterOrDigit(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// mixed says whether a word mixes letters with digits or signs as passwords do.
func mixed(word string) bool {
	letters, digits, signs, inner := 0, 0, 0, 0
	for i, r := range word {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
			if i > 0 && unicode.IsUpper(r) {
				inner++
			}
		case strings.ContainsRune("!$%&#+=_@*^~", r):
			signs++
		}
	}
	lower := letters - inner
	return letters > 0 && digits > 0 || signs > 0 && letters+digits >= 4 || inner > 0 && lower > 1 && !strings.ContainsAny(word, "-/")
}

// classCode says whether a word is the name of a class or a room: "4B", "Y11".
func (s *scanned) classCode(word string) bool { return classShape.MatchString(words.Fold(word)) }

// keypads are the shapes of what is typed on one.
var keypads = regexp.MustCompile(`^(?:["'“„*#]?[A-Da-dXx]?[ \t]?(?:\d[ .-]?){3,7}\d?[A-Da-dXxYyZz#*]?["'”]?)(?:[\s.,;!)]|$)`)

// keypad says whether a value begins with what is typed on a keypad.
func keypad(value string) bool {
	return keypads.MatchString(strings.TrimLeft(value, " \t")) && !years.MatchString(value)
}

// years are no codes: "the alarm code from 2024".
var years = regexp.MustCompile(`^(?:\d{1,2}[.:]\d{2}\b|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}-\d{1,2}-(?:19|20)\d{2})`)
