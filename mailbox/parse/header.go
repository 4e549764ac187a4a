package parse

import (
	"bytes"
	"strings"
)

// Get is the first field of that name, unfolded, 8-bit characters decoded;
// encoded words stand as they are. "" when there is none.
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// All is every field of that name from the top.
func (h Header) All(name string) []string {
	var out []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			out = append(out, f.Value)
		}
	}
	return out
}

// Has says whether there is a field of that name, be it empty.
func (h Header) Has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// DecodeWords decodes the encoded words of a field's value (RFC 2047) into one line.
func DecodeWords(value string) string { return oneLine(decodeWords(value)) }

// lines walks over the lines of a block without copying.
type lines struct {
	rest  []byte
	start int // offset of the line last returned
	next  int // offset of the one after it
}

func (l *lines) scan() (line []byte, ok bool) {
	if len(l.rest) == 0 {
		return nil, false
	}
	l.start = l.next
	i := bytes.IndexByte(l.rest, '\n')
	if i < 0 {
		line, l.rest = l.rest, nil
		l.next += len(line)
		return line, true
	}
	line, l.rest = l.rest[:i], l.rest[i+1:]
	l.next += i + 1
	return line, true
}

// headerBlock reads the header on top of b (RFC 5322 section 2.2) and returns
// it with the body after it. Real mail breaks every rule of it: what is not a
// field is passed over while fields follow, else the body begins there.
func (r *reader) headerBlock(b []byte) (Header, []byte) {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	for len(b) > 0 && b[0] == '\n' {
		b = b[1:]
	}
	s := headerScan{r: r, b: b, seen: -1}
	it := lines{rest: b}
	first := true
	for {
		line, ok := it.scan()
		if !ok {
			return s.done(len(b))
		}
		if len(line) == 0 {
			return s.done(it.next)
		}
		if first && mboxLine(line) {
			first = false
			continue
		}
		first = false
		if !s.line(line, it.start, it.next) {
			if len(bytes.TrimSpace(line)) == 0 {
				return s.done(it.next)
			}
			return s.done(it.start)
		}
		if s.over {
			r.problem("the header is longer than the limit; the rest of it was not read")
			if i := bytes.Index(b[it.next:], []byte("\n\n")); i >= 0 {
				return s.done(it.next + i + 2)
			}
			return s.done(len(b))
		}
	}
}

// mboxLine says whether a line is the separator of an mbox file, which some
// tools leave on top of a message, quoted or not.
func mboxLine(line []byte) bool {
	return bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))
}

// headerScan gathers the fields of one block.
type headerScan struct {
	r      *reader
	b      []byte
	header Header
	name   string
	value  []byte
	open   bool // a field is being gathered
	skip   bool // continuation lines belong to something malformed
	lines  int
	bytes  int
	over   bool
	sought bool   // the text's character set was looked for
	label  string // and this is it
	seen   int    // offset of a field known to follow, -1: none looked for
}

// line takes one line that is not empty; false when the body begins with it.
func (s *headerScan) line(line []byte, start, next int) bool {
	s.lines++
	s.bytes += len(line) + 1
	if s.lines > s.r.limits.HeaderLines || s.bytes > s.r.limits.HeaderBytes {
		s.over = true
		if room := s.r.limits.HeaderBytes - (s.bytes - len(line) - 1); s.lines > s.r.limits.HeaderLines || room <= 0 {
			return true
		} else if len(line) > room {
			line = line[:room] // the beginning of a field tells more than none of it
		}
	}
	if line[0] == ' ' || line[0] == '\t' {
		blank := len(bytes.TrimSpace(line)) == 0
		if blank && !s.continues(next) {
			return false
		}
		if s.open && !s.skip {
			s.value = append(s.value, ' ')
			s.value = append(s.value, bytes.TrimSpace(line)...)
			return true
		}
		return s.open || s.skip || blank || s.fieldFollows(next)
	}
	if name, value, ok := field(line); ok {
		s.flush()
		s.open, s.skip, s.name = true, false, name
		s.value = append(s.value[:0], bytes.TrimSpace(value)...)
		return true
	}
	if s.fieldFollows(next) {
		s.flush()
		s.skip = true
		return true
	}
	return malformed(line)
}

// continues says whether the header goes on at an offset: a line of blanks
// alone ends it unless a field or a folded line follows.
func (s *headerScan) continues(at int) bool {
	rest := s.b[at:]
	if len(rest) == 0 || rest[0] == '\n' {
		return true // the real empty line comes next
	}
	if rest[0] == ' ' || rest[0] == '\t' {
		return s.open
	}
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	_, _, ok := field(rest)
	return ok
}

// fieldFollows says whether a field stands between an offset and the next
// empty line. The place is remembered, so that looking stays linear.
func (s *headerScan) fieldFollows(at int) bool {
	if s.seen >= at {
		return true
	}
	it := lines{rest: s.b[at:]}
	for n := 0; n < 50; n++ {
		line, ok := it.scan()
		if !ok || len(line) == 0 {
			return false
		}
		if _, _, ok := field(line); ok {
			s.seen = at + it.start
			return true
		}
	}
	return false
}

func (s *headerScan) flush() {
	if s.open {
		s.header = append(s.header, Field{Name: s.name, Value: headerTextIn(s.value, s.charset)})
	}
	s.open, s.skip = false, false
}

// charset is the set that the message names for its text: what stands bare in
// its header is most likely in it too. It is looked for only when needed.
func (s *headerScan) charset() string {
	const near = 16 << 10
	if s.sought {
		return s.label
	}
	s.sought = true
	low := bytes.ToLower(s.b[:min(len(s.b), near)])
	for range 5 {
		i := bytes.Index(low, []byte("charset="))
		if i < 0 {
			break
		}
		low = low[i+len("charset="):]
		word := low[:min(len(low), 60)]
		if end := bytes.IndexAny(word[min(1, len(word)):], "\"'; \n\t>"); end >= 0 {
			word = word[:end+1]
		}
		if label := canonical(string(bytes.Trim(word, "\"' "))); label != "us-ascii" && label != "utf-8" && label != "" {
			s.label = label
			break
		}
	}
	return s.label
}

func (s *headerScan) done(body int) (Header, []byte) {
	s.flush()
	return s.header, s.b[min(body, len(s.b)):]
}

// field splits "Name: value"; blanks before the colon are tolerated, blanks in
// the name are not (that is a sentence with a colon in it).
func field(line []byte) (name string, value []byte, ok bool) {
	i := bytes.IndexByte(line[:min(len(line), 200)], ':')
	if i <= 0 {
		return "", nil, false
	}
	key := bytes.TrimRight(line[:i], " \t")
	if len(key) == 0 {
		return "", nil, false
	}
	for _, c := range key {
		if c <= ' ' || c >= 0x7f {
			return "", nil, false
		}
	}
	if bytes.HasPrefix(line[i:], []byte("://")) || key[0] == '<' || bytes.HasPrefix(key, []byte("--")) {
		return "", nil, false
	}
	return string(key), line[i+1:], true
}

// malformed says whether a line is meant as a field though it cannot be one:
// "X-Odd Name: value".
func malformed(line []byte) bool {
	i := bytes.IndexByte(line[:min(len(line), 200)], ':')
	return i > 2 && (line[0] == 'X' || line[0] == 'x') && line[1] == '-'
}
