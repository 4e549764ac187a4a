package trim

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// attributionAt says how many lines from i on are an attribution, "On … wrote:",
// in any language it knows, broken over up to four lines (and empty ones
// between); 0 when there is none. A reply may share the first line with it.
func attributionAt(ls []line, i int) (int, string) {
	const longest = 420
	joined := ""
	if ruled(ls, i) {
		return 0, ""
	}
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
		if used == 1 && !starter(joined) {
			if prefix, ok := shared(joined); ok {
				return n + 1, prefix
			}
		}
		if wrote(joined) {
			if !strings.HasSuffix(joined, ":") && i+n+1 < len(ls) && strings.HasSuffix(ls[i+n+1].bare, ":") && wrote(joined+" "+ls[i+n+1].bare) {
				continue // "Ann <ann@x.example> wrote" / "on 20/11/2026 07:30:"
			}
			if inner(ls, i, n) {
				return 0, ""
			}
			return n + 1, ""
		}
		if used == 1 {
			if k := strings.Index(joined, "wrote:"); k > 0 && k < 200 && strings.HasPrefix(joined, "On ") && wrote(joined[:k+6]) {
				return n + 1, "" // the quote begins on the same line
			}
		}
	}
	return 0, ""
}

// certain says whether an attribution is one even where no mark follows it: it
// has an address, or a date, a time and a name. "On Monday Anna wrote:" may be
// a person's sentence.
func certain(s string) bool {
	if k := strings.Index(s, " wrote:"); k > 0 { // the quote may begin behind it
		s = s[:k+len(" wrote:")]
	}
	if strings.Contains(s, "@") {
		return true
	}
	if !clock(s) || digits(s) < 5 {
		return false
	}
	if _, rest, ok := strings.Cut(s, " "); ok && digits(s) >= 7 && weekday(rest) && strings.IndexByte(rest, ',') <= 4 && strings.Contains(rest, ",") {
		return true // nobody but a program writes "On Wed, 25 Nov 2026 at 07:30"
	}
	capital := func(w string) bool {
		first, _ := utf8.DecodeRuneInString(strings.TrimLeft(w, `"'(<„“`))
		return unicode.IsLetter(first) && !unicode.IsLower(first)
	}
	head, ok := verbAtEnd(s)
	if ok {
		words := strings.Fields(head)
		for n := len(words); n > 0; n = len(words) {
			switch words[n-1] {
			case "het", "volgende", "folgendes", "hat", "heeft", "følgende":
				words = words[:n-1]
				continue
			}
			return capital(words[n-1])
		}
	}
	if head, ok = verbInside(s); ok {
		before, after := strings.Fields(head), strings.Fields(s[len(head):])
		return len(before) > 0 && capital(before[len(before)-1]) || len(after) > 1 && capital(after[1])
	}
	return strings.Contains(s, " GMT")
}

// clock says whether there is a time of the day in a line.
func clock(s string) bool {
	for i := 1; i+2 < len(s); i++ {
		if (s[i] == ':' || s[i] == 'h' || s[i] == '.') && digit(s[i-1]) && digit(s[i+1]) && digit(s[i+2]) {
			if s[i] != '.' || strings.Contains(s, "klo ") || strings.Contains(s, "kl") {
				return true
			}
		}
	}
	return false
}

// inner says whether the attribution found in n more lines than the first
// begins in one of those: the lines above it are somebody's text. A date may
// stand in the middle of one, the words it begins with hardly.
func inner(ls []line, i, n int) bool {
	first, next := ls[i].bare, ls[min(i+1, i+n)].bare
	opens := starter(first) && (digits(first) > 0 || strings.Count(first, " ") < 3) || strings.Contains(first, "@") && strings.Contains(first, "<") || strings.Count(first, `"`) == 1 ||
		strings.HasPrefix(next, "<") && !strings.ContainsAny(first[len(first)-1:], ".!?:") || strings.Contains(strings.SplitN(first, " ", 2)[0], "@") || strings.HasSuffix(first, "於") || strings.HasSuffix(first, "于")
	if c, _ := utf8.DecodeRuneInString(next); named(first) && !starter(next) && (!unicode.IsLetter(c) || !unicode.IsUpper(c)) {
		opens = true // the name, and on the next line its address or the verb
	}
	if _, ok := verbAtEnd(ls[i].bare + ":"); ok {
		opens = true // "Ann wrote" / "20.11.2026 07:30:"
	} else if _, ok = verbInside(ls[i].bare + " :"); ok && len(ls[i].bare) < 60 {
		opens = true
	}
	for k := 1; k <= n; k++ {
		if ls[i+k].blank() || opens && !opening(ls[i+k].bare) {
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

// opening says whether a line begins with a word that begins an attribution and
// hardly ever stands at the beginning of a later line of one.
func opening(s string) bool {
	for _, w := range [...]string{"On ", "Am ", "Le ", "El ", "Il ", "Op ", "Em ", "Den ", "Dne ", "Dňa ", "På ", "Pe ", "Dnia ", "Vào ", "În ", "Στις ", "W dniu ", "Quoting ", "Zitat "} {
		if strings.HasPrefix(s, w) {
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
	if len(s) < 8 || !strings.ContainsAny(s, "0123456789@<") && !strings.HasPrefix(raw, "--") && digits(s) == 0 {
		return false
	}
	if dateAndAddress(s) || quoting(s) {
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
		if rest := s[len(head):]; len(head) < 60 && digits(rest) >= 6 && clock(rest) {
			return true
		} else if len(head) < 60 && digits(rest) >= 4 { // "Name kirjoitti 21.11.2026 klo 7.30:"
			if _, when, ok := strings.Cut(strings.TrimSpace(rest), " "); ok && (dateFirst(strings.TrimLeft(when, "(")) || strings.Contains(when, "(") && clock(when) || len(when) > 2 && starter(strings.ToUpper(when[:1])+when[1:]) && digits(when) >= 6) {
				return true
			}
		}
	}
	address := strings.Contains(s, "@")
	switch {
	case starter(head) && (digits(s) >= 4 || digits(s) >= 2 && !digit(head[0]) || address || strings.Contains(s, "<")):
		return true // not "17 solved, thanks to all who wrote"
	case address && strings.Contains(s, "<") && len(head) < 200: // "Name <a@b> wrote:"
		return true
	case dateFirst(head) && digits(head) >= 3:
		return true
	case clock(s) && digits(s) >= 6 && (address || (strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：")) && len(s) < 160):
		return true
	}
	return false
}

// quoting recognises Horde's "Quoting Ann <ann@x.example>:".
func quoting(s string) bool {
	if !strings.HasSuffix(s, ":") || !strings.Contains(s, "@") || len(s) > 200 {
		return false
	}
	for _, p := range [...]string{"Quoting ", "Zitat von ", "Citeren ", "Citaat van ", "Citando a ", "Citando ", "Citation de ", "Citazione da ", "Citerar ", "Citat fra ", "Siterer ", "Cytowanie ", "Citace ", "Lainaus ", "Цитирование "} {
		if strings.HasPrefix(s, p) {
			return true
		}
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
	for _, v := range []string{" wrote", " writes", " sent", " a écrit", " a ecrit", " a écrit", " écrit", " escribió", " escribio", " ha escrito", " ha scritto", " scrisse", " ha inviato",
		" geschreven", " schreef", " schrieb", " geschrieben", " escreveu", " napisał(a)", " napisał", " napisała", " napisal(a)", " napsal(a)", " napsal", " napsala", " píše", " skrev", " skrev følgende", " kirjoitti",
		" написал(а)", " написал", " написала", " pisze", " пишет", " пише", " написав", " написав(ла)", " написала", " пишет", " yazdı", " şunu yazdı", " şunları yazdı", " đã viết", " a scris", " ezt írta", " írta", " έγραψε",
		"写道", "寫道", "写了", "写到", " 写道", "のメール", "は書きました", "が書きました", "書きました", "님이 작성", "작성", "님이 씀", "이(가) 작성", " כתב", " כתבה", " כתב/ה", "\u200fכתב", " كتب", "كتب", "\u200e wrote", " napisao", " je napisao/la",
		" napísal(a)", " napísal", " napísala", " viết", " написав(-ла)", " написав (-ла)", " написал(-а)", " さんは書きました", " 쓴 글", "が書いた", " rašė", " rakstīja", " kirjutas", " je napisal/a", " va escriure", " ha escrit", " написа", " şöyle yazdı", " έγραψαν"} {
		if len(t) >= len(v) && endsAlike(t, v) && strings.EqualFold(t[len(t)-len(v):], v) {
			if !colon && (v == " sent" || v == " كتب" || v == "كتب" || v == " כתב" || v == " 쓴 글" || v == " schreef" || v == " skrev" || v == " schrieb" || v == " writes" || v == " écrit" || v == "작성") {
				return "", false
			}
			return t[:len(t)-len(v)], true
		}
	}
	return "", false
}

// endsAlike is false where the last letters alone tell that a text does not end in
// a word: looking at all letters of all verbs at each line is dear. ASCII letters
// fold to others beyond ASCII, but no verb has those.
func endsAlike(s, word string) bool {
	a, b := s[len(s)-1], word[len(word)-1]
	return a >= utf8.RuneSelf || a|0x20 == b|0x20
}

// verbInside finds the verb in the languages that put it before the name; the
// line then ends in a colon.
func verbInside(s string) (string, bool) {
	if !strings.HasSuffix(s, ":") {
		return "", false
	}
	for _, v := range []string{" schrieb ", " schreef ", " skrev ", " napisał ", " escribió ", " a écrit ", " napsal ", " написал ", " wrote ", " kirjoitti ", " كتب ", " כתב ", " viết ", " heeft ", " hat ", " írta ", " ezt írta ", " escreveu ", " ha scritto ", " yazdı ", " napisana przez ", " تمت كتابة ", "에 "} {
		if i := strings.Index(s, v); i > 0 {
			return s[:i], true
		}
	}
	return "", false
}

// starter says whether a line begins as attributions do.
func starter(s string) bool {
	s = strings.TrimLeft(s, `"'„«*- `)
	for _, w := range []string{"On ", "on ", "At ", "Am ", "am ", "Le ", "le ", "El ", "Il ", "Op ", "Em ", "A ", "Den ", "Dne ", "Dňa ", "På ", "Pe ", "W dniu", "Dnia ", "Vào ", "În ", "Στις ", "Ha ", "Pada ", "Na ", "V ", "U ",
		"В ", "в ", "Дня ", "Du ", "Da: ", "Begin ", "Quoting ", "Wiadomość ", "No dia ", "Às ", "Dátum: ", "בתאריך", "ב-", "ב", "في ", "بتاريخ", "בשעה", "在 ", "在", "於 ", "于 ", "El día"} {
		if s != "" && s[0] == w[0] && (strings.HasPrefix(s, w) || len(s)+1 == len(w) && s+" " == w) {
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
		"понеділок", "вівторок", "середа", "четвер", "пʼятниця", "субота", "неділя", "pondělí", "úterý", "středa", "čtvrtek", "pátek", "neděle", "ke", "ti", "to", "pe", "la", "su", "jue", "vie", "dom", "mié", "gio", "sab", "sáb",
		"po", "út", "st", "čt", "pá", "ne", "ut", "št", "pi", "pondelok", "utorok", "streda", "štvrtok", "piatok", "pn", "wt", "śr", "czw", "pt", "niedz", "sob", "nie", "seg", "ter", "qua", "qui", "sex",
		"maanantai", "tiistai", "keskiviikko", "torstai", "perjantai", "lauantai", "sunnuntai", "пятниця", "п'ятниця", "п’ятниця", "hétfő", "kedd", "szerda", "csütörtök", "péntek", "szombat", "vasárnap",
		"pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi", "pazar", "δευτέρα", "τρίτη", "τετάρτη", "πέμπτη", "παρασκευή", "σάββατο", "κυριακή":
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
	if strings.HasSuffix(strings.TrimRight(end, ") "), ">") && strings.Contains(s, "@") && strings.Contains(s, "<") {
		return true
	}
	if end != s && clock(s) && (dateFirst(s) || s[0] >= 0x80 && starter(s)) && (digits(s) >= 7 && len(s) < 160 || strings.Contains(s, "@")) {
		return true
	}
	// "2016-03-03 17:21 GMT+01:00 Some One"
	return len(s) > 24 && len(s) < 120 && s[4] == '-' && strings.Contains(s[10:min(len(s), 24)], " GMT")
}

func digits(s string) int {
	n := 0
	for _, c := range s {
		if c >= '0' && c <= '9' || c >= 0x80 && unicode.IsDigit(c) {
			n++
		}
	}
	return n
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
