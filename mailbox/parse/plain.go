package parse

import "bytes"

// plain says why another reader might see other fields than we do in the header
// on top of b; "" when nobody can. We forgive nearly everything, and whoever
// vouched for the sender may have forgiven something else: a field that one of
// us takes for From and the other does not see would be a hole. b has LF line
// ends.
func plain(b []byte, got Header, limits Limits) string {
	fields, octets := 0, 0
	it := lines{rest: b}
	for n := 0; ; n++ {
		line, ok := it.scan()
		if !ok || len(line) == 0 {
			break
		}
		octets += len(line) + 1
		switch {
		case n >= limits.HeaderLines || octets > limits.HeaderBytes:
			return "the header is too long to be read whole"
		case n == 0 && mboxLine(line):
			continue
		case bytes.IndexByte(line, 0) >= 0 || bytes.IndexByte(line, '\r') >= 0:
			return "the header holds NUL or lone CR characters"
		case line[0] == ' ' || line[0] == '\t':
			if fields == 0 || len(bytes.TrimSpace(line)) == 0 {
				return "a line of the header is blank or belongs to no field"
			}
		default:
			name, _, ok := field(line)
			if !ok || line[len(name)] != ':' { // RFC 5322 section 2.2: no blank before the colon
				return "a line of the header is no field"
			}
			fields++
		}
	}
	if fields != len(got) {
		return "the header begins or ends in an unusual way"
	}
	return ""
}
