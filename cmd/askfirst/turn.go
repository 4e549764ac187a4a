package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
)

// senderOf names whoever seems to have written a message, for nothing but the
// order in which messages are decided (store/turn.go). It looks for the first
// From field and parses nothing: no attempt is counted yet, and a message that
// ends its reader must not do so here. What it gets wrong costs nobody more than
// a place in the queue. The address does not go into the book.
func senderOf(raw []byte) string {
	raw = raw[:min(len(raw), 64<<10)]
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		line = bytes.TrimRight(line, "\r ")
		if len(line) == 0 {
			return ""
		}
		raw = rest
		if len(line) < 5 || !bytes.EqualFold(line[:5], []byte("from:")) {
			continue
		}
		value := line[5:]
		for len(rest) > 0 && len(value) < 1000 && (rest[0] == ' ' || rest[0] == '\t') { // RFC 5322 section 2.2.3
			line, rest, _ = bytes.Cut(rest, []byte("\n"))
			value = append(value[:len(value):len(value)], line...)
		}
		if i := bytes.LastIndexByte(value, '<'); i >= 0 {
			value, _, _ = bytes.Cut(value[i+1:], []byte(">"))
		}
		sum := sha256.Sum256(bytes.ToLower(bytes.TrimSpace(value)))
		return hex.EncodeToString(sum[:8])
	}
	return ""
}
