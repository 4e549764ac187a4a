package digest

import "strings"

// mailtoLimit is how long a link may be: some mail programs cut longer ones.
const mailtoLimit = 500

// mailto builds a link that opens a new mail (RFC 6068). The title follows the
// subject and gives way when the link becomes too long, and after it the body:
// the subject carries the meaning.
func mailto(address, subject, title, body string) string {
	local, domain, _ := strings.Cut(address, "@")
	to := "mailto:" + percent(local) + "@" + percent(domain)
	if subject == "" {
		return to // a new ask: what it is about is the writer's to say
	}
	to += "?subject="
	tail := "&body=" + percent(body)
	for limit := 70; ; limit -= 5 {
		full := subject
		if title != "" && limit > 0 {
			full += ": " + shorten(title, limit)
		}
		link := to + percent(full) + tail
		switch {
		case len(link) <= mailtoLimit:
			return link
		case limit <= 0:
			return to + percent(subject)
		}
	}
}

// percent encodes everything but the unreserved characters of RFC 3986 section
// 2.3. url.QueryEscape will not do: its "+" for a space is shown as a plus by
// mail programs; and a line break is CRLF (RFC 6068 section 5).
func percent(s string) string {
	const hex = "0123456789ABCDEF"
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
