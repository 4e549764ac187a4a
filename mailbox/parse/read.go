package parse

import (
	"bytes"
	"net/mail"
	"strings"
	"time"
)

// Read reads a message. It never returns nil, never fails and never panics:
// what cannot be understood is left out and named in Message.Problems.
func Read(raw []byte, limits Limits) *Message {
	r := &reader{limits: limits.orStandard(), message: &Message{}}
	if len(raw) > r.limits.Bytes {
		raw = raw[:r.limits.Bytes]
		r.problem("the message is longer than the limit; only its beginning was read")
	}
	raw = normalizeLines(raw)
	root := r.part(raw, "text/plain", 0)
	r.message.Header = root.header
	r.message.Ambiguous = plain(raw, root.header, r.limits)
	r.envelope(root.header)
	r.bodies(root)
	r.reports(root)
	return r.message
}

// orStandard fills limits that were left zero.
func (l Limits) orStandard() Limits {
	s := Standard()
	for _, f := range []struct{ have, want *int }{
		{&l.Bytes, &s.Bytes}, {&l.Depth, &s.Depth}, {&l.Parts, &s.Parts},
		{&l.HeaderLines, &s.HeaderLines}, {&l.HeaderBytes, &s.HeaderBytes}, {&l.Addresses, &s.Addresses},
	} {
		if *f.have <= 0 {
			*f.have = *f.want
		}
	}
	return l
}

// reader is the state of reading one message.
type reader struct {
	limits    Limits
	message   *Message
	parts     int
	addresses int
	html      int // bytes of HTML converted so far while joining parts
	texts     int // bytes of text read so far
	cids      []cid
}

// problem notes something odd, once.
func (r *reader) problem(text string) {
	for _, p := range r.message.Problems {
		if p == text {
			return
		}
	}
	r.message.Problems = append(r.message.Problems, text)
}

// normalizeLines turns CRLF, CRCRLF and, in a message that knows no LF, bare
// CR into LF. Everything after it looks for LF only.
func normalizeLines(b []byte) []byte {
	if bytes.IndexByte(b, '\r') < 0 {
		return b
	}
	bareCR := bytes.IndexByte(b, '\n') < 0
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\r')
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, b[:i]...)
		b = b[i:]
		n := 0
		for n < len(b) && b[n] == '\r' {
			n++
		}
		switch {
		case n < len(b) && b[n] == '\n': // the LF follows by itself
		case bareCR:
			for range n {
				out = append(out, '\n')
			}
		default:
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return out
}

// envelope fills the fields that come from the message's own header.
func (r *reader) envelope(h Header) {
	m := r.message
	m.From = r.list(h, "From")
	m.Sender = r.list(h, "Sender")
	m.ReplyTo = r.list(h, "Reply-To")
	m.To = r.list(h, "To")
	m.Cc = r.list(h, "Cc")
	m.Subject = oneLine(decodeWords(h.Get("Subject")))
	m.MessageID = firstID(h.Get("Message-ID"))
	m.InReplyTo = ids(h.All("In-Reply-To"))
	m.References = ids(h.All("References"))
	m.Date = date(h.Get("Date"))
}

// list is every mailbox in every field of that name.
func (r *reader) list(h Header, name string) []Address {
	var all []Address
	for _, value := range h.All(name) {
		left := r.limits.Addresses - r.addresses
		found, more := addresses(value, left)
		if more {
			r.problem("more addresses than the limit; the rest were not read")
		}
		r.addresses += len(found)
		all = append(all, found...)
	}
	return all
}

// ids are the message identifiers in some fields (RFC 5322 section 3.6.4),
// also those that lost their angle brackets.
func ids(values []string) []string {
	const most = 500
	var out []string
	for _, v := range values {
		rest := v
		for {
			i := strings.IndexByte(rest, '<')
			if i < 0 {
				break
			}
			j := strings.IndexByte(rest[i:], '>')
			if j < 0 {
				break
			}
			if id := bracketed(rest[i+1 : i+j]); id != "" {
				out = append(out, id)
			}
			rest = rest[i+j+1:]
		}
		if strings.IndexByte(v, '<') < 0 {
			for _, w := range strings.Fields(v) {
				if strings.Contains(w, "@") {
					out = append(out, bracketed(w))
				}
			}
		}
	}
	if len(out) > most { // the nearest ancestors stand last
		out = out[len(out)-most:]
	}
	return out
}

// bracketed is an identifier in its brackets, "" for an empty one.
func bracketed(id string) string {
	if i := strings.LastIndexByte(id, '<'); i >= 0 {
		id = id[i+1:]
	}
	id = strings.Join(strings.Fields(id), "")
	if id == "" || len(id) > 2000 {
		return ""
	}
	return "<" + id + ">"
}

func firstID(value string) string {
	if found := ids([]string{value}); len(found) > 0 {
		return found[0]
	}
	if w := strings.Fields(value); len(w) == 1 { // no @ and no brackets, but an identifier
		return bracketed(strings.Trim(w[0], "<>"))
	}
	return ""
}

// date reads a Date field; zero when it cannot be read.
func date(value string) time.Time {
	if len(value) > 200 {
		return time.Time{}
	}
	value = strings.Join(strings.Fields(value), " ")
	if t, err := mail.ParseDate(value); err == nil {
		return t
	}
	for _, layout := range []string{
		time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", time.ANSIC, time.UnixDate,
		"Mon, 2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05", "Mon, 2 January 2006 15:04:05 -0700",
		"Mon, 2 Jan 06 15:04:05 -0700", "Mon Jan 2 15:04:05 2006 -0700",
	} {
		if t, err := time.Parse(layout, value); err == nil {
			return t
		}
	}
	if i := strings.LastIndexByte(value, ' '); i > 0 { // an unknown zone name at the end
		if t, err := mail.ParseDate(value[:i] + " +0000"); err == nil {
			return t
		}
	}
	return time.Time{}
}

// oneLine folds white space and drops control characters.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(c rune) bool {
		return c <= ' ' || c == 0x7f || c == '\u0085' || c == '\u2028' || c == '\u2029'
	}), " ")
}
