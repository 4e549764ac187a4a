package trim

import "strings"

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

// pictures cuts the lines that stand for a picture in a text.
func pictures(ls []line) {
	for i := range ls {
		if l := &ls[i]; l.why == "" && !l.html && picture(l.bare) {
			l.why = whySignature
		}
	}
}

// picture says whether a line is "[cid:…]", "[image: logo]" or "<image001.png>".
func picture(s string) bool {
	if len(s) < 5 || len(s) > 200 {
		return false
	}
	low := strings.ToLower(s[1 : len(s)-1])
	switch {
	case s[0] == '[' && s[len(s)-1] == ']':
		for _, p := range [...]string{"cid:", "image:", "bild:", "imagen:", "afbeelding:", "immagine:", "image supprimée", "inline image", "eingebettetes bild", "image en ligne", "imagen en línea"} {
			if strings.HasPrefix(low, p) {
				return true
			}
		}
	case s[0] == '<' && s[len(s)-1] == '>' && !strings.Contains(low, " "):
		for _, ext := range [...]string{".png", ".jpg", ".jpeg", ".gif", ".heic"} {
			if strings.HasSuffix(low, ext) && !strings.Contains(low, "/") {
				return true
			}
		}
	}
	return false
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
