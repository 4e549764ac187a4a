package parse

import (
	"sort"
	"strconv"
	"strings"
)

// parameters splits a structured field such as Content-Type into its value,
// lower case, and its parameters: quoted or not, with comments, continued and
// encoded as RFC 2231 says, or with encoded words as nothing says.
func parameters(s string) (string, map[string]string) {
	const most = 100
	value, rest := untilSemicolon(s)
	value = strings.ToLower(strings.TrimSpace(value))
	if i := strings.IndexAny(value, " \t,"); i > 0 { // "text/plain charset=x" without its semicolon
		if strings.Contains(value[i:], "=") {
			rest = strings.TrimLeft(strings.TrimSpace(s)[i:], " \t,") // keep the letters' case
		}
		value = value[:i]
	}
	value = strings.Trim(value, `"'`)
	plain := map[string]string{}
	pieces := map[string][]piece{}
	for n := 0; n < most && rest != ""; n++ {
		var item string
		item, rest = untilSemicolon(rest)
		name, v, ok := strings.Cut(item, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if !ok || name == "" {
			continue
		}
		v = unquote(v)
		if base, p, ok := splitPiece(name, v); ok {
			pieces[base] = append(pieces[base], p)
			continue
		}
		if _, have := plain[name]; !have {
			plain[name] = v
		}
	}
	for name, ps := range pieces {
		plain[name] = joinPieces(ps)
	}
	for name, v := range plain {
		if strings.Contains(v, "=?") && name != "boundary" {
			plain[name] = decodeWords(v)
		}
	}
	return value, plain
}

// untilSemicolon splits at the first semicolon outside quotes and comments,
// and drops the comments.
func untilSemicolon(s string) (item, rest string) {
	var b strings.Builder
	quoted, depth := false, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quoted:
			b.WriteByte(c)
			if c == '\\' && i+1 < len(s) {
				i++
				b.WriteByte(s[i])
			} else if c == '"' {
				quoted = false
			}
		case depth > 0:
			if c == '(' {
				depth++
			} else if c == ')' {
				depth--
			}
		case c == '"' && strings.IndexByte(s[i+1:], '"') >= 0:
			quoted = true
			b.WriteByte(c)
		case c == '(' && strings.IndexByte(s[i:min(len(s), i+200)], ')') > 0 && !strings.HasSuffix(b.String(), "="):
			depth = 1
		case c == ';':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}

// unquote takes a parameter's value out of its quotes.
func unquote(v string) string {
	v = strings.TrimSpace(v)
	if len(v) < 2 || v[0] != '"' {
		return strings.Trim(v, `"'`)
	}
	v = v[1:]
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		switch {
		case v[i] == '"':
			return b.String()
		case v[i] == '\\' && i+1 < len(v) && (v[i+1] == '"' || v[i+1] == '\\'):
			i++
			b.WriteByte(v[i])
		default: // a lone backslash is part of a Windows path
			b.WriteByte(v[i])
		}
	}
	return b.String()
}

// piece is one segment of an RFC 2231 parameter.
type piece struct {
	number  int
	encoded bool
	value   string
}

func splitPiece(name, value string) (string, piece, bool) {
	base, suffix, ok := strings.Cut(name, "*")
	if !ok || base == "" {
		return "", piece{}, false
	}
	p := piece{value: value}
	if s, ok := strings.CutSuffix(suffix, "*"); ok {
		p.encoded, suffix = true, s
	}
	if suffix == "" {
		p.encoded = true
		return base, p, true
	}
	n, err := strconv.Atoi(suffix)
	if err != nil || n < 0 {
		return "", piece{}, false
	}
	p.number = n
	return base, p, true
}

// joinPieces decodes as RFC 2231 section 3 and 4 say: percent signs first,
// then the character set over the whole, which may be split inside a character.
func joinPieces(ps []piece) string {
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].number < ps[j].number })
	charset := ""
	var out []byte
	for i, p := range ps {
		v := p.value
		if p.encoded {
			if i == 0 {
				if parts := strings.SplitN(v, "'", 3); len(parts) == 3 {
					charset, v = parts[0], parts[2]
				}
			}
			out = append(out, percent(v)...)
			continue
		}
		out = append(out, v...)
	}
	return decodeText(out, charset)
}

func percent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			h, l := unhex(s[i+1]), unhex(s[i+2])
			if h >= 0 && l >= 0 {
				out = append(out, byte(h<<4|l))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
