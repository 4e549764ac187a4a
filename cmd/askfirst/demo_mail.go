package main

import (
	"bytes"
	"fmt"
	"html"
	"mime"
	"strings"
	"time"

	"askfirst/mailbox/parse"
)

// How the people of the demo write: each as their mail program would.

// note is one mail from a person.
type note struct {
	from, name string
	subject    string
	at         time.Time
	id         string
	answers    *parse.Message // the letter it answers; nil: a new mail
	extra      []string       // further header fields
	text       string
	html       string
	photo      bool // with a picture attached
}

func (n note) bytes() []byte {
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("From", fmt.Sprintf("%s <%s>", mime.QEncoding.Encode("utf-8", n.name), n.from))
	field("To", "<"+demoHelp+">")
	field("Subject", mime.QEncoding.Encode("utf-8", n.subject))
	field("Date", n.at.Format(time.RFC1123Z))
	field("Message-ID", n.id)
	if n.answers != nil {
		field("In-Reply-To", n.answers.MessageID)
		field("References", strings.Join(append(n.answers.References, n.answers.MessageID), "\r\n "))
	}
	for _, f := range n.extra {
		b.WriteString(f + "\r\n")
	}
	field("MIME-Version", "1.0")
	text := "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + crlf(n.text)
	switch {
	case n.html != "":
		b.WriteString("Content-Type: multipart/alternative; boundary=\"both\"\r\n\r\n--both\r\n" + text +
			"\r\n--both\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + crlf(n.html) + "\r\n--both--\r\n")
	case n.photo:
		b.WriteString("Content-Type: multipart/mixed; boundary=\"mix\"\r\n\r\n--mix\r\n" + text +
			"\r\n--mix\r\nContent-Type: image/jpeg; name=\"old-microscope.jpg\"\r\nContent-Disposition: attachment; filename=\"old-microscope.jpg\"\r\nContent-Transfer-Encoding: base64\r\n\r\n/9j/4AAQSkZJRg==\r\n--mix--\r\n")
	default:
		b.WriteString(text)
	}
	return b.Bytes()
}

func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n") + "\r\n"
}

// phone answers on top, with the letter quoted below and no HTML.
func phone(n note) note {
	n.text = n.text + "\n\nSent from my phone\n\n" + attribution(n.answers) + "\n" + quote(n.answers.Plain)
	return n
}

// webmail answers on top of an HTML quote.
func webmail(n note) note {
	said := n.text
	n.text = said + "\n\n" + attribution(n.answers) + "\n\n" + quote(n.answers.Plain)
	n.html = fmt.Sprintf(`<div dir="ltr">%s</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">%s<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">%s</blockquote></div>`,
		strings.ReplaceAll(html.EscapeString(said), "\n", "<br>"), html.EscapeString(attribution(n.answers)), n.answers.HTML)
	return n
}

// office answers as Outlook does: no quote marks, a block of header lines, and
// the whole letter below.
func office(n note) note {
	said, a := n.text, n.answers
	block := fmt.Sprintf("From: %s <%s>\nSent: %s\nTo: %s\nSubject: %s", a.From[0].Name, a.From[0].Email, a.Date.Format("02 January 2006 15:04"), n.name, a.Subject)
	n.text = said + "\n\n________________________________\n" + block + "\n\n" + a.Plain
	n.html = fmt.Sprintf(`<html><body lang="EN-GB"><div class="WordSection1"><p class="MsoNormal">%s<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b><span lang="EN-US">From:</span></b><span lang="EN-US"> %s</span></p></div></div>%s</div></body></html>`,
		strings.ReplaceAll(html.EscapeString(said), "\n", "</p><p class=\"MsoNormal\">"), strings.ReplaceAll(html.EscapeString(strings.TrimPrefix(block, "From: ")), "\n", "<br>"), a.HTML)
	return n
}

func attribution(m *parse.Message) string {
	return fmt.Sprintf("On %s, %s <%s> wrote:", m.Date.Format("Mon, 2 Jan 2006 at 15:04"), m.From[0].Name, m.From[0].Email)
}

func quote(text string) string {
	return "> " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n> ")
}
