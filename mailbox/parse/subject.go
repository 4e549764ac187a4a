package parse

import "strings"

// replyPrefix says whether a word, lower case and without its colon, is what a
// mail program puts before the subject of an answer.
func replyPrefix(s string) bool {
	switch s {
	case "re", "aw", "sv", "vs", "antw", "antwort", "r", "ri", "rif", "odp", "rv", "res", "réf", "ref", "rép", "rep",
		"ynt", "atb", "ats", "bls", "vá", "vl", "回复", "回覆", "答复", "答覆", "回信", "返信", "回",
		"ответ", "отв", "на", "απ", "σχετ", "תשובה", "השב", "רד", "رد":
		return true
	}
	return false
}

// forwardPrefix is the same for what is forwarded.
func forwardPrefix(s string) bool {
	switch s {
	case "fwd", "fw", "wg", "tr", "vb", "vl fw", "doorst", "i", "enc", "pd", "rv fw", "továbbítás", "tov", "ilt", "vs fwd",
		"转发", "轉寄", "轉發", "転送", "пересл", "перенапр", "προωθ", "הועבר", "إعادة توجيه", "weitergeleitet", "fwd msg":
		return true
	}
	return false
}

// BaseSubject takes off what mail programs and gateways put before a subject,
// repeatedly: Re, AW, SV, RE[2], Fwd, WG, [EXTERNAL], [Ext]. forward says that
// what it is last is a forward.
func BaseSubject(subject string) (base string, reply, forward bool) {
	s := strings.TrimSpace(subject)
	for n := 0; n < 100; n++ {
		if rest, ok := bannerPrefix(s); ok {
			s = rest
			continue
		}
		word, rest, ok := prefix(s)
		if !ok {
			break
		}
		switch {
		case replyPrefix(word):
			reply = true
		case forwardPrefix(word):
			forward = forward || !reply // an answer to what was forwarded is an answer
		default:
			return s, reply, forward
		}
		s = rest
	}
	return s, reply, forward
}

// prefix splits "RE[2]: rest" and "Re : rest" into its word and the rest.
func prefix(s string) (word, rest string, ok bool) {
	const longest = 40
	i := strings.IndexAny(s[:min(len(s), longest)], ":：")
	if i <= 0 {
		return "", s, false
	}
	size := 1
	if s[i] != ':' {
		size = len("：")
	}
	if !strings.HasPrefix(s[i:], ":") && !strings.HasPrefix(s[i:], "：") {
		return "", s, false
	}
	word = strings.ToLower(strings.TrimSpace(s[:i]))
	if j := strings.IndexAny(word, "[(^*"); j > 0 { // RE[2], Re(2), Re^2, Re*2
		inner := strings.Trim(word[j:], "[]()^* ")
		if inner != "" && strings.Trim(inner, "0123456789") == "" {
			word = strings.TrimSpace(word[:j])
		}
	}
	return word, strings.TrimSpace(s[i+size:]), true
}

// bannerPrefix takes off a gateway's mark in brackets.
func bannerPrefix(s string) (string, bool) {
	end := 0
	switch {
	case strings.HasPrefix(s, "["):
		end = strings.IndexByte(s[:min(len(s), 40)], ']')
	case strings.HasPrefix(s, "(") || strings.HasPrefix(s, "{"):
		end = strings.IndexAny(s[:min(len(s), 40)], ")}")
	case strings.HasPrefix(s, "***"):
		if i := strings.Index(s[3:min(len(s), 40)], "***"); i > 0 {
			if bannerWord(s[3 : 3+i]) {
				return strings.TrimSpace(s[6+i:]), true
			}
		}
		return s, false
	default:
		word, rest, ok := prefix(s)
		if ok && (word == "external" || word == "ext" || word == "extern") {
			return rest, true
		}
		return s, false
	}
	if end <= 0 || !bannerWord(s[1:end]) {
		return s, false
	}
	return strings.TrimLeft(strings.TrimSpace(s[end+1:]), ": "), true
}

func bannerWord(s string) bool {
	s = strings.ToLower(strings.Trim(s, " *-!:"))
	switch s {
	case "external", "ext", "extern", "externe", "externo", "esterno", "external email", "external mail", "external sender",
		"ext mail", "externe mail", "externe e-mail", "caution", "caution external", "spam", "suspected spam", "spam?", "possible spam",
		"not virus scanned", "encrypted", "secure", "verschlüsselt", "warning", "outside", "from external", "email externo", "extérieur":
		return true
	}
	return false
}
