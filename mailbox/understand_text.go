package mailbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// clause is a stretch of text that says one thing: "I can help with 17".
type clause struct {
	text     string // as written
	tokens   []words.Token
	found    []words.Match // tokens count from the clause's first
	sentence int
	joiner   string  // what stands before it: "", "and" or "but"
	question bool    // its sentence ends in a question mark
	numbers  []int64 // asks it names
	notFirst bool    // the first of the numbers is denied: "not 17"
	sign     sign    // what a picture beside it says
}

// reading is a text taken apart.
type reading struct {
	text      string
	tokens    []words.Token
	clauses   []clause
	sentences []string
	asked     bool // there is a question mark
}

// breakKind is what stands between two words.
type breakKind int

const (
	noBreak breakKind = iota
	clauseBreak
	sentenceBreak
)

// mostClauses is how many clauses of a text are weighed: twenty times those of
// a long mail.
const mostClauses = 600

// remembered is a text that was taken apart: it is looked at for a command, a
// correction, a word for privacy, each in its turn.
type remembered struct {
	tokens   []words.Token
	figures  bool                // it matters which asks are listed
	readings map[string]*reading // by the asks listed
}

// readText takes a text apart. listed are the asks that a bare number may mean.
func (u *understanding) readText(text string, listed map[int64]bool) *reading {
	text = head(text, readable)
	known := u.texts[text]
	if known == nil {
		known = &remembered{tokens: words.Tokens(text), readings: map[string]*reading{}}
		known.figures = slices.ContainsFunc(known.tokens, func(t words.Token) bool {
			return strings.ContainsAny(t.Fold, "0123456789") || u.words.Begins(t.Fold, "numeral")
		})
		if u.texts == nil {
			u.texts = map[string]*remembered{}
		}
		u.texts[text] = known
	}
	key := ""
	if known.figures && len(listed) > 0 {
		key = fmt.Sprint(slices.Sorted(maps.Keys(listed)))
	}
	r := known.readings[key]
	if r == nil {
		r = u.takeApart(text, known.tokens, listed)
		known.readings[key] = r
	}
	own := *r
	own.clauses = slices.Clone(r.clauses) // whoever asked may take numbers off them
	return &own
}

func (u *understanding) takeApart(text string, tokens []words.Token, listed map[int64]bool) *reading {
	r := &reading{text: text, tokens: u.numerals(u.unglued(tokens, listed), listed)}
	dates := dateReader{u.words, r.tokens, u.reckoning()}
	dated, read := make([]bool, len(r.tokens)), 0
	start, sentence, from := 0, 0, 0
	flush := func(end int) {
		if end <= start {
			return
		}
		c := u.newClause(r, start, end)
		c.sentence = sentence
		c.sign = signAround(r.text, r.tokens, start, end)
		read = dates.mark(dated, read, end)
		c.numbers, c.notFirst = u.mentions(r, start, end, dated, listed)
		r.clauses = append(r.clauses, c)
		start = end
	}
	for i := 1; i <= len(r.tokens) && len(r.clauses) < mostClauses; i++ {
		kind, question := sentenceBreak, false
		if i < len(r.tokens) {
			kind, question = u.breakBefore(r, i)
		} else if i > 0 {
			question = strings.ContainsRune(text[r.tokens[i-1].End:], '?')
		}
		if kind == noBreak {
			continue
		}
		flush(i)
		if kind == sentenceBreak {
			end := len(text)
			if i < len(r.tokens) {
				end = r.tokens[i].Start
			}
			r.sentences = append(r.sentences, strings.TrimSpace(text[from:end]))
			from = end
			for j := range r.clauses {
				if r.clauses[j].sentence == sentence {
					r.clauses[j].question = question
				}
			}
			r.asked = r.asked || question
			sentence++
		}
	}
	u.asksUnmarked(r)
	u.dropList(r)
	u.besideListed(r, dated)
	r.yesNo()
	return r
}

func (u *understanding) newClause(r *reading, start, end int) clause {
	c := clause{tokens: r.tokens[start:end]}
	c.text = r.text[c.tokens[0].Start:c.tokens[len(c.tokens)-1].End]
	c.found = u.words.Find(c.tokens)
	u.needsToo(&c)
	u.addNamed(&c)
	u.addSubject(&c)
	joinsWithPlus(&c)
	switch {
	case conjunction(r.tokens, start):
		c.joiner = "and"
	case adversative(c.tokens[0].Fold):
		c.joiner = "but"
	}
	return c
}

// conjunction says whether token i joins what stands on both sides of it. The
// short ones are other words in other languages and join numbers only.
func conjunction(tokens []words.Token, i int) bool {
	switch tokens[i].Fold {
	case "and", "und", "et", "or", "oder", "ou", "plus", "also", "nor":
		return true
	case "y", "e", "en", "o", "of": // "17 of 19", but not "3 of them in lab 2"
		return i > 0 && tokens[i-1].Number() && i+1 < len(tokens) && (tokens[i+1].Number() || tokens[i].Fold != "of" && i+2 < len(tokens) && tokens[i+2].Number())
	}
	return false
}

func adversative(w string) bool {
	switch w {
	case "but", "aber", "mais", "pero", "maar", "sondern", "sino", "however", "though", "jedoch", "although":
		return true
	}
	return false
}

// softening says whether a Dutch "maar" behind the word only makes an order
// friendly: "laat maar", "kom maar halen".
func softening(w string) bool {
	switch w {
	case "laat", "kom", "neem", "pak", "doe", "haal", "vraag", "zeg", "geef", "stuur", "bel", "ga", "gebruik", "leen", "toch", "zet", "zeker":
		return true
	}
	return false
}

// modal says whether a word opens what a "but" behind it belongs to: "kann aber
// am Dienstag helfen".
func modal(w string) bool {
	switch w {
	case "kann", "konnte", "koennte", "habe", "hab", "hatte", "ist", "ich", "kan", "heb":
		return true
	}
	return false
}

func negator(w string) bool {
	switch w {
	case "not", "nicht", "niet", "pas":
		return true
	}
	return false
}

// softened says whether one of the words right before a "maar" is such an order:
// "zet het er maar in".
func softened(tokens []words.Token, i int) bool {
	for j := i - 1; j >= max(0, i-4); j-- {
		if softening(tokens[j].Fold) {
			return true
		}
		if tokens[j].After != 0 || tokens[j].Number() {
			return false
		}
	}
	return false
}

// deniesThe says whether the token denies a number behind its article: "nicht
// die 17", "niet de 17".
func deniesThe(tokens []words.Token, i int) bool {
	if i < 0 || i+2 >= len(tokens) || !negator(tokens[i].Fold) || !tokens[i+2].Number() {
		return false
	}
	switch tokens[i+1].Fold {
	case "die", "der", "den", "das", "dem", "zur", "de", "het", "the", "nr", "nummer", "number":
		return true
	}
	return false
}

// inPlaceOf says whether a word names what something else takes the place of:
// "19 instead of 17".
func inPlaceOf(w string) bool {
	switch w {
	case "instead", "rather", "statt", "anstatt", "anstelle", "lieu", "vez", "plaats":
		return true
	}
	return false
}

// breakBefore says what ends before token i, and whether a question does.
func (u *understanding) breakBefore(r *reading, i int) (kind breakKind, question bool) {
	prev, next := r.tokens[i-1], r.tokens[i]
	between := r.text[prev.End:next.Start]
	if next.Number() && !strings.Contains(between, "\n") && (u.words.Is("numberword", prev.Fold) || u.words.Is("place", prev.Fold)) && strings.Trim(between, ". #:°") == "" {
		return noBreak, false // "nr. 17"
	}
	if next.Number() && next.After == ')' && strings.Trim(between, " #") == "(" {
		return noBreak, false // "no idea (4)": the number belongs to what it follows
	}
	if next.Number() && next.After == ')' && !strings.Contains(between, "(") && strings.ContainsFunc(between, unicode.IsSpace) {
		return sentenceBreak, strings.Contains(between, "?") // "1) yes 2) no"
	}
	if next.Number() && next.After == ':' && !conjunction(r.tokens, i-1) && answersAbove(r.tokens[:i]) {
		return sentenceBreak, strings.Contains(between, "?") // "17: nope 19: yep"
	}
	if strings.TrimRight(between, " ") == "." && (store.Honorific(prev.Fold) || len(prev.Raw) == 1 && unicode.IsUpper(rune(prev.Raw[0])) && unicode.IsLower(firstRune(next.Raw))) {
		return noBreak, false // "Mr. Okafor", "Ben O. in Year 4"
	}
	if strings.ContainsAny(between, ".!?;…。！？") && (strings.ContainsAny(between, "!?;…。！？") || strings.ContainsFunc(between, unicode.IsSpace)) {
		return sentenceBreak, strings.ContainsAny(between, "?？")
	}
	if n := strings.Count(between, "\n"); n > 1 || n == 1 && hardBreak(r.text, prev.End, next.Start) {
		return sentenceBreak, false
	}
	if strings.ContainsAny(between, ",:()–—/&+、，|") || strings.Contains(between, " - ") || strings.Contains(between, "--") || strings.Contains(between, "=>") || strings.Contains(between, "->") {
		return clauseBreak, false
	}
	if adversative(next.Fold) && !modal(prev.Fold) && !(next.Fold == "maar" && softened(r.tokens, i)) {
		return clauseBreak, false
	}
	if conjunction(r.tokens, i) && numberAhead(r, i+1, 6) {
		return clauseBreak, false
	}
	if negator(next.Fold) && (i+1 < len(r.tokens) && r.tokens[i+1].Number() || deniesThe(r.tokens, i)) || inPlaceOf(next.Fold) && numberAhead(r, i+1, 3) {
		return clauseBreak, false
	}
	return noBreak, false
}

// answersAbove says whether the last number before wears a colon as well.
func answersAbove(tokens []words.Token) bool {
	const near = 20
	for j := len(tokens) - 1; j >= max(0, len(tokens)-near); j-- {
		if tokens[j].Number() {
			return tokens[j].After == ':'
		}
	}
	return false
}

// numberAhead says whether one of the next tokens is a number, in the same
// breath.
func numberAhead(r *reading, i, n int) bool {
	for ; n > 0 && i < len(r.tokens); n-- {
		if r.tokens[i].Number() {
			return true
		}
		if i+1 < len(r.tokens) && strings.ContainsAny(r.text[r.tokens[i].End:r.tokens[i+1].Start], ".!?;\n,") {
			return false
		}
		i++
	}
	return false
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// hardBreak says whether the single line break between two words was made by
// the writer rather than by a mail program that wraps long lines.
func hardBreak(text string, end, start int) bool {
	const wrapped, likely = 60, 45
	line := strings.LastIndexByte(text[:end], '\n') + 1
	width := utf8.RuneCountInString(text[line:end])
	next, _ := utf8.DecodeRuneInString(text[start:])
	return width < likely || width < wrapped && !unicode.IsLower(next)
}

// datedTokens marks the tokens that are parts of dates.
func (u *understanding) datedTokens(tokens []words.Token) []bool {
	dated := make([]bool, len(tokens))
	dateReader{u.words, tokens, u.reckoning()}.mark(dated, 0, len(tokens))
	return dated
}
