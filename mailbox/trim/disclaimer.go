package trim

import "strings"

// disclaims says whether a paragraph that begins at a line is a legal notice.
func disclaims(ls []line, i int) bool {
	if i > 0 && !ls[i-1].blank() && !ruler(ls[i-1].bare) {
		return false
	}
	if ruled(ls, i) {
		return false
	}
	text := paragraph(ls, i)
	if notice(strings.Trim(text, " *_:.!-")) { // a heading of its own
		next := i + 1
		for next < len(ls) && (ls[next].blank() || ruler(ls[next].bare)) {
			next++
		}
		return next < len(ls) && legal(paragraph(ls, next)) > 0
	}
	if len(text) < 60 {
		return strings.HasPrefix(text, " disclaimer:") && len(text) > 30 || scanned(text)
	}
	return scanned(text) || legal(text) >= 2
}

// ruled says whether a line and the next two are rulers: nothing but a pattern
// begins with so many, and a page of them must not be read again at each.
func ruled(ls []line, i int) bool {
	return i+2 < len(ls) && ruler(ls[i].bare) && ruler(ls[i+1].bare) && ruler(ls[i+2].bare)
}

// paragraph is the text from a line to the next empty one, lower case.
func paragraph(ls []line, i int) string {
	text := ""
	for j := i; j < len(ls) && j < i+12 && !ls[j].blank(); j++ {
		text += " " + strings.ToLower(ls[j].bare)
	}
	return text
}

// notice says whether a line is the heading of a legal notice.
func notice(s string) bool {
	switch s {
	case "disclaimer", "confidentiality notice", "confidentiality", "legal notice", "legal disclaimer", "email disclaimer", "e-mail disclaimer", "important notice", "privacy notice",
		"haftungsausschluss", "vertraulichkeitshinweis", "wichtiger hinweis", "rechtlicher hinweis", "avertissement", "avis de confidentialité", "clause de confidentialité", "mention de confidentialité",
		"aviso legal", "aviso de confidencialidad", "cláusula de confidencialidad", "avviso di riservatezza", "vertrouwelijkheid", "vertrouwelijkheidsverklaring", "aviso de confidencialidade":
		return true
	}
	return false
}

// scanned says whether words are those of a scanner for viruses, which nobody
// writes by hand.
func scanned(s string) bool {
	for _, sign := range []string{"checked for viruses", "scanned for viruses", "scanned for spam and viruses", "scanned by mailscanner", "email has been scanned", "e-mail has been scanned", "message has been scanned", "virus-free", "virus free.", "avast antivirus", "avg antivirus", "symantec email security", "symanteccloud",
		"auf viren geprüft", "auf viren überprüft", "virenfrei.", "vérifié par le logiciel antivirus", "l'absence de virus dans ce courrier", "l’absence de virus dans ce courrier", "garanti sans virus", "sans virus.", "libre de virus.", "el software antivirus", "analizado en busca de virus", "virusvrij.", "gecontroleerd op virussen", "op virussen gecontroleerd", "privo di virus.", "analizzata da avast", "verificada quanto à existência de vírus"} {
		if strings.Contains(s, sign) {
			return true
		}
	}
	return false
}

// legal counts the phrases of lawyers in a text.
func legal(text string) int {
	score := 0
	for _, sign := range []string{"confidential", "intended recipient", "intended solely", "intended only", "privileged", "unauthori", "delete this", "delete it", "notify the sender", "notify the system manager", "received this e-mail in error", "received this email in error", "received this message in error", "disclaimer", "legally", "any attachments", "dissemination", "strictly prohibited", "addressee",
		"vertraulich", "nicht der richtige adressat", "nicht der vorgesehene empfänger", "irrtümlich", "informieren sie bitte", "unbefugte", "vernichten sie", "löschen sie", "nicht gestattet", "confidentiel", "destinataire", "par erreur", "pièces jointes", "usage exclusif", "confidencial", "destinatario", "por error", "uso exclusivo", "prohibid", "riservat", "per errore", "vertrouwelijk", "geadresseerde", "ten onrechte", "uitsluitend bestemd", "te vernietigen",
		"consider the environment", "monitored", "virus", "registered in england", "registered office", "fortrolig", "konfidentiell", "poufn"} {
		if strings.Contains(text, sign) {
			score++
		}
	}
	return score
}
