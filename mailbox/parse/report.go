package parse

import (
	"bytes"
	"sort"
	"strings"
	"sync"
	"unicode"
)

// reports fills Message.Report from what a delivery report says: in its own
// part (RFC 3464), in X-Failed-Recipients, as JSON, or in prose.
func (r *reader) reports(root *part) {
	m := r.message
	var list []ReportRecipient
	found := r.statusParts(root, &list, false)
	machine := r.fromMachine()
	if !found && m.Kind == "" && machine {
		found = r.statusParts(root, &list, true) // a gateway put the report into a message of its own
	}
	if found && (m.Kind == "" || m.Kind == "report") {
		m.Kind = "report"
	}
	if len(list) == 0 && len(m.From) > 0 {
		list = r.notification()
	}
	if m.Kind == "receipt" || m.Kind == "feedback" {
		return
	}
	if len(list) == 0 {
		list = append(list, failedRecipients(m.Header)...)
	}
	if len(list) == 0 && !machine && m.Kind != "report" {
		return
	}
	text := sync.OnceValue(func() string { return head(unquoted(m.Text()), longestProse) })
	above := sync.OnceValue(func() string { return returned(text()) })
	said := list
	if list = addressed(list); len(list) == 0 {
		list = r.prose(text(), above())
	}
	if len(list) == 0 {
		list = r.returnedTo(text, above)
	}
	if len(list) == 1 && list[0].Original == "" { // a forwarded address bounces; the letter knows which it was sent to
		if first := r.returnedTo(text, above); len(first) == 1 {
			list[0].Original = first[0].Address
		}
	}
	for i := range list[:min(len(list), len(said))] {
		e, s := &list[i], said[i]
		if e.Action == "" && e.Status == "" {
			e.Action, e.Status, e.Diagnostic = s.Action, s.Status, s.Diagnostic
		}
	}
	if len(list) == 0 && m.Kind != "report" {
		if !r.fails() && !r.listServer(m.From) {
			return
		}
	}
	d := diagnosis{subject: m.Subject, text: above}
	d.complete(list)
	m.Report = &Report{Recipients: tidy(list, r.limits.Addresses), MessageID: r.returnedID(text)}
}

// returnedID is the Message-ID of the letter that a report is about.
func (r *reader) returnedID(text func() string) string {
	m := r.message
	if id := firstID(m.Enclosed.Get("Message-ID")); id != "" {
		return id
	}
	if id := quotedID(text()); id != "" {
		return id
	}
	for _, name := range [...]string{"X-Original-Message-ID", "Original-Message-ID", "X-MS-Exchange-Parent-Message-Id"} {
		if id := firstID(m.Header.Get(name)); id != "" {
			return id
		}
	}
	if len(m.InReplyTo) > 0 {
		return m.InReplyTo[0]
	}
	if n := len(m.References); n > 0 {
		return m.References[n-1]
	}
	return ""
}

// returnedTo is whom the returned message was addressed to, for reports that
// name nobody. Old servers write such.
func (r *reader) returnedTo(text, above func() string) []ReportRecipient {
	header := r.message.Enclosed
	if header == nil {
		header = r.textHeader(text()[len(above()):])
	}
	found, _ := addresses(header.Get("To"), 2)
	if len(found) != 1 || !strings.Contains(found[0].Email, "@") { // one of several failed, who knows which
		return nil
	}
	return []ReportRecipient{{Address: strings.ToLower(found[0].Email)}}
}

// addressed leaves out what names no mailbox, such as the pipe or the file that
// a server delivers to, where the original recipient stands beside it, and the
// whole list when nobody is named at all.
func addressed(list []ReportRecipient) []ReportRecipient {
	named := false
	for i := range list {
		if a := list[i].Address; !strings.Contains(a, "@") || strings.ContainsAny(a[:1], "|/@") {
			list[i].Address = list[i].Original
		}
		named = named || list[i].Address != ""
	}
	if !named {
		return nil
	}
	return list
}

// statusParts reads every message/delivery-status in the tree. A report inside
// an enclosed message is not about us, unless the message is asked for too.
func (r *reader) statusParts(p *part, list *[]ReportRecipient, enclosed bool) bool {
	found := false
	if strings.HasSuffix(p.kind, "delivery-status") && strings.HasPrefix(p.kind, "message/") || p.kind == "text/delivery-status" {
		found = true
		b := normalizeLines(decodeTransfer(p.body, p.encoding))
		*list = append(*list, r.statusBlocks(b)...)
	}
	for _, c := range p.children {
		if p.kind == "message/rfc822" && !enclosed {
			continue
		}
		found = r.statusParts(c, list, enclosed) || found
	}
	return found
}

// statusBlocks reads per-recipient blocks. Some servers indent them, some put
// the fields of one recipient into two blocks: a block begins with every
// Final-Recipient or Original-Recipient that the one before has already.
func (r *reader) statusBlocks(b []byte) []ReportRecipient {
	var list []ReportRecipient
	var now ReportRecipient
	flush := func() {
		if now.Address != "" || now.Action != "" || now.Status != "" {
			list = append(list, now)
		}
		now = ReportRecipient{}
	}
	it := lines{rest: b}
	name, value := "", ""
	final := false
	take := func() {
		address, kind := "", strings.ToLower(name)
		switch kind {
		case "final-recipient", "original-recipient", "x-actual-recipient":
			address = recipient(value)
			if kind == "final-recipient" && final {
				flush()
				final = false
			}
			if kind == "original-recipient" && now.Original == "" {
				now.Original = address
			}
			if address != "" && (now.Address == "" || kind == "final-recipient") {
				now.Address, final = address, final || kind == "final-recipient"
			}
		case "action":
			now.Action = firstWord(value)
		case "status":
			now.Status = status(value)
		case "diagnostic-code":
			now.Diagnostic = diagnostic(value)
		}
		name, value = "", ""
	}
	for n := 0; n < r.limits.HeaderLines*4; n++ {
		line, ok := it.scan()
		if !ok {
			break
		}
		text := bytes.TrimSpace(line)
		if len(text) == 0 {
			take()
			if final {
				flush()
				final = false
			}
			continue
		}
		if n, v, ok := field(text); ok && statusField(n) {
			take()
			name, value = n, headerText(bytes.TrimSpace(v))
		} else if name != "" && len(value) < 4000 {
			value += " " + headerText(text)
		}
	}
	take()
	flush()
	return list
}

// statusField says whether a name is one of the fields of RFC 3464, or an
// extension.
func statusField(name string) bool {
	switch low := strings.ToLower(name); low {
	case "final-recipient", "original-recipient", "action", "status", "diagnostic-code", "remote-mta", "reporting-mta",
		"last-attempt-date", "will-retry-until", "arrival-date", "received-from-mta", "dsn-gateway", "original-envelope-id", "final-log-id":
		return true
	default:
		return strings.HasPrefix(low, "x-")
	}
}

// recipient takes the address out of "rfc822; <a@b>".
func recipient(v string) string {
	if _, after, ok := strings.Cut(v, ";"); ok {
		v = after
	}
	v = strings.TrimSpace(v)
	if i := strings.IndexByte(v, '<'); i >= 0 {
		v = v[i+1:]
	}
	if i := strings.IndexAny(v, "> \t("); i >= 0 && !strings.HasPrefix(v, `"`) {
		v = v[:i]
	}
	v = strings.ToLower(strings.Trim(v, "<>;,"))
	if len(v) > 500 {
		return ""
	}
	return v
}

// firstWord is the letters that a value begins with, lower case.
func firstWord(v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	if i := strings.IndexFunc(v, func(c rune) bool { return (c < 'a' || c > 'z') && c != '-' }); i >= 0 {
		v = v[:i]
	}
	return v
}

// status is the first enhanced status code (RFC 3463) in a text.
func status(v string) string {
	for i := 0; i < len(v); i++ {
		if v[i] != '2' && v[i] != '4' && v[i] != '5' || i > 0 && (digit(v[i-1]) || v[i-1] == '.') {
			continue
		}
		j := i + 1
		dots := 0
		for j < len(v) && j-i < 10 && (digit(v[j]) || v[j] == '.' && dots < 2 && digit(v[j-1])) {
			if v[j] == '.' {
				dots++
			}
			j++
		}
		code := v[i:j]
		if dots == 2 && digit(code[len(code)-1]) && code[1] == '.' && (j == len(v) || v[j] != '.') {
			return code
		}
	}
	return ""
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func diagnostic(v string) string {
	if kind, after, ok := strings.Cut(v, ";"); ok && !strings.ContainsAny(strings.TrimSpace(kind), " .") {
		v = after
	}
	v = oneLine(v)
	if len(v) > 1000 {
		v = strings.ToValidUTF8(v[:1000], "")
	}
	return v
}

// failedRecipients reads the field that Exim and Gmail write.
func failedRecipients(h Header) []ReportRecipient {
	var out []ReportRecipient
	for _, v := range h.All("X-Failed-Recipients") {
		list, _ := addresses(v, 500)
		for _, a := range list {
			out = append(out, ReportRecipient{Address: strings.ToLower(a.Email), Action: "failed"})
		}
	}
	return out
}

// wordOnly is an address that is one word, "" for what has blanks or controls.
func wordOnly(a string) string {
	if strings.IndexFunc(a, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }) >= 0 {
		return ""
	}
	return strings.ToLower(a)
}

// tidy completes what is missing and puts the failed first.
func tidy(list []ReportRecipient, most int) []ReportRecipient {
	seen := map[string]bool{}
	var out []ReportRecipient
	for _, r := range list {
		if r.Status == "" {
			r.Status = status(r.Diagnostic)
		}
		r.Address, r.Original = wordOnly(r.Address), wordOnly(r.Original)
		if seen[r.Address+" "+r.Action] || len(out) >= most {
			continue
		}
		seen[r.Address+" "+r.Action] = true
		out = append(out, r)
	}
	rank := func(r ReportRecipient) int {
		switch r.Action {
		case "failed":
			return 0
		case "":
			return 1
		case "delayed":
			return 2
		}
		return 3
	}
	sort.SliceStable(out, func(i, j int) bool { return rank(out[i]) < rank(out[j]) })
	return out
}
