package trim

import (
	"strings"
	"unicode"
)

// attributionAt says how many lines from i on are an attribution, "On … wrote:",
// in any language it knows, broken over up to four lines (and empty ones
// between); 0 when there is none. A reply may share the first line with it.
func attributionAt(ls []line, i int) (int, string) {
	const longest = 420
	joined := ""
	for n, used := 0, 0; i+n < len(ls) && n < 7 && used < 5; n++ {
		l := ls[i+n]
		if l.blank() {
			if n == 0 || !strings.HasPrefix(joined, "On ") && !strings.HasSuffix(joined, "<") {
				break
			}
			continue
		}
		if l.why != "" || n > 0 && l.depth > 0 && ls[i].depth == 0 && !continued(l.bare) {
			break
		}
		used++
		if joined != "" && !strings.HasSuffix(joined, "<") {
			joined += " "
		}
		joined += l.bare
		if len(joined) > longest {
			break
		}
		if wrote(joined) {
			if inner(ls, i, n) {
				return 0, ""
			}
			return n + 1, ""
		}
		if used == 1 {
			if k := strings.Index(joined, "wrote:"); k > 0 && k < 200 && strings.HasPrefix(joined, "On ") && wrote(joined[:k+6]) {
				return n + 1, "" // the quote begins on the same line
			}
			if prefix, ok := shared(joined); ok {
				return n + 1, prefix
			}
		}
	}
	return 0, ""
}

// inner says whether the attribution found in n more lines than the first
// begins in one of those: the lines above it are somebody's text.
func inner(ls []line, i, n int) bool {
	for k := 1; k <= n; k++ {
		if ls[i+k].blank() || starter(ls[i].bare) && !starter(ls[i+k].bare) {
			continue
		}
		joined := ls[i+k].bare
		for m := k + 1; m <= n; m++ {
			joined += " " + ls[i+m].bare
		}
		if wrote(joined) {
			return true
		}
	}
	return false
}

// continued says whether a quoted line is the end of an attribution that a
// program broke and quoted: "> wrote:".
func continued(s string) bool {
	_, ok := verbAtEnd(" " + s)
	return s == ":" || ok && len(s) < 40
}

// wrote says whether a line as a whole is an attribution.
func wrote(s string) bool {
	raw := strings.TrimSpace(s)
	s = strings.TrimRight(strings.TrimLeft(s, "-*_>‐— "), "-*_‐— ")
	if len(s) < 8 {
		return false
	}
	if dateAndAddress(s) {
		return true
	}
	if strings.HasPrefix(raw, "--") && strings.HasSuffix(raw, "--") {
		if _, ok := verbAtEnd(s); ok { // "---- John Smith wrote ----"
			return true
		}
	}
	head, ok := verbAtEnd(s)
	if !ok {
		if head, ok = verbInside(s); !ok {
			return false
		}
		if rest := s[len(head):]; len(head) < 60 && digits(rest) >= 4 { // "Name kirjoitti 21.11.2026 klo 7.30:"
			if _, when, ok := strings.Cut(strings.TrimSpace(rest), " "); ok && dateFirst(when) {
				return true
			}
		}
	}
	address := strings.Contains(s, "@")
	switch {
	case starter(head) && (digits(s) >= 2 || address || strings.Contains(s, "<")):
		return true
	case address && strings.Contains(s, "<") && len(head) < 200: // "Name <a@b> wrote:"
		return true
	case dateFirst(head) && digits(head) >= 3:
		return true
	}
	return false
}

// shared finds an attribution that begins within a line, behind a reply:
// "reply On Wed, Apr 4, 2012 at 3:59 PM, bob@example.com wrote:".
func shared(s string) (string, bool) {
	if _, ok := verbAtEnd(s); !ok {
		return "", false
	}
	const longest = 400
	for from := max(1, len(s)-longest); from < len(s); {
		i := strings.Index(s[from:], "On ")
		if i < 0 {
			return "", false
		}
		at := from + i
		before := strings.TrimRight(s[:at], " ")
		rest := s[at+3:]
		if (len(before) < at || strings.HasSuffix(before, "--")) && weekday(rest) && digits(rest) >= 4 && wrote(s[at:]) {
			return strings.TrimSpace(strings.TrimRight(before, "- ")), true
		}
		from = at + 3
	}
	return "", false
}

// verbAtEnd finds the verb of an attribution at the end of a line, with or
// without its colon, and returns what stands before it.
func verbAtEnd(s string) (string, bool) {
	s = strings.TrimRight(s, " -*_‐—")
	t := strings.TrimRight(s, ":： ")
	colon := len(t) < len(s)
	low := strings.ToLower(t)
	if len(low) != len(t) {
		return "", false
	}
	for _, v := range []string{" wrote", " writes", " sent", " a écrit", " a ecrit", " a écrit", " écrit", " escribió", " escribio", " ha escrito", " ha scritto", " scrisse", " ha inviato",
		" geschreven", " schreef", " schrieb", " geschrieben", " escreveu", " napisał(a)", " napisał", " napisała", " napisal(a)", " napsal(a)", " napsal", " napsala", " píše", " skrev", " skrev følgende", " kirjoitti",
		" написал(а)", " написал", " написала", " pisze", " пишет", " пише", " написав", " написав(ла)", " написала", " пишет", " yazdı", " şunu yazdı", " şunları yazdı", " đã viết", " a scris", " ezt írta", " írta", " έγραψε",
		"写道", "寫道", "写了", "写到", " 写道", "のメール", "は書きました", "が書きました", "書きました", "님이 작성", "작성", "님이 씀", "이(가) 작성", " כתב", " כתבה", " כתב/ה", "\u200fכתב", " كتب", "كتب", "\u200e wrote", " napisao", " je napisao/la"} {
		if strings.HasSuffix(low, v) {
			if !colon && (v == " sent" || v == " schreef" || v == " skrev" || v == " schrieb" || v == " writes" || v == " écrit" || v == "작성") {
				return "", false
			}
			return t[:len(t)-len(v)], true
		}
	}
	return "", false
}

// verbInside finds the verb in the languages that put it before the name; the
// line then ends in a colon.
func verbInside(s string) (string, bool) {
	if !strings.HasSuffix(s, ":") {
		return "", false
	}
	low := strings.ToLower(s)
	if len(low) != len(s) {
		return "", false
	}
	for _, v := range []string{" schrieb ", " schreef ", " skrev ", " napisał ", " escribió ", " a écrit ", " napsal ", " написал ", " wrote ", " kirjoitti ", " كتب ", " כתב ", " viết ", " heeft "} {
		if i := strings.Index(low, v); i > 0 {
			return s[:i], true
		}
	}
	return "", false
}

// starter says whether a line begins as attributions do.
func starter(s string) bool {
	s = strings.TrimLeft(s, `"'„«*- `)
	for _, w := range []string{"On ", "on ", "At ", "Am ", "am ", "Le ", "le ", "El ", "Il ", "Op ", "Em ", "A ", "Den ", "Dne ", "Dňa ", "På ", "Pe ", "W dniu", "Dnia ", "Vào ", "În ", "Στις ", "Ha ", "Pada ", "Na ", "V ", "U ",
		"В ", "в ", "Дня ", "Du ", "Da: ", "Begin ", "Quoting ", "בתאריך", "ב-", "ב", "في ", "بتاريخ", "בשעה", "在 ", "在", "於 ", "于 ", "El día"} {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return dateFirst(s)
}

// dateFirst says whether a line begins with a date, a time or a weekday.
func dateFirst(s string) bool {
	s = strings.TrimLeft(s, `"'* `)
	if s == "" {
		return false
	}
	n := strings.IndexFunc(s, func(c rune) bool { return c < '0' || c > '9' })
	if n == 0 {
		return weekday(s)
	}
	if n < 0 || n > 4 {
		return false
	}
	c := []rune(s[n:min(len(s), n+8)])[0]
	return strings.ContainsRune("-/.: ,年月日.년", c)
}

func weekday(s string) bool {
	end := strings.IndexFunc(s, func(c rune) bool { return !unicode.IsLetter(c) && c != '-' })
	if end < 0 {
		return false
	}
	if after := s[end:]; end <= 3 && after[0] != ',' && after[0] != '.' && !(len(after) > 1 && digit(after[1])) {
		return false // "to", "so", "do" and "man" are words too
	}
	switch strings.ToLower(s[:end]) {
	case "mon", "tue", "wed", "thu", "fri", "sat", "sun", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
		"mo", "di", "mi", "do", "fr", "sa", "so", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
		"lun", "mar", "mer", "jeu", "ven", "sam", "dim", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
		"lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica",
		"maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag", "ma", "wo", "vr", "za", "zo", "segunda", "terça", "quarta", "quinta", "sexta", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira",
		"måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag", "mandag", "tirsdag", "lørdag", "søndag", "man", "tir", "ons", "tor", "fre", "lør", "søn", "tis", "mån", "lör", "sön",
		"poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela", "пн", "вт", "ср", "чт", "пт", "сб", "вс", "нд", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье",
		"понеділок", "вівторок", "середа", "четвер", "пʼятниця", "субота", "неділя", "pondělí", "úterý", "středa", "čtvrtek", "pátek", "neděle", "ke", "ti", "to", "pe", "la", "su", "jue", "vie", "dom", "mié", "gio", "sab":
		return true
	}
	return false
}

// dateAndAddress recognises the attributions that have no verb: a date, a name
// and an address, or a date and its zone.
func dateAndAddress(s string) bool {
	end := strings.TrimRight(s, ": ")
	if !dateFirst(s) && (!starter(s) || end == s) || digits(s) < 5 {
		return false
	}
	if strings.HasSuffix(end, ">") && strings.Contains(s, "@") && strings.Contains(s, "<") {
		return true
	}
	// "2016-03-03 17:21 GMT+01:00 Some One"
	return len(s) > 24 && len(s) < 120 && s[4] == '-' && strings.Contains(s[10:min(len(s), 24)], " GMT")
}

func digits(s string) int {
	n := 0
	for _, c := range s {
		if c >= '0' && c <= '9' || c >= '０' && c <= '９' {
			n++
		}
	}
	return n
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
