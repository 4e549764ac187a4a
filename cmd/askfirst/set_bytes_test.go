package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"mime"
	"mime/quotedprintable"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// From a reply to its bytes: transfer encodings, charsets, flowed lines. What a
// case looks like follows from its name alone.

// setRandom is the chance of a case: always the same one.
func setRandom(name string) *rand.Rand {
	return rand.New(rand.NewPCG(setSum(name), 1))
}

func setSum(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// setPart is one text as a MIME part with its header.
func setPart(kind, text string, flowed bool, chance *rand.Rand) string {
	charset, body := "utf-8", []byte(crlf(text))
	if chance.IntN(3) == 0 {
		name, table := "iso-8859-1", charmap.ISO8859_1
		if chance.IntN(2) == 0 {
			name, table = "windows-1252", charmap.Windows1252
		}
		if b, err := table.NewEncoder().Bytes(body); err == nil {
			charset, body = name, b
		}
	}
	more := ""
	if flowed && kind == "plain" {
		more = "; format=flowed"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "Content-Type: text/%s; charset=%s%s\r\n", kind, charset, more)
	switch chance.IntN(3) {
	case 0:
		b.WriteString("Content-Transfer-Encoding: 8bit\r\n\r\n")
		b.Write(body)
	case 1:
		b.WriteString("Content-Transfer-Encoding: quoted-printable\r\n\r\n")
		w := quotedprintable.NewWriter(&b)
		w.Write(body)
		w.Close()
	default:
		b.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
		coded := base64.StdEncoding.EncodeToString(body)
		for len(coded) > 76 {
			b.WriteString(coded[:76] + "\r\n")
			coded = coded[76:]
		}
		b.WriteString(coded + "\r\n")
	}
	return b.String()
}

// softly breaks long lines softly (RFC 3676 section 4.2), quoted ones with their
// mark.
func softly(text string) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if line == "-- " {
			out = append(out, line)
			continue
		}
		mark := ""
		for strings.HasPrefix(line, ">") {
			line, mark = strings.TrimPrefix(line[1:], " "), mark+">"
		}
		if mark != "" {
			mark += " "
		} else if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "From ") {
			mark = " " // space-stuffing, section 4.4
		}
		pieces := wrapped(strings.TrimRight(line, " "), 66)
		for i, p := range pieces {
			if i < len(pieces)-1 {
				p += " "
			}
			out = append(out, mark+p)
		}
	}
	return strings.Join(out, "\n")
}

// bytes is the whole message.
func (m *setMail) bytes(c setClient, id string, chance *rand.Rand) []byte {
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("Received", "from mail.carpenter.example by mx.carpenter.example; Tue, 1 Dec 2026 09:30:00 +0000")
	field("From", encoded(m.to)+" <"+m.from+">")
	field("To", "<"+townHelp+">")
	coding := mime.QEncoding
	if chance.IntN(2) == 0 {
		coding = mime.BEncoding
	}
	field("Subject", strings.ReplaceAll(coding.Encode("utf-8", m.subject), "?= =?", "?=\r\n =?"))
	field("Date", "Tue, 1 Dec 2026 09:29:00 +0000")
	field("Message-ID", id)
	if m.letter != nil && !c.strays {
		field("In-Reply-To", m.letter.MessageID)
		field("References", strings.Join(append(m.letter.References, m.letter.MessageID), "\r\n "))
	}
	if c.header != "" {
		b.WriteString(c.header + "\r\n")
	}
	field("MIME-Version", "1.0")
	var parts []string
	if c.text != nil {
		text := c.text(m)
		if c.flowed {
			text = softly(text)
		}
		parts = append(parts, setPart("plain", text, c.flowed, chance))
	}
	if c.html != nil {
		parts = append(parts, setPart("html", `<html><head><meta http-equiv="Content-Type" content="text/html"></head><body>`+c.html(m)+"</body></html>", false, chance))
	}
	if len(parts) == 1 {
		b.WriteString(parts[0])
		return b.Bytes()
	}
	boundary := fmt.Sprintf("=_%x", chance.Uint64())
	fmt.Fprintf(&b, "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n", boundary)
	for _, p := range parts {
		b.WriteString("--" + boundary + "\r\n" + p + "\r\n")
	}
	b.WriteString("--" + boundary + "--\r\n")
	return b.Bytes()
}
