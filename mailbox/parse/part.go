package parse

import (
	"bytes"
	"strings"
)

// part is one MIME entity (RFC 2045 section 2.4) with its place in the tree.
type part struct {
	header      Header
	kind        string // media type, lower case
	params      map[string]string
	disposition string // lower case; "" when absent
	filename    string
	encoding    string // content transfer encoding, lower case
	body        []byte // as it stands in the message
	children    []*part
	boundless   bool // a multipart in which no part was found
}

// part reads one entity. Children are looked for inside its own slice only,
// so that no child outlives its parent's boundary and the cost is depth·bytes.
func (r *reader) part(b []byte, kind string, depth int) *part {
	r.parts++
	p := &part{}
	p.header, p.body = r.headerBlock(b)
	p.describe(kind)
	switch {
	case strings.HasPrefix(p.kind, "multipart/"):
		r.multipart(p, depth)
	case p.kind == "message/rfc822" || p.kind == "message/global" || p.firstFragment():
		if depth >= r.limits.Depth {
			r.problem("parts are nested deeper than the limit; the inner ones were not read")
			break
		}
		if r.parts < r.limits.Parts {
			p.children = []*part{r.part(p.enclosed(), "text/plain", depth+1)}
		}
	}
	return p
}

// firstFragment says whether a part is the first piece of a message cut in
// pieces (RFC 2046 section 5.2.2), which begins with that message's header.
func (p *part) firstFragment() bool {
	if p.kind != "message/partial" || p.params["number"] != "1" {
		return false
	}
	p.kind = "message/rfc822"
	return true
}

// enclosed is the bytes of a message inside a part. RFC 2046 section 5.2.1
// forbids to encode them; it happens all the same.
func (p *part) enclosed() []byte {
	if p.encoding == "base64" || p.encoding == "quoted-printable" {
		return normalizeLines(decodeTransfer(p.body, p.encoding))
	}
	return p.body
}

// describe reads the Content- fields.
func (p *part) describe(fallback string) {
	value := p.header.Get("Content-Type")
	kind, params := parameters(value)
	if !mediaType(kind) {
		if strings.HasPrefix(kind, "text") || kind == "" || fallback != "text/plain" {
			kind = fallback
		} else {
			kind = "text/plain"
		}
	}
	p.kind, p.params = kind, params
	disposition, dparams := parameters(p.header.Get("Content-Disposition"))
	p.disposition = disposition
	p.filename = dparams["filename"]
	if p.filename == "" {
		p.filename = params["name"]
	}
	encoding := p.header.Get("Content-Transfer-Encoding")
	if i := strings.IndexAny(encoding, ";("); i >= 0 {
		encoding = encoding[:i]
	}
	p.encoding = strings.ToLower(strings.Trim(strings.TrimSpace(encoding), `"'`))
}

// mediaType says whether a word is a type and a subtype.
func mediaType(s string) bool {
	top, sub, ok := strings.Cut(s, "/")
	return ok && top != "" && sub != "" && !strings.ContainsAny(s, " \t<>@,\"") && !strings.Contains(sub, "/")
}

// multipart finds the parts of a multipart (RFC 2046 section 5.1).
func (r *reader) multipart(p *part, depth int) {
	if depth >= r.limits.Depth {
		r.problem("parts are nested deeper than the limit; the inner ones were not read")
		return
	}
	body := p.body
	if p.encoding == "base64" || p.encoding == "quoted-printable" {
		// RFC 2045 section 6.4 forbids it; the boundary tells whether it was done.
		if b := p.params["boundary"]; b != "" && !bytes.Contains(body, []byte("--"+b)) {
			body = normalizeLines(decodeTransfer(body, p.encoding))
		}
	}
	boundary := p.params["boundary"]
	if boundary == "" || len(boundary) > 1000 || findBoundary(body, 0, boundary).at < 0 {
		boundary = guessBoundary(body)
	}
	if boundary == "" {
		p.boundless = true
		r.problem("a multipart without parts; it was read as text")
		return
	}
	kind := "text/plain"
	if p.kind == "multipart/digest" {
		kind = "message/rfc822" // RFC 2046 section 5.1.5
	}
	d := findBoundary(body, 0, boundary)
	for d.at >= 0 && !d.last {
		if r.parts >= r.limits.Parts {
			r.problem("more parts than the limit; the rest were not read")
			return
		}
		start := d.end
		d = findBoundary(body, start, boundary)
		end := len(body)
		if d.at >= 0 {
			end = max(start, d.at-1) // the line break before a delimiter belongs to it
		}
		if start < len(body) || d.at >= 0 {
			child := r.part(body[start:end], kind, depth+1)
			if len(child.header) > 0 || len(bytes.TrimSpace(child.body)) > 0 {
				p.children = append(p.children, child)
			}
		}
	}
	p.boundless = len(p.children) == 0
}

// delimiter is a boundary line: where it begins, where the next line begins.
type delimiter struct {
	at, end int
	last    bool
}

// findBoundary looks for a boundary line from an offset that begins a line.
func findBoundary(b []byte, from int, boundary string) delimiter {
	want := []byte("--" + boundary)
	for i := from; i < len(b); {
		j := bytes.Index(b[i:], want)
		if j < 0 {
			break
		}
		at := i + j
		i = at + len(want)
		if at > 0 && b[at-1] != '\n' {
			continue
		}
		end, tail := len(b), b[i:]
		if n := bytes.IndexByte(tail, '\n'); n >= 0 {
			tail, end = tail[:n], i+n+1
		}
		tail = bytes.TrimRight(tail, " \t\r")
		if len(tail) == 0 {
			return delimiter{at: at, end: end}
		}
		if bytes.HasPrefix(tail, []byte("--")) && len(bytes.TrimLeft(tail, "- \t")) == 0 {
			return delimiter{at: at, end: end, last: true}
		}
	}
	return delimiter{at: -1}
}

// guessBoundary takes the boundary from the first line that looks like one and
// is followed by a field.
func guessBoundary(b []byte) string {
	it := lines{rest: b}
	for n := 0; n < 1000; n++ {
		line, ok := it.scan()
		if !ok {
			return ""
		}
		line = bytes.TrimRight(line, " \t")
		if len(line) < 3 || len(line) > 1000 || !bytes.HasPrefix(line, []byte("--")) || bytes.IndexByte(line, ' ') >= 0 {
			continue
		}
		rest := it.rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			rest = rest[:i]
		}
		if name, _, ok := field(rest); ok && len(name) > 8 && strings.EqualFold(name[:8], "content-") {
			return string(line[2:])
		}
	}
	return ""
}
