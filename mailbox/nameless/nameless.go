// Package nameless takes out of a text by whom it was written: the name in all
// its spellings, a sign-off, a self-introduction, addresses, telephone numbers
// and what mail programs leave. What may still tell who wrote is found and asked
// about, not guessed. It is pure and linear in the text.
package nameless

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"askfirst/mailbox/words"
)

// Gap stands in the place of what was taken out of the middle of a sentence.
const Gap = "[…]"

// The codes of what was found.
const (
	Name  = "name"  // the writer's own; taken out, unless it is a word as well
	Team  = "team"  // the writer's team or school
	Room  = "room"  // a room by its number
	Phone = "phone" // taken out
)

// Who is the writer.
type Who struct {
	Names     []string // full names and nicknames, as anybody writes them
	Addresses []string
	Team      string
}

// Clean is the text without its writer, and what may still tell who that is, as
// package hold writes it: "name/2 team/1". line is the number of the text's first
// line; 0: the text is a title, which nobody signs.
func Clean(text string, who Who, line int) (cleaned, found string) {
	c := &cleaner{own: partsOf(who), team: tokensOf(who.Team), text: normal(text), first: line}
	c.text = strings.Join(strings.FieldsFunc(c.text, func(r rune) bool { return r == '\r' }), "")
	if line > 0 {
		c.signOff()
	}
	c.introductions()
	c.addresses()
	c.names()
	c.places()
	c.text = tidy(c.text)
	slices.SortStableFunc(c.hits, func(a, b hit) int { return cmp.Compare(a.line, b.line) })
	var all []string
	for _, h := range c.hits {
		if s := h.code + "/" + strconv.Itoa(h.line); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return c.text, strings.Join(all, " ")
}

// mostHits is how many places are worth naming.
const mostHits = 40

type hit struct {
	code string
	line int
}

type cleaner struct {
	text  string
	own   map[string]bool // folded parts of names; true: it is a word as well
	team  []string
	first int
	hits  []hit
}

// normal takes invisible characters out, by which a name could be split.
func normal(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0xAD || unicode.Is(unicode.Cf, r) && r != '\u200d' {
			return -1
		}
		return r
	}, s)
}

func tokensOf(s string) []string {
	var all []string
	for _, t := range words.Tokens(s) {
		all = append(all, t.Fold)
	}
	return all
}

// partsOf are the folded words by which a person is named.
func partsOf(who Who) map[string]bool {
	parts := map[string]bool{}
	for _, name := range who.Names {
		for _, t := range words.Tokens(name) {
			for _, p := range append(strings.FieldsFunc(t.Fold, func(r rune) bool { return r == '-' || r == '.' || r == '_' }), t.Fold, plain(t.Raw)) {
				if utf8.RuneCountInString(p) >= 2 && !particle(p) && !strings.Contains(p, "@") {
					parts[p] = word(p)
				}
			}
		}
	}
	for _, address := range who.Addresses {
		local, _, _ := strings.Cut(strings.ToLower(address), "@")
		local, _, _ = strings.Cut(local, "+")
		if utf8.RuneCountInString(local) >= 4 && !word(local) {
			parts[words.Fold(local)] = false
		}
	}
	return parts
}

// plain is a word as those write it who have no such keys: "Mueller".
func plain(raw string) string {
	return words.Fold(strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "ø", "oe", "å", "aa").Replace(strings.ToLower(raw)))
}

// is says whether a token is a part of the writer's name.
func (c *cleaner) is(t words.Token) (part, word bool) {
	for _, fold := range []string{t.Fold, strings.TrimSuffix(t.Fold, "s"), strings.TrimSuffix(t.Fold, "'s")} {
		if word, ok := c.own[fold]; ok && (fold == t.Fold || utf8.RuneCountInString(fold) >= 3) {
			return true, word
		}
	}
	return false, false
}

// lineOf is the line of an offset.
func (c *cleaner) lineOf(offset int) int {
	if c.first == 0 {
		return 0
	}
	return c.first + strings.Count(c.text[:offset], "\n")
}

func (c *cleaner) hit(code string, offset int) {
	if len(c.hits) >= mostHits {
		return
	}
	c.hits = append(c.hits, hit{code, c.lineOf(offset)})
}

// cut is a stretch of the text to be replaced.
type cut struct {
	start, end int
	with       string
}

// apply makes cuts that are in order and do not overlap.
func (c *cleaner) apply(cuts []cut) {
	if len(cuts) == 0 {
		return
	}
	slices.SortStableFunc(cuts, func(a, b cut) int { return cmp.Compare(a.start, b.start) })
	var b strings.Builder
	at := 0
	for _, k := range cuts {
		if k.start < at {
			at = max(at, k.end)
			continue
		}
		b.WriteString(c.text[at:k.start])
		b.WriteString(k.with)
		at = k.end
	}
	b.WriteString(c.text[min(at, len(c.text)):])
	c.text = b.String()
}

var (
	anyAddress = regexp.MustCompile(`(?i)(?:mailto:)?<?[^\s<>()\[\],;:"@]+@[^\s<>()\[\],;:"@]+\.[a-z0-9-]{2,}>?`)
	anyLink    = regexp.MustCompile(`(?i)(?:https?://|www\.)\S+`)
	anyPhone   = regexp.MustCompile(`(?:\+|\b0|\(0)[0-9(][0-9 ()/.\-\x{a0}]{5,}[0-9]`)
	anyDate    = regexp.MustCompile(`^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$|^\d{1,2}[.:]\d{2}\s?[-–]\s?\d{1,2}[.:]\d{2}$`)
	anyRoom    = regexp.MustCompile(`(?i)\b(?:room|rm|raum|zimmer|klassenzimmer|salle|bureau|aula|sala|despacho|lokaal|kamer|office|classroom|büro)\.?\s{0,2}(?:no\.?\s|nr\.?\s|n[°º]\s?)?[a-z]?\d{1,4}[a-z]?\b`)
)

// addresses takes out addresses, telephone numbers, and links with the name.
func (c *cleaner) addresses() {
	var cuts []cut
	for _, at := range anyLink.FindAllStringIndex(c.text, -1) {
		link := words.Fold(c.text[at[0]:at[1]])
		for part := range c.own {
			if len(part) >= 4 && strings.Contains(link, part) {
				cuts = append(cuts, cut{at[0], at[1], Gap})
				c.hit(Name, at[0])
				break
			}
		}
	}
	for _, at := range anyAddress.FindAllStringIndex(c.text, -1) {
		cuts = append(cuts, cut{at[0], at[1], Gap})
		c.hit(Name, at[0])
	}
	for _, at := range anyPhone.FindAllStringIndex(c.text, -1) {
		found := c.text[at[0]:at[1]]
		if n := strings.Count(strings.Map(digit, found), "0"); n < 7 || n > 15 || anyDate.MatchString(strings.TrimSpace(found)) || strings.Contains(found, "\n") {
			continue
		}
		cuts = append(cuts, cut{at[0], at[1], Gap})
		c.hit(Phone, at[0])
	}
	c.apply(cuts)
}

func digit(r rune) rune {
	if r >= '0' && r <= '9' {
		return '0'
	}
	return -1
}

// names takes the writer's own name out of sentences. A name that is a word as
// well is only asked about, unless the rest of the name stands beside it.
func (c *cleaner) names() {
	tokens := words.Tokens(c.text)
	var cuts []cut
	for i := 0; i < len(tokens); i++ {
		first, last, sure := i, i, false
		for ; last < len(tokens) && (last == first || joint(c.text[tokens[last-1].End:tokens[last].Start])); last++ {
			part, word := c.is(tokens[last])
			if !part || word && !capital(tokens[last]) {
				break
			}
			sure = sure || !word || last > first
		}
		if last == first {
			if c.inside(tokens[i]) {
				cuts = append(cuts, cut{tokens[i].Start, tokens[i].End, Gap})
				c.hit(Name, tokens[i].Start)
			}
			continue
		}
		c.hit(Name, tokens[first].Start)
		if sure {
			cuts = append(cuts, cut{tokens[first].Start, tokens[last-1].End, Gap})
		}
		i = last - 1
	}
	c.apply(cuts)
}

// inside says whether a name stands in a compound: "priya.nair", "nair_p".
func (c *cleaner) inside(t words.Token) bool {
	parts := strings.FieldsFunc(t.Fold, func(r rune) bool { return r == '-' || r == '.' || r == '_' })
	return len(parts) > 1 && slices.ContainsFunc(parts, func(p string) bool {
		word, own := c.own[p]
		return own && !word
	})
}

// joint is what stands between two parts of one name.
func joint(gap string) bool { return strings.Trim(gap, " .-\u00a0") == "" && len(gap) <= 3 }

func capital(t words.Token) bool {
	r, _ := utf8.DecodeRuneInString(t.Raw)
	return unicode.IsUpper(r)
}

// places finds the writer's team and rooms.
func (c *cleaner) places() {
	for _, at := range anyRoom.FindAllStringIndex(c.text, -1) {
		c.hit(Room, at[0])
	}
	if len(c.team) == 0 {
		return
	}
	tokens := words.Tokens(c.text)
	for i := range tokens {
		n := 0
		for n < len(c.team) && i+n < len(tokens) && tokens[i+n].Fold == c.team[n] {
			n++
		}
		if n == len(c.team) && (n > 1 || len(c.team[0]) >= 3) {
			c.hit(Team, tokens[i].Start)
		}
	}
}

var (
	wide  = regexp.MustCompile(`[ \t]{2,}`)
	lines = regexp.MustCompile(`\n{3,}`)
)

// tidy closes the gaps that cuts leave.
func tidy(s string) string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimRight(wide.ReplaceAllString(line, " "), " \t")
		if strings.Trim(line, " -–—_*~,;") == "" {
			line = ""
		}
		out = append(out, line)
	}
	return strings.TrimSpace(lines.ReplaceAllString(strings.Join(out, "\n"), "\n\n"))
}
