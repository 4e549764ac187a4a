package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"askfirst/mailbox/parse"
)

// LookupTXT finds the TXT records of a name, each joined from its strings.
type LookupTXT func(ctx context.Context, name string) ([]string, error)

// What is spent on the signatures of one message.
const (
	mostSignatures = 5
	lookupTime     = 5 * time.Second
	longestKey     = 4096 // octets of a TXT record: an RSA key of 16,384 bits has fewer
	longestHeader  = 256 << 10
)

// Signers verifies the DKIM signatures of a message (RFC 6376) that could speak
// for its From and says which domains' hold, or why none does. It asks the DNS,
// so it is called outside of any transaction. Whatever goes wrong, a DNS that
// does not answer included, is no proof, and never a proof of the contrary: a
// mailing list breaks signatures and means no harm.
//
// Only signatures of domains near the From domain are looked at. The DNS is
// asked for nobody else's sake, and a stranger's signature costs nothing.
func Signers(ctx context.Context, m *parse.Message, raw []byte, now time.Time, lookup LookupTXT) (domains []string, why string) {
	from, _ := sender(m)
	if from == "" {
		return nil, "From does not name exactly one mailbox"
	}
	if why := unclear(m, from); why != "" {
		return nil, why
	}
	fields, body, ok := split(raw)
	if !ok {
		return nil, "the header cannot be taken apart"
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	why, tried := "the message has no signature of the sender's domain", 0
	for i, f := range fields {
		if !isSignature(f) {
			continue
		}
		domain := signedBy(f)
		if !aligned(domain, domainOf(from)) {
			continue
		}
		if tried++; tried > mostSignatures {
			break
		}
		if err := verifyOne(ctx, fields, i, body, m, now, lookup); err != nil {
			why = fmt.Sprintf("a signature of %s proves nothing: %v", head(domain, 100), err)
			continue
		}
		domains = append(domains, asciiDomain(domain))
	}
	if len(domains) > 0 {
		return domains, ""
	}
	return nil, why
}

// split takes a message apart into its header fields, folded as they are, and
// its body, all with CRLF: a file or a mailbox may keep LF alone.
func split(raw []byte) (fields [][]byte, body []byte, ok bool) {
	raw = crlf(raw)
	if line, rest, found := bytes.Cut(raw, []byte("\r\n")); found && (bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))) {
		raw = rest // the separator of an mbox file
	}
	for at := 0; len(raw) > 0; {
		line, rest, found := bytes.Cut(raw, []byte("\r\n"))
		if !found {
			return nil, nil, false
		}
		if len(line) == 0 {
			return fields, rest, len(fields) > 0
		}
		if at += len(line); at > longestHeader {
			return nil, nil, false
		}
		raw = rest
		line = append(bytes.Clone(line), '\r', '\n')
		if line[0] != ' ' && line[0] != '\t' {
			fields = append(fields, line)
			continue
		}
		if len(fields) == 0 {
			return nil, nil, false
		}
		fields[len(fields)-1] = append(fields[len(fields)-1], line...)
	}
	return fields, nil, false // without an empty line there is no body to sign
}

// crlf gives every LF its CR. Other CRs stay where they are.
func crlf(b []byte) []byte {
	if bytes.Count(b, []byte("\n")) == bytes.Count(b, []byte("\r\n")) {
		return b
	}
	return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}

func isSignature(field []byte) bool {
	name, _, _ := bytes.Cut(field, []byte(":"))
	return bytes.EqualFold(bytes.TrimSpace(name), []byte("DKIM-Signature"))
}

// tags are the tags of a signature or key (RFC 6376 section 3.2), without the
// blanks in their values. Doubled ones are the verifier's business.
func tags(value string) map[string]string {
	found := map[string]string{}
	for part := range strings.SplitSeq(value, ";") {
		if name, v, ok := strings.Cut(part, "="); ok {
			found[strings.TrimSpace(name)] = strings.Join(strings.Fields(v), "")
		}
	}
	return found
}

func signatureTags(field []byte) map[string]string {
	_, value, _ := bytes.Cut(field, []byte(":"))
	return tags(string(value))
}

func signedBy(field []byte) string { return signatureTags(field)["d"] }

// verifyOne verifies one signature; nil: it holds and covers what it must. The
// other signatures are taken out of the message, so that the verifier works on
// one and starts nothing of its own.
func verifyOne(ctx context.Context, fields [][]byte, which int, body []byte, m *parse.Message, now time.Time, lookup LookupTXT) error {
	var b bytes.Buffer
	for i, f := range fields {
		if i == which || !isSignature(f) {
			b.Write(f)
		}
	}
	b.WriteString("\r\n")
	b.Write(body)
	signature := signatureTags(fields[which])
	found, err := dkim.VerifyWithOptions(&b, &dkim.VerifyOptions{MaxVerifications: 1, LookupTXT: func(name string) ([]string, error) {
		return key(ctx, name, signature, lookup)
	}})
	switch {
	case err != nil:
		return err
	case len(found) != 1:
		return errors.New("it cannot be read")
	case found[0].Err != nil:
		return found[0].Err
	case !strings.EqualFold(found[0].Domain, signature["d"]):
		return errors.New("two domains are read in it")
	case !found[0].Expiration.IsZero() && now.After(found[0].Expiration):
		return errors.New("it has expired")
	}
	for _, name := range []string{"From", "Subject"} {
		if m.Header.Has(name) && !covers(found[0].HeaderKeys, name) {
			return fmt.Errorf("it leaves %s to whoever wants to change it", name)
		}
	}
	return nil
}

func covers(signed []string, name string) bool {
	for _, s := range signed {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

// key finds the key of a signature and refuses those that prove nothing.
func key(ctx context.Context, name string, signature map[string]string, lookup LookupTXT) ([]string, error) {
	if len(name) > 253 || lookup == nil {
		return nil, errors.New("no name of a key")
	}
	records, err := lookup(ctx, name)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if len(r) > longestKey {
			return nil, errors.New("the key is too long")
		}
		// RFC 6376 section 3.6.1: y, the domain is only testing; s, the identity
		// must be of the domain itself and not of one below it.
		for flag := range strings.SplitSeq(tags(r)["t"], ":") {
			switch {
			case flag == "y":
				return nil, errors.New("the domain says that it is only testing")
			case flag == "s" && signature["i"] != "" && !strings.EqualFold(domainOf(signature["i"]), signature["d"]):
				return nil, errors.New("the key is not for domains below its own")
			}
		}
	}
	return records, nil
}
