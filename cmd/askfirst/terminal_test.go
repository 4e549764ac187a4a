package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTerminal(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"Grüße, Zoë 🙋 שלום\n\ta\r\n", "Grüße, Zoë 🙋 שלום\n\ta\r\n"},
		{"\x1b[31mred\x1b]0;title\x07", `\u001b[31mred\u001b]0;title\u0007`},
		{"eight bit \u009b31m and \u009d0;x\u009c", `eight bit \u009b31m and \u009d0;x\u009c`},
		{"over\rwritten\b\b\x7f\x00", `over\u000dwritten\u0008\u0008\u007f\u0000`},
		{"\u202etxt.exe\u202c \u2066x\u2069 \u200f", `\u202etxt.exe\u202c \u2066x\u2069 \u200f`},
		{"a\xffb\x9b31m", "a\uFFFDb\uFFFD31m"},
		{"a\u2028b", `a\u2028b`},
	} {
		for size := 1; size <= len(test.in); size++ { // however it is cut
			var b bytes.Buffer
			w := &terminal{to: &b}
			for rest := []byte(test.in); len(rest) > 0; {
				n := min(size, len(rest))
				if _, err := w.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if b.String() != test.want {
				t.Errorf("%q in pieces of %d: %q, want %q", test.in, size, b.String(), test.want)
			}
		}
	}
}

// FuzzTerminal: nothing that a terminal obeys passes, text passes as it is, and
// JSON stays what it is.
func FuzzTerminal(f *testing.F) {
	f.Add("Grüße\n", "\x1b[31m")
	f.Add("\u009b", "\u202e\xff")
	f.Fuzz(func(t *testing.T, one, two string) {
		var b bytes.Buffer
		w := &terminal{to: &b}
		for _, s := range []string{one, two} {
			if n, err := w.Write([]byte(s)); err != nil || n != len(s) {
				t.Fatal(n, err)
			}
		}
		for i, r := range b.String() {
			if obeyed(r) && !(r == '\r' && strings.HasPrefix(b.String()[i:], "\r\n")) || !utf8.ValidString(b.String()) {
				t.Fatalf("%q passes %q", one+two, b.String())
			}
		}
		raw, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		b.Reset()
		if _, err := (&terminal{to: &b}).Write(raw); err != nil {
			t.Fatal(err)
		}
		var before, after string
		if err := json.Unmarshal(raw, &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b.Bytes(), &after); err != nil || before != after {
			t.Fatalf("%q is %q after it was printed as JSON (%v)", before, after, err)
		}
	})
}

func inBase64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// TestCommandsPrintNoControls sends a mail that is full of what terminals obey
// and looks at it with every command that shows something of it.
func TestCommandsPrintNoControls(t *testing.T) {
	w := inProcess(t)
	const evil = "\x1b[2J\x1b]0;owned\x07 \u009b31m\u202e\u2066\x7f\x08"
	if err := w.put(townHelp, []byte("From: =?utf-8?B?"+inBase64("Priya "+evil)+"?= <priya@carpenter.example>\r\nTo: help@carpenter.example\r\nSubject: =?utf-8?B?"+inBase64("Forty chairs "+evil)+
		"?=\r\nMessage-ID: <a\x1b[31mb@x.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nCould somebody lend me forty chairs "+evil+" on Friday?\r\n")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "evil\x1b[31m.eml")
	if err := os.WriteFile(file, []byte("From: priya@carpenter.example\r\nSubject: chairs \x1b[31m\r\n\r\nCould you lend me chairs? "+evil), 0o600); err != nil {
		t.Fatal(err)
	}
	w.run("once", "--at", "2026-11-20T10:00:00Z")
	for _, args := range [][]string{
		{"asks"}, {"status"}, {"outbox", "list"}, {"why", "<a\x1b[31mb@x.example>"}, {"quarantine", "list"}, {"explain", file}, {"explain", "--trace", file}, {"explain", "--json", file},
		{"explain", file + "\x1b[31m"}, {"preview", "--for", "mark@carpenter.example", "--date", "2026-11-23", "--at", "2026-11-23T07:30:00Z"}, {"preview", "--for", "mark@carpenter.example", "--html", "--date", "2026-11-23", "--at", "2026-11-23T07:30:00Z"}, {"ask\x1b[31ms"}, {"--config", "x\x1b[31m", "status"},
		{"forget", "x\x1b[31m@y.example"}, {"audit"},
	} {
		out, errs, _ := w.run(args...)
		out += errs
		if i := strings.IndexFunc(out, obeyed); i >= 0 {
			t.Errorf("%q prints %q", args, out[max(0, i-40):min(len(out), i+40)])
		}
	}
}
