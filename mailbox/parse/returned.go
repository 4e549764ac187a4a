package parse

import "strings"

// A report often carries the message it is about: as a part of its own, or as
// text below the report's.

// returned cuts a bounce's text where the returned message begins.
func returned(text string) string {
	low := strings.ToLower(text)
	if len(low) != len(text) {
		low = text
	}
	end := len(low)
	for _, sign := range [...]string{"\nreceived: ", "\nreturn-path: ", "--- original message", "original message follows", "copy of the message", "copy of your message", "--- unsent message", "returned message", "unsent message follows", "message header follows", "original message header", "original message -", "\nmessage-id: ",
		"ursprüngliche nachrichtenkopfzeilen", "en-têtes de message d'origine", "encabezados del mensaje original", "oorspronkelijke berichtkoppen", "intestazioni originali del messaggio"} {
		if i := strings.Index(low, sign); i >= 0 && i < end {
			end = i
		}
	}
	return text[:end]
}

// textHeader is the header of a message that stands in a text.
func (r *reader) textHeader(text string) Header {
	it := lines{rest: []byte(head(text, longestProse))}
	for n := 0; n < 40; n++ {
		line, ok := it.scan()
		if !ok {
			return nil
		}
		name, _, ok := field(line)
		if !ok {
			continue
		}
		switch strings.ToLower(name) {
		case "received", "return-path", "from", "to", "date", "subject", "message-id", "delivered-to", "mime-version", "x-originating-ip", "dkim-signature", "sender", "reply-to", "authentication-results":
			header, _ := r.headerBlock(append(append([]byte{}, line...), append([]byte{'\n'}, it.rest...)...))
			return header
		}
	}
	return nil
}

// unquoted is a text without the marks of quoting and without the indentation
// of lines that have them or look like fields.
func unquoted(text string) string {
	if !strings.Contains(text, "\n>") && !strings.HasPrefix(text, ">") && !strings.Contains(text, "\n ") && !strings.Contains(text, "\n\t") {
		return text
	}
	var b strings.Builder
	for _, line := range strings.Split(head(text, longestProse), "\n") {
		plain := strings.TrimLeft(line, "> \t")
		if _, _, ok := field([]byte(plain)); ok || strings.HasPrefix(line, ">") && !strings.HasPrefix(line, ">>>") {
			quote := line[:len(line)-len(plain)]
			if i := strings.LastIndexByte(quote, '>'); i >= 0 { // what was folded stays folded
				if blank := quote[i+1:]; len(blank) > 1 {
					plain = blank[1:] + plain
				}
			}
			line = plain
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// quotedID is the Message-ID of a returned message that stands in the text.
func quotedID(text string) string {
	text = head(text, 256<<10)
	low := strings.ToLower(text)
	if len(low) != len(text) {
		return ""
	}
	for range 20 {
		i := strings.Index(low, "message-id:")
		if i < 0 {
			return ""
		}
		text, low = text[i+len("message-id:"):], low[i+len("message-id:"):]
		line := strings.TrimLeft(head(text, 500), " \t\r\n>")
		if !strings.HasPrefix(line, "<") {
			continue
		}
		if end := strings.IndexByte(line, '>'); end > 0 && !strings.ContainsAny(line[:end], " \n") {
			return firstID(line[:end+1])
		}
	}
	return ""
}

// head is the beginning of a text, cut between characters.
func head(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
