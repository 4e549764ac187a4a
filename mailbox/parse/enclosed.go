package parse

import "strings"

// enclose notes an enclosed message or returned header: a forward, or the
// letter inside a bounce.
func (r *reader) enclose(p *part, at scene) {
	m := r.message
	header := p.enclosedHeader(r)
	if m.Enclosed == nil {
		m.Enclosed = header
	}
	if at.report || strings.HasSuffix(p.kind, "-headers") {
		return
	}
	name := p.filename
	if name == "" {
		name = DecodeWords(header.Get("Subject"))
	}
	m.Attachments = append(m.Attachments, Attachment{Name: fileName(name), Type: p.kind, Size: decodedSize(p)})
}

func (p *part) enclosedHeader(r *reader) Header {
	if len(p.children) > 0 {
		return p.children[0].header
	}
	if strings.HasSuffix(p.kind, "-headers") {
		h, _ := r.headerBlock(normalizeLines(decodeTransfer(p.body, p.encoding)))
		return h
	}
	return nil
}

// enclosedText shows the text of the first enclosed message when the outer one
// has none of its own: somebody forwarded it "as an attachment".
func (r *reader) enclosedText(p *part) bool {
	if p.kind == "message/rfc822" || p.kind == "message/global" {
		if len(p.children) == 0 {
			return false
		}
		keep := r.message.Attachments
		s := r.join(r.segments(p.children[0], scene{}))
		if s.empty() {
			return r.enclosedText(p.children[0])
		}
		r.message.Plain, r.message.HTML = s.plain, s.html
		r.message.Attachments = append(r.message.Attachments[:0:0], keep...)
		return true
	}
	for _, c := range p.children {
		if r.enclosedText(c) {
			return true
		}
	}
	return false
}

// contentID remembers which attachment a cid: link in the HTML shows.
func (r *reader) contentID(index int, id string) {
	if len(id) > 500 {
		return
	}
	r.cids = append(r.cids, cid{index, id})
}

type cid struct {
	index int
	id    string
}

// markInline marks the pictures that the HTML shows within its text.
func (r *reader) markInline() {
	m := r.message
	if len(r.cids) == 0 || !strings.Contains(m.HTML, "cid:") {
		return
	}
	shown := map[string]bool{}
	rest := m.HTML
	for n := 0; n < 5000; n++ {
		i := strings.Index(rest, "cid:")
		if i < 0 {
			break
		}
		rest = rest[i+4:]
		end := strings.IndexAny(rest[:min(len(rest), 600)], "\"'> )")
		if end < 0 {
			continue
		}
		shown[rest[:end]] = true
	}
	for _, c := range r.cids {
		if shown[c.id] && c.index < len(m.Attachments) {
			m.Attachments[c.index].Inline = true
		}
	}
}

// Text is what a person reads: the plain text, or else the visible text of the
// HTML.
func (m *Message) Text() string {
	if strings.TrimSpace(m.Plain) != "" {
		return m.Plain
	}
	return Text(m.HTML)
}
