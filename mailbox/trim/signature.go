package trim

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// armour cuts the lines in which OpenPGP wraps a signed text (RFC 9580 section
// 7): its head up to the empty line, and the signature.
func armour(ls []line) {
	first := 0
	for first < len(ls) && ls[first].blank() {
		first++
	}
	if first == len(ls) || ls[first].bare != "-----BEGIN PGP SIGNED MESSAGE-----" {
		return
	}
	end := first
	for end < len(ls) && end < first+8 && !ls[end].blank() {
		end++
	}
	take(ls[first:end], whySignature)
	for i := end; i < len(ls); i++ {
		if ls[i].bare == "-----BEGIN PGP SIGNATURE-----" {
			take(ls[i:], whySignature)
			return
		}
	}
}

// sign cuts signatures, run by run: in each stretch of kept lines from the
// first line that begins one. In an answer to a letter of ours nothing but a
// signature is nothing new; elsewhere it is never the only text there is.
func sign(ls []line, names []string, answers bool) {
	start := 0
	above := false // something was kept in an earlier stretch
	for start < len(ls) {
		for start < len(ls) && (ls[start].why != "" || ls[start].blank()) {
			start++
		}
		end := start
		for end < len(ls) && (ls[end].why == "" || ls[end].blank()) {
			end++
		}
		if start < end {
			above = signStretch(ls[start:end], names, above, answers) || above
		}
		start = end
	}
}

func signStretch(ls []line, names []string, above, answers bool) bool {
	text := above
	for i := 0; i < len(ls); i++ {
		if ls[i].blank() {
			continue
		}
		why := ""
		switch {
		case dashes(ls, i) && text:
			why = whySignature
		case device(ls[i].bare) && !text && answers: // some people write below it
			ls[i].why = whySignature
			continue
		case device(ls[i].bare):
			why = whySignature
		case (text || answers) && disclaims(ls, i):
			why = whyDisclaimer
		case answers && dashes(ls, i):
			i += lone(ls[i:], names)
			continue
		}
		if why != "" {
			take(ls[i:], why)
			ls = ls[:i]
			break
		}
		text = true
	}
	closing(ls, names, above)
	for _, l := range ls {
		if l.why == "" && !l.blank() {
			return true
		}
	}
	return false
}

// lone cuts a signature with no text above it and returns how many lines it
// took less one. Somebody may have written below it: it ends with the first
// paragraph that is no address block.
func lone(ls []line, names []string) int {
	own, end := forms(names), 1
	for end < len(ls) {
		from := end
		for from < len(ls) && ls[from].blank() {
			from++
		}
		to, named := from, end == 1 && from < len(ls) && (own[plainWords(ls[from].bare)] || leads(ls[from].bare, names))
		var at []int
		for to < len(ls) && !ls[to].blank() {
			at = append(at, to)
			to++
		}
		if len(at) == 0 || len(at) > 8 || !named && !contact(ls, at) {
			break
		}
		end = to
	}
	if end > 1 {
		take(ls[:end], whySignature)
	}
	return end - 1
}

// post says whether what stands below a name on its own reads as a post and a
// place, "Science, Hill Road": a few short lines, none of them a sentence.
func post(ls []line, at []int) bool {
	if at[0] > 0 && !ls[at[0]-1].blank() || len(at) > 4 {
		return false
	}
	for k, i := range at[1:] {
		s := ls[i].bare
		first, _ := utf8.DecodeRuneInString(s)
		if i != at[k]+1 || len(s) > 50 || !unicode.IsUpper(first) || strings.ContainsAny(s, ".!?:;#") {
			return false
		}
	}
	return true
}

// leads says whether a line begins with the writer's full name: "Alice Winter,
// library".
func leads(s string, names []string) bool {
	s = plainWords(s) + " "
	for _, n := range names {
		if n = plainWords(n); strings.Contains(n, " ") && strings.HasPrefix(s, n+" ") {
			return true
		}
	}
	return false
}

// dashes says whether a line is the separator of a signature: "-- ", or its
// look-alikes above a short rest.
func dashes(ls []line, i int) bool {
	switch ls[i].text {
	case "--", "-- ":
	default:
		s := ls[i].bare
		if len(s) >= 10 && strings.Trim(s, "-_") == "" { // a drawn line counts above an address block only
			return addressBlock(ls[i+1:])
		}
		if s != "--" && s != "—" && s != "–" && s != "‐‐" {
			return false
		}
	}
	rest := 0
	for _, l := range ls[i+1:] {
		if !l.blank() {
			if rest++; rest > 20 || strings.HasSuffix(l.bare, "?") && ls[i].text != "-- " {
				return false
			}
		}
	}
	return true
}

// addressBlock says whether a few short lines are all that is left, with a
// telephone number or an address among them.
func addressBlock(ls []line) bool {
	var at []int
	for i, l := range ls {
		if l.blank() {
			continue
		}
		if at = append(at, i); len(at) > 8 || len(l.bare) > 70 || strings.HasSuffix(l.bare, "?") {
			return false
		}
	}
	return contact(ls, at)
}

// closing cuts a closing formula followed by the writer's own name, and a last
// line that is nothing but the name. It never takes the only words there are.
func closing(ls []line, names []string, above bool) {
	own := forms(names)
	var at []int
	for i := range ls {
		if ls[i].why == "" && !ls[i].blank() {
			at = append(at, i)
		}
	}
	for k := len(at) - 1; k >= 0 && k >= len(at)-9; k-- {
		s := strings.TrimRight(plainWords(ls[at[k]].bare), "x ") // "Lena xx"
		if s == "" || !own[s] {
			s = plainWords(ls[at[k]].bare)
		}
		formula, rest := formulaOf(s)
		if len(own) > 0 && rest == "" && (k > 0 || above) && farewell(formula) && k+1 < len(at) && named(ls[at[k+1]].bare) { // a nickname, a married name
			take(ls[at[k]:], whySignature)
			return
		}
		signed := own[rest] || rest == "" && k+1 < len(at) && (own[plainWords(ls[at[k+1]].bare)] || own[strings.TrimRight(plainWords(ls[at[k+1]].bare), "x ")])
		switch {
		case formula != "" && signed && (k > 0 || above):
			take(ls[at[k]:], whySignature)
			return
		case formula != "" && signed && rest == "": // "Thanks!" and the name: the thanks may be the message
			take(ls[at[k+1]:], whySignature)
			return
		case own[s] && k > 0 && closes(ls[at[k-1]].bare):
			// the formula above decides
		case own[s] && (k > 0 || above) && len(at)-k <= 8 && (k == len(at)-1 || contact(ls, at[k+1:]) || leads(ls[at[k]].bare, names) && post(ls, at[k:])):
			take(ls[at[k]:], whySignature)
			return
		}
	}
}

// farewell says whether a formula is never what a message is about, as thanks
// may be.
func farewell(formula string) bool {
	for _, w := range strings.Fields(formula) {
		switch w {
		case "regards", "wishes", "sincerely", "faithfully", "grüßen", "gruß", "grüße", "gruesse", "grüsse", "gruss", "gruessen", "mfg", "cordialement", "salutations", "amicalement", "saludos", "saludo", "atentamente",
			"groet", "groeten", "mvg", "saluti", "cumprimentos", "atenciosamente", "pozdrawiam", "hälsningar", "hilsen", "terveisin", "уважением", "повагою":
			return true
		}
	}
	return false
}

// named says whether a line reads as a person's name and nothing else.
func named(s string) bool {
	words := strings.Fields(strings.TrimRight(s, ".,"))
	if len(words) == 0 || len(words) > 4 || utf8.RuneCountInString(s) > 40 {
		return false
	}
	for _, w := range words {
		first, _ := utf8.DecodeRuneInString(w)
		if !unicode.IsUpper(first) && !unicode.IsTitle(first) {
			return false
		}
		for _, c := range w {
			if !unicode.IsLetter(c) && !unicode.IsMark(c) && !strings.ContainsRune(".-'’", c) {
				return false
			}
		}
	}
	return true
}

// closes says whether a line is a closing formula and nothing else.
func closes(s string) bool {
	formula, rest := formulaOf(plainWords(s))
	return formula != "" && rest == ""
}

// contact says whether lines below a name read as its address block.
func contact(ls []line, at []int) bool {
	for _, i := range at {
		s := ls[i].bare
		if strings.ContainsAny(s, "@|") || digits(s) >= 5 || strings.Contains(s, "www.") || strings.Contains(s, "http") {
			return true
		}
	}
	return false
}

// forms are the ways in which a person writes the own name, lower case.
func forms(names []string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		n = plainWords(n)
		words := strings.Fields(n)
		if len(words) == 0 {
			continue
		}
		out[n] = true
		if utf8.RuneCountInString(words[0]) > 1 {
			out[words[0]] = true
		}
		if len(words) > 1 {
			last := words[len(words)-1]
			initial, _ := utf8.DecodeRuneInString(last)
			out[words[0]+" "+string(initial)] = true
			first, _ := utf8.DecodeRuneInString(words[0])
			out[string(first)+" "+last] = true
			out[string(first)+string(initial)] = true
			out[last+" "+words[0]] = true
		}
	}
	delete(out, "")
	return out
}

// plainWords is a line in lower case, letters and digits only.
func plainWords(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c)
	}), " ")
}

// formulaOf splits a line into a closing formula at its beginning and the rest.
func formulaOf(s string) (formula, rest string) {
	for _, f := range []string{
		"with best regards", "with kind regards", "best regards", "kind regards", "kindest regards", "warm regards", "warmest regards", "many regards", "regards", "all the best", "best wishes", "kind wishes", "with best wishes", "best", "yours sincerely", "sincerely yours", "sincerely", "yours faithfully", "yours truly", "yours", "cheers", "many thanks", "thanks again", "thanks a lot", "thanks so much", "thanks very much", "thank you very much", "thank you so much", "thank you", "thanks in advance", "thanks", "thx", "take care", "love", "ta", "kr", "br", "rgds", "kindly", "with thanks", "with love", "speak soon", "see you", "bye",
		"mit freundlichen grüßen", "mit freundlichen gruessen", "mit freundlichem gruß", "mit besten grüßen", "mit herzlichen grüßen", "mit kollegialen grüßen", "viele liebe grüße", "viele grüße", "viele gruesse", "liebe grüße", "liebe gruesse", "beste grüße", "herzliche grüße", "schöne grüße", "sonnige grüße", "freundliche grüße", "lieben gruß", "lieber gruß", "herzlichen gruß", "gruß", "gruss", "grüße", "grüsse", "lg", "vg", "mfg", "bg", "hg", "glg", "danke und gruß", "danke und viele grüße", "vielen dank und viele grüße", "vielen dank", "besten dank", "herzlichen dank", "danke", "bis dann", "bis bald", "tschüss", "ciao",
		"bien cordialement", "très cordialement", "cordialement", "bien à vous", "bien à toi", "amicalement", "sincères salutations", "salutations distinguées", "salutations", "meilleures salutations", "bonne journée", "belle journée", "bises", "merci d avance", "merci beaucoup", "merci", "à bientôt", "cdlt", "cdt",
		"un saludo cordial", "saludos cordiales", "un cordial saludo", "cordiales saludos", "un saludo", "saludos", "atentamente", "un abrazo", "abrazos", "muchas gracias", "gracias", "hasta pronto",
		"met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "vriendelijke groeten", "hartelijke groet", "hartelijke groeten", "groetjes", "groeten", "groet", "mvg", "gr", "alvast bedankt", "bedankt", "dank je wel", "dank",
		"cordiali saluti", "distinti saluti", "un caro saluto", "saluti", "grazie mille", "grazie", "a presto", "atenciosamente", "cumprimentos", "com os melhores cumprimentos", "abraços", "abraço", "obrigado", "obrigada",
		"pozdrawiam", "z poważaniem", "serdecznie pozdrawiam", "dziękuję", "med vänliga hälsningar", "vänliga hälsningar", "hälsningar", "mvh", "med venlig hilsen", "venlig hilsen", "med vennlig hilsen", "vennlig hilsen", "hilsen", "vh", "ystävällisin terveisin", "terveisin", "terv", "s pozdravem", "с уважением", "з повагою", "saygılarımla", "tack", "tak", "takk", "kiitos",
	} {
		if s == f {
			return f, ""
		}
		if strings.HasPrefix(s, f+" ") {
			formula, rest = f, s[len(f)+1:]
			for _, join := range []string{"from ", "von ", "and best wishes ", "and kind regards ", "und viele grüße "} {
				rest = strings.TrimPrefix(rest, join)
			}
			return formula, rest
		}
	}
	return "", ""
}
