package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/parse"
)

// The plus tag of our Reply-To comes back in the fields that say to whom a
// message went: in those that its writer's program wrote, and in those that mail
// servers on the way wrote down for the recipient. None of them has to be true;
// the token proves itself, and proves nothing but which letter it is of.

// tokenFields are read beside To and Cc.
var tokenFields = [...]string{"Delivered-To", "X-Original-To", "X-Forwarded-To", "Envelope-To"}

// mostTokens is how many different ones of a message are looked up.
const mostTokens = 4

// tokenLetters is how long a token is: 20 octets in base32 (RFC 4648 section 6).
const tokenLetters = 32

// tokensOf is what may be tokens of ours among the addresses that the message
// went to, in lower case, each once.
func tokensOf(m *parse.Message) []string {
	var found []string
	add := func(address string) {
		local, _, _ := strings.Cut(address, "@")
		_, tag, tagged := strings.Cut(local, "+")
		tag = strings.ToLower(tag)
		if tagged && len(tag) == tokenLetters && base32Alphabet(tag) && len(found) < mostTokens && !slices.Contains(found, tag) {
			found = append(found, tag)
		}
	}
	for _, list := range [...][]parse.Address{m.To, m.Cc} {
		for _, a := range list {
			add(a.Email)
		}
	}
	for _, name := range tokenFields {
		for _, value := range m.Header.All(name) {
			for address := range strings.FieldsFuncSeq(head(value, 2000), func(r rune) bool { return strings.ContainsRune(" \t\r\n<>,;\"()", r) }) {
				if strings.Contains(address, "@") {
					add(address)
				}
			}
		}
	}
	return found
}

// base32Alphabet says whether only letters of base32 occur, in lower case.
func base32Alphabet(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// TaggedReply is the address as it stands in Reply-To, named as From is: a mail
// program shows whoever answers the name and not the tag.
func TaggedReply(exchange, address string) (name, email string) {
	return exchangeName(exchange), address
}
