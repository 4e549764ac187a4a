package trim

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// border is where the text of somebody else begins.
type border struct {
	kind   string // attribution, header_block, forward; "" none
	lines  int    // how many lines it takes
	prefix string // new text that shares the first line with it
	weak   bool   // it may be a person's sentence, unless a marked quote follows
}

// cut marks what mail programs quoted below their borders. Quotes by ">" end
// where the marks end; below a header block everything is quoted.
func cut(ls []line, forward bool) {
	for i := 0; i < len(ls); {
		l := ls[i]
		if l.why != "" || l.blank() {
			i++
			continue
		}
		b := borderAt(ls, i)
		switch b.kind {
		case "":
			i++
		case "forward":
			for j := i; j < i+b.lines; j++ {
				ls[j].why = whyHeaders
			}
			content(ls[i+b.lines:])
			return
		case whyHeaders:
			if forward {
				for j := i; j < i+b.lines; j++ {
					ls[j].why = whyHeaders
				}
				content(ls[i+b.lines:])
				return
			}
			take(ls[i:i+b.lines], whyHeaders)
			take(ls[i+b.lines:], whyQuote)
			return
		default:
			next := quoteEnd(ls, i+b.lines, l.depth)
			if b.weak && !quotes(ls, i+b.lines) {
				i++
				continue
			}
			take(ls[i:i+b.lines], whyAttribution)
			if b.prefix != "" {
				ls[i].why, ls[i].keep = "", b.prefix
			}
			if next < 0 {
				take(ls[i+b.lines:], whyQuote)
				return
			}
			take(ls[i+b.lines:next], whyQuote)
			i = next
		}
	}
}

// content keeps what was forwarded, replies in it included: it is what the
// writer wants to be read. Apple Mail marks it as a quote all the same.
func content(ls []line) {
	for i := range ls {
		ls[i].forward = true
		if ls[i].why == whyQuote || ls[i].why == whyAttribution {
			ls[i].why = ""
		}
		if inner, lead := drawn(ls[i].bare); lead >= 2 && strings.HasPrefix(inner, "end forwarded message") {
			ls[i].why = whyHeaders
		}
		if ls[i].depth > 0 && !ls[i].html {
			_, text := unquoted(ls[i].text)
			ls[i].text = strings.TrimPrefix(text, " ")
		}
	}
}

// take cuts lines that are not cut yet.
func take(ls []line, why string) {
	for i := range ls {
		if ls[i].why == "" {
			ls[i].why = why
		}
	}
}

// quoteEnd finds the end of the quoted lines that follow an attribution; -1
// when what follows bears no marks, so that all of it has to be the quote.
func quoteEnd(ls []line, from, outer int) int {
	i := from
	for i < len(ls) && ls[i].blank() && ls[i].depth == 0 {
		i++
	}
	if i == len(ls) {
		return i
	}
	if ls[i].depth == 0 {
		return indented(ls, i)
	}
	end := i
	for ; i < len(ls); i++ {
		switch {
		case ls[i].depth > 0:
			end = i + 1
		case ls[i].blank():
		case i+1 < len(ls) && ls[i+1].depth > 0 && ls[i-1].depth > 0 && (linkPiece(ls[i].bare) || wrapped(ls[i-1].bare, ls[i].bare)):
		default:
			return end
		}
	}
	return len(ls)
}

// quotes says whether a marked line follows, or nothing at all.
func quotes(ls []line, from int) bool {
	for from < len(ls) && ls[from].blank() && ls[from].depth == 0 {
		from++
	}
	return from == len(ls) || ls[from].depth > 0 || ls[from].why != "" || indented(ls, from) >= 0
}

// indented finds the end of lines that are quoted by a tab or a bar, as s-nail
// and others do; -1 when the first is not.
func indented(ls []line, from int) int {
	mark := ls[from].text[:min(1, len(ls[from].text))]
	if ls[from].html || mark != "\t" && mark != "|" {
		return -1
	}
	end := from
	for i := from; i < len(ls); i++ {
		if strings.HasPrefix(ls[i].text, mark) {
			end = i + 1
		} else if !ls[i].blank() {
			return end
		}
	}
	return len(ls)
}

// linkPiece says whether a line without a mark between marked ones is a piece
// of a link that was broken without repeating the mark.
func linkPiece(s string) bool {
	return strings.HasPrefix(s, "(http") || strings.HasPrefix(s, "<http") || strings.HasPrefix(s, "http") ||
		!strings.Contains(strings.TrimRight(s, ")>"), " ") && len(s) > 8 && strings.ContainsAny(s, "=/_&?")
}

// wrapped says whether a line continues the long quoted line above it in the
// middle of a sentence: a program broke it without repeating the mark.
func wrapped(above, s string) bool {
	last, _ := utf8.DecodeLastRuneInString(above)
	first, _ := utf8.DecodeRuneInString(s)
	return len(above) >= 64 && len(s) >= 20 && (last == ',' || unicode.IsLower(last)) && unicode.IsLower(first)
}

// trailing cuts quoted lines at the end of a text that has something above.
func trailing(ls []line) {
	end := len(ls)
	if end > 0 && ls[end-1].forward {
		return
	}
	for end > 0 && (ls[end-1].blank() || ls[end-1].why != "") {
		end--
	}
	start := end
	for start > 0 && (ls[start-1].depth > 0 || ls[start-1].blank() || ls[start-1].why != "") {
		start--
	}
	for _, l := range ls[:start] {
		if !l.blank() && l.why == "" {
			take(ls[start:end], whyQuote)
			return
		}
	}
}

// borderAt looks for a border that begins at a line.
func borderAt(ls []line, i int) border {
	l := ls[i]
	if forwards(l.bare) {
		n := 1
		for i+n < len(ls) && ls[i+n].blank() {
			n++
		}
		n += max(headerBlock(ls, i+n), wholeHeader(ls, i+n))
		return border{kind: "forward", lines: n}
	}
	if l.depth > 0 {
		if n, _ := attributionAt(ls, i); n > 0 && (i == 0 || ls[i-1].depth == 0) {
			return border{kind: whyAttribution, lines: n}
		}
		return border{}
	}
	if original(l.bare) {
		return border{kind: whyHeaders, lines: 1 + max(headerBlock(ls, i+1), wholeHeader(ls, i+1))}
	}
	if n := headerBlock(ls, i); n > 0 {
		return border{kind: whyHeaders, lines: n}
	}
	if n, prefix := attributionAt(ls, i); n > 0 {
		joined := ls[i].bare
		for _, l := range ls[i+1 : i+n] {
			joined += " " + l.bare
		}
		return border{kind: whyAttribution, lines: n, prefix: prefix, weak: prefix == "" && !certain(joined)}
	}
	return border{}
}

// drawn takes the dashes and stars off both ends of a line and says how many
// there were before it.
func drawn(s string) (string, int) {
	inner := strings.TrimLeft(s, "-_*=‐—–~>< ")
	lead := len([]rune(s)) - len([]rune(inner))
	return strings.ToLower(strings.TrimSpace(strings.TrimRight(inner, "-_*=‐—–~:>< "))), lead
}

// original says whether a line is "-----Original Message-----" in some language.
func original(s string) bool {
	if len(s) > 200 {
		return false
	}
	inner, lead := drawn(s)
	if lead < 2 {
		return false
	}
	if strings.Contains(inner, "@") && opensMessage(inner) {
		return true
	}
	switch inner {
	case "original message", "reply message", "original appointment", "original e-mail", "original email", "original",
		"ursprüngliche nachricht", "ursprüngliche mail", "originalnachricht", "antwort nachricht", "original-nachricht", "ursprünglicher termin",
		"message d'origine", "message d’origine", "message original", "message d'origine ", "message initial", "rendez-vous d'origine",
		"mensaje original", "mensaje de origen", "correo original",
		"messaggio originale", "messaggio di origine", "oorspronkelijk bericht", "origineel bericht", "oorspronkelijke bericht",
		"mensagem original", "oprindelig meddelelse", "oprindelig besked", "oprindelig mail", "opprinnelig e-post", "original meddelelse", "original besked", "opprinnelig melding", "original melding",
		"ursprungligt meddelande", "originalmeddelande", "alkuperäinen viesti", "původní zpráva", "původní e-mail", "pôvodná správa",
		"wiadomość oryginalna", "oryginalna wiadomość", "treść oryginalnej wiadomości", "исходное сообщение", "оригинальное сообщение", "первоначальное сообщение",
		"вихідне повідомлення", "оригінальне повідомлення", "özgün ileti", "orijinal mesaj", "özgün mesaj", "eredeti üzenet",
		"原始邮件", "原始郵件", "原邮件", "原郵件", "邮件原件", "原始信息", "元のメッセージ", "元のメール", "원본 메시지", "원본 메일", "original message follows",
		"הודעה מקורית", "ההודעה המקורית", "الرسالة الأصلية", "αρχικό μήνυμα", "mesaj original", "izvorna poruka":
		return true
	}
	return false
}

// opensMessage says whether words between dashes are the head that Horde puts
// above a quote: "----- Message from Ann <ann@x.example> ---------".
func opensMessage(s string) bool {
	for _, p := range [...]string{"message from ", "nachricht von ", "message de ", "mensaje de ", "bericht van ", "messaggio da ", "mensagem de ", "wiadomość od ", "meddelande från ", "besked fra ", "melding fra ", "zpráva od ", "сообщение от "} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// closed cuts the lines between dashes by which some programs close a quote.
func closed(ls []line) {
	for i := range ls {
		if len(ls[i].bare) > 200 || !strings.HasPrefix(ls[i].bare, "--") || !strings.HasSuffix(ls[i].bare, "--") {
			continue
		}
		inner, _ := drawn(ls[i].bare)
		for _, p := range [...]string{"end message", "end of message", "end forwarded message", "end of forwarded message", "ende der nachricht", "ende der weitergeleiteten nachricht", "fin du message", "fin del mensaje", "fin de mensaje", "einde van bericht", "einde bericht", "einde van het", "fine messaggio", "fim da mensagem", "koniec wiadomości"} {
			if strings.HasPrefix(inner, p) {
				ls[i].why = whyHeaders
			}
		}
	}
}

// forwards says whether a line heads a forwarded message.
func forwards(s string) bool {
	if len(s) > 200 {
		return false
	}
	inner, lead := drawn(s)
	switch inner {
	case "begin forwarded message", "anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "début du message transféré", "début du message réexpédié",
		"inizio messaggio inoltrato", "inicio del mensaje reenviado", "início da mensagem reencaminhada", "begin doorgestuurd bericht", "vidarebefordrat brev", "start på videresendt besked":
		return true
	}
	if lead < 2 {
		return false
	}
	for _, p := range [...]string{"forwarded message from ", "weitergeleitete nachricht von ", "message transféré de ", "mensaje reenviado de ", "doorgestuurd bericht van "} { // mutt names the author
		if strings.HasPrefix(inner, p) {
			return true
		}
	}
	switch inner {
	case "forwarded message", "forwarded mail", "forwarded by", "weitergeleitete nachricht", "weitergeleitete mail", "weitergeleitete e-mail",
		"message transféré", "message transmis", "courriel transféré", "mensaje reenviado", "messaggio inoltrato", "doorgestuurd bericht", "doorgestuurde bericht",
		"mensagem encaminhada", "mensagem reencaminhada", "videresendt meddelelse", "videresendt besked", "videresendt melding", "videresendt e-post",
		"vidarebefordrat meddelande", "edelleenlähetetty viesti", "välitetty viesti", "přeposlaná zpráva", "přeposlaný e-mail", "wiadomość przekazana", "przekazana wiadomość",
		"wiadomość przesłana dalej", "пересылаемое сообщение", "переадресованное сообщение", "пересланное сообщение", "переслане повідомлення",
		"yönlendirilmiş ileti", "iletilmiş mesaj", "yönlendirilen mesaj", "转发的邮件", "轉寄郵件", "转发邮件", "轉寄的郵件", "転送メッセージ", "転送されたメッセージ", "전달된 메시지", "전달된 메일",
		"הודעה שהועברה", "رسالة معاد توجيهها", "الرسالة المعاد توجيهها", "προωθημένο μήνυμα", "továbbított üzenet":
		return true
	}
	return false
}
