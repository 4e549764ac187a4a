package main

import (
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

// What a command prints holds words from mails, from mail servers, from files:
// strangers can write to the screen of whoever looks after the exchange. An
// escape sequence there can change what was printed before, set the window's
// title or answer in the operator's name; a bidirectional control makes a line
// read as another. So every byte that we print goes through here.

// terminal passes on text and spells out everything that a terminal obeys. The
// spelling is JSON's (RFC 8259 section 7), so that what is JSON stays the same
// JSON.
type terminal struct {
	to   io.Writer
	rest []byte // the beginning of a character whose end was not written yet
}

func (t *terminal) Write(p []byte) (int, error) {
	in := p
	if len(t.rest) > 0 {
		in = append(t.rest, p...)
		t.rest = nil
	}
	out := make([]byte, 0, len(in)+len(in)/8)
	for i := 0; i < len(in); {
		r, size := utf8.DecodeRune(in[i:])
		switch {
		case r == utf8.RuneError && size == 1 && !utf8.FullRune(in[i:]), r == '\r' && i+1 == len(in):
			t.rest = append([]byte(nil), in[i:]...)
			size = len(in) - i
		case r == utf8.RuneError && size == 1:
			out = append(out, "\uFFFD"...)
		case r == '\r' && i+1 < len(in) && in[i+1] == '\n':
			out = append(out, '\r')
		case obeyed(r):
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = append(out, in[i:i+size]...)
		}
		i += size
	}
	if _, err := t.to.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// obeyed says whether a terminal does something else with a character than draw
// it: the controls of ECMA-48, also in their eight-bit forms, and those of the
// bidirectional algorithm (Unicode TR 9 section 2).
func obeyed(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < ' ', r >= 0x7F && r <= 0x9F:
		return true
	case r == 0x061C, r == 0x200E, r == 0x200F, r >= 0x2028 && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

// guard puts everything that a command prints behind a terminal. What is asked
// for byte by byte goes out as it is, but not to a screen.
func (a *app) guard() {
	if a.raw != nil {
		return
	}
	a.raw = a.out
	a.out, a.err = &terminal{to: a.out}, &terminal{to: a.err}
	if f, ok := a.raw.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			a.raw = a.out
		}
	}
}
