package parse

import "strings"

// unflow joins the lines of format=flowed text (RFC 3676 section 4): a line
// that ends in a blank goes on in the next one of the same quote depth.
// DelSp says that the blank itself is not part of the text.
func unflow(s string, delSp bool) string {
	var out strings.Builder
	out.Grow(len(s))
	open := -1 // quote depth of the paragraph that goes on; -1: none
	for len(s) > 0 {
		line := s
		if i := strings.IndexByte(s, '\n'); i >= 0 {
			line, s = s[:i], s[i+1:]
		} else {
			s = ""
		}
		depth := 0
		for depth < len(line) && line[depth] == '>' {
			depth++
		}
		text := strings.TrimPrefix(line[depth:], " ") // space-stuffing, section 4.4
		signature := text == "-- "
		if open >= 0 && (open != depth || signature) {
			out.WriteByte('\n')
			open = -1
		}
		if open < 0 && depth > 0 {
			out.WriteString(line[:depth])
			out.WriteByte(' ')
		}
		flows := strings.HasSuffix(text, " ") && !signature
		if flows && delSp {
			text = text[:len(text)-1]
		}
		out.WriteString(text)
		if flows {
			open = depth
			continue
		}
		open = -1
		out.WriteByte('\n')
	}
	return out.String()
}
