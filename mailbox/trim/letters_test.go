package trim_test

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"askfirst/mailbox/trim"
)

const digestText = `3 colleagues asked for help today
Greenfield Help Exchange, Friday 21 November

To help, answer this mail and start with the number.
Your answer goes to the Help Exchange, not to everybody.

Yours

#14 Spare whiteboard pens: 2 offers. Sorted? Answer with the number
and the word sorted.

New today

#17 Borrow a microscope for Year 8 on Thursday
I need one working microscope (x100 or better) for a single lesson,
Thursday 27 Nov, period 3. I can collect and return it the same day.
Priya N., Science, Hill Road / needed by Thu 27 Nov

Still waiting, be the first

#11 Someone who speaks Tigrinya for a 15-minute call
A new family joins us on Monday; a welcome in their own language.
Sam D., Admissions, Hill Road / needed by Mon 24 Nov / waiting 3 days

Also open

#8 A class set of Macbeth for two weeks (2 offers)

Thank you

Priya N. thanks Mark E., who lent a projector with an hour's notice
and stayed to plug it in.

Need something yourself?

Write one or two lines to help@greenfield.example.

-- 
Sent on school days at 07:30 to staff of Greenfield Schools.
Answer pause, weekly, stop or help to change this.
`

const digestHTML = `<!doctype html><html lang="en" dir="ltr"><head><meta charset="utf-8"><title>3 asks</title><style>a{color:#123}</style></head>
<body><div lang="en" dir="ltr"><table role="presentation" width="100%"><tr><td>
<h1>3 colleagues asked for help today</h1><p>Greenfield Help Exchange, Friday 21 November</p>
<p>To help, answer this mail and start with the number. Your answer goes to the Help Exchange, not to everybody.</p>
<h2>Yours</h2><p>#14 Spare whiteboard pens: 2 offers. Sorted? Answer with the number and the word sorted.</p>
<h2>New today</h2>
<table role="presentation"><tr><td><h3>#17 Borrow a microscope for Year 8 on Thursday</h3>
<p>I need one working microscope (x100 or better) for a single lesson, Thursday 27 Nov, period 3. I can collect and return it the same day.</p>
<p>Priya N., Science, Hill Road &middot; needed by Thu 27 Nov</p>
<table role="presentation"><tr><td bgcolor="#225588"><a href="mailto:help@greenfield.example?subject=I%20can%20help%20with%20%2317">I can help with #17</a></td><td><a href="mailto:help@greenfield.example?subject=I%20know%20who">I know who to ask</a></td></tr></table></td></tr></table>
<h2>Still waiting, be the first</h2>
<table role="presentation"><tr><td><h3>#11 Someone who speaks Tigrinya for a 15-minute call</h3>
<p>A new family joins us on Monday; a welcome in their own language.</p>
<p>Sam D., Admissions, Hill Road &middot; needed by Mon 24 Nov &middot; waiting 3 days</p>
<table role="presentation"><tr><td bgcolor="#225588"><a href="mailto:help@greenfield.example?subject=x">I can help with #11</a></td><td><a href="mailto:help@greenfield.example?subject=y">I know who to ask</a></td></tr></table></td></tr></table>
<h2>Also open</h2><p>#8 A class set of Macbeth for two weeks (2 offers)</p>
<h2>Thank you</h2><p>Priya N. thanks Mark E., who lent a projector with an hour&rsquo;s notice and stayed to plug it in.</p>
<h2>Need something yourself?</h2><p>Write one or two lines to <a href="mailto:help@greenfield.example">help@greenfield.example</a>.</p>
<p>Sent on school days at 07:30 to staff of Greenfield Schools. Answer pause, weekly, stop or help to change this.</p>
</td></tr></table></div></body></html>`

func digest() []trim.Letter {
	return []trim.Letter{{Key: "digest/2026-11-21", Text: digestText, HTML: digestHTML, Asks: []int64{14, 17, 11, 8}}}
}

// flattened is the HTML digest as programs turn it into text.
const flattened = `3 colleagues asked for help today

Greenfield Help Exchange, Friday 21 November

To help, answer this mail and start with the number. Your answer goes to
the Help Exchange, not to everybody.
Yours

#14 Spare whiteboard pens: 2 offers. Sorted? Answer with the number and the
word sorted.
New today
#17 Borrow a microscope for Year 8 on Thursday

I need one working microscope (x100 or better) for a single lesson,
Thursday 27 Nov, period 3. I can collect and return it the same day.

Priya N., Science, Hill Road · needed by Thu 27 Nov
I can help with #17
<mailto:help@greenfield.example?subject=I%20can%20help%20with%20%2317> I
know who to ask
<mailto:help@greenfield.example?subject=I%20know%20who>
Still waiting, be the first
#11 Someone who speaks Tigrinya for a 15-minute call

A new family joins us on Monday; a welcome in their own language.

Sam D., Admissions, Hill Road · needed by Mon 24 Nov · waiting 3 days
I can help with #11 <mailto:help@greenfield.example?subject=x> I know who
to ask <mailto:help@greenfield.example?subject=y>
Also open

#8 A class set of Macbeth for two weeks (2 offers)
Thank you

Priya N. thanks Mark E., who lent a projector with an hour’s notice and
stayed to plug it in.
Need something yourself?

Write one or two lines to help@greenfield.example.

Sent on school days at 07:30 to staff of Greenfield Schools. Answer pause,
weekly, stop or help to change this.
`

func prefixed(mark, s string) string {
	ls := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i, l := range ls {
		ls[i] = strings.TrimRight(mark+l, " ")
	}
	return strings.Join(ls, "\n") + "\n"
}

// rewrapped breaks text anew, as Outlook and phones do.
func rewrapped(s string, width int) string {
	var out strings.Builder
	n := 0
	for _, w := range strings.Fields(s) {
		if n > 0 && n+len(w) > width {
			out.WriteByte('\n')
			n = 0
		} else if n > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(w)
		n += len(w) + 1
	}
	return out.String() + "\n"
}

// inner is what stands in the body of the HTML digest.
func inner() string {
	_, s, _ := strings.Cut(digestHTML, "<body>")
	s, _, _ = strings.Cut(s, "</body>")
	return s
}

// style is how a program sends a reply: above the quote, the quote, below.
type style struct {
	name   string
	top    func(text string) trim.Input
	bottom func(text string) trim.Input // nil where the program makes it hard
}

func styles() []style {
	plain := func(format string) func(string) trim.Input {
		return func(text string) trim.Input { return trim.Input{Plain: fmt.Sprintf(format, text)} }
	}
	rich := func(format string) func(string) trim.Input {
		return func(text string) trim.Input {
			text = strings.ReplaceAll(html.EscapeString(text), "\n", "<br>")
			return trim.Input{HTML: fmt.Sprintf(format, text)}
		}
	}
	esc := func(s string) string { return strings.ReplaceAll(s, "%", "%%") }
	gmailAttr := "On Fri, 21 Nov 2026 at 07:30, Greenfield Help Exchange <\nhelp@greenfield.example> wrote:\n\n"
	outlook := func(from, sent, to, subject string) string {
		return from + ": Greenfield Help Exchange <help@greenfield.example>\n" + sent + ": Freitag, 21. November 2026 07:30\n" + to + ": Mark Ellis <mark@greenfield.example>\n" + subject + ": 3 asks: microscope by Thursday, a spelling app, +1 (Fri 21 Nov)\n\n"
	}
	gmailHTML := `<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Fri, 21 Nov 2026 at 07:30, Greenfield Help Exchange &lt;<a href="mailto:help@greenfield.example">help@greenfield.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">` + esc(inner()) + `</blockquote></div>`
	outlookHTML := `<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>De&nbsp;:</b> Greenfield Help Exchange<br><b>Envoy&eacute;&nbsp;:</b> vendredi 21 novembre 2026 07:30<br><b>&Agrave;&nbsp;:</b> Mark Ellis<br><b>Objet&nbsp;:</b> 3 asks: microscope by Thursday</p></div><p class="MsoNormal">&nbsp;</p>` + esc(inner())
	return []style{
		{"gmail plain", plain("%s\n\n" + gmailAttr + esc(prefixed("> ", flattened))), plain(gmailAttr + esc(prefixed("> ", flattened)) + "\n%s\n")},
		{"gmail html", rich(`<div dir="ltr">%s</div><br>` + gmailHTML), rich(gmailHTML + `<div dir="ltr">%s</div>`)},
		{"outlook de plain", plain("%s\n\n________________________________\n" + outlook("Von", "Gesendet", "An", "Betreff") + esc(flattened)), nil},
		{"outlook en plain", plain("%s\n\n-----Original Message-----\n" + outlook("From", "Sent", "To", "Subject") + esc(rewrapped(digestText, 110))), nil},
		{"outlook fr html", rich(`<div class="WordSection1"><p class="MsoNormal">%s</p><p class="MsoNormal">&nbsp;</p>` + outlookHTML + `</div>`), rich(`<div class="WordSection1">` + outlookHTML + `<p class="MsoNormal">%s</p></div>`)},
		{"outlook web html", rich(`<div class="elementToProof">%s</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%%"><div id="divRplyFwdMsg" dir="ltr"><b>From:</b> Greenfield Help Exchange<br><b>Sent:</b> Friday, November 21, 2026 7:30 AM<br><b>To:</b> Mark Ellis<br><b>Subject:</b> 3 asks</div><div>` + esc(inner()) + `</div>`), nil},
		{"apple mail plain", plain("%s\n\n> On 21 Nov 2026, at 07:30, Greenfield Help Exchange <help@greenfield.example> wrote:\n> \n" + esc(prefixed("> ", flattened))), plain("> On 21 Nov 2026, at 07:30, Greenfield Help Exchange <help@greenfield.example> wrote:\n> \n" + esc(prefixed("> ", digestText)) + "\n%s\n")},
		{"apple mail html", rich(`<body>%s<br><div><br><blockquote type="cite"><div>On 21 Nov 2026, at 07:30, Greenfield Help Exchange &lt;help@greenfield.example&gt; wrote:</div><br><div>` + esc(inner()) + `</div></blockquote></div></body>`), nil},
		{"thunderbird html", rich(`<body><p>%s</p><div class="moz-cite-prefix">Am 21.11.26 um 07:30 schrieb Greenfield Help Exchange:<br></div><blockquote type="cite" cite="mid:x@y">` + esc(inner()) + `</blockquote></body>`), rich(`<body><div class="moz-cite-prefix">Am 21.11.26 um 07:30 schrieb Greenfield Help Exchange:<br></div><blockquote type="cite" cite="mid:x@y">` + esc(inner()) + `</blockquote><p>%s</p></body>`)},
		{"mutt", plain("%s\n\nOn Fri, Nov 21, 2026 at 07:30:02AM +0000, Greenfield Help Exchange wrote:\n" + esc(prefixed("> ", digestText))), plain("On Fri, Nov 21, 2026 at 07:30:02AM +0000, Greenfield Help Exchange wrote:\n" + esc(prefixed("> ", digestText)) + "\n%s\n")},
		{"s-nail tab", plain("%s\n\nGreenfield Help Exchange <help@greenfield.example> wrote:\n\n" + esc(prefixed("\t", digestText))), plain("Greenfield Help Exchange <help@greenfield.example> wrote:\n\n" + esc(prefixed("\t", digestText)) + "\n%s\n")},
		{"bars", plain("%s\n\n" + esc(prefixed("| ", digestText))), plain(esc(prefixed("| ", digestText)) + "\n%s\n")},
		{"phone, nothing marked", plain("%s\n\nSent from my iPhone\n\n" + esc(rewrapped(digestText, 60))), plain(esc(rewrapped(digestText, 60)) + "\n\n%s\n")},
		{"typography", plain("%s\n\n" + esc(strings.NewReplacer("'", "’", " ", "\u00a0", "-", "–").Replace(digestText))), nil},
		{"list marks", plain("%s\n\n" + esc(prefixed("  * ", digestText))), nil},
	}
}

// A letter of ours sent back with nothing added says nothing.
func TestLetterSentBackSaysNothing(t *testing.T) {
	for _, s := range styles() {
		in := s.top("")
		in.Letters = digest()
		got := trim.Trim(in)
		if got.Text != "" || got.Letter != 0 || got.Whole {
			t.Errorf("%s: letter %d, whole %v, text %q", s.name, got.Letter, got.Whole, got.Text)
		}
	}
}

// What is written above or below the quote is exactly what is found.
func TestAroundTheQuote(t *testing.T) {
	for _, s := range styles() {
		for _, text := range []string{"17", "I can help with #17", "Yes!", "#11 I speak Tigrinya, and my sister does too.\nCall me after four.", "Sorry, can't help with 17 but ask Ben", "👍 17"} {
			for place, make := range map[string]func(string) trim.Input{"above": s.top, "below": s.bottom} {
				if make == nil {
					continue
				}
				in := make(text)
				in.Letters = digest()
				got := trim.Trim(in)
				if collapse(got.Text) != collapse(text) || got.Letter != 0 {
					t.Errorf("%s, %s: letter %d\n got %q\nwant %q", s.name, place, got.Letter, got.Text, text)
				}
				for _, f := range got.Fragments {
					if f.Ask != 0 {
						t.Errorf("%s, %s: %q belongs to item %d", s.name, place, f.Text, f.Ask)
					}
				}
			}
		}
	}
}

// Inline answers belong to the item above them.
func TestInlineAnswers(t *testing.T) {
	answer := func(mark, source, below, text string) string {
		quoted := prefixed(mark, source)
		i := strings.Index(quoted, below)
		j := i + strings.IndexByte(quoted[i:], '\n') + 1
		return quoted[:j] + "\n" + text + "\n\n" + quoted[j:]
	}
	for _, mark := range []string{"> ", ">", "\t", "| ", ""} {
		body := answer(mark, digestText, "Priya N., Science", "I have one, happy to lend it")
		i := strings.Index(body, "Sam D., Admissions")
		j := i + strings.IndexByte(body[i:], '\n') + 1
		body = body[:j] + "\nmy neighbour does\n\n" + body[j:]
		in := trim.Input{Plain: "Hello,\n\nOn Fri, 21 Nov 2026 at 07:30, Greenfield Help Exchange <help@greenfield.example> wrote:\n" + body, Letters: digest()}
		got := trim.Trim(in)
		want := []trim.Fragment{{Text: "Hello,"}, {Text: "I have one, happy to lend it", Ask: 17}, {Text: "my neighbour does", Ask: 11}}
		if fmt.Sprint(got.Fragments) != fmt.Sprint(want) {
			t.Errorf("mark %q\n got %+v\nwant %+v", mark, got.Fragments, want)
		}
	}
}

// An answer in the middle of Gmail's HTML, where the blockquote is split.
func TestInlineAnswerInHTML(t *testing.T) {
	above, below, _ := strings.Cut(inner(), "<h2>Still waiting")
	in := trim.Input{
		HTML: `<div class="gmail_quote"><div class="gmail_attr">On Fri, 21 Nov 2026 at 07:30, Greenfield &lt;help@greenfield.example&gt; wrote:</div><blockquote class="gmail_quote">` + above +
			`</blockquote><div>I have one in the lab</div><blockquote class="gmail_quote"><h2>Still waiting` + below + `</blockquote></div>`,
		Letters: digest(),
	}
	got := trim.Trim(in)
	if len(got.Fragments) != 1 || got.Fragments[0] != (trim.Fragment{Text: "I have one in the lab", Ask: 17}) {
		t.Errorf("got %+v", got.Fragments)
	}
}

// Only part of the letter is left as a quote.
func TestPartOfTheLetter(t *testing.T) {
	item := "> #17 Borrow a microscope for Year 8 on Thursday\n> I need one working microscope (x100 or better) for a single lesson,\n> Thursday 27 Nov, period 3. I can collect and return it the same day.\n"
	for _, text := range []string{"I can help with #17", "yes", "I know who to ask: Ben"} {
		got := trim.Trim(trim.Input{Plain: item + "\n" + text + "\n", Letters: digest()})
		if len(got.Fragments) != 1 || got.Fragments[0] != (trim.Fragment{Text: text, Ask: 17}) {
			t.Errorf("got %+v, want %q under 17", got.Fragments, text)
		}
	}
}

// The letter quoted twice, in a conversation, is quoted twice.
func TestQuotedTwice(t *testing.T) {
	in := trim.Input{Plain: "17 please\n\nOn Sat, Mark Ellis <mark@greenfield.example> wrote on 22 Nov:\n" + prefixed("> ", digestText+"\n") + "\n" + rewrapped(digestText, 100), Letters: digest()}
	got := trim.Trim(in)
	if !strings.HasPrefix(got.Text, "17 please") || strings.Contains(got.Text, "microscope") {
		t.Errorf("got %q", got.Text)
	}
}

// An answer put below any line of the quote is found, alone, and belongs to the
// item above it.
func TestAnswerBelowEveryLine(t *testing.T) {
	for _, answer := range []string{"Mine is free that day.", "yes", "I can help with #8", "no 17", "Ja, gern: Raum 12"} {
		for _, mark := range []string{"> ", "\t", ""} {
			for _, source := range []string{digestText, flattened} {
				ls := strings.Split(strings.TrimRight(source, "\n"), "\n")
				item := int64(0)
				for i := range ls {
					for _, n := range []int64{14, 17, 11, 8} {
						if strings.HasPrefix(ls[i], fmt.Sprintf("#%d ", n)) {
							item = n
						}
					}
					switch strings.TrimSpace(ls[i]) {
					case "New today", "Still waiting, be the first", "Also open", "Thank you", "Need something yourself?":
						item = 0
					}
					if i+1 < len(ls) && strings.TrimSpace(ls[i+1]) != "" && (source != digestText || mark == "") {
						continue // within a paragraph only where the mark tells them apart
					}
					text := prefixed(mark, strings.Join(ls[:i+1], "\n")) + "\n" + answer + "\n\n" + prefixed(mark, strings.Join(ls[i+1:], "\n"))
					if i < 3 {
						continue // above the first long run nothing says that it is a quote
					}
					got := trim.Trim(trim.Input{Plain: "On Fri, 21 Nov 2026 at 07:30, Help <help@x.example> wrote:\n" + text, Letters: digest()})
					if got.Text != answer || len(got.Fragments) != 1 || got.Fragments[0].Ask != item {
						t.Errorf("mark %q, below %q: %+v, want %q under %d", mark, ls[i], got.Fragments, answer, item)
					}
				}
			}
		}
	}
}

// The same in HTML, where Outlook's people write in colour between our lines
// and a phone's people inside the blockquote.
func TestAnswerBelowEveryBlock(t *testing.T) {
	body := inner()
	outlook := `<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Help<br><b>Sent:</b> Friday<br><b>To:</b> Mark<br><b>Subject:</b> 3 asks</div><div>%s</div>`
	gmail := `<div class="gmail_quote"><div class="gmail_attr">On Fri, 21 Nov 2026, 07:30 Help, &lt;help@x.example&gt; wrote:<br></div><blockquote class="gmail_quote">%s</blockquote></div>`
	for _, answer := range []string{"Mine is free that day.", "yes", "I can help with #8", "I know: Ben"} {
		for name, frame := range map[string]string{"outlook": outlook, "gmail": gmail} {
			item := int64(0)
			for i := strings.Index(body, "Your answer goes"); i < len(body); i++ {
				for _, n := range []int64{14, 17, 11, 8} {
					if strings.HasPrefix(body[i:], fmt.Sprintf("#%d ", n)) {
						item = n
					}
				}
				if strings.HasPrefix(body[i:], "<h2>") {
					item = 0
				}
				for _, end := range []string{"</p>", "</h3>", "</h2>"} {
					if !strings.HasPrefix(body[i:], end) {
						continue
					}
					at := i + len(end)
					html := fmt.Sprintf(frame, body[:at]+`<div style="color:#c00000">`+answer+`</div>`+body[at:])
					got := trim.Trim(trim.Input{HTML: html, Letters: digest()})
					if got.Text != answer || len(got.Fragments) != 1 || got.Fragments[0].Ask != item {
						t.Errorf("%s, below %q: %+v, want %q under %d", name, body[max(0, i-30):i], got.Fragments, answer, item)
					}
				}
			}
		}
	}
}

// A few people write into the quoted line itself; what a program makes of a link
// there is nobody's word.
func TestAnswerInsideAQuotedLine(t *testing.T) {
	for behind, want := range map[string]string{
		" <-- me!":                   "<-- me!",
		" YES":                       "YES",
		" ***me***":                  "me***",
		" [Mark: happy to help]":     "[Mark: happy to help]",
		" <mailto:help@x.example?a>": "",
		" <https://x.example/4>":     "",
	} {
		line := "#17 Borrow a microscope for Year 8 on Thursday"
		in := trim.Input{Plain: prefixed("> ", strings.Replace(digestText, line, line+behind, 1)), Letters: []trim.Letter{{Text: digestText, Asks: []int64{14, 17, 11, 8}}}}
		got := trim.Trim(in)
		if got.Text != want || want != "" && (len(got.Fragments) != 1 || got.Fragments[0].Ask != 17) {
			t.Errorf("%q: got %q %+v", behind, got.Text, got.Fragments)
		}
	}
}
