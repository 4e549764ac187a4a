package parse

import (
	"bytes"
	"path"
	"strings"
)

// segment is a stretch of the message's text in one or both of its forms.
type segment struct{ plain, html string }

func (s segment) empty() bool {
	return strings.TrimSpace(s.plain) == "" && strings.TrimSpace(s.html) == ""
}

// bodies chooses what a person reads and lists the rest as attachments.
func (r *reader) bodies(root *part) {
	m := r.message
	whole := r.join(r.segments(root, scene{top: true}))
	m.Plain, m.HTML = whole.plain, whole.html
	if strings.TrimSpace(m.Plain) == "" {
		m.Plain = ""
	}
	if strings.TrimSpace(m.HTML) == "" {
		m.HTML = ""
	}
	if m.Plain == "" && m.HTML == "" && m.Kind == "" {
		r.enclosedText(root)
	}
	if m.Kind == "" && m.HTML == "" && strings.HasPrefix(strings.TrimSpace(m.Plain), "-----BEGIN PGP MESSAGE-----") {
		m.Kind = "encrypted"
	}
	if m.Kind == "encrypted" && m.Plain+m.HTML != "" && !strings.Contains(m.Plain, "-----BEGIN PGP MESSAGE-----") {
		m.Kind = ""
	}
	r.markInline()
}

// scene is where in the tree a part stands.
type scene struct {
	top     bool
	related bool // beside the text that shows it
	report  bool // inside a multipart/report
	choice  bool // one of the forms in a multipart/alternative
	texts   *int // texts found so far in the multipart around it
}

// segments reads a part and those in it, in order.
func (r *reader) segments(p *part, at scene) []segment {
	switch {
	case strings.HasPrefix(p.kind, "multipart/") && p.boundless:
		if p.disposition == "attachment" {
			return nil
		}
		return []segment{r.text(p, "text/plain")}
	case strings.HasPrefix(p.kind, "multipart/"):
		return r.multi(p, at)
	case p.kind == "message/rfc822" || p.kind == "message/global" || p.kind == "text/rfc822-headers" || p.kind == "message/rfc822-headers":
		r.enclose(p, at)
		return nil
	case r.isText(p, at) && !noText(p):
		if at.texts != nil {
			*at.texts++
		}
		return []segment{r.text(p, p.kind)}
	}
	if tnef(p.kind) && (at.texts == nil || *at.texts == 0) {
		if s := r.tnef(p); !s.empty() {
			at.top = false // its text is read: no mail that says nothing
			r.attach(p, at)
			return []segment{s}
		}
	}
	r.attach(p, at)
	return nil
}

// multi reads a multipart: its children one after another, or one of them.
func (r *reader) multi(p *part, at scene) []segment {
	texts := 0
	inner := scene{related: at.related || p.kind == "multipart/related", report: at.report, texts: &texts}
	switch p.kind {
	case "multipart/alternative":
		inner.choice = true
		s := r.alternative(p, inner)
		if at.texts != nil && !s.empty() {
			*at.texts++
		}
		return []segment{s}
	case "multipart/report":
		if r.message.Kind == "" {
			r.message.Kind = reportKind(p.params["report-type"])
		}
		inner.report = true
	case "multipart/encrypted":
		if r.message.Kind == "" {
			r.message.Kind = "encrypted"
		}
	case "multipart/appledouble":
		if len(p.children) > 1 { // the resource fork is nothing a person attached
			return r.segments(p.children[1], inner)
		}
	}
	var out []segment
	for _, c := range p.children {
		out = append(out, r.segments(c, inner)...)
	}
	return out
}

func reportKind(kind string) string {
	switch strings.ToLower(kind) {
	case "disposition-notification":
		return "receipt"
	case "feedback-report":
		return "feedback"
	}
	return "report"
}

// reactionType is the part that Gmail adds for a tap on a smiley.
const reactionType = "text/vnd.google.email-reaction+json"

// isText says whether a part belongs to what a person reads.
func (r *reader) isText(p *part, at scene) bool {
	if !strings.HasPrefix(p.kind, "text/") || p.disposition == "attachment" {
		return false
	}
	switch p.kind {
	case "text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown":
	case "text/calendar", "text/csv", "text/rtf", "text/css", "text/xml", "text/vcard", "text/x-vcard", "text/x-amp-html", "text/javascript", reactionType:
		return false
	default:
		if p.filename != "" {
			return false
		}
	}
	first := at.texts == nil || *at.texts == 0
	if !first && p.filename != "" {
		return false
	}
	return first || !at.related || p.header.Get("Content-ID") == ""
}

// noText says whether what calls itself text is a picture or another file.
func noText(p *part) bool {
	const enough = 1000
	b := p.body[:min(len(p.body), 2*enough)]
	if i := bytes.LastIndexByte(b, '\n'); i > 0 && p.encoding == "base64" {
		b = b[:i]
	}
	b = decodeTransfer(b, p.encoding)
	if label := canonical(p.params["charset"]); strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf-32") || len(b) == 0 {
		return false
	}
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return false
	}
	controls, nul := 0, 0
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\f' && c != 0x1b {
			controls++
		}
		if c == 0 {
			nul++
		}
	}
	return controls > nul && nul > 0 && controls*20 > len(b) // NUL alone is text padded with it
}

// text decodes one text part into plain or HTML.
func (r *reader) text(p *part, kind string) segment {
	b := r.readable(decodeTransfer(p.body, p.encoding), kind)
	charset := p.params["charset"]
	if kind == "text/html" && charset == "" && !ascii(b) {
		charset = metaCharset(b)
	}
	s := decodeText(b, charset)
	switch {
	case kind == "text/html" || kind == "text/plain" && looksHTML(s):
		return segment{html: s}
	case kind == "text/enriched" || kind == "text/richtext":
		return segment{plain: Text(enriched(s))}
	case strings.EqualFold(p.params["format"], "flowed"):
		return segment{plain: unflow(s, strings.EqualFold(p.params["delsp"], "yes"))}
	}
	return segment{plain: s}
}

// longestText bounds the text of one part: a thick book, a hundred times over
// what people write. longestTexts bounds that of all parts together.
const (
	longestText  = 2 << 20
	longestTexts = 4 << 20
)

// readable is as much of a text as is read.
func (r *reader) readable(b []byte, kind string) []byte {
	if kind == "text/html" && len(b) > longestToken {
		b = []byte(withoutPictures(string(b)))
	}
	if room := min(longestText, longestTexts-r.texts); len(b) > room {
		r.problem("a text longer than the limit; only its beginning was read")
		b = b[:room]
	}
	r.texts += len(b)
	return b
}

// enriched makes RFC 1896 text into HTML of the simplest kind: its commands
// that show nothing are dropped by the same reading.
func enriched(s string) string {
	s = strings.NewReplacer("<<", "&lt;", "<param>", "<style>", "</param>", "</style>", "<nl>", "<br>").Replace(s)
	return "<pre>" + s + "</pre>"
}

// looksHTML says whether text is HTML under a wrong label.
func looksHTML(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s[:min(len(s), 400)]))
	return strings.HasPrefix(s, "<!doctype html") || strings.HasPrefix(s, "<html")
}

// metaCharset is the character set an HTML document names itself.
func metaCharset(b []byte) string {
	head := strings.ToLower(string(b[:min(len(b), 4096)]))
	i := strings.Index(head, "<meta")
	for i >= 0 {
		tag := head[i:]
		if j := strings.IndexByte(tag, '>'); j >= 0 {
			tag = tag[:j]
		}
		if k := strings.Index(tag, "charset="); k >= 0 {
			value := strings.TrimLeft(tag[k+8:], `"' `)
			if e := strings.IndexAny(value, `"'; />`); e >= 0 {
				value = value[:e]
			}
			return value
		}
		n := strings.Index(head[i+5:], "<meta")
		if n < 0 {
			break
		}
		i += 5 + n
	}
	return ""
}

// attach lists a part that is not text.
func (r *reader) attach(p *part, at scene) {
	m := r.message
	a := Attachment{Name: fileName(p.filename), Type: p.kind, Size: decodedSize(p)}
	switch p.kind {
	case "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature":
		a.Inline = true
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		if m.Kind == "" && !strings.HasPrefix(strings.ToLower(p.params["smime-type"]), "signed") {
			m.Kind = "encrypted"
		}
	case "application/ms-tnef", "application/vnd.ms-tnef":
		r.problem("winmail.dat: an Outlook attachment that other programs cannot open")
		if m.Kind == "" && at.top {
			m.Kind = "tnef"
		}
	case "text/calendar":
		// Beside a text of its own an invitation is an attachment; as another
		// form of the text it is what the message says.
		beside := at.texts != nil && *at.texts > 0 && !at.choice
		if m.Kind == "" && !beside && (p.params["method"] != "" || p.disposition != "attachment") {
			m.Kind = "calendar"
		}
	case "message/disposition-notification":
		m.Kind = "receipt"
		return
	case "message/feedback-report":
		m.Kind = "feedback"
		return
	case "message/delivery-status", "message/global-delivery-status":
		return // read by reports
	case "text/x-amp-html":
		return
	case reactionType:
		if m.Kind == "" {
			m.Kind = "reaction"
		}
		return
	case "application/pgp-encrypted":
		return
	}
	if strings.HasPrefix(p.kind, "image/") {
		a.Inline = at.related && p.disposition != "attachment"
		if id := strings.Trim(strings.TrimSpace(p.header.Get("Content-ID")), "<>"); id != "" {
			r.contentID(len(m.Attachments), id)
		}
	}
	m.Attachments = append(m.Attachments, a)
}

// decodedSize is the size of an attachment without decoding it: exact for
// base64 but for blanks, near enough for the others.
func decodedSize(p *part) int {
	if p.encoding != "base64" {
		return len(p.body)
	}
	n := len(p.body)
	for _, c := range []byte("\n= \t") {
		n -= bytes.Count(p.body, []byte{c})
	}
	return n * 3 / 4
}

// fileName is a name fit to be shown: no path, no control characters.
func fileName(s string) string {
	s = strings.ReplaceAll(s, `\`, "/")
	if strings.HasSuffix(s, "/") || s == "" {
		return ""
	}
	s = oneLine(path.Base(s))
	if s == "." || s == ".." {
		return ""
	}
	if runes := []rune(s); len(runes) > 200 {
		s = string(runes[:200])
	}
	return s
}
