// Package link reads web addresses as a careful person does: where does this
// one really lead, and is it made to look like another? It is pure.
//
// What a reader is shown is always the address itself, never words that hide
// it: the host in the letters that the network uses (RFC 5890), without what
// stands before an "@" (RFC 3986 section 3.2.1), unpacked from the wrappers of
// mail filters where the target stands in them.
package link

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Doubt is why a reader should look twice at an address.
type Doubt string

// The doubts, the gravest first where an address gives cause for several.
const (
	Clear   Doubt = ""
	Posing  Doubt = "posing"  // looks like another address: As says which
	Foreign Doubt = "foreign" // letters that can be taken for others
	Bare    Doubt = "number"  // a number instead of a name
	Broken  Doubt = "broken"  // no program agrees with another on where it leads
)

// Address is a web address taken apart.
type Address struct {
	URL   string // as it may be shown
	Host  string // ASCII, lower case, without the port
	Doubt Doubt
	As    string // the host it poses as
}

// Longest is the longest address that is shown whole: more than those of shared
// documents need.
const Longest = 300

// Read takes an address apart. It is false for what is no web address: other
// schemes run, open or send something.
func Read(s string) (Address, bool) {
	s = strings.TrimSpace(s)
	low := strings.ToLower(s[:min(len(s), 8)])
	if strings.HasPrefix(low, "www.") {
		s = "http://" + s
	} else if !strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") {
		return Address{}, false
	}
	s = Unwrap(s)
	scheme, rest, _ := strings.Cut(s, "://")
	a := Address{URL: strings.ToLower(scheme) + "://"}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, path := rest[:end], rest[end:]
	if strings.Contains(authority, "\\") { // a slash for some programs, for others none
		return Address{Doubt: Broken}, true
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		pretended := authority[:at]
		authority = authority[at+1:]
		a.Doubt, a.As = Posing, hostish(pretended)
	}
	name, port, ok := split(authority)
	if !ok {
		return Address{Doubt: Broken}, true
	}
	a.Host = name
	if ip, ok := number(name); ok {
		a.Host = ip
		if a.Doubt == Clear {
			a.Doubt = Bare
		}
	} else if !a.name(name) {
		return Address{Doubt: Broken}, true
	}
	shown := a.Host
	if strings.Contains(shown, ":") {
		shown = "[" + shown + "]"
	}
	if port != "" && (a.URL != "https://" || port != "443") && (a.URL != "http://" || port != "80") {
		shown += ":" + port
	}
	a.URL += shown + visible(path)
	if len(a.URL) > Longest {
		a.URL = a.URL[:strings.Index(a.URL, "://")+3] + shown + "/…"
	}
	return a, true
}

// split divides host and port.
func split(authority string) (host, port string, ok bool) {
	host = authority
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.HasSuffix(authority, "]") {
		host, port = authority[:i], authority[i+1:]
		if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
			return "", "", false
		}
	}
	if strings.Contains(host, "%") { // browsers decode it (WHATWG URL section 3.5)
		plain, err := url.PathUnescape(host)
		if err != nil || strings.ContainsAny(plain, "/?#@:\\%") {
			return "", "", false
		}
		host = plain
	}
	return host, port, host != "" && !strings.ContainsAny(host, " \\<>\"^`{|}")
}

// name gives the host as the network knows it.
func (a *Address) name(host string) bool {
	if !utf8.ValidString(host) {
		return false
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil {
		// An underscore and a hyphen at a wrong place are in use; what is not
		// ASCII and not allowed is none.
		if ascii = strings.ToLower(host); strings.Trim(ascii, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
			return false
		}
	}
	a.Host = strings.TrimSuffix(ascii, ".")
	if strings.Contains("."+a.Host+".", "..") { // a label that is empty, RFC 1034 section 3.1
		return false
	}
	if a.Doubt == Clear && strings.Contains("."+a.Host, ".xn--") {
		a.Doubt = Foreign
	}
	return true
}

// number reads hosts that are numbers, also as browsers accept them: 2130706433,
// 0x7f.1, 0177.0.0.1 (WHATWG URL section 3.5).
func number(host string) (string, bool) {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		ip, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return ip.String(), err == nil
	}
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(parts) > 4 {
		return "", false
	}
	var ip uint64
	for i, p := range parts {
		n, err := strconv.ParseUint(strings.ToLower(p), 0, 32)
		if err != nil || strings.Contains(p, "_") || strings.HasPrefix(strings.ToLower(p), "0b") || strings.HasPrefix(strings.ToLower(p), "0o") {
			return "", false
		}
		if i < len(parts)-1 {
			if n > 255 {
				return "", false
			}
			ip |= n << (24 - 8*i)
		} else {
			ip |= n
		}
	}
	return netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}).String(), true
}

// visible is what follows the host, where everything that could be taken for
// something else is percent-encoded.
func visible(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); {
		r, size := utf8.DecodeRuneInString(path[i:])
		switch {
		case r > ' ' && r < 0x7F && !strings.ContainsRune("<>\"\\^`{|}", r), unicode.IsLetter(r) && size > 1 && r != utf8.RuneError:
			b.WriteString(path[i : i+size])
		default:
			for _, c := range []byte(path[i : i+size]) {
				b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:]))
			}
		}
		i += size
	}
	return b.String()
}

// hostish is the host that somebody is to believe in, "" when there is none.
func hostish(s string) string {
	s = strings.ToLower(s)
	if i := strings.Index(s, "://"); i >= 0 {
		s = s[i+3:]
	}
	if i := strings.IndexAny(s, "/?#:@%"); i >= 0 {
		s = s[:i]
	}
	if !strings.Contains(s, ".") || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || strings.ContainsAny(s, " ()<>,;\"") {
		return ""
	}
	return s
}
