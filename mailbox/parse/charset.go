package parse

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// decodeText turns bytes into clean UTF-8. Labels lie, so they are a rung of a
// ladder only: UTF-8 that is valid is UTF-8 whatever single-byte set is
// declared; then the declared set; then ISO-2022-JP by its escape; then what the
// letters look like; at last windows-1252, which has a character for nearly
// every byte.
func decodeText(b []byte, declared string) string {
	return clean(climb(b, canonical(declared)))
}

func climb(b []byte, label string) string {
	if s, ok := wide(b, label); ok {
		return s
	}
	if ascii(b) {
		switch {
		case label == "utf-7":
			return decodeUTF7(b)
		case strings.HasPrefix(label, "iso-2022-") || label == "hz-gb-2312":
			if s, ok := decodeAs(b, label); ok {
				return s
			}
		case bytes.Contains(b, []byte("\x1b$")):
			if s, ok := decodeAs(b, "iso-2022-jp"); ok {
				return s
			}
		}
		return string(b)
	}
	if utf8.Valid(b) && (!multibyte(label) || sequences(b) > 2) {
		return string(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")))
	}
	if label == "utf-8" || label == "" || label == "us-ascii" {
		if valid, invalid := utf8Score(b); valid > invalid {
			return mixed(b)
		}
	}
	if s, ok := decodeAs(b, label); ok {
		return s
	}
	if bytes.Contains(b, []byte("\x1b$")) {
		if s, ok := decodeAs(b, "iso-2022-jp"); ok {
			return s
		}
	}
	if s, ok := decodeAs(b, guess(b)); ok {
		return s
	}
	s, _ := charmap.Windows1252.NewDecoder().Bytes(b)
	return string(s)
}

// wide decodes the sets whose units are wider than a byte, by label or by the
// byte order mark.
func wide(b []byte, label string) (string, bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")) && len(b)%2 == 0, label == "utf-16le":
		label = "utf-16le"
	case bytes.HasPrefix(b, []byte("\xfe\xff")) && len(b)%2 == 0, label == "utf-16be", label == "utf-16":
		label = "utf-16be"
	case label == "utf-32", label == "utf-32be", label == "utf-32le":
	default:
		return "", false
	}
	if bytes.IndexByte(b, 0) < 0 && label[:5] == "utf-1" && utf8.Valid(b) && ascii(b) && b2even(b) {
		return "", false // labelled so, yet plain ASCII
	}
	var e encoding.Encoding
	switch label {
	case "utf-16le":
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "utf-16be":
		e = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf-32le":
		e = utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	default:
		e = utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	}
	s, err := e.NewDecoder().Bytes(b)
	if err != nil { // no byte order mark
		switch label {
		case "utf-16le":
			e = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
		case "utf-16be":
			e = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
		case "utf-32le":
			e = utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
		default:
			e = utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
		}
		if s, err = e.NewDecoder().Bytes(b); err != nil {
			return "", false
		}
	}
	return strings.TrimPrefix(string(s), "\ufeff"), true
}

// b2even says whether plain ASCII reads as words rather than as UTF-16 units
// that happen to have no zero byte: it holds a blank or a line break.
func b2even(b []byte) bool { return bytes.ContainsAny(b, " \n") }

// canonical folds the spellings found in mail into labels the WHATWG table knows.
func canonical(label string) string {
	label = strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'`))
	if i := strings.IndexAny(label, " ;*"); i >= 0 {
		label = label[:i]
	}
	switch {
	case label == "gb2312", label == "gb_2312-80", label == "gbk", label == "cp936", label == "ms936":
		return "gb18030"
	case label == "cp932", label == "ms932", label == "windows-932", label == "sjis":
		return "shift_jis"
	case label == "cp949", label == "uhc", label == "ks_c_5601-1987", label == "ks_c_5601":
		return "euc-kr"
	case label == "cp950", label == "big5-hkscs":
		return "big5"
	case label == "utf8", label == "unicode-1-1-utf-8", label == "utf_8", label == "cp65001", label == "utf8mb4":
		return "utf-8"
	case label == "unicode-1-1-utf-7", label == "utf7", label == "x-unicode-2-0-utf-7":
		return "utf-7"
	case label == "ascii", label == "ansi_x3.4-1968", label == "7bit", label == "us-ascii":
		return "us-ascii"
	case strings.HasPrefix(label, "cp-125"):
		return "windows-125" + label[6:]
	case strings.HasPrefix(label, "cp125"):
		return "windows-125" + label[5:]
	case strings.HasPrefix(label, "windows125"):
		return "windows-125" + label[10:]
	case strings.HasPrefix(label, "iso8859-"):
		return "iso-8859-" + label[8:]
	case strings.HasPrefix(label, "iso-2022-jp"):
		return "iso-2022-jp"
	case label == "latin-1", label == "latin1", label == "iso-latin-1":
		return "windows-1252"
	}
	return label
}

// multibyte says whether a set has characters of two bytes and more, so that
// its text may look like UTF-8 by accident when it is short.
func multibyte(label string) bool {
	switch label {
	case "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr":
		return true
	}
	return false
}

// oldCodePage is a set found in mail that the WHATWG table leaves out; nil for
// any other.
func oldCodePage(label string) encoding.Encoding {
	switch label {
	case "cp437", "ibm437":
		return charmap.CodePage437
	case "cp850", "ibm850", "dos-850":
		return charmap.CodePage850
	case "cp852", "ibm852":
		return charmap.CodePage852
	case "cp865", "ibm865":
		return charmap.CodePage865
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	}
	return nil
}

// decodeAs decodes by label; false when it is unknown or does not fit the bytes.
func decodeAs(b []byte, label string) (string, bool) {
	if label == "" || label == "us-ascii" || label == "utf-8" {
		return "", false
	}
	e := oldCodePage(label)
	if e == nil {
		var err error
		if e, err = htmlindex.Get(label); err != nil {
			return "", false
		}
		if name, _ := htmlindex.Name(e); name == "replacement" || name == "utf-8" {
			return "", false
		}
	}
	s, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return "", false
	}
	bad := bytes.Count(s, []byte("\uFFFD"))
	if bad > 0 && bad*50 > len(s) {
		return "", false
	}
	return string(s), true
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// sequences counts the characters beyond ASCII in valid UTF-8, up to a few.
func sequences(b []byte) int {
	n := 0
	for _, c := range b {
		if c >= 0xc0 {
			if n++; n > 8 {
				break
			}
		}
	}
	return n
}

func utf8Score(b []byte) (valid, invalid int) {
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		c, n := utf8.DecodeRune(b[i:])
		if c == utf8.RuneError && n == 1 {
			invalid++
		} else {
			valid++
		}
		i += n
	}
	return valid, invalid
}

// mixed decodes UTF-8 with stray bytes of windows-1252 in it: a footer pasted
// into somebody's message, or a character cut in half.
func mixed(b []byte) string {
	out := make([]byte, 0, len(b)+16)
	for i := 0; i < len(b); {
		c, n := utf8.DecodeRune(b[i:])
		if c == utf8.RuneError && n == 1 {
			if i+3 >= len(b) && b[i] >= 0xc0 { // the text was cut inside its last character
				return string(out)
			}
			out = utf8.AppendRune(out, charmap.Windows1252.DecodeByte(b[i]))
		} else {
			out = append(out, b[i:i+n]...)
		}
		i += n
	}
	return string(out)
}

// decodeUTF7 undoes RFC 2152.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); i++ {
		if b[i] != '+' {
			out.WriteByte(b[i])
			continue
		}
		if i+1 < len(b) && b[i+1] == '-' {
			out.WriteByte('+')
			i++
			continue
		}
		var units []uint16
		var acc, n uint
		j := i + 1
		for ; j < len(b) && b[j] != '-' && b[j] != '_' && sextet(b[j]) >= 0; j++ {
			acc, n = acc<<6|uint(sextet(b[j])), n+6
			if n >= 16 {
				n -= 16
				units = append(units, uint16(acc>>n))
				acc &= 1<<n - 1
			}
		}
		if len(units) == 0 {
			out.WriteByte('+')
			continue
		}
		out.WriteString(string(utf16.Decode(units)))
		i = j - 1
		if j < len(b) && b[j] == '-' {
			i = j
		}
	}
	return out.String()
}

// clean makes text valid UTF-8 without NUL, its lines ended by LF.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = mixed([]byte(s))
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	return s
}

// headerText is a field's value as clean UTF-8 on one line.
func headerText(b []byte) string {
	return headerTextIn(b, func() string { return "" })
}

// headerTextIn is the same for a message that names a character set elsewhere.
func headerTextIn(b []byte, label func() string) string {
	s := string(b)
	if !ascii(b) || bytes.IndexByte(b, 0x1b) >= 0 {
		declared := ""
		if valid, invalid := utf8Score(b); invalid > 0 && invalid >= valid {
			declared = label()
		}
		s = climb(b, declared)
	}
	if strings.ContainsAny(s, "\x00\r\n") {
		s = strings.NewReplacer("\x00", "", "\r", " ", "\n", " ").Replace(s)
	}
	if !utf8.ValidString(s) {
		s = mixed([]byte(s))
	}
	return s
}
