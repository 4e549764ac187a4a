package hold

import (
	"regexp"
	"sort"
	"strings"

	"askfirst/mailbox/words"
)

// Numbers: what is certain by its own check digits is taken wherever it stands,
// what is not needs a word beside it that says what it is. Dates, times, prices
// and ISBNs are blanked out first.

var (
	harmless = regexp.MustCompile(`(?i)` + strings.Join([]string{
		`\b(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(?:[ t]\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?)?`, // 2026-11-23 09:00
		`\b\d{1,2}[/.]\d{1,2}[/.](?:(?:19|20)\d{2}|\d{2}\b)`,                               // 23.11.2026
		`\b\d{1,2}-\d{1,2}-(?:19|20)\d{2}\b`,
		`\b\d{1,2}[:h]\d{2}(?:[:.]\d{2})?\b`,
		`\b(?:19|20)\d{2} ?[-/–] ?(?:(?:19|20)\d{2}|\d{2})\b`, // 2026/27
		`[£€$] ?\d[\d.,']*`,
		`\b\d[\d.,']{0,15} ?(?:£|€|\$|eur|euro|euros|gbp|usd|chf|%)`,
		`\bisbn(?:-?1[03])?:? ?[\dx -]{9,17}`,
		`\b97[89][- ]?(?:\d[- ]?){9}\d\b`, // ISBN-13
		`https?://\S+`,
	}, "|"))
	run = regexp.MustCompile(`[+(]{0,2}\d(?:[ \t\x{a0}().\-/\x{2010}-\x{2013}]{0,3}\d)+`)

	iban     = regexp.MustCompile(`(?i)\b[a-z]{2}\d{2}(?:[ \x{a0}-]?[a-z0-9]{4}){2,7}(?:[ \x{a0}-]?[a-z0-9]{1,4})?\b`)
	sortCode = regexp.MustCompile(`\b\d{2}[- ]\d{2}[- ]\d{2}\b`)
	american = regexp.MustCompile(`^(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[ .-]\d{4}$`)
	spanish  = regexp.MustCompile(`^[6789]\d{2}(?: \d{3} \d{3}| \d{2} \d{2} \d{2}|-\d{3}-\d{3}|\.\d{3}\.\d{3})$`)

	nino       = regexp.MustCompile(`(?i)\b[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z] ?\d{2} ?\d{2} ?\d{2} ?[a-d]\b`)
	ahv        = regexp.MustCompile(`\b756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}\b`)
	ssn        = regexp.MustCompile(`\b\d{3}-\d{2}-\d{4}\b`)
	insee      = regexp.MustCompile(`(?i)\b[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[ab]) ?\d{3} ?\d{3} ?\d{2}\b`)
	dni        = regexp.MustCompile(`(?i)\b(?:\d{8}|[xyz]\d{7}|\d{2}\.\d{3}\.\d{3}) ?-?[a-z]\b`)
	belgian    = regexp.MustCompile(`\b\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}\b`)
	identifier = regexp.MustCompile(`(?i)^[\s:.#°º]*(?:(?:no|nr|number|nummer|num|is|ist|est|es)\b[\s:.]*){0,2}([a-z]{0,3}(?:[ .-]?\d){5,15}[a-z]?)\b`)
	birthday   = regexp.MustCompile(`(?i)^[\s:,.(]*(?:(?:is|ist|est|es|on|am|le|la|el|op|was)\b\s*){0,2}\d{1,2}(?:st|nd|rd|th|er|\.)?[ /.-]+(?:de )?(?:\d{1,2}|[\pL]{3,10}\.?)[ /.,-]+(?:de )?(?:19[3-9]|20)\d{2}\b`)
)

// numbers looks for accounts, national numbers and phone numbers, in that
// order: what is one is not taken for another.
func (s *scanned) numbers() {
	text := []byte(s.text)
	blank := func(from, to int) {
		for i := from; i < to; i++ {
			if text[i] != '\n' {
				text[i] = '~'
			}
		}
	}
	take := func(re *regexp.Regexp, code Code, certain func(match string, at int) bool) {
		for _, m := range re.FindAllIndex(text, 100) {
			if match := string(text[m[0]:m[1]]); certain(match, m[0]) {
				s.hit(code, m[0])
				blank(m[0], m[1])
			}
		}
	}
	if len(digitsOf(s.text)) < 6 {
		return
	}
	s.labelled(text, blank)
	take(iban, Account, func(m string, at int) bool { return validIBAN(m) || s.near(at, 4, "iban") })
	take(ssn, ID, func(m string, _ int) bool { return validSSN(m) })
	take(ahv, ID, func(m string, _ int) bool { return validEAN(digitsOf(m)) })
	take(belgian, ID, func(m string, _ int) bool { return validBelgian(digitsOf(m)) })
	take(insee, ID, func(m string, _ int) bool { return validINSEE(m) })
	take(nino, ID, func(m string, _ int) bool { return validNINO(m) })
	take(dni, ID, func(m string, _ int) bool { return validDNI(m) })
	for _, m := range harmless.FindAllIndex(text, 500) {
		blank(m[0], m[1])
	}
	take(sortCode, Account, func(_ string, at int) bool { return s.near(at, 8, "sortcode") })
	take(run, Account, func(m string, at int) bool { return s.isAccount(m, at) })
	take(run, Phone, func(m string, at int) bool { return s.isPhone(m, at) })
}

// labelled takes numbers that a word names: "NHS number 943 476 5919", "born
// 3.4.2015".
func (s *scanned) labelled(text []byte, blank func(from, to int)) {
	for _, m := range s.found {
		end := s.tokens[m.End-1].End
		rest := s.line(end)
		switch m.Class {
		case "idnumber":
			at := identifier.FindStringSubmatchIndex(rest)
			if at != nil && len(digitsOf(rest[at[2]:at[3]])) >= 6 {
				s.hit(ID, end+at[2])
				blank(end, end+at[1])
			}
		case "born":
			if at := birthday.FindStringIndex(rest); at != nil {
				s.hit(ID, end)
				blank(end, end+at[1])
			}
		}
	}
}

// near says whether one of the few words before a place, in its line, is of a
// class.
func (s *scanned) near(at, most int, classes ...words.Class) bool {
	i := sort.Search(len(s.tokens), func(i int) bool { return s.tokens[i].End > at }) - 1
	for n := 0; i >= 0 && n < most; i, n = i-1, n+1 {
		if strings.Contains(s.text[s.tokens[i].End:at], "\n") {
			return false
		}
		for _, c := range classes {
			if s.within(i, c) {
				return true
			}
		}
	}
	return false
}

// isAccount says whether a run of digits is a card's or an account's number.
func (s *scanned) isAccount(match string, at int) bool {
	digits := digitsOf(match)
	switch n := len(digits); {
	case n >= 14 && n <= 19 && card(digits) && luhn(digits) && !s.near(at, 3, "codenoun"):
		return true
	case n >= 12 && n <= 19 && s.near(at, 4, "card"):
		return true
	case n >= 6 && n <= 12 && s.near(at, 4, "account"):
		return true
	case n == 8 && s.near(at, 10, "sortcode"):
		return true
	case n == 14 && sortCode.MatchString(match): // a sort code with its account behind it
		return s.near(at, 8, "sortcode", "account")
	}
	return false
}

// isPhone says whether a run of digits is a phone number, by its shape or by a
// word in front of it.
func (s *scanned) isPhone(match string, at int) bool {
	match = strings.TrimLeft(match, " \t")
	digits := digitsOf(match)
	n := len(digits)
	end := at + len(match)
	if n < 6 || n > 16 || touches(s.text, at, end) || s.near(at, 2, "codenoun") {
		return false
	}
	extension := s.near(at, 2, "extension")
	switch {
	case s.near(at, 5, "phone") && !extension:
		return true
	case strings.HasPrefix(match, "+") || strings.HasPrefix(match, "(+"):
		return n >= 8
	case strings.HasPrefix(digits, "00"):
		return n >= 11 && digits[2] != '0' && grouped(match)
	case digits[0] == '0':
		return n >= 9 && n <= 13 && digits[1] != '0'
	case strings.HasPrefix(match, "(0"):
		return n >= 8
	}
	return american.MatchString(match) || spanish.MatchString(match)
}

// touches says whether letters or signs stick to a run of digits: a code.
func touches(text string, start, end int) bool {
	if start > 0 && strings.IndexByte("#_@$", text[start-1]) >= 0 {
		return true
	}
	letter := func(c byte) bool {
		return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80 && c != 0xc2 && c != 0xe2
	}
	return start > 0 && letter(text[start-1]) || end < len(text) && letter(text[end])
}

// grouped says whether somebody set a number in groups, as phones are.
func grouped(match string) bool { return strings.ContainsAny(match, " -./()\t") || len(match) >= 12 }
