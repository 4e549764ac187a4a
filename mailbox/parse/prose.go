package parse

import "strings"

// fromMachine says whether the message comes from a mail system by the name of
// its sender: prose of a person is never read as a report.
func (r *reader) fromMachine() bool {
	names := append(append([]Address{}, r.message.From...), r.message.Sender...)
	for _, a := range names {
		local, _, _ := strings.Cut(strings.ToLower(a.Email), "@")
		name := strings.ToLower(a.Name)
		for _, sign := range []string{"mailer-daemon", "mailer_daemon", "postmaster", "post_master", "mail-daemon", "maildaemon", "mdaemon", "mailerdaemon", "microsoftexchange", "bounce", "mmdf", "smtp-daemon"} {
			if strings.Contains(local, sign) {
				return true
			}
		}
		for _, sign := range []string{"mail delivery", "mailer-daemon", "mail system", "postmaster", "system administrator", "mail administrator"} {
			if strings.Contains(name, sign) {
				return true
			}
		}
	}
	if len(names) == 0 {
		return true
	}
	return strings.TrimSpace(r.message.Header.Get("Return-Path")) == "<>" && r.message.Header.Has("Return-Path")
}

// prose finds the recipients in a report that was written for people: fields of
// RFC 3464 without MIME, else the addresses at the begin of a line or after
// "to:" above the returned message.
func (r *reader) prose() []ReportRecipient {
	text := r.message.Text()
	if len(text) > 64<<10 {
		text = text[:64<<10]
	}
	var list []ReportRecipient
	if strings.Contains(text, "inal-Recipient:") || strings.Contains(text, "inal-recipient:") {
		list = r.statusBlocks([]byte(text))
	}
	if len(list) > 0 {
		return list
	}
	above := returned(text)
	for _, line := range strings.Split(above, "\n") {
		if a := failedAddress(line); a != "" {
			list = append(list, ReportRecipient{Address: a})
		}
		if len(list) >= 50 {
			break
		}
	}
	if len(list) == 0 && len(above) < len(text) { // old servers name nobody: whom the returned message went to
		list = addressed(text[len(above):])
	}
	code := status(above)
	for i := range list {
		list[i].Status = code
	}
	return list
}

// addressed is whom a message that stands in a text was addressed to.
func addressed(text string) []ReportRecipient {
	for _, line := range strings.Split(text, "\n") {
		if value, ok := strings.CutPrefix(line, "To:"); ok {
			if list, _ := addresses(value, 1); len(list) > 0 && strings.Contains(list[0].Email, "@") {
				return []ReportRecipient{{Address: strings.ToLower(list[0].Email)}}
			}
		}
	}
	return nil
}

// returned cuts a bounce's text where the returned message begins.
func returned(text string) string {
	low := strings.ToLower(text)
	end := len(low)
	for _, sign := range []string{"\nreceived: ", "\nreturn-path: ", "--- original message", "original message follows", "copy of the message", "--- unsent message", "returned message", "unsent message follows", "message header follows", "original message header", "original message -", "\nmessage-id: "} {
		if i := strings.Index(low, sign); i >= 0 && i < end {
			end = i
		}
	}
	return text[:min(end, len(text))]
}

// failedAddress is the address that a line of a bounce is about.
func failedAddress(line string) string {
	line = strings.TrimSpace(line)
	if !strings.Contains(line, "@") || len(line) > 500 {
		return ""
	}
	low := strings.ToLower(line)
	for _, label := range []string{"from:", "sender:", "reply-to:", "message-id:", "return-path:", "subject:", "date:", "cc:", "envelope-from"} {
		if strings.HasPrefix(low, label) {
			return ""
		}
	}
	for _, w := range strings.FieldsFunc(low, func(c rune) bool { return strings.ContainsRune(" \t<>()[]\"',;:", c) }) {
		local, domain, ok := strings.Cut(strings.TrimRight(w, ".…"), "@")
		if ok && local != "" && strings.Contains(domain, ".") && !strings.Contains(local, "postmaster") && !strings.Contains(local, "mailer-daemon") && !strings.ContainsAny(w, "/=") {
			return local + "@" + domain
		}
	}
	return ""
}

// quotedID is the Message-ID of a returned message that stands in the text.
func quotedID(text string) string {
	if len(text) > 256<<10 {
		text = text[:256<<10]
	}
	low := strings.ToLower(text)
	if len(low) != len(text) {
		return ""
	}
	i := strings.Index(low, "message-id:")
	if i < 0 {
		return ""
	}
	rest := text[i+len("message-id:"):]
	if end := strings.IndexByte(rest, '>'); end > 0 && end < 500 && strings.Contains(rest[:end], "<") {
		return firstID(rest[:end+1])
	}
	return ""
}
