package authres

import (
	"fmt"
	"strings"
)

// scanner walks over a field once. After its first error it stands still.
type scanner struct {
	s   string
	i   int
	err error
}

func (s *scanner) fail(what string) {
	if s.err == nil {
		s.err = fmt.Errorf("%w: %s at octet %d", ErrMalformed, what, s.i)
		s.i = len(s.s)
	}
}

func (s *scanner) done() bool { return s.err != nil || s.i >= len(s.s) }

// at says whether the next octet is c.
func (s *scanner) at(c byte) bool { return !s.done() && s.s[s.i] == c }

// take passes over c if it is next.
func (s *scanner) take(c byte) bool {
	if s.at(c) {
		s.i++
		return true
	}
	return false
}

// boundary says whether a word may end here.
func (s *scanner) boundary() bool {
	return s.done() || strings.IndexByte(" \t;(", s.s[s.i]) >= 0
}

// blanks passes over white space and comments: CFWS of RFC 5322 section 3.2.2.
func (s *scanner) blanks() {
	for !s.done() {
		switch s.s[s.i] {
		case ' ', '\t':
			s.i++
		case '(':
			s.comment()
		default:
			return
		}
	}
}

// comment passes over a comment, which may hold others. What stands in it is
// for people and never evidence.
func (s *scanner) comment() {
	depth := 0
	for i := s.i; i < len(s.s); i++ {
		switch s.s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				s.i = i + 1
				return
			}
		}
	}
	s.fail("a comment without end")
}

// keyword is letters, digits and hyphens (RFC 5321 section 4.1.2, Keyword) and
// the underscore that some servers write; lower case.
func (s *scanner) keyword() string {
	start := s.i
	for !s.done() && wordOctet(s.s[s.i]) {
		s.i++
	}
	if s.err != nil || s.i == start || s.s[start] == '-' || s.s[start] == '_' {
		s.fail("a word is missing")
		return ""
	}
	return strings.ToLower(s.s[start:s.i])
}

func wordOctet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// quoted is the content of a quoted string (RFC 5322 section 3.2.4).
func (s *scanner) quoted() string {
	var b strings.Builder
	for i := s.i + 1; i < len(s.s); i++ {
		switch c := s.s[i]; c {
		case '"':
			s.i = i + 1
			return b.String()
		case '\\':
			if i++; i < len(s.s) {
				b.WriteByte(s.s[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	s.fail("a quoted string without end")
	return ""
}

// run is a value without quotes. It holds more than a token of RFC 2045 does,
// since servers write addresses, IPv6 and base64 bare, but nothing that ends,
// opens or hides something else.
func (s *scanner) run() string {
	start := s.i
	for !s.done() && strings.IndexByte(" \t;()\"\\,", s.s[s.i]) < 0 {
		s.i++
	}
	if s.i == start {
		s.fail("a value is missing")
		return ""
	}
	return s.s[start:s.i]
}

// value is pvalue of section 2.2: a quoted string, a bare value, or an address
// whose local part is quoted.
func (s *scanner) value() string {
	v := ""
	if s.at('"') {
		v = s.quoted()
		if s.at('@') {
			domain := s.run()
			if len(domain) == 1 || strings.Contains(domain[1:], "@") {
				s.fail("an address without domain")
			}
			v += domain
		}
	} else {
		v = s.run()
	}
	if !s.boundary() {
		s.fail("a value that does not end")
	}
	return v
}

func (s *scanner) authservID() string {
	s.blanks()
	if s.err == nil && s.done() {
		s.fail("nothing in it")
	}
	id := s.value()
	// A bare token of RFC 2045 has no equals sign: this is "spf=pass …" of a
	// server that does not give its name.
	if s.err == nil && (id == "" || strings.ContainsAny(id, "=/<>[]?:@ \t\"\\,;()")) {
		s.fail("no authserv-id")
	}
	return id
}

// version is authres-version; there is no other than 1 yet.
func (s *scanner) version() {
	s.blanks()
	if s.done() || s.at(';') {
		return
	}
	if v := s.run(); v != "1" {
		s.fail("a version that is not known")
	}
	s.blanks()
}

func (s *scanner) results() []Result {
	var results []Result
	none := false
	for n := 0; ; n++ {
		s.blanks()
		if s.err != nil {
			return nil
		}
		if s.done() {
			if n == 0 {
				s.fail("no results")
			}
			return results
		}
		if !s.take(';') {
			s.fail("no semicolon")
			return nil
		}
		s.blanks()
		switch {
		case s.err != nil:
			return nil
		case s.done() && n > 0:
			return results // some servers end the field with a semicolon
		case none || n >= mostResults:
			s.fail("too many results")
			return nil
		}
		method := s.keyword()
		s.blanks()
		if n == 0 && method == "none" && (s.done() || s.at(';')) {
			none = true
			continue
		}
		results = append(results, s.result(method))
	}
}

// result is resinfo of section 2.2 after its method.
func (s *scanner) result(method string) Result {
	if s.take('/') {
		s.blanks()
		if v := s.keyword(); s.err == nil && v != "1" {
			s.fail("a version that is not known")
		}
		s.blanks()
	}
	if !s.take('=') {
		s.fail("no equals sign")
	}
	s.blanks()
	r := Result{Method: method, Value: s.keyword()}
	for {
		s.blanks()
		if s.done() || s.at(';') {
			return r
		}
		r.Props = append(r.Props, s.prop())
		if len(r.Props) > mostProps {
			s.fail("too many properties")
		}
	}
}

// prop is propspec or reasonspec.
func (s *scanner) prop() Prop {
	p := Prop{Name: s.keyword()}
	s.blanks()
	if s.take('.') {
		s.blanks()
		p.Type, p.Name = p.Name, s.keyword()
		s.blanks()
	}
	if !s.take('=') {
		s.fail("no equals sign")
	}
	s.blanks()
	p.Value = s.value()
	return p
}
