package digest

import "askfirst/store"

// longestNamed is how much is shown of a name as somebody wrote it. An address
// is shown whole: a shortened one cannot be compared.
func longestNamed(kind string) int {
	if kind == store.KindKnownAddress {
		return 254 // RFC 5321 section 4.5.3.1.3
	}
	return 40
}
