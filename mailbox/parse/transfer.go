package parse

import (
	"bytes"
	"encoding/base64"
)

// decodeTransfer undoes a content transfer encoding (RFC 2045 section 6). What
// is not really encoded, or in an encoding nobody knows, stays as it is.
func decodeTransfer(b []byte, encoding string) []byte {
	switch encoding {
	case "base64":
		return decodeBase64(b)
	case "quoted-printable":
		return decodeQuotedPrintable(b)
	case "x-uuencode", "uuencode", "x-uue":
		return decodeUU(b)
	}
	return b
}

// decodeQuotedPrintable undoes RFC 2045 section 6.7. An equals sign that
// introduces nothing stands for itself; blanks at a line's end are kept, since
// format=flowed text is sent that way.
func decodeQuotedPrintable(b []byte) []byte {
	if bytes.IndexByte(b, '=') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '=')
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, b[:i]...)
		b = b[i+1:]
		if len(b) >= 2 {
			if h, l := unhex(b[0]), unhex(b[1]); h >= 0 && l >= 0 {
				out = append(out, byte(h<<4|l))
				b = b[2:]
				continue
			}
		}
		n := 0
		for n < len(b) && (b[n] == ' ' || b[n] == '\t' || b[n] == '\r') && n < 1000 {
			n++
		}
		switch {
		case n == len(b): // a soft break at the very end
			b = nil
		case b[n] == '\n':
			b = b[n+1:]
		default:
			out = append(out, '=')
		}
	}
	return out
}

// decodeBase64 undoes RFC 2045 section 6.8 line by line: at the first line
// that is not base64 it stops, and keeps what follows when that is text, since
// mailing lists glue their footers below. A body that is not base64 from its
// first line on is returned as it stands.
func decodeBase64(b []byte) []byte {
	out := make([]byte, 0, len(b)/4*3+3)
	var acc, n uint
	var room [1000]byte
	padded := false
	it := lines{rest: b}
	for {
		line, ok := it.scan()
		if !ok {
			return out
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		last := false // what stands behind the padding on the same line is no part of it
		if i := bytes.IndexAny(line, " \t"); i > 0 && line[i-1] == '=' && i%4 == 0 && base64Line(line[:i]) {
			line, last = line[:i], true
		}
		for n == 0 && !padded && len(line) >= 4 { // what nearly every line is
			piece, at := line[:min(len(line)/4*4, len(room))], len(out)
			out = append(out, room[:len(piece)/4*3]...)
			w, err := base64.StdEncoding.Decode(out[at:], piece)
			if err != nil {
				out = out[:at]
				break
			}
			out, line, padded = out[:at+w], line[len(piece):], w < len(piece)/4*3
		}
		if len(line) == 0 {
			continue
		}
		if !base64Line(line) || padded && (len(line)%4 != 0 || len(bytes.Trim(line, "-_=")) == 0) {
			if len(out) == 0 {
				return b
			}
			return append(append(out, '\n'), asciiTail(b[it.start:])...)
		}
		for _, c := range line {
			if c == '=' {
				padded, acc, n = true, 0, 0
				continue
			}
			v := sextet(c)
			if v < 0 {
				continue
			}
			acc, n = acc<<6|uint(v), n+6
			if n >= 8 {
				n -= 8
				out = append(out, byte(acc>>n))
				acc &= 1<<n - 1
			}
		}
		if last {
			return out
		}
	}
}

// base64Line says whether a line has base64 characters only; one stray
// character in a long line is forgiven, as RFC 2045 asks.
func base64Line(line []byte) bool {
	bad := 0
	for _, c := range line {
		if sextet(c) < 0 && c != '=' {
			bad++
		}
	}
	return bad == 0 || bad*40 < len(line)
}

func sextet(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return -1
}

// asciiTail is what stands below base64 when it reads as text.
func asciiTail(b []byte) []byte {
	if len(b) > 64<<10 {
		b = b[:64<<10]
	}
	for _, c := range b {
		if c >= 0x80 || c < ' ' && c != '\n' && c != '\t' && c != '\r' {
			return nil
		}
	}
	return b
}

// decodeUU undoes the encoding of uuencode, the body between begin and end.
func decodeUU(b []byte) []byte {
	var out []byte
	it := lines{rest: b}
	inside := false
	for {
		line, ok := it.scan()
		if !ok || inside && bytes.Equal(bytes.TrimSpace(line), []byte("end")) {
			break
		}
		if !inside {
			inside = bytes.HasPrefix(line, []byte("begin "))
			continue
		}
		if len(line) == 0 {
			continue
		}
		n := int(line[0]-' ') & 63
		line = line[1:]
		for i := 0; i+1 < len(line) && n > 0; i += 4 {
			var v [4]byte
			copy(v[:], line[i:])
			for k := range v {
				if v[k] >= ' ' {
					v[k] = (v[k] - ' ') & 63
				}
			}
			three := []byte{v[0]<<2 | v[1]>>4, v[1]<<4 | v[2]>>2, v[2]<<6 | v[3]}
			out = append(out, three[:min(3, n)]...)
			n -= 3
		}
	}
	if !inside {
		return b
	}
	return out
}
