package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"unicode"
)

// What the log says: one line a decision, and neither a secret nor a body nor an
// address. Servers like to repeat the address that they refuse, and errors carry
// their words, so every text is looked through before it is written.

// newLog writes lines of text without addresses.
func newLog(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "stack" {
			return a // our own code, whose paths hold an "@" before versions
		}
		switch value := a.Value.Any().(type) {
		case string:
			a.Value = slog.StringValue(withoutAddresses(value))
		case error:
			a.Value = slog.StringValue(withoutAddresses(value.Error()))
		}
		return a
	}}))
}

// discreet is an error whose text names no address.
type discreet struct{ error }

func (d discreet) Error() string { return withoutAddresses(d.error.Error()) }
func (d discreet) Unwrap() error { return d.error }

// withoutAddresses puts a short hash in place of every address, so that two
// lines about the same one can still be told to be so.
func withoutAddresses(s string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(s, '@')
		if at < 0 {
			b.WriteString(s)
			return b.String()
		}
		start := strings.LastIndexFunc(s[:at], func(r rune) bool { return !ofLocalPart(r) }) + 1
		if start > 0 { // behind the whole rune that was found
			for start < at && s[start]&0xC0 == 0x80 {
				start++
			}
		}
		end := len(s)
		if i := strings.IndexFunc(s[at+1:], func(r rune) bool { return !ofDomain(r) }); i >= 0 {
			end = at + 1 + i
		}
		address := strings.Trim(s[start:end], "'.")
		if start == at || end == at+1 {
			b.WriteString(s[:at+1])
			s = s[at+1:]
			continue
		}
		b.WriteString(s[:start])
		sum := sha256.Sum256([]byte(strings.ToLower(address)))
		b.WriteString("address:" + hex.EncodeToString(sum[:4]))
		s = s[end:]
	}
}

func ofLocalPart(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r >= 0x80 && unicode.IsGraphic(r) && !unicode.IsSpace(r) || strings.ContainsRune("!#$%&'*+.?^_`{|}~-", r)
}

func ofDomain(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '.' || r == '-'
}

// whatPanicked is a panic's value fit for the log: the runtime's own words, and
// of anything else the type alone, since it may hold what was being read.
func whatPanicked(value any) string {
	if err, ok := value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("a value of type %T", value)
}
