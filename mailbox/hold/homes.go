package hold

import "regexp"

// Where somebody lives. A street with a number may be a museum's; it is asked
// about only when the words say that a person lives there.

var (
	street = regexp.MustCompile(`(?i)^[\s:,]*(?:(?:is|ist|est|es|at|in|on|an|am|der|au|à|en|la|el|op|de|het)\b[\s:,]*){0,3}(?:` +
		`(?:flat|apartment|no\.?|n[°º]) ?\d+[a-z]?,? ?)?(?:` +
		`\d{1,4}[a-z]?,? (?:bis |ter )?[\pL'’. -]{2,40}` + // 12 Oak Road, 12 rue des Lilas
		`|(?:[\pL'’.-]+ ){0,4}[\pL'’.-]{3,}(?: ?n[°º.]|,)? ?\d{1,4}[a-z]?\b)`) // Gartenstr. 5, calle Mayor 3
	// Those words say it already; a street is known by one of its own.
	streetWord = regexp.MustCompile(`(?i)(?:\b(?:road|rd|street|st|avenue|ave|lane|close|drive|way|court|crescent|terrace|gardens|grove|place|square|rue|allée|allee|boulevard|bd|impasse|chemin|quai|route|calle|c/|avenida|avda|plaza|paseo|camino|carrer)\b|(?:str\.|straße|strasse|weg|gasse|platz|allee|ring|damm|ufer|straat|laan|plein|gracht|kade|dreef|singel)\b|str\.)`)
)

func (s *scanned) homes() {
	for _, m := range s.found {
		if m.Class != "lives" {
			continue
		}
		end := s.tokens[m.End-1].End
		rest := s.line(end)
		if at := street.FindString(rest); at != "" && streetWord.MatchString(at) {
			s.hit(Address, end)
		}
	}
}
