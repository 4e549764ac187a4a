package store

import "strings"

// Hard says whether a report speaks against the address it names: the letter
// was refused for good because nobody is there to read it. Other refusals are
// as permanent by their code (RFC 3463 section 3) and say nothing against the
// address: a full mailbox, a letter that is too large, a policy or a sender's
// address that displeased, a network, a dialogue that went wrong. A code that
// names nothing but its class counts with those: what a provider answers to a
// whole school on one bad morning must not silence the school. A delay, or a
// report without a code, says nothing for sure.
func (b Bounce) Hard() bool {
	switch strings.ToLower(b.Action) {
	case "failed", "":
	default: // delayed, delivered, relayed, expanded (RFC 3464 section 2.3.3)
		return false
	}
	class, rest, _ := strings.Cut(b.Status, ".")
	subject, detail, ok := strings.Cut(rest, ".")
	if !ok || class != "5" {
		return false
	}
	switch subject {
	case "1": // the address; 5 is a valid one, 7 to 9 are the sender's
		return detail != "5" && detail != "7" && detail != "8" && detail != "9"
	case "2": // the mailbox: disabled, but not full and not too small
		return detail != "2" && detail != "3"
	case "4": // the network: only where the domain itself takes no mail
		return detail == "1" || detail == "4"
	}
	return false
}
