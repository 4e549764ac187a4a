// Package authres reads Authentication-Results header fields (RFC 8601): what a
// mail server found out about who sent a message. It is pure and linear, and it
// fails closed: what it does not fully understand is an error, never a result.
//
// Splitting such a field at its semicolons would be wrong. A sender chooses the
// address that a server quotes in it, and an address may hold semicolons and
// equals signs in a quoted local part, so the field is taken apart as tokens.
package authres

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Field is one Authentication-Results field.
type Field struct {
	// ID is the authserv-id: the server, or servers, that speak (section 2.5).
	ID string
	// Results is empty if the server says that it looked at nothing ("none").
	Results []Result
}

// Result is one method's finding, such as dmarc=pass.
type Result struct {
	Method string // lower case
	Value  string // lower case
	Props  []Prop
}

// Prop is what a finding is about, such as header.from=carpenter.example. Type
// is "" for reason="…" and for what servers add without a type (action=none).
type Prop struct {
	Type, Name string // lower case
	Value      string // as written, without quotes
}

// Get is the value of a property, and whether it is there exactly once.
func (r Result) Get(kind, name string) (string, bool) {
	value, found := "", 0
	for _, p := range r.Props {
		if p.Type == kind && p.Name == name {
			value = p.Value
			found++
		}
	}
	return value, found == 1
}

// Has says whether a property is there at all.
func (r Result) Has(kind, name string) bool {
	for _, p := range r.Props {
		if p.Type == kind && p.Name == name {
			return true
		}
	}
	return false
}

// Limits of a field. Real ones have some hundred octets and at most a dozen
// results.
const (
	longest     = 32 << 10
	mostResults = 100
	mostProps   = 400
)

// ErrMalformed says that a field is not one of RFC 8601, or of a version that
// is not known.
var ErrMalformed = errors.New("not a field of RFC 8601")

// Parse reads the value of an Authentication-Results field, folded or not. The
// ID is filled whenever it could be read, so that a broken field of another
// server can be told from a broken one of ours.
func Parse(value string) (Field, error) {
	if len(value) > longest {
		return Field{}, fmt.Errorf("%w: %d octets", ErrMalformed, len(value))
	}
	value, ok := unfold(value)
	if !ok {
		return Field{}, fmt.Errorf("%w: control characters in it", ErrMalformed)
	}
	s := &scanner{s: value}
	f := Field{ID: s.authservID()}
	if s.err != nil {
		return Field{}, s.err
	}
	s.version()
	f.Results = s.results()
	if s.err != nil {
		return Field{ID: f.ID}, s.err
	}
	return f, nil
}

// unfold takes out line ends that are followed by a blank (RFC 5322 section
// 2.2.3). false: there are others, or control characters, or broken UTF-8.
func unfold(s string) (string, bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	if strings.ContainsAny(s, "\r\n") {
		s = strings.NewReplacer("\r\n ", " ", "\r\n\t", "\t", "\n ", " ", "\n\t", "\t").Replace(strings.TrimRight(s, "\r\n"))
	}
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return "", false
		}
	}
	return s, true
}
