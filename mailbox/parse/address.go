package parse

import "strings"

// addresses reads a list of mailboxes (RFC 5322 section 3.4) as real programs
// write it: groups, comments, quoted names, names with commas in them, missing
// brackets, obsolete routes. Encoded words are decoded after the list has been
// taken apart, so that nothing hidden in them can become an address. At most
// the given number is read; more says that there were others.
func addresses(s string, most int) (list []Address, more bool) {
	a := addressScan{s: s, most: most}
	for a.i < len(a.s) && !a.more {
		a.step()
	}
	a.flush()
	if len(a.list) == 0 && a.bare != "" && most > 0 {
		return []Address{{Email: a.bare}}, a.more // "MAILER-DAEMON"
	}
	return a.list, a.more
}

type addressScan struct {
	s       string
	i       int
	most    int
	more    bool
	noClose bool // no '>' follows anywhere
	list    []Address

	phrase  strings.Builder // words outside brackets, quotes resolved
	atom    strings.Builder // the same as written, for an address without brackets
	comment string
	angle   string
	angled  bool
	pending string // a fragment without address: the first half of "Nair, Priya <p@x>"
	bare    string
}

func (a *addressScan) step() {
	switch c := a.s[a.i]; c {
	case '"':
		a.quoted()
	case '(':
		a.skipComment()
	case '<':
		a.bracket()
	case ',', ';', '\n':
		a.i++
		a.flush()
	case '>':
		a.i++ // the second of "<<a@b>>"
	case ':':
		a.i++
		if !a.angled && !strings.Contains(a.atom.String(), "@") {
			if strings.EqualFold(strings.TrimSpace(a.atom.String()), "mailto") {
				a.atom.Reset()
				a.phrase.Reset()
				return
			}
			a.reset() // the name of a group
			a.pending = ""
			return
		}
		a.write(":")
	default:
		if a.angled && c != ' ' && c != '\t' && c != '>' && c != '.' {
			a.flush() // "<a@b> <c@d>", "Name <a@b> Other <c@d>": the comma is missing
			if a.more {
				return
			}
		}
		n := strings.IndexAny(a.s[a.i+1:], "\"(<,;:\n \t>")
		end := len(a.s)
		if n >= 0 {
			end = a.i + 1 + n
		}
		a.write(a.s[a.i:end])
		a.i = end
	}
}

func (a *addressScan) write(s string) {
	a.phrase.WriteString(s)
	a.atom.WriteString(s)
}

// quoted takes a quoted string. Without its end it is an ordinary character.
func (a *addressScan) quoted() {
	if a.angled {
		a.flush()
		if a.more {
			return
		}
	}
	start := a.i
	var b strings.Builder
	for j := a.i + 1; j < len(a.s); j++ {
		switch a.s[j] {
		case '\\':
			if j+1 < len(a.s) {
				j++
				b.WriteByte(a.s[j])
			}
		case '"':
			a.phrase.WriteString(b.String())
			a.atom.WriteString(a.s[start : j+1])
			a.i = j + 1
			return
		default:
			b.WriteByte(a.s[j])
		}
	}
	// No end: drop every quote that is left, or each would be searched from again.
	a.s = a.s[:start] + strings.ReplaceAll(a.s[start:], `"`, " ")
}

// skipComment takes a comment, which may hold others (RFC 5322 section 3.2.2).
func (a *addressScan) skipComment() {
	depth := 0
	for j := a.i; j < len(a.s); j++ {
		switch a.s[j] {
		case '\\':
			j++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				if a.comment == "" {
					a.comment = a.s[a.i+1 : j]
				}
				a.i = j + 1
				return
			}
		}
	}
	a.s = a.s[:a.i] + strings.ReplaceAll(a.s[a.i:], "(", " ")
}

// bracket takes "<address>", also when the closing bracket is missing.
func (a *addressScan) bracket() {
	if a.angled {
		a.flush()
		if a.more {
			return
		}
	}
	start := a.i + 1
	end, next := -1, 0
	if !a.noClose {
		if n := strings.IndexByte(a.s[start:], '>'); n >= 0 {
			end, next = start+n, start+n+1
		} else {
			a.noClose = true
		}
	}
	if end >= 0 {
		if k := strings.IndexByte(a.s[start:end], '<'); k >= 0 {
			if strings.TrimSpace(a.s[start:start+k]) == "" { // "<<a@b>>"
				a.i = start + k
				return
			}
			end, next = start+k, start+k
			if c := strings.LastIndexAny(a.s[start:end], ",;"); c >= 0 {
				end, next = start+c, start+c
			}
		}
	} else {
		end = len(a.s)
		if n := strings.IndexAny(a.s[start:], ",;<"); n >= 0 {
			end = start + n
		}
		next = end
	}
	a.angle, a.angled = a.s[start:end], true
	a.i = max(next, a.i+1)
}

// flush ends one mailbox.
func (a *addressScan) flush() {
	defer a.reset()
	email, name := "", strings.TrimSpace(a.phrase.String())
	if a.angled {
		email = route(a.angle)
	} else {
		email, name = a.unbracketed(name)
	}
	email = cleanEmail(email)
	if !strings.Contains(email, "@") {
		if w := strings.TrimSpace(a.atom.String()); w != "" && !strings.ContainsAny(w, " <>") && a.bare == "" && len(w) < 200 {
			a.bare = w
		} else if email != "" && a.angled && a.bare == "" && !strings.ContainsAny(email, " <>") {
			a.bare = email
		}
		if name != "" && !a.angled && len(a.pending) < 500 {
			a.pending = strings.TrimSpace(a.pending + " " + name + ",")
		}
		return
	}
	if len(a.list) >= a.most {
		a.more = true
		return
	}
	if name == "" {
		name = strings.TrimSpace(a.comment)
	}
	if a.pending != "" && a.angled && name != "" {
		name = a.pending + " " + name
	}
	a.pending = ""
	a.list = append(a.list, Address{Name: displayName(name), Email: email})
}

// unbracketed finds the address among words without brackets; the others name it.
func (a *addressScan) unbracketed(name string) (string, string) {
	raw := strings.TrimSpace(a.atom.String())
	if !strings.Contains(raw, "@") {
		return "", name
	}
	if strings.Contains(raw, `"`) { // a quoted local part: "a b"@c
		return raw, ""
	}
	words := strings.Fields(raw)
	for i, w := range words {
		if strings.Contains(w, "@") && len(w) > 1 {
			return w, strings.Join(append(append([]string{}, words[:i]...), words[i+1:]...), " ")
		}
	}
	return strings.Join(words, ""), ""
}

func (a *addressScan) reset() {
	a.phrase.Reset()
	a.atom.Reset()
	a.comment, a.angle, a.angled = "", "", false
}

// route drops an obsolete source route: "@a,@b:c@d" (RFC 5322 section 4.4).
func route(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "@") {
		if i := strings.LastIndexByte(s, ':'); i >= 0 {
			s = s[i+1:]
		}
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	return s
}

// cleanEmail takes away what cannot be part of an address.
func cleanEmail(s string) string {
	s = strings.Trim(strings.TrimSpace(s), "'")
	if !strings.HasPrefix(s, `"`) {
		s = strings.Join(strings.Fields(s), "")
		s = strings.Trim(s, "<>[]()")
		s = strings.TrimRight(s, ".")
	}
	if len(s) > 1000 {
		return ""
	}
	return oneLine(s)
}

func displayName(s string) string {
	s = oneLine(decodeWords(s))
	s = strings.TrimSpace(strings.Trim(s, `"`))
	if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		s = s[1 : len(s)-1] // Outlook quotes names with apostrophes
	}
	return s
}
