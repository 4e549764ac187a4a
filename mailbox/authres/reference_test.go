package authres_test

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"askfirst/mailbox/authres"
)

// reference reads a field slowly, in steps that can each be seen to be right:
// comments become a blank and quoted strings a numbered sign, and what is left
// has nothing to hide, so that it may be split at its semicolons and matched by
// regular expressions. It shares no code with the parser that it tests.
func reference(value string) (field authres.Field, ok bool) {
	value = refNewlines.ReplaceAllString(value, "")
	value = refFold.ReplaceAllString(value, "$1")
	if len(value) > 32<<10 || !utf8.ValidString(value) || refControl.MatchString(value) || strings.ContainsAny(value, refOpen+refClose) {
		return authres.Field{}, false
	}
	flat, texts, ok := flatten(value)
	if !ok {
		return authres.Field{}, false
	}
	parts := strings.Split(flat, ";")
	head := refHead.FindStringSubmatch(parts[0])
	if head == nil || len(parts) == 1 {
		return authres.Field{}, false
	}
	field.ID = content(head[1], texts)
	if field.ID == "" || refNotID.MatchString(field.ID) {
		return authres.Field{}, false
	}
	parts = parts[1:]
	if len(parts) > 1 && refBlank.MatchString(parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	if len(parts) == 1 && refNone.MatchString(parts[0]) {
		return field, true
	}
	if len(parts) > 100 {
		return authres.Field{}, false
	}
	for _, part := range parts {
		m := refResult.FindStringSubmatch(part)
		if m == nil {
			return authres.Field{}, false
		}
		r := authres.Result{Method: strings.ToLower(m[1]), Value: strings.ToLower(m[2])}
		for _, p := range refProp.FindAllStringSubmatch(m[3], -1) {
			r.Props = append(r.Props, authres.Prop{Type: strings.ToLower(p[1]), Name: strings.ToLower(p[2]), Value: content(p[3], texts)})
		}
		if len(r.Props) > 400 {
			return authres.Field{}, false
		}
		field.Results = append(field.Results, r)
	}
	return field, true
}

const (
	refOpen, refClose = "\ue000", "\ue001"

	refWord  = `[A-Za-z0-9][A-Za-z0-9_-]*`
	refValue = refOpen + `[0-9]+` + refClose + `(?:@[^ \t;()"\\,@` + refOpen + refClose + `]+)?|[^ \t;()"\\,` + refOpen + refClose + `]+`
	refPair  = `(?:(` + refWord + `)[ \t]*\.[ \t]*)?(` + refWord + `)[ \t]*=[ \t]*(` + refValue + `)`
)

var (
	refNewlines = regexp.MustCompile(`[\r\n]+$`)
	refFold     = regexp.MustCompile(`\r?\n([ \t])`)
	refControl  = regexp.MustCompile(`[\x00-\x08\x0a-\x1f\x7f]`)
	refBlank    = regexp.MustCompile(`^[ \t]*$`)
	refNone     = regexp.MustCompile(`^[ \t]*(?i:none)[ \t]*$`)
	refHead     = regexp.MustCompile(`^[ \t]*(` + refValue + `)(?:[ \t]+1)?[ \t]*$`)
	refNotID    = regexp.MustCompile(`[][=/<>?:@ \t"\\,;()]`)
	refProp     = regexp.MustCompile(refPair)
	refResult   = regexp.MustCompile(`^[ \t]*(` + refWord + `)[ \t]*(?:/[ \t]*1[ \t]*)?=[ \t]*(` + refWord + `)((?:[ \t]+(?:` + regexp.MustCompile(`\((\[|\x{e000})`).ReplaceAllString(refPair, "(?:$1") + `))*)[ \t]*$`)
)

// content is a value with its quoted string put back.
func content(v string, texts []string) string {
	number, after, ok := strings.Cut(strings.TrimPrefix(v, refOpen), refClose)
	if !ok {
		return v
	}
	n, _ := strconv.Atoi(number)
	return texts[n] + after
}

// flatten replaces comments by a blank and quoted strings by numbered signs.
func flatten(value string) (flat string, texts []string, ok bool) {
	var out strings.Builder
	for value != "" {
		switch value[0] {
		case '(':
			n := closing(value)
			if n < 0 {
				return "", nil, false
			}
			out.WriteByte(' ')
			value = value[n:]
		case '"':
			m := refQuoted.FindString(value)
			if m == "" {
				return "", nil, false
			}
			out.WriteString(refOpen + strconv.Itoa(len(texts)) + refClose)
			texts = append(texts, refEscaped.ReplaceAllString(m[1:len(m)-1], "$1"))
			value = value[len(m):]
		default:
			out.WriteByte(value[0])
			value = value[1:]
		}
	}
	return out.String(), texts, true
}

var (
	refQuoted  = regexp.MustCompile(`^"(?:[^"\\]|\\.)*"`)
	refEscaped = regexp.MustCompile(`\\(.)`)
)

// closing is where the comment at the beginning of s ends; -1: nowhere.
func closing(s string) int {
	chars := []rune(s)
	depth := 0
	for i := 0; i < len(chars); i++ {
		switch {
		case chars[i] == '\\':
			i++
		case chars[i] == '(':
			depth++
		case chars[i] == ')' && depth == 1:
			return len(string(chars[:i+1]))
		case chars[i] == ')':
			depth--
		}
	}
	return -1
}
