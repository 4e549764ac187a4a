package link

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// looksLike says whether a host is made to be taken for one that readers know:
// written with letters that look alike (Unicode TR 39), with that one's name
// before another's ("school.example.login.test"), or with hyphens for its dots.
func looksLike(host, own string) bool {
	host, own = strings.TrimPrefix(host, "www."), strings.TrimPrefix(own, "www.")
	if own == "" || host == own || strings.HasSuffix(host, "."+own) || strings.HasSuffix(own, "."+host) {
		return false
	}
	shown, err := idna.ToUnicode(host)
	if err != nil {
		shown = host
	}
	bones, known := skeleton(shown), skeleton(own)
	if bones == known || strings.HasSuffix(bones, "."+known) {
		return true
	}
	if strings.Contains("."+bones, "."+known+".") {
		return true
	}
	hyphened := strings.ReplaceAll(known, ".", "-")
	for label := range strings.SplitSeq(bones, ".") {
		if label == hyphened || strings.HasPrefix(label, hyphened+"-") || strings.HasSuffix(label, "-"+hyphened) {
			return true
		}
	}
	return false
}

// skeleton is what remains of a name when everything that looks alike is
// written alike.
func skeleton(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		b.WriteRune(r)
	}
	return pairs.Replace(twins.Replace(b.String()))
}

// pairs are two letters that look like one.
var pairs = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d", "nn", "m")

// twins writes letters as the ones that a reader takes them for; a selection of
// the confusables of Unicode TR 39 with the digits people use.
var twins = strings.NewReplacer(
	"0", "o", "1", "l", "i", "l", "ı", "l", "|", "l", "3", "e", "5", "s", "а", "a", "в", "b", "с", "c", "ԁ", "d", "е", "e",
	"һ", "h", "і", "l", "ј", "j", "к", "k", "ӏ", "l", "м", "m", "н", "h", "о", "o", "р", "p", "ԛ", "q", "ѕ", "s", "т", "t",
	"у", "y", "ԝ", "w", "х", "x", "ѵ", "v", "г", "r", "п", "n", "ց", "g", "օ", "o", "ո", "n", "ս", "u", "հ", "h", "α", "a",
	"ε", "e", "ι", "l", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "χ", "x", "γ", "y", "η", "n", "ω", "w",
	"β", "b", "ɑ", "a", "ɡ", "g", "ɩ", "l", "ɴ", "n", "ʏ", "y", "ø", "o", "đ", "d", "ł", "l", "ħ", "h", "ŧ", "t", "ß", "b",
	"þ", "p", "œ", "o", "æ", "a", "ᴏ", "o", "ѡ", "w",
)
