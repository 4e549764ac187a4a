package mailbox

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

// Trial is a message that shows what mail servers do to mail on its way to us:
// which fields they write, and which forged ones they leave in.
type Trial struct {
	Exchange store.Exchange
	From     string // address, in From
	To       string
	Nonce    string // in subject and Message-ID
	BookID   string
	Date     time.Time
	Forged   []string // authserv-ids in whose name Authentication-Results are forged
	Internal bool     // forge Exchange's field for mail from inside, too
	Body     string
}

// internalField is what Exchange writes on mail from inside, and removes from
// mail that comes from outside (its header firewall).
const internalField = "X-MS-Exchange-Organization-AuthAs"

// MessageID is the trial's.
func (t Trial) MessageID() string {
	_, domain, _ := strings.Cut(t.Exchange.Address, "@")
	return "<" + t.Nonce + ".trial@" + domain + ">"
}

// forgedMark is in every field that we forge: the one that came back is known.
func (t Trial) forgedMark() string { return "forged." + t.Nonce + ".invalid" }

// Bytes is the message. Its loop field keeps a daemon from taking it for an ask.
func (t Trial) Bytes() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	for _, id := range t.Forged {
		line("Authentication-Results: %s;\r\n\tdmarc=pass header.from=%s;\r\n\tdkim=pass header.d=%s", token(id), t.forgedMark(), t.forgedMark())
	}
	if t.Internal {
		line(internalField + ": Internal")
	}
	line("Date: %s", t.Date.UTC().Format(time.RFC1123Z))
	line("Message-ID: %s", t.MessageID())
	line("From: %s", mailbox(exchangeName(t.Exchange.Name), t.From))
	line("To: <%s>", t.To)
	line("Subject: Askfirst test %s", t.Nonce)
	line("Auto-Submitted: auto-generated")
	line("X-Auto-Response-Suppress: All")
	line("%s: %s", loopField, token(t.BookID))
	line("MIME-Version: 1.0")
	line("Content-Type: text/plain; charset=us-ascii")
	line("")
	line("%s", t.Body)
	return b.Bytes()
}

// Traced is what a trial looked like when it had arrived.
type Traced struct {
	Results   []TracedResult // Authentication-Results that servers wrote, from the top
	Received  int            // how many Received fields it has
	Forged    []TracedResult // our forged ones that came through
	Internal  int            // Received fields above X-MS-Exchange-Organization-AuthAs: Internal; -1: it is not there
	From      string
	MessageID string
}

// TracedResult is one Authentication-Results field (RFC 8601 section 2.2).
type TracedResult struct {
	ServerID string   // in lower case
	Above    int      // Received fields above it
	Verdicts []string // "dmarc=pass", as they stand
}

// Trace reads a trial that has arrived.
func (t Trial) Trace(raw []byte) Traced {
	m := parse.Read(headOf(raw), parse.Standard())
	from, _ := sender(m)
	traced := Traced{From: from, MessageID: m.MessageID, Internal: -1}
	for _, f := range m.Header {
		switch {
		case strings.EqualFold(f.Name, "Received"):
			traced.Received++
		case strings.EqualFold(f.Name, internalField):
			if traced.Internal < 0 && strings.EqualFold(strings.TrimSpace(f.Value), "Internal") {
				traced.Internal = traced.Received
			}
		case strings.EqualFold(f.Name, "Authentication-Results"):
			r := TracedResult{Above: traced.Received}
			r.ServerID, r.Verdicts = resultsOf(f.Value)
			if strings.Contains(f.Value, t.forgedMark()) {
				traced.Forged = append(traced.Forged, r)
			} else {
				traced.Results = append(traced.Results, r)
			}
		}
	}
	return traced
}

// headOf is a message's header, with the blank line.
func headOf(raw []byte) []byte {
	if i := bytes.Index(raw, []byte("\r\n\r\n")); i >= 0 {
		return raw[:i+4]
	}
	return raw
}

// resultsOf reads a field for people to look at: nothing is believed because of
// it. Comments are left out, quoted strings are not understood.
func resultsOf(value string) (serverID string, verdicts []string) {
	var b strings.Builder
	depth := 0
	for _, r := range value {
		switch {
		case r == '(':
			depth++
		case r == ')' && depth > 0:
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	parts := strings.Split(b.String(), ";")
	if fields := strings.Fields(parts[0]); len(fields) > 0 {
		serverID = strings.ToLower(fields[0])
	}
	for _, part := range parts[1:] {
		for field := range strings.FieldsSeq(part) {
			method, result, ok := strings.Cut(strings.ToLower(field), "=")
			if ok && slices.Contains([]string{"dmarc", "dkim", "spf", "arc", "auth", "compauth"}, method) && len(verdicts) < 8 {
				verdicts = append(verdicts, method+"="+head(result, 20))
			}
		}
	}
	return serverID, verdicts
}
