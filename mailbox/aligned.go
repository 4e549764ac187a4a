package mailbox

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// domainOf is what stands behind the last @ of an address, or all of it.
func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// asciiDomain is a domain as the DNS knows it, lower case; "" when it cannot be
// one. A lookalike in another script comes out as the xn-- name that it is.
func asciiDomain(s string) string {
	if len(s) > 253 {
		return ""
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(s)
			if err != nil {
				return ""
			}
			return strings.ToLower(ascii)
		}
	}
	if s == "" || strings.Contains(s, "..") || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || strings.ContainsAny(s, " \t@/:;,()<>[]\\\"") {
		return ""
	}
	return strings.ToLower(s)
}

func sameDomain(a, b string) bool {
	a, b = asciiDomain(a), asciiDomain(b)
	return a != "" && a == b
}

// aligned says whether a signature of one domain speaks for From of another: the
// same, a domain above or a domain below, within one organization (relaxed
// alignment of RFC 7489 section 3.1.1). Cousins, which DMARC lets speak for each
// other too, do not: two schools of one district are two senders.
func aligned(signer, from string) bool {
	signer, from = asciiDomain(signer), asciiDomain(from)
	if signer == "" || from == "" {
		return false
	}
	if signer == from {
		return true
	}
	if !strings.HasSuffix(from, "."+signer) && !strings.HasSuffix(signer, "."+from) {
		return false
	}
	// Neither may be a suffix under which anybody can register a name.
	a, err := publicsuffix.EffectiveTLDPlusOne(signer)
	if err != nil {
		return false
	}
	b, err := publicsuffix.EffectiveTLDPlusOne(from)
	return err == nil && a == b
}
