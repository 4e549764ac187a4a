package nameless

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"askfirst/mailbox/words"
)

// Who people say that they are, at the beginning of a mail and at its end.

// opens lists the words that come before one's own name, folded.
func opens() []string {
	return []string{
		"this is", "it is", "its", "i am", "im", "my name is", "name is", "here is", "me is",
		"ich bin", "ich bins", "hier ist", "hier spricht", "hier schreibt", "mein name ist", "ich heisse", "ich heiße", "hier",
		"cest", "c est", "je suis", "je mappelle", "je m appelle", "mon nom est", "ici", "moi cest", "moi c est",
		"soy", "me llamo", "mi nombre es", "aqui", "habla", "les habla", "te escribe", "os escribe", "les escribe", "yo soy",
		"ik ben", "ik ben het", "mijn naam is", "ik heet", "hier is", "dit is", "je spreekt met", "u spreekt met", "met",
	}
}

// names lists those of them that nothing but a name follows, whoever's it is: a
// nickname that no list knows.
func named() []string {
	return []string{"my name is", "mein name ist", "ich heisse", "ich heiße", "je mappelle", "je m appelle", "mon nom est", "me llamo", "mi nombre es", "mijn naam is", "ik heet"}
}

// here lists what follows a name in "Priya here".
func here(fold string) bool {
	return slices.Contains([]string{"here", "hier", "ici", "aqui", "speaking", "writing", "schreibt", "spricht", "al", "habla", "escribe"}, fold)
}

// of lists what joins a name and where its bearer works.
func of(fold string) bool {
	return slices.Contains([]string{"from", "of", "in", "at", "aus", "von", "vom", "im", "der", "die", "de", "du", "des", "del", "en", "la", "le", "l", "uit", "van", "the", "op", "bij", "au", "aux", "teaching"}, fold)
}

// introductions takes out "Hi, Priya here", "this is Sam from room 4".
func (c *cleaner) introductions() {
	tokens := words.Tokens(c.text)
	var cuts []cut
	for i := 0; i < len(tokens); i++ {
		start, name := i, i
		strong := false
		for _, phrase := range opens() {
			if n := follows(tokens, i, phrase); n > name-i && c.within(tokens, i) <= most(n) && (i+n >= len(tokens) || !strings.Contains(c.text[tokens[i+n-1].End:tokens[i+n].Start], "\n")) {
				name = i + n
				strong = slices.Contains(named(), phrase)
			}
		}
		end, sure := c.nameAt(tokens, name)
		introduced := name > start
		if end == name && strong && name < len(tokens) && capital(tokens[name]) {
			end, sure = name+1, true
			for end < len(tokens) && end < name+3 && capital(tokens[end]) && joint(c.text[tokens[end-1].End:tokens[end].Start]) {
				end++
			}
			c.hit(Name, tokens[name].Start)
		}
		if end == name || introduced && !sure && !capital(tokens[name]) {
			continue
		}
		if end < len(tokens) && here(tokens[end].Fold) && (introduced || c.within(tokens, start) <= most(2)) && gapless(c.text[tokens[end-1].End:tokens[end].Start]) {
			introduced = true
			end++
		}
		if !introduced {
			continue
		}
		cuts = append(cuts, cut{tokens[start].Start, c.where(tokens, end), ""})
		i = end - 1
	}
	opening := len(cuts) > 0 && strings.TrimSpace(c.text[:cuts[0].start]) == ""
	c.apply(cuts)
	if opening {
		c.text = capitals(c.text)
	}
}

// most is how many words of a greeting may stand before a phrase of so many
// words: "Hello everyone my name is Priya", but not "I met Priya".
func most(phrase int) int {
	if phrase < 2 {
		return 0
	}
	return 3
}

// within is how many words of its sentence stand before a token.
func (c *cleaner) within(tokens []words.Token, i int) int {
	n := 0
	for ; i > 0 && n < 9; i-- {
		if strings.ContainsAny(c.text[tokens[i-1].End:tokens[i].Start], ".,;:!?\n–—()") {
			break
		}
		n++
	}
	return n
}

// follows is how many tokens from i on are the phrase; 0: they are not.
func follows(tokens []words.Token, i int, phrase string) int {
	n := 0
	for want := range strings.FieldsSeq(phrase) {
		if i+n >= len(tokens) || tokens[i+n].Fold != want {
			return 0
		}
		n++
	}
	return n
}

// nameAt is where the writer's own name that begins at a token ends.
func (c *cleaner) nameAt(tokens []words.Token, i int) (end int, sure bool) {
	end = i
	for end < len(tokens) && end < i+5 && (end == i || joint(c.text[tokens[end-1].End:tokens[end].Start])) {
		part, word := c.is(tokens[end])
		initial := end > i && utf8.RuneCountInString(tokens[end].Fold) == 1 && c.initial(tokens[end].Fold) && capital(tokens[end])
		if !part && !initial && !(end > i && particle(tokens[end].Fold)) {
			break
		}
		sure = sure || part && !word
		end++
	}
	for end > i && particle(tokens[end-1].Fold) {
		end--
	}
	return end, sure
}

// where is the end of an introduction in the text: behind the place that the
// writer comes from, and behind the mark that follows.
func (c *cleaner) where(tokens []words.Token, end int) int {
	const longest = 8 // words of a place
	at := tokens[end-1].End
	if end < len(tokens) && (of(tokens[end].Fold) && blank(c.text[at:tokens[end].Start]) || strings.TrimSpace(c.text[at:tokens[end].Start]) == "(") {
		for n := 0; end < len(tokens) && n < longest; n++ {
			if strings.ContainsAny(c.text[at:tokens[end].Start], ".,;:!?\n–—") || n > 1 && verb(tokens[end].Fold) {
				break
			}
			at = tokens[end].End
			end++
		}
	}
	rest := c.text[at:]
	trimmed := strings.TrimLeft(rest, " \t)")
	for _, join := range []string{"and ", "und ", "et ", "y ", "en "} {
		if strings.HasPrefix(strings.ToLower(trimmed), join) {
			return at + len(rest) - len(trimmed) + len(join)
		}
	}
	marks := strings.TrimLeft(trimmed, ".,;:!–—-")
	if marks == trimmed && len(trimmed) == len(rest) {
		return at
	}
	return at + len(rest) - len(strings.TrimLeft(marks, " \t"))
}

// verb says whether a word goes on with the sentence: the place has ended.
func verb(fold string) bool {
	return slices.Contains([]string{"i", "im", "and", "can", "could", "does", "has", "need", "who", "would", "is", "ich", "und", "kann", "brauche", "hat", "wer", "suche", "je", "j", "jai", "et", "peut", "quelqu", "quelquun", "y", "necesito", "puede", "alguien", "busco", "ik", "en", "kan", "heeft", "wie", "zoek", "with", "mit", "avec", "con", "met"}, fold)
}

// gapless says whether two words stand side by side, a comma between them at most.
func gapless(gap string) bool { return strings.Trim(gap, " ,\u00a0") == "" }

func blank(gap string) bool { return strings.Trim(gap, " ,\u00a0") == "" }

// capitals begins lines and the text with a capital where a cut took the first
// words.
func capitals(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 || !unicode.IsLower(r) {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// initial says whether a letter begins a part of the writer's name.
func (c *cleaner) initial(fold string) bool {
	for part := range c.own {
		if strings.HasPrefix(part, fold) {
			return true
		}
	}
	return false
}

// most lines at the end of a text in which a sign-off is looked for.
const mostSigned = 4

// signOff takes the writer's name, initials and what a phone adds from the last
// lines.
func (c *cleaner) signOff() {
	all := c.block(strings.Split(strings.TrimRight(c.text, " \t\n"), "\n"))
	for n := 0; len(all) > 0 && n < 2*mostSigned; n++ {
		last := strings.TrimSpace(all[len(all)-1])
		switch {
		case last == "", strings.Trim(last, "-–—_*~ ") == "", n < mostSigned && c.signs(last), device(last):
			all = all[:len(all)-1]
			continue
		}
		break
	}
	if len(all) > 0 {
		last := len(all) - 1
		all[last] = c.withoutName(all[last])
	}
	c.text = strings.Join(all, "\n")
}

// block cuts a name on a line of its own with the few short lines below it: a
// post, a room, a number.
func (c *cleaner) block(all []string) []string {
	below := 0
	for i := len(all) - 1; i > 0 && below <= mostSigned; i-- {
		line := strings.TrimSpace(all[i])
		if line == "" {
			continue
		}
		if tokens := words.Tokens(line); below > 0 && c.signs(line) && capital(tokens[0]) {
			return all[:i]
		}
		if below++; utf8.RuneCountInString(line) > 60 || strings.ContainsAny(line[len(line)-1:], "?!:") || strings.HasSuffix(line, ".") && len(strings.Fields(line)) > 3 {
			break
		}
	}
	return all
}

// signs says whether a line is nothing but the writer: a name, initials, a post.
func (c *cleaner) signs(line string) bool {
	tokens := words.Tokens(line)
	if len(tokens) == 0 || len(tokens) > 8 || strings.HasSuffix(line, "?") {
		return false
	}
	own, other := 0, 0
	for i, t := range tokens {
		part, _ := c.is(t)
		letters := strings.ReplaceAll(t.Fold, ".", "")
		switch {
		case part && (capital(t) || len(tokens) <= 2), c.inside(t):
			own++
		case utf8.RuneCountInString(letters) <= 3 && letters != "" && c.initials(letters) && (capital(t) || len(tokens) <= 2):
			own++
		case strings.Trim(letters, "x") == "" && i > 0, slices.Contains(c.team, t.Fold), of(t.Fold), roomWord(t.Fold), t.Number():
		default:
			other++
		}
	}
	return own > 0 && (other == 0 || other <= 4 && c.leads(tokens))
}

// leads says whether a line begins with the writer's name, and a comma or a mark
// sets the rest apart: "Priya Nair, Head of Science".
func (c *cleaner) leads(tokens []words.Token) bool {
	n := 0
	for n < len(tokens) {
		if part, _ := c.is(tokens[n]); !part {
			break
		}
		n++
	}
	return n >= 2 && n < len(tokens) && strings.ContainsRune(",(|-–/", tokens[n-1].After)
}

func roomWord(fold string) bool {
	return slices.Contains([]string{"room", "rm", "raum", "zimmer", "salle", "aula", "sala", "lokaal", "kamer", "office"}, fold)
}

// initials says whether letters are those of the writer's name: "PN", "P".
func (c *cleaner) initials(letters string) bool {
	if strings.Trim(letters, "x") == "" {
		return false
	}
	for _, r := range letters {
		if !unicode.IsLetter(r) || !c.initial(string(r)) {
			return false
		}
	}
	return true
}

// withoutName takes the writer's name from the end of a line: "Many thanks, Priya".
func (c *cleaner) withoutName(line string) string {
	tokens := words.Tokens(line)
	end := len(tokens)
	for end > 0 && strings.Trim(tokens[end-1].Fold, "x") == "" {
		end--
	}
	start, own := end, 0
	for start > 0 && end-start < 5 {
		t := tokens[start-1]
		part, _ := c.is(t)
		letters := strings.ReplaceAll(t.Fold, ".", "")
		short := utf8.RuneCountInString(letters) <= 3 && capital(t) && c.initials(letters) && (t.Raw == strings.ToUpper(t.Raw))
		if !part && !short && !(own > 0 && particle(t.Fold)) || part && !capital(t) {
			break
		}
		own++
		start--
	}
	if own == 0 || start == 0 {
		return line
	}
	gap := line[tokens[start-1].End:tokens[start].Start]
	if !strings.ContainsAny(gap, ".,!?–—-:;)") && !closing(tokens[:start]) {
		return line
	}
	if rest := line[tokens[end-1].End:]; strings.Trim(rest, " .!xX-–—*~)") != "" {
		return line
	}
	return strings.TrimRight(line[:tokens[start].Start], " \t-–—(")
}

// closing says whether words are what a mail ends with.
func closing(tokens []words.Token) bool {
	last := tokens[len(tokens)-1].Fold
	return slices.Contains([]string{"thanks", "thank", "cheers", "regards", "best", "wishes", "love", "ta", "thx", "yours", "danke", "dank", "gruss", "gruße", "grusse", "gruesse", "grüße", "lg", "vg", "mfg", "liebe",
		"merci", "cordialement", "bises", "amicalement", "gracias", "saludos", "saludo", "abrazo", "bedankt", "groet", "groeten", "groetjes", "gr", "mvg", "you", "von", "from", "de", "van"}, last)
}

func particle(p string) bool {
	switch p {
	case "van", "von", "der", "den", "de", "del", "la", "le", "di", "da", "du", "dos", "ten", "ter", "zu", "al", "el", "y", "mr", "mrs", "ms", "miss", "dr", "prof", "frau", "herr", "mme", "monsieur", "madame", "sr", "sra", "mevrouw", "meneer":
		return true
	}
	return false
}
