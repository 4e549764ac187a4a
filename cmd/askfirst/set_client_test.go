package main

import (
	"html"
	"strings"
	"testing"

	"askfirst/mailbox/parse"
)

// The mail programs of the labelled set: what each writes around the words of a
// person and around the letter that they answer.

// setMail is one reply before it has bytes.
type setMail struct {
	lang, to, from string
	letter         *parse.Message // nil: a new mail
	words          map[string]string
	subject        string
	said           string           // on top or below
	sign           string           // signature as the person has it
	under          map[int64]string // between the items
	below          bool
	width          int // at which the person's lines are wrapped; 0: not at all
}

// phrase is what a program writes in the writer's language.
func (m *setMail) phrase(name string) string {
	s := m.words[name]
	r := strings.NewReplacer(`\n`, "\n", "{to}", m.to)
	if m.letter != nil {
		r = strings.NewReplacer(`\n`, "\n", "{to}", m.to, "{name}", m.letter.From[0].Name, "{addr}", m.letter.From[0].Email, "{subject}", m.letter.Subject)
	}
	return r.Replace(s)
}

// spoken is what stands on top or below, with the signature.
func (m *setMail) spoken() string {
	s := strings.Join(wrapped(m.said, m.width), "\n")
	if m.sign != "" {
		s += "\n\n" + m.sign
	}
	return s
}

// text is a reply in plain text: the words, the line that introduces the quote,
// the quote.
func (m *setMail) text(introduction, mark string, style, width int) string {
	if m.letter == nil {
		return m.spoken()
	}
	quote := quoteLines(answered(setLines(m.letter, style, width), m.under), mark)
	switch {
	case m.under != nil:
		return introduction + quote
	case m.below:
		return introduction + quote + "\n" + m.spoken()
	}
	return m.spoken() + "\n\n" + introduction + quote
}

// markup is a reply in HTML around a quote that is markup already.
func (m *setMail) markup(open, shut, before, quote, after string) string {
	said := open + marked(m.spoken()) + shut
	switch {
	case m.letter == nil:
		return said
	case m.under != nil:
		return before + quote + after
	case m.below:
		return before + quote + after + "<br>\n" + said
	}
	return said + "<br>\n" + before + quote + after
}

// inside is the letter's markup with what was written between.
func (m *setMail) inside(prefix, open, shut string) string {
	return classed(answeredHTML(setBody(m.letter), m.under, open, shut), prefix)
}

// setClient is a mail program: how it writes text and markup; one of them may be
// missing.
type setClient struct {
	name    string
	text    func(m *setMail) string
	html    func(m *setMail) string
	header  string // a field of its own
	strays  bool   // it sets neither In-Reply-To nor References
	noQuote bool
	top     bool // its people answer on top only
	flowed  bool
}

func setDiv(m *setMail, class, before, quoteOpen, prefix string) string {
	if m.letter == nil {
		return m.markup(`<div dir="ltr">`, "</div>", "", "", "")
	}
	return m.markup(`<div dir="ltr">`, "</div>", `<div class="`+class+`">`+before+quoteOpen, m.inside(prefix, "<div>", "</div>"), "</blockquote></div>")
}

func setAfter(name string, style int, mark string, width int) func(m *setMail) string {
	return func(m *setMail) string {
		introduction := m.phrase(name) + "\n"
		if mark == "" {
			introduction += "\n"
		}
		return m.text(introduction, mark, style, width)
	}
}

// withTail adds a line that phones put under what was written.
func withTail(name string, do func(m *setMail) string) func(m *setMail) string {
	return func(m *setMail) string {
		c := *m
		c.sign = m.phrase(name)
		return do(&c)
	}
}

// ruled is a reply over a block of header lines, as Outlook's.
func ruled(open, shut, rule, prefix string) func(m *setMail) string {
	return func(m *setMail) string {
		if m.letter == nil {
			return m.markup(open, shut, "", "", "")
		}
		block := ""
		for line := range strings.SplitSeq(m.phrase("outlook"), "\n") {
			label, value, _ := strings.Cut(line, ": ")
			block += "<b>" + html.EscapeString(label) + ":</b> " + html.EscapeString(value) + "<br>\n"
		}
		quote := ""
		if prefix == "word" {
			quote = worded(m.letter, m.under)
		} else {
			quote = m.inside(prefix, `<div style="color:rgb(0,0,200)">`, "</div>")
		}
		return m.markup(open, shut, strings.ReplaceAll(rule, "{block}", block), quote, "</div>")
	}
}

const (
	setWebRule  = `<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">{block}</font><div>&nbsp;</div></div><div>`
	setWordRule = `<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><span lang="EN-US">{block}<o:p></o:p></span></p></div></div><div>`
	setMacRule  = `<div id="mail-editor-reference-message-container"><div><div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{block}</p></div></div>`
	setDashes   = "________________________________\n"
)

// setClients are the programs.
func setClients() []setClient {
	office := func(m *setMail) string { return m.text(setDashes+m.phrase("outlook")+"\n\n", "", setAngles, 0) }
	return append([]setClient{
		{name: "outlook desktop", top: true, header: "X-Mailer: Microsoft Outlook 16.0", text: func(m *setMail) string {
			return m.text(m.phrase("outlook")+"\n\n", "", setAngles, 0)
		}, html: ruled(`<div class="WordSection1"><p class="MsoNormal">`, "<o:p></o:p></p>", setWordRule, "word")},
		{name: "outlook web", top: true, text: office, html: ruled(`<div class="elementToProof" style="font-family: Aptos, Arial">`, "</div>", setWebRule, "x_")},
		{name: "outlook phone", top: true, text: withTail("mobile", office), html: withTail("mobile", ruled(`<div dir="auto">`, "</div>", setWebRule, ""))},
		{name: "outlook mac", top: true, text: office, html: ruled(`<div><p class="MsoNormal">`, "</p></div>", setMacRule, "word")},
		{name: "exchange banner", top: true, text: func(m *setMail) string { return m.phrase("banner") + "\n\n" + office(m) },
			html: func(m *setMail) string {
				return `<table border="0" cellspacing="0" width="100%" style="background:#FFEB9C"><tr><td><p>` + html.EscapeString(m.phrase("banner")) + "</p></td></tr></table>\n" +
					ruled(`<div class="elementToProof">`, "</div>", setWebRule, "x_")(m)
			}},
		{name: "outlook text only", top: true, text: func(m *setMail) string { return m.text(m.phrase("original")+"\n\n", "", setBare, 0) }},
		{name: "samsung", strays: true, top: true, text: withTail("galaxy", setAfter("samsung", setBare, "", 0)), html: withTail("galaxy", func(m *setMail) string {
			if m.letter == nil {
				return m.markup(`<div dir="auto">`, "</div>", "", "", "")
			}
			return m.markup(`<div dir="auto">`, "</div>", `<div style="font-size:100%;color:#000000"><!-- originalMessage --><div>`+strings.ReplaceAll(html.EscapeString(m.phrase("samsung")), "\n", "</div><div>")+"</div><div><br></div>", m.inside("", "<div>", "</div>"), "</div>")
		})},
		{name: "notes", text: setAfter("notes", setBare, "", 0), top: true},
		{name: "no quote", noQuote: true, text: (*setMail).spoken},
		{name: "no quote, no thread", noQuote: true, strays: true, text: (*setMail).spoken, html: func(m *setMail) string { return "<p>" + marked(m.spoken()) + "</p>" }},
		{name: "html only, no quote", noQuote: true, html: func(m *setMail) string { return "<html><body><div>" + marked(m.spoken()) + "</div></body></html>" }},
	}, append(setWebClients(), setPlainClients()...)...)
}

func setWebClients() []setClient {
	gmail := func(m *setMail) string {
		return setDiv(m, "gmail_quote gmail_quote_container", `<div dir="ltr" class="gmail_attr">`+html.EscapeString(m.phrase("gmail"))+"<br></div>",
			`<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">`, "m_8215")
	}
	apple := func(m *setMail) string {
		return setDiv(m, "", "<br><blockquote type=\"cite\"><div>"+html.EscapeString(m.phrase("apple"))+"</div><br class=\"Apple-interchange-newline\">", "<div>", "")
	}
	return []setClient{
		{name: "gmail web", text: setAfter("gmail", setStars, "> ", 74), html: gmail},
		{name: "gmail phone", top: true, text: func(m *setMail) string {
			return m.text(strings.Replace(m.phrase("gmail"), " <", "\n<", 1)+"\n\n", "> ", setStars, 74)
		}, html: gmail},
		{name: "apple mail", flowed: true, text: func(m *setMail) string { return m.text("> "+m.phrase("apple")+"\n> \n", "> ", setBare, 0) }, html: apple},
		{name: "iphone", top: true, text: withTail("iphone", func(m *setMail) string { return m.text("> "+m.phrase("apple")+"\n> \n", ">", setBare, 0) }),
			html: withTail("iphone", apple)},
		{name: "yahoo", top: true, text: setAfter("yahoo", setBare, " ", 0), html: func(m *setMail) string {
			return setDiv(m, "ydp1d2 yahoo_quoted", `<div style="font-family:Helvetica">`+html.EscapeString(m.phrase("yahoo"))+"</div><div><br></div>", "<blockquote>", "ydpf0")
		}},
		{name: "proton", text: setAfter("gmail", setBare, "> ", 72), html: func(m *setMail) string {
			return setDiv(m, "protonmail_quote", html.EscapeString(m.phrase("gmail"))+"<br>", `<blockquote class="protonmail_quote" type="cite">`, "")
		}},
		{name: "gmx", top: true, text: func(m *setMail) string { return m.text(m.phrase("outlook")+"\n\n", "", setBare, 0) }, html: func(m *setMail) string {
			if m.letter == nil {
				return m.markup("<div>", "</div>", "", "", "")
			}
			return m.markup(`<div style="font-family: Verdana">`, "</div>", `<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div style="margin:0 0 10px 0;">`+
				marked(m.phrase("outlook"))+`</div><div name="quoted-content">`, m.inside("", "<div>", "</div>"), "</div></div>")
		}},
		{name: "thunderbird", text: setAfter("bird", setBare, "> ", 72), html: func(m *setMail) string {
			return setDiv(m, "", `<div class="moz-cite-prefix">`+html.EscapeString(m.phrase("bird"))+"<br></div>", `<blockquote type="cite" cite="mid:1@x">`, "")
		}},
		{name: "zimbra, html only", top: true, html: func(m *setMail) string {
			if m.letter == nil {
				return m.markup("<div>", "</div>", "", "", "")
			}
			return m.markup("<div>", "</div>", `<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">`+marked(m.phrase("outlook"))+`</div><div data-marker="__QUOTED_TEXT__"><blockquote style="border-left:2px solid #1010FF">`,
				m.inside("", "<div>", "</div>"), "</blockquote></div>")
		}},
		{name: "spark", top: true, html: func(m *setMail) string {
			if m.letter == nil {
				return m.markup(`<div name="messageBodySection">`, "</div>", "", "", "")
			}
			return m.markup(`<div name="messageBodySection"><div dir="auto">`, "</div></div>", `<div name="messageReplySection">`+html.EscapeString(m.phrase("apple"))+`<br/><blockquote type="cite">`, m.inside("", "<div>", "</div>"), "</blockquote></div>")
		}},
	}
}

func setPlainClients() []setClient {
	return []setClient{
		{name: "thunderbird, text", flowed: true, text: setAfter("bird", setOwnText, "> ", 72)},
		{name: "k-9", text: withTail("k9", setAfter("apple", setOwnText, ">", 0))},
		{name: "mutt", header: "User-Agent: Mutt/2.2.12", text: func(m *setMail) string {
			return m.text("On Tue, Dec 01, 2026 at 07:30:00AM +0000, "+m.phrase("who")+" wrote:\n", "> ", setOwnText, 0)
		}},
		{name: "s-nail", header: "User-Agent: s-nail v14.9.24", text: func(m *setMail) string {
			return m.text(m.phrase("who")+" wrote:\n\n", "\t", setOwnText, 0)
		}},
		{name: "evolution", text: func(m *setMail) string {
			return m.text("On Tue, 2026-12-01 at 07:30 +0000, "+m.phrase("who")+" wrote:\n", "> ", setOwnText, 0)
		}},
		{name: "roundcube", text: func(m *setMail) string {
			return m.text("On 2026-12-01 07:30, "+m.phrase("who")+" wrote:\n", "> ", setOwnText, 0)
		}},
	}
}

// setPhrases is what programs write, by language and name.
func setPhrases(t testing.TB) map[string]map[string]string {
	found := map[string]map[string]string{}
	for _, row := range setRows(t, "clients.txt", 3) {
		if found[row[0]] == nil {
			found[row[0]] = map[string]string{"who": "{name}"}
		}
		found[row[0]][row[1]] = row[2]
	}
	for lang, phrases := range found {
		if len(phrases) != len(found["en"]) {
			t.Fatalf("clients.txt: %s has %d phrases, en has %d", lang, len(phrases), len(found["en"]))
		}
	}
	return found
}
