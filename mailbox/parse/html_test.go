package parse_test

import (
	"strings"
	"testing"

	"askfirst/mailbox/parse"
)

// What is seen of the HTML that mail programs write.
func TestVisibleText(t *testing.T) {
	for name, row := range map[string]struct{ html, want string }{
		"word":                {"<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]--><style><!-- p.MsoNormal {margin:0cm} --></style></head><body lang=EN-GB><div class=WordSection1><p class=MsoNormal>I can help with 17.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Mark<o:p></o:p></p></div></body></html>", "I can help with 17.\n\nMark"},
		"conditional":         {"<p>yes</p><!--[if mso]><p>only in Word</p><![endif]--><![if !mso]><p>else</p><![endif]>", "yes\n\nelse"},
		"mso-hide":            {"<p>yes<span style=\"mso-hide:all;display:none\">no</span></p><div style='display: none !important'>preheader</div>", "yes"},
		"hidden":              {"<p hidden>no</p><p style=\"font-size:0\">no</p><p style=\"visibility:hidden\">no</p><p>yes</p>", "yes"},
		"hidden, not closed":  {"<span style='display:none'>no</span><p>yes<p>and<td>more", "yes\n\nand more"},
		"list in word":        {"<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>1.<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span></span><![endif]>First</p>", "1. First"},
		"table":               {"<table><tr><td>#17</td><td>Microscope</td></tr><tr><td>#19</td><td>App</td></tr></table>", "#17 Microscope\n#19 App"},
		"script":              {"<p>a<script>alert('<p>no')</script>b<style>p{}</style><title>no</title></p>", "ab"},
		"entities":            {"<p>a &amp; b &lt;c&gt; &eacute; &#8217; &#x1F44D; &nbsp;d</p>", "a & b <c> é ’ 👍 d"},
		"zero width":          {"<p>y\u200be\u200cs\ufeff &shy;ok</p>", "yes ok"},
		"pre":                 {"<pre>a\n  b\n</pre>", "a\n  b"},
		"nested list":         {"<ul><li>one<ul><li>two</li></ul></li><li>three</li></ul>", "- one\n\n- two\n\n- three"},
		"link":                {"<a href=\"https://x.example/very/long\">here</a>", "here (https://x.example/very/long)"},
		"link in words":       {"<p>The <a href='https://x.example/a?b=(1)'>plan</a>, please</p>", "The plan (https://x.example/a?b=%281%29), please"},
		"link says itself":    {"<p>See <a href='https://www.x.example/'>x.example</a></p>", "See x.example"},
		"link that lies":      {"<p><a href='https://evil.example/x'>https://bank.example</a></p>", "https://bank.example (https://evil.example/x)"},
		"link through filter": {"<a href='https://eur03.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.example%2Fa&amp;data=1'>https://x.example/a</a>", "https://x.example/a"},
		"link that runs":      {"<a href='javascript:alert(1)'>here</a> <a href='data:text/html,x'>there</a> <a href='mailto:ben@x.example'>Ben</a> <a href='/x'>page</a>", "here there Ben page"},
		"link with breaks":    {"<a href='ht\ntps://x.example/\ta'>one<br>two</a> three", "one (https://x.example/a)\ntwo three"},
		"link as a button":    {"<a href='https://x.example/a'><div>Open</div></a>", "Open (https://x.example/a)"},
		"link of a picture":   {"<a href='https://x.example/a'><img src='https://x.example/p.gif' width=1></a>Hi", "Hi"},
		"link never closed":   {"<a href='https://x.example/a'>one <a href='https://x.example/b'>two", "one (https://x.example/a) two (https://x.example/b)"},
		"link that is hidden": {"<div style='display:none'><a href='https://x.example/a'>one</a></div>two", "two"},
		"emoji picture":       {"<p>Yes <img src=cid:x alt=\"👍\"></p>", "Yes 👍"},
		"picture":             {"<p>Yes <img src=cid:x alt=\"Company logo\"></p>", "Yes"},
		"apple":               {"<html><head></head><body style=\"word-wrap: break-word;\">Happy to help<div><br></div><div>Ben</div></body></html>", "Happy to help\n\nBen"},
		"gmail":               {"<div dir=\"ltr\"><div>17 please</div><div><br></div><div>Ben</div></div>", "17 please\n\nBen"},
		"no html at all":      {"just words", "just words"},
		"broken tags":         {"<p>one<b>two</p></b><div>three</span></div>", "onetwo\n\nthree"},
		"unquoted attribute":  {"<p style=display:none>no</p><p class=a>yes", "yes"},
		"quote in attribute":  {"<p title='a > b'>yes</p>", "yes"},
		"comment not closed":  {"yes<!-- no", "yes"},
		"noscript":            {"<noscript>yes</noscript>", "yes"},
	} {
		if got := parse.Text(row.html); got != row.want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, row.want)
		}
	}
}

// Which of several forms of a text is read.
func TestForms(t *testing.T) {
	part := func(kind, text string) string { return "--b\nContent-Type: " + kind + "\n\n" + text + "\n" }
	alternative := "Content-Type: multipart/alternative; boundary=b\n\n"
	for name, row := range map[string]struct{ raw, plain, text string }{
		"empty plain":       {alternative + part("text/plain", " \n\n") + part("text/html", "<p>I can help</p>") + "--b--\n", "", "I can help"},
		"no plain":          {alternative + part("text/plain", "Your e-mail client does not support HTML messages.") + part("text/html", "<p>I can help with 17, and gladly, since I have three of them in the lab.</p>") + "--b--\n", "", "I can help with 17, and gladly, since I have three of them in the lab."},
		"nur html":          {alternative + part("text/plain; charset=utf-8", "Diese Nachricht kann nur in HTML dargestellt werden.") + part("text/html", "<p>Ich helfe gern bei 17, und zwar am Donnerstag in der dritten Stunde, wenn das recht ist.</p>") + "--b--\n", "", "Ich helfe gern bei 17, und zwar am Donnerstag in der dritten Stunde, wenn das recht ist."},
		"about html":        {alternative + part("text/plain", "Can someone help me to view HTML in a browser?") + part("text/html", "<p>Can someone help me to view HTML in a browser?</p>") + "--b--\n", "Can someone help me to view HTML in a browser?\n", "Can someone help me to view HTML in a browser?"},
		"amp":               {alternative + part("text/plain", "yes") + part("text/x-amp-html", "<p>amp</p>") + part("text/html", "<p>yes</p>") + "--b--\n", "yes\n", "yes"},
		"differing plain":   {alternative + part("text/plain", "the first half") + part("text/plain", "and the second") + "--b--\n", "the first half\n\nand the second\n", "the first half\n\nand the second"},
		"related":           {"Content-Type: multipart/related; boundary=c\n\n--c\nContent-Type: text/html\n\n<p>yes <img src=\"cid:1\"></p>\n--c\nContent-Type: image/png\nContent-ID: <1>\n\nx\n--c--\n", "", "yes"},
		"junk after base64": {"Content-Transfer-Encoding: base64\n\naGVsbG8= (signed)\n", "hello", "hello"},
		"footer":            {"Content-Transfer-Encoding: base64\n\naGVsbG8=\n____\nThe list\n", "hello\n____\nThe list\n", "hello\n____\nThe list"},
		"first of pieces":   {"Content-Type: message/partial; id=x; number=1; total=2\n\nSubject: x\n\nthe first piece\n", "the first piece\n", "the first piece"},
		"picture as text":   {"Content-Type: text/plain; name=x.gif\n\nGIF89a\x01\x00\x02\x00\x80\x01\x00\x05\x06\x07\x00\x01", "", ""},
	} {
		m := read(row.raw)
		if got := strings.TrimSpace(m.Text()); strings.TrimSpace(m.Plain) != strings.TrimSpace(row.plain) || got != row.text {
			t.Errorf("%s:\n got %q, %q\nwant %q, %q", name, m.Plain, got, row.plain, row.text)
		}
	}
}
