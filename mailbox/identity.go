package mailbox

import (
	"fmt"
	"mime"
	"net/mail"
	"slices"
	"strings"

	"askfirst/mailbox/authres"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// Who may speak. Everybody can write any From, so it counts only if somebody
// whom the administrator trusts vouches for it (senders.verify):
//
//   - none: everything that the mailbox accepted comes from its From.
//   - confirm: nobody vouches; whoever has an address is asked there.
//   - authentication-results: our own mail server checked DMARC or DKIM.
//   - microsoft365: Exchange saw the sender log in.
//   - dkim: we verified a signature of the sender's domain ourselves.
//
// Believed needs a proof that is complete; failed needs a server of ours that
// says so. Whatever is broken, missing, doubled or contradictory in between is
// unproven: nobody's words are lost by it, and nothing is done because of it.

// The ways of senders.verify.
const (
	VerifyNone         = "none"
	VerifyConfirm      = "confirm"
	VerifyAuthRes      = "authentication-results"
	VerifyMicrosoft365 = "microsoft365"
	VerifyDKIM         = "dkim"
)

// Identify says whether a message is believed to come from the address in its
// From, and why: a pure function. For dkim, see Signers.
func Identify(m *parse.Message, policy Policy) (auth store.Auth, why string) {
	from, _ := sender(m)
	if from == "" {
		return store.Unproven, "From does not name exactly one mailbox"
	}
	switch policy.Verify {
	case VerifyNone:
		return store.Believed, "senders.verify is none, which believes everybody"
	case VerifyConfirm:
		return store.Unproven, "senders.verify is confirm, which asks everybody"
	}
	if why := unclear(m, from); why != "" {
		return store.Unproven, why
	}
	domain := domainOf(from)
	switch policy.Verify {
	case VerifyAuthRes:
		return byResults(m, domain, policy)
	case VerifyMicrosoft365:
		return byExchange(m)
	case VerifyDKIM:
		if len(m.Signers) > 0 {
			return store.Believed, "a signature of " + m.Signers[0] + " holds"
		}
		if m.SignersWhy != "" {
			return store.Unproven, m.SignersWhy
		}
		return store.Unproven, "no signature was verified"
	}
	return store.Unproven, "senders.verify is nothing that we know"
}

// tellIdentity tells why the writer is believed or not.
func (u *understanding) tellIdentity(policy Policy, why string) {
	if policy.Verify == VerifyNone && u.event.Auth == store.Believed {
		u.detail("the sender is believed: %s", why)
		return
	}
	verdict := map[store.Auth]string{store.Believed: "is believed", store.Failed: "failed the check"}[u.event.Auth]
	if verdict == "" {
		verdict = "is unproven"
	}
	u.tell("the sender %s: %s", verdict, head(why, 300))
}

// unclear is why two readers could disagree about who wrote the message, so that
// nobody's word about it counts; "" when they cannot.
func unclear(m *parse.Message, from string) string {
	if m.Ambiguous != "" {
		return m.Ambiguous
	}
	// RFC 5322 section 3.6 allows these once. A signature may cover one of two
	// and leave the other to whoever wants to add it (RFC 6376 section 8.15).
	for _, name := range []string{"From", "Subject", "To", "Cc", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"} {
		if n := len(m.Header.All(name)); n > 1 {
			return fmt.Sprintf("the header has %d fields %s, and one is allowed", n, name)
		}
	}
	if value := m.Header.Get("From"); !oneMailbox(value, from) {
		return "From is not written as a single mailbox should be"
	}
	return ""
}

// oneMailbox says whether a From field, which is no group, holds that address and
// nothing else, read strictly (RFC 5322 section 3.4).
func oneMailbox(value, address string) bool {
	const longest = 2000
	if len(value) > longest {
		return false
	}
	parser := mail.AddressParser{WordDecoder: new(mime.WordDecoder)}
	a, err := parser.Parse(hideWords(value))
	return err == nil && strings.EqualFold(a.Address, address)
}

// hideWords takes the marks of encoded words away: they belong to the name, and
// their character set is none of the parser's business.
func hideWords(value string) string { return strings.ReplaceAll(value, "=?", "= ?") }

// isGroup says whether an address list holds a group (RFC 5322 section 3.4), be
// it a group of one, which RFC 6854 allows in From.
func isGroup(value string) bool {
	depth, quoted, angle, colon := 0, false, false, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '\\' && (quoted || depth > 0):
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth > 0:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case angle:
		case c == ':':
			colon = true
		case c == ';' && colon:
			return true
		}
	}
	return false
}

// byExchange believes what Exchange itself saw log in. The header firewall of
// Exchange takes every X-MS-Exchange-Organization field out of mail from
// outside, wherever it stands, so that the place of the field says nothing; in
// real mail it is far below the Received fields. The provider's verdict about
// mail from outside (Authentication-Results without a name) is protected by no
// such firewall, and nobody promises that it is always written above a forged
// one, so that it proves nothing to us.
func byExchange(m *parse.Message) (store.Auth, string) {
	const field = "X-MS-Exchange-Organization-AuthAs"
	values := m.Header.All(field)
	switch {
	case len(values) == 0:
		return store.Unproven, "Exchange did not say how the sender logged in"
	case len(values) > 1:
		return store.Unproven, fmt.Sprintf("there are %d fields %s, and Exchange writes one", len(values), field)
	case strings.EqualFold(strings.TrimSpace(values[0]), "Internal"):
		return store.Believed, "Exchange says that the sender logged in"
	}
	return store.Unproven, "Exchange says that the sender did not log in"
}

// byResults believes what a server of ours found out about the From domain.
func byResults(m *parse.Message, domain string, policy Policy) (store.Auth, string) {
	results, why := trusted(m.Header, policy)
	if why != "" {
		return store.Unproven, why
	}
	var dmarc []authres.Result
	for _, r := range results {
		if r.Method == "dmarc" {
			dmarc = append(dmarc, r)
		}
	}
	if len(dmarc) > 1 {
		return store.Unproven, fmt.Sprintf("there are %d results of DMARC, and one is expected", len(dmarc))
	}
	if len(dmarc) == 1 {
		if auth, why, ok := byDMARC(dmarc[0], domain); ok {
			return auth, why
		}
	}
	for _, r := range results {
		if signer := signer(r); r.Method == "dkim" && r.Value == "pass" && aligned(signer, domain) {
			return store.Believed, "our mail server found that a signature of " + signer + " holds"
		}
	}
	if len(dmarc) == 1 {
		return store.Unproven, "our mail server says dmarc=" + head(dmarc[0].Value, 30) + ", and no signature of the sender's domain holds"
	}
	return store.Unproven, "our mail server says nothing about DMARC, and no signature of the sender's domain holds"
}

// byDMARC is what a verdict of DMARC means for the From domain; ok is false when
// it decides nothing, so that signatures may. Only pass and fail are verdicts:
// none, temperror, permerror and whatever else a server may write are not.
func byDMARC(r authres.Result, domain string) (auth store.Auth, why string, ok bool) {
	about, once := r.Get("header", "from")
	if r.Has("header", "from") && !(once && sameDomain(domainOf(about), domain)) {
		return store.Unproven, "the verdict of DMARC is about another domain than From's", true
	}
	switch {
	case r.Value == "pass" && once:
		return store.Believed, "our mail server says dmarc=pass for " + domain, true
	case r.Value == "fail":
		return store.Failed, "our mail server says dmarc=fail for " + domain, true
	}
	return "", "", false
}

// signer is the domain that a result of DKIM is about (RFC 8601 section 2.7.1):
// header.d, or the domain of header.i where a server writes only that. "" when
// it is said twice.
func signer(r authres.Result) string {
	if r.Has("header", "d") {
		d, _ := r.Get("header", "d")
		return d
	}
	i, _ := r.Get("header", "i")
	return domainOf(i)
}

// trusted is every result that a server of ours wrote. Fields below the Received
// of our outermost server came with the message and may be forged; so may those
// of other names. A message without any Received never crossed a server: only who
// can write into the mailbox put it there. why is set when the results cannot be
// relied on at all.
func trusted(h parse.Header, policy Policy) (results []authres.Result, why string) {
	received, ours, others := 0, 0, 0
	for _, f := range h {
		if strings.EqualFold(f.Name, "Received") {
			if received++; received > policy.Hops {
				break
			}
		}
		if !strings.EqualFold(f.Name, "Authentication-Results") {
			continue
		}
		field, err := authres.Parse(f.Value)
		named := slices.ContainsFunc(policy.AuthservIDs, func(id string) bool { return strings.EqualFold(id, field.ID) })
		switch {
		case err != nil && (named || field.ID == ""):
			return nil, "what our mail server found out cannot be read: " + err.Error()
		case named:
			ours++
			results = append(results, field.Results...)
		default:
			others++
		}
	}
	switch {
	case received <= policy.Hops && policy.Hops > 0:
		// Otherwise whoever reaches an inner server directly could write the
		// fields of the outer one.
		return nil, fmt.Sprintf("the message has %d fields Received, so that it did not pass all %d servers of ours", received, policy.Hops+1)
	case ours == 0 && others > 0:
		return nil, "only servers that senders.authserv_ids does not name say something about the sender"
	case ours == 0:
		return nil, "our mail server says nothing about the sender"
	}
	return results, ""
}
