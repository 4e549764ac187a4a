package link

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Piece is a stretch of a text: words, or an address among them.
type Piece struct {
	Words   string
	Address Address
	Is      bool // an address
}

// Split takes a text apart into words and addresses. "words <https://host>" and
// "words (https://host)" are how programs write a link whose words are others:
// where the words are an address themselves, and a different one, the second
// says that it poses as the first. own are the hosts that readers know.
func Split(text string, own []string) []Piece {
	var out []Piece
	words := func(s string) {
		if s == "" {
			return
		}
		if n := len(out); n > 0 && !out[n-1].Is {
			out[n-1].Words += s
			return
		}
		out = append(out, Piece{Words: s})
	}
	from := 0
	for i := 0; i < len(text); {
		end := addressEnd(text, i)
		if end == 0 {
			if a, end, ok := mixed(text, i); ok {
				words(text[from:i])
				out = append(out, Piece{Address: a, Is: true})
				from, i = end, end
				continue
			}
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
			continue
		}
		a, ok := Read(text[i:end])
		if !ok {
			i = end
			continue
		}
		before := text[from:i]
		if strings.HasSuffix(before, "<") && end < len(text) && text[end] == '>' {
			before, end = before[:len(before)-1], end+1
			t := strings.TrimRight(before, " ")
			last := len(out) - 1
			if t == "" && last >= 0 && out[last].Is && sameAddress(out[last].Address, a) {
				from, i = end, end // "https://host <https://host/>"
				continue
			}
			if (t != "" || last >= 0 && out[last].Is) && !strings.HasSuffix(t, ":") && !strings.HasSuffix(t, "\n") {
				words(t + " (")
				out = append(out, Piece{Address: a.beside(named(out, t), own), Is: true})
				words(")")
				from, i = end, end
				continue
			}
		}
		words(before)
		as := ""
		if strings.HasSuffix(before, "(") {
			as = named(out, strings.TrimRight(strings.TrimSuffix(before, "("), " "))
		}
		out = append(out, Piece{Address: a.beside(as, own), Is: true})
		from, i = end, end
	}
	words(text[from:])
	return out
}

// named is the host that stands right before a link's target: the last word, or
// the last address where nothing but blanks is between.
func named(out []Piece, before string) string {
	last := before
	if i := strings.LastIndexAny(before, " \n\t"); i >= 0 {
		last = before[i+1:]
	}
	if last = strings.Trim(last, ".,;:!?\"'()[]"); last != "" {
		if a, ok := Read(last); ok {
			return a.Host
		}
		if h := hostish(last); domain(h) {
			return h
		}
		return ""
	}
	for k := len(out) - 1; k >= 0; k-- {
		if out[k].Is {
			return out[k].Address.Host
		}
		if strings.Trim(out[k].Words, " (") != "" {
			return ""
		}
	}
	return ""
}

// domain says whether a word with a dot in it could be a host rather than the
// end of one sentence and the start of the next, or the name of a file.
func domain(s string) bool {
	i := strings.LastIndexByte(s, '.')
	if i < 1 || len(s)-i < 3 {
		return false
	}
	switch s[i+1:] {
	case "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "txt", "csv", "jpg", "jpeg", "png", "gif", "html", "htm", "zip", "mp3", "mp4", "pub", "pages", "key", "heic", "svg":
		return false
	}
	return strings.IndexFunc(s[i+1:], func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// beside adds what the words before an address, and the hosts that readers know,
// say of it.
func (a Address) beside(as string, own []string) Address {
	if a.Doubt == Broken || a.Doubt == Posing && a.As != "" {
		return a
	}
	if as != "" && !same(as, a.Host) {
		a.Doubt, a.As = Posing, as
		return a
	}
	for _, o := range own {
		if looksLike(a.Host, strings.ToLower(o)) {
			a.Doubt, a.As = Posing, o
			return a
		}
	}
	return a
}

// same says whether two hosts are one, "www." aside, or one within the other.
func same(a, b string) bool {
	a, b = strings.TrimPrefix(strings.ToLower(a), "www."), strings.TrimPrefix(strings.ToLower(b), "www.")
	return a == b || strings.HasSuffix(a, "."+b) || strings.HasSuffix(b, "."+a)
}

func sameAddress(a, b Address) bool {
	return a.Host != "" && strings.TrimRight(a.URL, "/") == strings.TrimRight(b.URL, "/")
}

// addressEnd is where the address that begins at i ends; 0: none begins there.
func addressEnd(text string, i int) int {
	switch text[i] {
	case 'h', 'H', 'w', 'W':
	default:
		return 0
	}
	low := strings.ToLower(text[i:min(len(text), i+8)])
	start := 0
	switch {
	case strings.HasPrefix(low, "http://"):
		start = 7
	case strings.HasPrefix(low, "https://"):
		start = 8
	case strings.HasPrefix(low, "www."):
		start = 4
	default:
		return 0
	}
	if i > 0 {
		if r, _ := utf8.DecodeLastRuneInString(text[:i]); start == 4 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '/' || r == '.' || r == '@') {
			return 0
		}
	}
	end := i + start
	for end < len(text) && end-i < longestAddress {
		r, size := utf8.DecodeRuneInString(text[end:])
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"“”„«»", r) {
			break
		}
		end += size
	}
	end = i + len(strings.TrimRight(text[i:end], ".,;:!?'’*_…"))
	// A bracket that closes one in front of the address does not belong to it.
	for end > i+start && strings.IndexByte(")]", text[end-1]) >= 0 {
		open := "("
		if text[end-1] == ']' {
			open = "["
		}
		if strings.Count(text[i:end], open) >= strings.Count(text[i:end], text[end-1:end]) {
			break
		}
		end = i + len(strings.TrimRight(text[i:end-1], ".,;:!?'’*_…"))
	}
	if end <= i+start {
		return 0
	}
	return end
}

// mixed reads a host without a scheme that mixes the letters of two scripts, or
// that is written in the network's letters for foreign ones: programs make links
// of such words, and of mail addresses.
func mixed(text string, i int) (a Address, end int, ok bool) {
	if i > 0 {
		if r, _ := utf8.DecodeLastRuneInString(text[:i]); unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-@/", r) {
			return a, 0, false
		}
	}
	latin, other, ace := false, false, strings.HasPrefix(strings.ToLower(text[i:min(len(text), i+4)]), "xn--")
	for end = i; end < len(text) && end-i < longestWord; {
		r, size := utf8.DecodeRuneInString(text[end:])
		switch {
		case unicode.Is(unicode.Latin, r):
			latin = true
		case unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee):
			other = true
		case unicode.IsDigit(r) || strings.ContainsRune("._-@", r):
			ace = ace || strings.HasPrefix(strings.ToLower(text[end+size:min(len(text), end+size+4)]), "xn--")
		default:
			size = 0
		}
		if size == 0 {
			break
		}
		end += size
	}
	end = i + len(strings.TrimRight(text[i:end], "._-@"))
	word := text[i:end]
	if !(latin && other || ace) {
		return a, 0, false
	}
	mailbox, host, isMail := strings.Cut(word, "@")
	if !isMail {
		mailbox, host = "", word
	} else {
		mailbox += "@"
	}
	if !domain(strings.ToLower(host)) && !(ace && strings.Contains(host, ".")) || !a.name(host) {
		return a, 0, false
	}
	a.URL, a.Doubt = visible(mailbox)+a.Host, Foreign
	return a, end, true
}

// longestAddress is how much of an address is looked at, in bytes.
const longestAddress = 4000

// longestWord is how much of a word is looked at (RFC 1035 section 2.3.4).
const longestWord = 320

// Says whether words say the same address as a link's target: nothing is hidden
// behind them, and the target need not be shown beside them.
func Says(words, target string) bool {
	plain := func(s string) string {
		s = strings.TrimSpace(s)
		if low := strings.ToLower(s); strings.HasPrefix(low, "http://") || strings.HasPrefix(low, "https://") {
			s = Unwrap(s)
			s = s[strings.Index(s, "://")+3:]
		}
		s = strings.TrimRight(s, "/.,;")
		host, rest, _ := strings.Cut(s, "/")
		return strings.TrimPrefix(strings.ToLower(host), "www.") + "/" + rest
	}
	return plain(words) == plain(target)
}
