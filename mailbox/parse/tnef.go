package parse

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// Outlook can wrap a whole message into one attachment, winmail.dat (MS-OXTNEF).
// Only the text is taken out of it: the plain body, the HTML body, or the RTF
// that either was turned into. What is attached inside stays inside.

func tnef(kind string) bool {
	return kind == "application/ms-tnef" || kind == "application/vnd.ms-tnef"
}

// tnef is the text of a message that has no other.
func (r *reader) tnef(p *part) segment {
	s := tnefText(decodeTransfer(p.body, p.encoding))
	if room := longestTexts - r.texts; len(s.plain)+len(s.html) > room {
		return segment{}
	}
	r.texts += len(s.plain) + len(s.html)
	return s
}

// tnefText is the text in a winmail.dat, as far as it can be read.
func tnefText(b []byte) segment {
	const signature, body, properties = 0x223e9f78, 0x800c, 0x9003
	var s segment
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != signature {
		return s
	}
	b = b[6:]
	for n := 0; n < 1000 && len(b) >= 11; n++ { // level, attribute, length, data, checksum
		id, size := binary.LittleEndian.Uint16(b[1:]), uint64(binary.LittleEndian.Uint32(b[5:]))
		if b[0] != 1 || size+11 > uint64(len(b)) { // level 2 holds the attachments
			break
		}
		data := b[9 : 9+size]
		b = b[11+size:]
		switch id {
		case body:
			s.plain = decodeText(data[:min(len(data), longestText)], "")
		case properties:
			if found := mapiText(data); !found.empty() {
				return found
			}
		}
	}
	return s
}

// mapiText looks for the bodies among the properties of a message (MS-OXTNEF
// section 2.1.3.4).
func mapiText(b []byte) segment {
	r := little{b: b}
	var plain, html, rich []byte
	wide := false
	for count := min(r.u32(), 5000); count > 0 && !r.bad; count-- {
		kind, id := r.u16(), r.u16()
		if id >= 0x8000 { // a named property: its set, then a number or a name
			r.take(16)
			if r.u32() == 0 {
				r.take(4)
			} else {
				r.padded(r.u32())
			}
		}
		values := uint32(1)
		if variable := kind&0xfff == 0x1e || kind&0xfff == 0x1f || kind&0xfff == 0x102 || kind&0xfff == 0x0d; variable || kind&0x1000 != 0 {
			values = r.u32()
		}
		for ; values > 0 && !r.bad; values-- {
			value := r.value(kind & 0xfff)
			switch id {
			case 0x1000:
				plain, wide = value, kind == 0x1f
			case 0x1013:
				html = value
			case 0x1009:
				rich = value
			}
		}
	}
	var s segment
	if s.plain = decodeText(plain[:min(len(plain), longestText)], ""); wide {
		s.plain = clean(utf16Text(plain))
	}
	if len(html) > 0 {
		html = html[:min(len(html), longestText)]
		s.html = decodeText(html, metaCharset(html))
	}
	if s.empty() {
		return rtfText(unpackRTF(rich))
	}
	return s
}

func utf16Text(b []byte) string {
	b = b[:min(len(b), 2*longestText)]
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, binary.LittleEndian.Uint16(b))
	}
	return strings.TrimRight(string(utf16.Decode(units)), "\x00")
}

// little reads little-endian values one after another; bad when they ended.
type little struct {
	b   []byte
	bad bool
}

func (r *little) take(n uint32) []byte {
	if uint64(n) > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

// padded takes a value and what fills it up to four bytes.
func (r *little) padded(n uint32) []byte {
	out := r.take(n)
	r.take(min(-n&3, uint32(len(r.b))))
	return out
}

func (r *little) u16() uint16 {
	if b := r.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (r *little) u32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// value takes one value of a property's type.
func (r *little) value(kind uint16) []byte {
	switch kind {
	case 0x1e, 0x1f, 0x102, 0x0d: // strings, bytes, an object
		return r.padded(r.u32())
	case 0x05, 0x06, 0x07, 0x14, 0x40:
		return r.take(8)
	case 0x48:
		return r.take(16)
	}
	return r.take(4)
}

// unpackRTF undoes the compression of MS-OXRTFCP: pieces of what came before,
// in a window of 4,096 bytes that begins with the words of every document.
func unpackRTF(b []byte) []byte {
	const (
		stored, packed = 0x414c454d, 0x75465a4c
		common         = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
	)
	if len(b) < 16 {
		return nil
	}
	size, method := binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
	b = b[16:]
	if method == stored {
		return b[:min(len(b), int(min(size, longestText)))]
	}
	if method != packed {
		return nil
	}
	var window [4096]byte
	at := copy(window[:], common)
	out := make([]byte, 0, min(size, longestText))
	put := func(c byte) {
		out = append(out, c)
		window[at] = c
		at = (at + 1) % len(window)
	}
	for len(b) > 0 && len(out) < longestText {
		flags := b[0]
		b = b[1:]
		for bit := 0; bit < 8 && len(b) > 0; bit++ {
			if flags>>bit&1 == 0 {
				put(b[0])
				b = b[1:]
				continue
			}
			if len(b) < 2 {
				return out
			}
			from, n := int(b[0])<<4|int(b[1]>>4), int(b[1]&15)+2
			b = b[2:]
			if from == at {
				return out
			}
			for ; n > 0; n-- {
				put(window[from])
				from = (from + 1) % len(window)
			}
		}
	}
	return out
}
