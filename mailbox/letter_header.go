package mailbox

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// headerText makes one line of what goes into a header field: no control
// characters, no line breaks, nothing that turns the reading direction (Unicode
// UAX #9: an unclosed override would spill over the rest of the line).
func headerText(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028', r == '\u2029', unicode.IsControl(r):
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f', r == '\ufeff':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return shortened(strings.Join(strings.Fields(s), " "))
}

// maximumHeaderText is more than any mail program shows of a subject or a name.
const maximumHeaderText = 250

func shortened(s string) string {
	n := 0
	for i := range s {
		if n++; n > maximumHeaderText {
			return s[:i] + "…"
		}
	}
	return s
}

// encodedText is text for a header field: as it stands where that is safe, else
// as encoded words. Text that looks like an encoded word itself is encoded too,
// or it would be decoded into something that nobody wrote.
func encodedText(s string) string {
	if ascii(s) && !strings.Contains(s, "=?") && longestWord(s) <= 60 {
		return s
	}
	return encodedWords(s)
}

func longestWord(s string) int {
	longest := 0
	for word := range strings.FieldsSeq(s) {
		longest = max(longest, len(word))
	}
	return longest
}

// encodedWords is the Q encoding (RFC 2047 section 4.2) with only letters and
// digits as themselves, which is safe in a phrase as well (section 5). Words end
// between characters and are short enough to begin on the line of their field's
// name: a first line that is empty looks odd to many programs.
func encodedWords(s string) string {
	const open, end, limit = "=?utf-8?q?", "?=", 60
	var b, word strings.Builder
	for _, r := range s {
		var encoded string
		switch {
		case r == ' ':
			encoded = "_"
		case r < 0x80 && alphanumeric(byte(r)):
			encoded = string(r)
		default:
			for _, c := range []byte(string(r)) {
				encoded += fmt.Sprintf("=%02X", c)
			}
		}
		if len(open)+word.Len()+len(encoded)+len(end) > limit {
			b.WriteString(open + word.String() + end + " ")
			word.Reset()
		}
		word.WriteString(encoded)
	}
	b.WriteString(open + word.String() + end)
	return b.String()
}

// token keeps what is safe in a structured field.
func token(s string) string {
	safe := strings.Map(func(r rune) rune {
		if r < 0x80 && (alphanumeric(byte(r)) || strings.ContainsRune("-._", r)) {
			return r
		}
		return -1
	}, s)
	return safe[:min(len(safe), 64)]
}

// wireAddress checks an address and gives its domain the form that mail servers
// know (IDNA 2008, RFC 5891).
func wireAddress(address string) (string, error) {
	address = strings.Trim(address, " \t")
	if err := checkAddress(address); err != nil {
		return "", err
	}
	at := strings.LastIndexByte(address, '@')
	local, domain := address[:at], address[at+1:]
	if strings.ContainsAny(local, "\"(),:;[]\\") || strings.ContainsAny(domain, "\"(),:;\\") || strings.Contains(local, "@") {
		return "", fmt.Errorf("%q is not an address", address)
	}
	for _, r := range address {
		if unicode.IsControl(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar {
			return "", fmt.Errorf("%q is not an address", address)
		}
	}
	if !ascii(domain) {
		converted, err := idna.Lookup.ToASCII(domain)
		if err != nil {
			return "", fmt.Errorf("%q is not an address: %w", address, err)
		}
		domain = converted
	}
	return local + "@" + domain, nil
}

// mailbox is a name-addr (RFC 5322 section 3.4) with a display name that is
// quoted or encoded as it needs.
func mailbox(name, address string) string {
	name = headerText(name)
	if name == "" || strings.EqualFold(name, address) {
		return address
	}
	return phrase(name) + " <" + address + ">"
}

// phrase is a display name as atoms, as a quoted string or as encoded words (RFC
// 2047 section 5).
func phrase(name string) string {
	if encoded := encodedText(name); encoded != name {
		return encoded
	}
	plain := true
	for _, c := range []byte(name) {
		if c != ' ' && !alphanumeric(c) && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) < 0 {
			plain = false
			break
		}
	}
	if plain {
		return name
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// foldedField is a field with its line end, folded before column 78 where there
// is a blank to fold at (RFC 5322 section 2.2.3).
func foldedField(name, value string) string {
	var b strings.Builder
	b.WriteString(name)
	b.WriteByte(':')
	column := len(name) + 1
	for i, word := range strings.Split(value, " ") {
		if i > 0 && column+1+len(word) > 76 {
			b.WriteString("\r\n")
			column = 0
		}
		b.WriteByte(' ')
		b.WriteString(word)
		column += 1 + len(word)
	}
	b.WriteString("\r\n")
	return b.String()
}

// maximumThread bounds References: the first, which names the thread, and the
// latest.
const maximumThread = 20

// threadIDs keeps what really are Message-IDs: they come from other people's
// mail.
func threadIDs(thread []string) []string {
	var ids []string
	for _, id := range thread {
		if id = cleanMessageID(id); id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) > maximumThread {
		ids = append(ids[:1:1], ids[len(ids)-maximumThread+1:]...)
	}
	return ids
}

// cleanMessageID returns the Message-ID with brackets, "" if it is none. It asks
// for less than RFC 5322 section 3.6.4, as other people's programs do.
func cleanMessageID(id string) string {
	id = strings.TrimSpace(id)
	if len(id) < 3 || len(id) > 500 || id[0] != '<' || id[len(id)-1] != '>' {
		return ""
	}
	for _, c := range []byte(id[1 : len(id)-1]) {
		if c <= ' ' || c >= 0x7f || c == '<' || c == '>' {
			return ""
		}
	}
	return id
}

// listID names the list after the address (RFC 2919 section 3), in ASCII.
func listID(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	if local = token(local); local == "" {
		local = "list"
	}
	return "<" + local + "." + domain + ">"
}

// mailtoField is a mailto URL (RFC 6068) as list fields want it.
func mailtoField(address, subject string) string {
	local, domain, _ := strings.Cut(address, "@")
	return "<mailto:" + percent(local) + "@" + percent(domain) + "?subject=" + percent(subject) + ">"
}

// percent encodes everything but the unreserved characters (RFC 3986 section
// 2.3).
func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '~' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// plainLines normalises line ends to LF and takes out what mail must not
// contain.
func plainLines(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
}

// flowed is the text as format=flowed (RFC 3676). A line that ends in exactly
// one blank runs on in the next; other blanks at a line's end are dropped, since
// they would join what the writer kept apart. "-- " stays what it is (section
// 4.3). Lines that begin with a blank, "From " or ">" are stuffed (section 4.4).
func flowed(text string) string {
	text = strings.TrimRight(plainLines(text), " \t\n")
	if text == "" {
		return ""
	}
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if line != "-- " {
			bare := strings.TrimRight(line, " \t")
			if line != bare+" " || bare == "" || bare == "--" {
				line = bare
			}
			if strings.HasPrefix(line, " ") || strings.HasPrefix(line, ">") || strings.HasPrefix(line, "From ") {
				line = " " + line
			}
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}
