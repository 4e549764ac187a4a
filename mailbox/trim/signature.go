package trim

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// banner cuts what a gateway put on top of the text: "CAUTION: this email
// originated from outside".
func banner(ls []line) {
	i, paragraphs := 0, 0
	for i < len(ls) && paragraphs < 3 {
		for i < len(ls) && (ls[i].blank() || ruler(ls[i].bare)) {
			i++
		}
		end := i
		for end < len(ls) && !ls[end].blank() && end-i < 8 {
			end++
		}
		text := ""
		n := 0 // lines that belong to the banner: the text may follow without an empty line
		for j := i; j < end; j++ {
			text += " " + strings.ToLower(ls[j].bare)
			if warns(strings.ToLower(ls[j].bare)) || j == i && warns(text) {
				n = j - i + 1
			}
		}
		if n == 0 && warns(text) && end-i <= 6 {
			n = end - i
		}
		if n == 0 || ls[i].depth > 0 {
			return
		}
		take(ls[i:i+n], whyBanner)
		i += n
		paragraphs++
	}
}

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

// warns says whether words are a gateway's, not a person's.
func warns(s string) bool {
	s = strings.Trim(s, " *_!|-")
	switch strings.Trim(s, "[]() :!*") {
	case "external", "external email", "external sender", "ext", "extern", "externe e-mail", "externe mail", "caution", "externo", "correo externo", "externe", "external mail":
		return strings.HasPrefix(s, "[") || len(s) > 3 && s != "external" && s != "externe" && s != "caution"
	}
	for _, sign := range []string{
		"originated from outside", "originates from outside", "came from outside", "sent from outside", "from outside of your organi", "from outside the organi", "from outside our organi", "from outside your organi",
		"external email: ", "external sender", "you don't often get email from", "you don’t often get email from", "do not click links or open attachments", "do not click on links or open attachments", "don't click links or open attachments",
		"exercise caution when opening attachments", "learn why this is important",
		"e-mail kommt von extern", "e-mail stammt von außerhalb", "von außerhalb der organisation", "von außerhalb ihrer organisation", "diese e-mail stammt von einem externen", "sie erhalten nicht oft eine e-mail von", "sie erhalten nicht häufig e-mails von", "externer absender",
		"provient de l'extérieur", "provient de l’extérieur", "expéditeur externe", "vous n'obtenez pas souvent d'e-mail", "vous n’obtenez pas souvent d’e-mail", "provient d'un expéditeur externe",
		"procede de fuera", "proviene de fuera", "remitente externo", "correo externo", "no suele recibir correo electrónico de", "origine esterna", "mittente esterno",
		"van buiten de organisatie", "van buiten uw organisatie", "externe afzender", "u ontvangt niet vaak e-mail van", "afkomstig van buiten",
	} {
		if strings.Contains(s, sign) {
			return true
		}
	}
	return false
}

// sign cuts signatures, run by run: in each stretch of kept lines from the
// first line that begins one.
func sign(ls []line, names []string) {
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
			above = signStretch(ls[start:end], names, above) || above
		}
		start = end
	}
}

func signStretch(ls []line, names []string, above bool) bool {
	text := above
	for i := range ls {
		if ls[i].blank() {
			continue
		}
		why := ""
		switch {
		case dashes(ls, i) && text:
			why = whySignature
		case device(ls[i].bare):
			why = whySignature
		case text && disclaims(ls, i):
			why = whyDisclaimer
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
			if rest++; rest > 20 {
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

// device says whether a line is what a phone or a program adds by itself.
func device(s string) bool {
	if len(s) > 200 {
		return false
	}
	s = strings.ToLower(strings.TrimLeft(s, "<([*_~-–—> "))
	s = strings.TrimRight(s, ">)]*_~. ")
	if strings.HasPrefix(s, "sent from ") && (strings.Contains(s, "<http") || strings.Contains(s, "(http")) && strings.Count(s, " ") <= 6 {
		return true
	}
	for _, p := range []string{"sent from my ", "sent from outlook", "sent from mail", "sent from yahoo", "sent from windows mail", "sent from samsung", "sent from proton", "sent from a phone", "sent from a mobile", "sent from mobile", "sent from [mail]", "sent from aol", "sent from gmail",
		"sent via mobile", "sent with airmail", "sent with proton", "sent with sparrow", "sent by galaxy", "get outlook for", "get [outlook", "from my iphone", "from my ipad", "sent using ",
		"von meinem iphone gesendet", "von meinem ipad gesendet", "von meinem mobil", "von meinem handy", "von meinem smartphone", "von meinem samsung", "gesendet von meinem", "gesendet von mail", "gesendet von outlook", "gesendet mit der", "gesendet mit ", "gesendet von yahoo", "gesendet von mobile", "diese nachricht wurde von meinem", "diese e-mail wurde von meinem", "holen sie sich outlook", "outlook für ",
		"envoyé de mon", "envoyé depuis", "envoyé à partir d", "envoyé via ", "envoyé avec ", "obtenir outlook", "téléchargez outlook", "télécharger outlook", "provenance : courrier",
		"enviado desde mi", "enviado desde ", "enviado con ", "obtener outlook", "inviato da iphone", "inviato da ipad", "inviato dal mio", "inviato da ", "scarica outlook", "ottieni outlook",
		"verzonden met ", "verzonden vanaf ", "verzonden via ", "verstuurd vanaf ", "verstuurd met ", "verstuurd via ", "outlook voor ", "download outlook",
		"enviado do meu", "enviado de meu", "enviado a partir d", "enviado pelo ", "enviado do ", "obter o outlook", "obtenha o outlook", "wysłane z ", "wysłano z ", "pobierz outlook", "skickat från ", "skickat med ", "skaffa outlook", "hämta outlook",
		"sendt fra min", "sendt fra ", "hent outlook", "lähetetty ", "hanki outlook", "odesláno z", "získat outlook", "отправлено с ", "отправлено из ", "послано с ", "надіслано з ", "відправлено з ",
		"发自我的", "發自我的", "发自", "從我的", "从我的", "傳送自", "寄自", "נשלח מה", "נשלח מ", "أرسلت من", "أُرسلت من", "مرسل من", "تم الإرسال من", "στάλθηκε από", "trimis de pe", "küldve "} {
		if strings.HasPrefix(s, p) && known(s, p) {
			return true
		}
	}
	for _, p := range []string{" gesendet", "から送信", "から送信されました", "에서 보냄", "에서 전송", "ile gönderildi", "umdan gönderildi", "imden gönderildi", "den gönderildi", "傳送", "发送", "發送"} {
		if strings.HasSuffix(s, p) && utf8.RuneCountInString(s) < 60 && (strings.Contains(s, "phone") || strings.Contains(s, "pad") || strings.Contains(s, "android") || strings.Contains(s, "mail") || strings.Contains(s, "mobil") || strings.Contains(s, "galaxy")) {
			return true
		}
	}
	return false
}

// known guards the openings that could begin a person's sentence.
func known(s, opening string) bool {
	switch opening {
	case "enviado desde ", "enviado con ", "enviado do ", "enviado pelo ", "sendt fra ", "lähetetty ", "küldve ", "verzonden met ", "verzonden via ", "verstuurd met ", "verstuurd via ", "gesendet mit ", "inviato da ", "wysłane z ", "wysłano z ",
		"skickat från ", "skickat med ", "sent using ", "sent from mail", "отправлено с ", "отправлено из ", "envoyé via ", "envoyé avec ", "envoyé depuis", "outlook für ", "outlook voor ", "download outlook", "verzonden vanaf ", "verstuurd vanaf ", "发自", "寄自", "נשלח מ", "послано с ":
		return utf8.RuneCountInString(s) <= 70 && !strings.HasSuffix(s, "?") && strings.Count(s, " ") <= 9
	}
	return true
}

// disclaims says whether a paragraph that begins at a line is a legal notice.
func disclaims(ls []line, i int) bool {
	if i > 0 && !ls[i-1].blank() && !ruler(ls[i-1].bare) {
		return false
	}
	text := ""
	for j := i; j < len(ls) && j < i+12 && !ls[j].blank(); j++ {
		text += " " + strings.ToLower(ls[j].bare)
	}
	if len(text) < 60 {
		return strings.HasPrefix(text, " disclaimer:") && len(text) > 30
	}
	score := 0
	for _, sign := range []string{"confidential", "intended recipient", "intended solely", "intended only", "privileged", "unauthori", "delete this", "delete it", "notify the sender", "received this e-mail in error", "received this email in error", "received this message in error", "disclaimer", "legally", "any attachments", "dissemination",
		"vertraulich", "nicht der richtige adressat", "irrtümlich", "informieren sie bitte", "unbefugte", "vernichten sie", "confidentiel", "destinataire", "par erreur", "confidencial", "destinatario", "por error", "riservat", "per errore", "vertrouwelijk", "geadresseerde", "ten onrechte",
		"consider the environment", "monitored", "virus", "registered in england", "registered office", "fortrolig", "konfidentiell", "poufn"} {
		if strings.Contains(text, sign) {
			score++
		}
	}
	return score >= 2
}

// closing cuts a closing formula followed by the writer's own name, and a last
// line that is nothing but the name. It never takes the only words there are.
func closing(ls []line, names []string, above bool) {
	own := forms(names)
	if len(own) == 0 {
		return
	}
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
		named := own[rest] || rest == "" && k+1 < len(at) && (own[plainWords(ls[at[k+1]].bare)] || own[strings.TrimRight(plainWords(ls[at[k+1]].bare), "x ")])
		switch {
		case formula != "" && named && (k > 0 || above):
			take(ls[at[k]:], whySignature)
			return
		case formula != "" && named && rest == "": // "Thanks!" and the name: the thanks may be the message
			take(ls[at[k+1]:], whySignature)
			return
		case own[s] && k > 0 && closes(ls[at[k-1]].bare):
			// the formula above decides
		case own[s] && (k > 0 || above) && len(at)-k <= 8 && (k == len(at)-1 || contact(ls, at[k+1:])):
			take(ls[at[k]:], whySignature)
			return
		}
	}
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
