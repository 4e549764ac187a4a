package parse_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf8"
)

// property is one property of a message as MS-OXTNEF writes it.
func property(id, kind uint16, value string) []byte {
	b := binary.LittleEndian.AppendUint16(nil, kind)
	b = binary.LittleEndian.AppendUint16(b, id)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	b = append(b, value...)
	return append(b, make([]byte, -len(value)&3)...)
}

// winmail is a winmail.dat of some properties.
func winmail(properties ...[]byte) string {
	data := binary.LittleEndian.AppendUint32(nil, uint32(len(properties)+2))
	data = append(data, 3, 0, 0x17, 0, 1, 0, 0, 0) // a number: the importance
	data = append(data, 0x1e, 0, 0x10, 0x80)       // a named property
	data = append(data, make([]byte, 16)...)
	data = binary.LittleEndian.AppendUint32(data, 1)
	data = binary.LittleEndian.AppendUint32(data, 6)
	data = append(data, "a\x00b\x00\x00\x00\x00\x00"...)
	data = binary.LittleEndian.AppendUint32(data, 1)
	data = binary.LittleEndian.AppendUint32(data, 2)
	data = append(data, "x\x00\x00\x00"...)
	for _, p := range properties {
		data = append(data, p...)
	}
	b := binary.LittleEndian.AppendUint32(nil, 0x223e9f78)
	b = append(b, 1, 0, 1, 0x03, 0x90, 0x06, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	b = append(b, data...)
	b = append(b, 0, 0)
	return "From: a@b.example\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(b) + "\n"
}

// stored is RTF that was not compressed.
func stored(rtf string) string {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(rtf)+12))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(rtf)))
	return string(append(b, "MELA\x00\x00\x00\x00"...)) + rtf
}

func TestWinmail(t *testing.T) {
	packed, err := hex.DecodeString("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct{ raw, want string }{
		"plain":     {winmail(property(0x1000, 0x1e, "I can help with 17.")), "I can help with 17."},
		"wide":      {winmail(property(0x1000, 0x1f, "G\x00r\x00\xfc\x00\xdf\x00e\x00")), "Grüße"},
		"html":      {winmail(property(0x1013, 0x102, "<p>I can <b>help</b></p>")), "I can help"},
		"packed":    {winmail(property(0x1009, 0x102, string(packed))), "hello world"},
		"rtf":       {winmail(property(0x1009, 0x102, stored(`{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Arial;}}{\*\generator x;}\uc1\pard Gr\u252?\'c0\par \u55357?\u56397?\emdash  two\tab\{3\}}`))), "GrüА\n👍— two\t{3}"},
		"html, rtf": {winmail(property(0x1009, 0x102, stored(`{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 I can help\htmlrtf \par}\htmlrtf0{\*\htmltag72 </p>}}`))), "I can help"},
	} {
		m := read(row.raw)
		if got := strings.TrimSpace(m.Text()); got != row.want || m.Kind != "" || len(m.Attachments) != 1 {
			t.Errorf("%s: %q, want %q; kind %q, %v", name, got, row.want, m.Kind, m.Attachments)
		}
	}
	if m := read(winmail()); m.Kind != "tnef" || m.Text() != "" {
		t.Errorf("without text: kind %q, %q", m.Kind, m.Text())
	}
	whole := winmail(property(0x1000, 0x1e, "x"), property(0x1009, 0x102, string(packed)))
	head, body, _ := strings.Cut(whole, "\n\n")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw { // cut anywhere it is still read
		read(head + "\n\n" + base64.StdEncoding.EncodeToString(raw[:i]) + "\n")
	}
}

// Whatever winmail.dat holds, what is read of it is clean.
func FuzzWinmail(f *testing.F) {
	for _, raw := range []string{
		winmail(property(0x1000, 0x1e, "hello")), winmail(property(0x1013, 0x102, "<p>x")),
		winmail(property(0x1009, 0x102, stored(`{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 a\u8217?\'e4\par}}`))),
	} {
		_, body, _ := strings.Cut(raw, "\n\n")
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(body))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m := read("Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(b) + "\n")
		if all := m.Plain + m.HTML; !utf8.ValidString(all) || strings.ContainsRune(all, 0) {
			t.Errorf("not clean: %q", all)
		}
	})
}
