package parse

import "strings"

// word is one encoded word taken apart.
type word struct {
	charset string
	bytes   []byte
	end     int // offset after it
}

// decodeWords decodes the encoded words of a value (RFC 2047). Neighbours in
// one character set are joined before decoding, since senders split characters
// between them; blanks inside, missing padding and a missing end are forgiven.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		j := strings.Index(s[i:], "=?")
		if j < 0 {
			out.WriteString(s[i:])
			break
		}
		start := i + j
		w, ok := encodedWord(s, start)
		if !ok {
			out.WriteString(s[i : start+2])
			i = start + 2
			continue
		}
		out.WriteString(s[i:start])
		all := w.bytes
		i = w.end
		for {
			k := i
			for k < len(s) && (s[k] == ' ' || s[k] == '\t') {
				k++
			}
			next, ok := encodedWord(s, k)
			if !ok {
				break
			}
			if canonical(next.charset) != canonical(w.charset) {
				i = k // blanks between two encoded words are not shown
				break
			}
			all, i = append(all, next.bytes...), next.end
		}
		out.WriteString(decodeText(all, w.charset))
	}
	return out.String()
}

// encodedWord reads "=?charset*lang?B?text?=" at an offset.
func encodedWord(s string, at int) (word, bool) {
	if at+8 > len(s) || s[at] != '=' || s[at+1] != '?' {
		return word{}, false
	}
	rest := s[at+2:]
	i := strings.IndexByte(rest[:min(len(rest), 60)], '?')
	if i <= 0 || i+2 >= len(rest) || rest[i+2] != '?' {
		return word{}, false
	}
	charset, _, _ := strings.Cut(rest[:i], "*")
	kind := rest[i+1] | 0x20
	if kind != 'b' && kind != 'q' {
		return word{}, false
	}
	text := rest[i+3:]
	n := wordEnd(text)
	end := at + 2 + i + 3 + n + 2
	if n < 0 {
		// The end is missing. Take what can belong to it and no more.
		n = strings.IndexAny(text, " \t")
		if n < 0 {
			n = len(text)
		}
		end = at + 2 + i + 3 + n
		n = len(strings.TrimRight(text[:n], "?"))
	}
	text = text[:n]
	w := word{charset: charset, end: end}
	if kind == 'b' {
		w.bytes = base64Word(text)
	} else {
		w.bytes = decodeQuotedPrintable([]byte(strings.ReplaceAll(text, "_", " ")))
	}
	return w, true
}

// wordEnd finds the "?=" that ends an encoded word.
func wordEnd(text string) int {
	const longest = 20000 // far beyond the 75 characters of RFC 2047
	text = text[:min(len(text), longest)]
	return strings.Index(text, "?=")
}

func base64Word(text string) []byte {
	out := make([]byte, 0, len(text)*3/4)
	var acc, n uint
	for i := 0; i < len(text); i++ {
		v := sextet(text[i])
		if v < 0 {
			if text[i] == '=' {
				acc, n = 0, 0
			}
			continue
		}
		acc, n = acc<<6|uint(v), n+6
		if n >= 8 {
			n -= 8
			out = append(out, byte(acc>>n))
			acc &= 1<<n - 1
		}
	}
	return out
}
