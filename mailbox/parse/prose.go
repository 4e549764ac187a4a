package parse

import (
	"sort"
	"strings"
)

// longestProse bounds how much of a report written for people is read.
const longestProse = 64 << 10

// fromMachine says whether the message comes from a mail system by the name of
// its sender: prose of a person is never read as a report. A null return path
// and an address that nobody reads are shared with vacation notices and shops,
// so those must speak of a failure besides.
func (r *reader) fromMachine() bool {
	m := r.message
	names := append(append([]Address{}, m.From...), m.Sender...)
	silent := len(names) == 0 && len(m.Header) > 0
	for _, a := range names {
		local, _, _ := strings.Cut(strings.ToLower(a.Email), "@")
		name := strings.ToLower(a.Name)
		for _, sign := range [...]string{"mailer-daemon", "mailer_daemon", "postmaster", "post_master", "mail-daemon", "maildaemon", "mdaemon", "mailerdaemon", "microsoftexchange", "bounce", "mmdf", "smtp-daemon"} {
			if strings.Contains(local, sign) { // behind postmaster@ there may be a person
				return sign != "postmaster" && sign != "bounce" || r.fails()
			}
		}
		for _, sign := range [...]string{"mail delivery", "mailer-daemon", "mail system", "postmaster", "system administrator", "mail administrator", "microsoft outlook"} {
			if strings.Contains(name, sign) {
				return sign != "microsoft outlook" || strings.Contains(m.Header.Get("Auto-Submitted"), "auto-") || r.fails()
			}
		}
		silent = silent || hasAny(local, "noreply|no-reply|no_reply|no.reply|donotreply|do-not-reply|do_not_reply|do.not.reply")
	}
	silent = silent || m.Header.Has("Return-Path") && strings.TrimSpace(m.Header.Get("Return-Path")) == "<>"
	return silent && r.fails() || r.listServer(names)
}

// fails says whether the subject or the top of the text speaks of a letter that
// did not arrive.
func (r *reader) fails() bool {
	const top = 3000
	text := head(r.message.Text(), top)
	return hasAny(strings.ToLower(r.message.Subject), failureWords()) || hasAny(strings.ToLower(text), failureWords())
}

// listServer says whether the administration of a mailing list writes, not one
// of its members: fml puts its mark on both.
func (r *reader) listServer(names []Address) bool {
	if !r.message.Header.Has("X-MLServer") {
		return false
	}
	for _, a := range names {
		local, _, _ := strings.Cut(strings.ToLower(a.Email), "@")
		if strings.HasSuffix(local, "-admin") || strings.HasSuffix(local, "-owner") || strings.HasSuffix(local, "-request") {
			return true
		}
	}
	return false
}

// prose finds the recipients in a report that was written for people: fields of
// RFC 3464 without MIME, else the addresses named above the returned message,
// those first to whom that message went, and never those who sent it.
func (r *reader) prose(text, above string) []ReportRecipient {
	if low := strings.ToLower(text); strings.Contains(low, "final-recipient:") || strings.Contains(low, "original-recipient:") {
		if list := r.statusBlocks([]byte(text)); len(list) > 0 {
			return list
		}
	}
	sent, own := r.parties(text[len(above):])
	var list []ReportRecipient
	rank := map[string]int{}
	for _, line := range strings.Split(above, "\n") {
		a := failedAddress(line, own)
		if a == "" || rank[a] != 0 {
			continue
		}
		switch {
		case sent[a]:
			rank[a] = 1
		case own[a]:
			rank[a] = 3
		default:
			rank[a] = 2
		}
		if list = append(list, ReportRecipient{Address: a}); len(list) >= 50 {
			break
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return rank[list[i].Address] < rank[list[j].Address] })
	for i := range list {
		if rank[list[i].Address] > rank[list[0].Address] {
			list = list[:i]
			break
		}
	}
	if len(list) > 0 && rank[list[0].Address] == 3 && len(sent) > 0 {
		return nil // only the sender is named; the returned message knows whom it was for
	}
	return list
}

// parties are who a returned message was for and who sent it, by its header and
// by the report's own.
func (r *reader) parties(below string) (sent, own map[string]bool) {
	sent, own = map[string]bool{}, map[string]bool{}
	put := func(into map[string]bool, list []Address) {
		for _, a := range list {
			if strings.Contains(a.Email, "@") {
				into[strings.ToLower(a.Email)] = true
			}
		}
	}
	header := r.message.Enclosed
	if header == nil {
		header = r.textHeader(below)
	}
	for _, name := range [...]string{"From", "Return-Path", "Sender", "Reply-To"} {
		list, _ := addresses(header.Get(name), 5)
		put(own, list)
	}
	for _, name := range [...]string{"To", "Cc"} {
		list, _ := addresses(header.Get(name), 50)
		put(sent, list)
	}
	for _, value := range header.All("Received") { // RFC 5321 section 4.4
		if _, after, ok := strings.Cut(value, " for "); ok {
			list, _ := addresses(head(after, 500), 1)
			put(sent, list)
		}
	}
	put(own, r.message.To)
	for a := range own {
		delete(sent, a)
	}
	return sent, own
}

// failedAddress is the address that a line of a bounce is about: the first that
// is not the sender's.
func failedAddress(line string, own map[string]bool) string {
	line = strings.TrimSpace(line)
	if !strings.Contains(line, "@") || len(line) > 1000 {
		return ""
	}
	low := strings.ToLower(line)
	for _, label := range [...]string{"from:", "sender:", "reply-to:", "message-id:", "return-path:", "subject:", "date:", "cc:", "envelope-from", "mail from:", ">>> mail from", "original sender", "von:", "de :", "van:", "expéditeur", "remitente", "afzender", "absender"} {
		if strings.HasPrefix(low, label) {
			return ""
		}
	}
	second := ""
	for _, w := range strings.FieldsFunc(low, func(c rune) bool { return strings.ContainsRune(" \t<>()[]\"',;:„“»«", c) }) {
		local, domain, ok := strings.Cut(strings.TrimRight(w, ".…"), "@")
		if !ok || local == "" || !strings.Contains(domain, ".") || strings.Contains(domain, "@") ||
			strings.Contains(local, "postmaster") || strings.Contains(local, "mailer-daemon") || strings.ContainsAny(w, "/=") {
			continue
		}
		a := local + "@" + domain
		if !own[a] {
			return a
		}
		if second == "" {
			second = a
		}
	}
	return second
}
