package parse_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"askfirst/mailbox/parse"
)

func read(raw string) *parse.Message { return parse.Read([]byte(raw), parse.Standard()) }

func list(as []parse.Address) string {
	var out []string
	for _, a := range as {
		out = append(out, a.Name+"|"+a.Email)
	}
	return strings.Join(out, "; ")
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ field, want string }{
		{"priya@x.example", "|priya@x.example"},
		{"Priya Nair <priya@x.example>", "Priya Nair|priya@x.example"},
		{"<priya@x.example>", "|priya@x.example"},
		{`"Nair, Priya" <priya@x.example>`, "Nair, Priya|priya@x.example"},
		{"Nair, Priya <priya@x.example>", "Nair, Priya|priya@x.example"},
		{`"Priya \"P\" Nair" <priya@x.example>`, `Priya "P" Nair|priya@x.example`},
		{"priya@x.example (Priya Nair)", "Priya Nair|priya@x.example"},
		{"Priya (Science (lab)) Nair <priya@x.example>", "Priya Nair|priya@x.example"},
		{"Name <a@b.example>, <c@d.example>", "Name|a@b.example; |c@d.example"},
		{"a@b.example, c@d.example", "|a@b.example; |c@d.example"},
		{"a@b.example; c@d.example", "|a@b.example; |c@d.example"},
		{"<a@b.example> <c@d.example>", "|a@b.example; |c@d.example"},
		{"Priya <priya@x.example, Sam <sam@x.example>", "Priya|priya@x.example; Sam|sam@x.example"},
		{"Priya <priya@x.example", "Priya|priya@x.example"},
		{"Priya priya@x.example", "Priya|priya@x.example"},
		{"<@one.example,@two.example:priya@x.example>", "|priya@x.example"},
		{"<<priya@x.example>>", "|priya@x.example"},
		{"<mailto:priya@x.example>", "|priya@x.example"},
		{"Staff: Priya <priya@x.example>, sam@x.example;", "Priya|priya@x.example; |sam@x.example"},
		{"undisclosed-recipients:;", ""},
		{"=?utf-8?B?UHJpeWEgTsOkaXI=?= <priya@x.example>", "Priya Näir|priya@x.example"},
		{"=?utf-8?Q?a=40b.example=2C_c?= <priya@x.example>", "a@b.example, c|priya@x.example"},
		{`"=?utf-8?Q?N=C3=A4ir?=" <priya@x.example>`, "Näir|priya@x.example"},
		{"'Priya Nair' <priya@x.example>", "Priya Nair|priya@x.example"},
		{`"mark@evil.example" <priya@x.example>`, "mark@evil.example|priya@x.example"},
		{"mark@evil.example <priya@x.example>", "mark@evil.example|priya@x.example"},
		{`"a b"@x.example`, `|"a b"@x.example`},
		{"MAILER-DAEMON", "|MAILER-DAEMON"},
		{"Pr\xefya <priya@x.example>", "Prïya|priya@x.example"},
		{"", ""},
		{",,;,<>,", ""},
		{`"open <priya@x.example>`, "open|priya@x.example"},
	} {
		if got := list(read("From: " + c.field + "\n\nx").From); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.field, got, c.want)
		}
	}
	if got := list(read("From: a@b.example\nFrom: c@d.example\n\nx").From); got != "|a@b.example; |c@d.example" {
		t.Errorf("two fields: %s", got)
	}
}

func TestSubjects(t *testing.T) {
	for _, c := range []struct{ field, want string }{
		{"plain", "plain"},
		{"=?utf-8?Q?Caf=C3=A9?=", "Café"},
		{"=?utf-8?B?Q2Fmw6k=?= au lait", "Café au lait"},
		{"=?utf-8?B?Q2Fmw6k?=", "Café"},
		{"=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"},
		{"=?utf-8?Q?=E2=82?= =?utf-8?Q?=AC?=", "€"},
		{"=?utf-8*en?Q?=E2=82=AC?=", "€"},
		{"=?iso-8859-1?Q?Fr=F6sche?=", "Frösche"},
		{"=?utf-8?Q?Fr=F6sche?=", "Frösche"},
		{"=?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=", "日本語"},
		{"=?utf-8?Q?with space?=", "with space"},
		{"=?utf-8?Q?no end", "no end"},
		{"=?unknown?Q?caf=E9?=", "café"},
		{"caf\xe9", "café"},
		{"café", "café"},
		{"=? not a word ?=", "=? not a word ?="},
		{"two\n lines", "two lines"},
		{"=?utf-8?Q?line=0Abreak=00?=", "line break"},
	} {
		if got := read("Subject: " + c.field + "\n\nx").Subject; got != c.want {
			t.Errorf("%q: got %q, want %q", c.field, got, c.want)
		}
	}
}

func TestBaseSubject(t *testing.T) {
	for _, c := range []struct {
		in, base       string
		reply, forward bool
	}{
		{"microscope", "microscope", false, false},
		{"Re: microscope", "microscope", true, false},
		{"RE: AW: Sv: microscope", "microscope", true, false},
		{"Re[2]: microscope", "microscope", true, false},
		{"RE (3): microscope", "microscope", true, false},
		{"Antw: Fwd: microscope", "microscope", true, false},
		{"Fwd: Antw: microscope", "microscope", true, true},
		{"WG: microscope", "microscope", false, true},
		{"[EXTERNAL] Re: microscope", "microscope", true, false},
		{"Re: [Ext] microscope", "microscope", true, false},
		{"*** EXTERNAL *** microscope", "microscope", false, false},
		{"[Science] microscope", "[Science] microscope", false, false},
		{"回复：显微镜", "显微镜", true, false},
		{"Réf : microscope", "microscope", true, false},
		{"Help: microscope", "Help: microscope", false, false},
		{"Automatic reply: away", "Automatic reply: away", false, false},
		{"Re:", "", true, false},
		{"", "", false, false},
	} {
		base, reply, forward := parse.BaseSubject(c.in)
		if base != c.base || reply != c.reply || forward != c.forward {
			t.Errorf("%q: %q %v %v", c.in, base, reply, forward)
		}
	}
}

func TestBrokenHeaders(t *testing.T) {
	for name, c := range map[string]struct{ raw, subject, text string }{
		"mbox line":             {"From a@b Sat Nov 21\nSubject: s\n\nt", "s", "t"},
		"BOM and empty lines":   {"\xef\xbb\xbf\r\n\r\nSubject: s\r\n\r\nt", "s", "t"},
		"space before colon":    {"Subject : s\n\nt", "s", "t"},
		"blank in a name":       {"X-Odd Name: y\n folded\nSubject: s\n\nt", "s", "t"},
		"junk, field follows":   {"To: a@b\nwhat is this\nSubject: s\n\nt", "s", "t"},
		"no empty line":         {"Subject: s\nthis is text\nmore", "s", "this is text\nmore"},
		"no header":             {"just text", "", "just text"},
		"CR only":               {"Subject: s\r\rt\ru", "s", "t\nu"},
		"CRCRLF":                {"Subject: s\r\r\n\r\r\nt", "s", "t"},
		"blank line of blanks":  {"Subject: s\n  \nt", "s", "t"},
		"folded at the subject": {"Subject:\n s\n\nt", "s", "t"},
		"NUL":                   {"Subject: s\x00\n\nt\x00u", "s", "tu"},
		"empty":                 {"", "", ""},
	} {
		m := read(c.raw)
		if m.Subject != c.subject || m.Text() != c.text {
			t.Errorf("%s: %q, %q", name, m.Subject, m.Text())
		}
	}
}

func TestBodies(t *testing.T) {
	mixed := func(parts ...string) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n--b\n" + strings.Join(parts, "\n--b\n") + "\n--b--\n"
	}
	for name, c := range map[string]struct{ raw, want string }{
		"alternative":           {"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nplain\n--b\nContent-Type: text/html\n\n<p>html\n--b--\n", "plain"},
		"html only":             {"Content-Type: text/html\n\n<style>x{}</style><title>no</title><p>a<p>b<ul><li>c<li>d</ul><div style='display:none'>no</div>", "a\n\nb\n\n- c\n- d"},
		"text around picture":   {mixed("\none", "Content-Type: image/png\n\nx", "\ntwo"), "one\n\ntwo"},
		"attached text":         {mixed("\none", "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\ntwo"), "one"},
		"named second text":     {mixed("\none", "Content-Type: text/plain; name=a.txt\n\ntwo"), "one"},
		"list footer":           {mixed("Content-Type: multipart/alternative; boundary=c\n\n--c\n\nhello\n--c\nContent-Type: text/html\n\n<p>hello\n--c--", "\nfooter"), "hello\n\nfooter"},
		"no closing boundary":   {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n", "one\n\ntwo"},
		"no boundary":           {"Content-Type: multipart/mixed\n\n--b\nContent-Type: text/plain\n\none\n--b--\n", "one"},
		"wrong boundary":        {"Content-Type: multipart/mixed; boundary=z\n\n--b\nContent-Type: text/plain\n\none\n--b--\n", "one"},
		"no parts":              {"Content-Type: multipart/mixed; boundary=b\n\nonly text", "only text"},
		"child outlives":        {"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--a\n\ntwo\n--a--\n", "one\n\ntwo"},
		"base64":                {"Content-Transfer-Encoding: base64\n\naGVsbG8g\nd29ybGQ=\n", "hello world"},
		"base64 with a footer":  {"Content-Transfer-Encoding: base64\n\naGVsbG8=\n\n_______\nlist footer here\n", "hello\n_______\nlist footer here"},
		"not base64":            {"Content-Transfer-Encoding: base64\n\nHello, there: plain.\n", "Hello, there: plain."},
		"quoted-printable":      {"Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=utf-8\n\nCaf=C3=A9 a=\nb =zz\n", "Café ab =zz"},
		"flowed":                {"Content-Type: text/plain; format=flowed\n\none \ntwo\n> a \n> b\n-- \nsig\n", "one two\n> a b\n-- \nsig"},
		"flowed, delsp":         {"Content-Type: text/plain; format=flowed; delsp=yes\n\none \ntwo\n", "onetwo"},
		"UTF-8 said latin-1":    {"Content-Type: text/plain; charset=iso-8859-1\n\ncafé\n", "café"},
		"latin-1 said UTF-8":    {"Content-Type: text/plain; charset=utf-8\n\ncaf\xe9\n", "café"},
		"latin-1, unsaid":       {"Subject: x\n\ncaf\xe9\n", "café"},
		"windows-1251":          {"Content-Type: text/plain; charset=cp1251\n\n\xcf\xf0\xe8\xe2\xe5\xf2\n", "Привет"},
		"gb2312":                {"Content-Type: text/plain; charset=gb2312\n\n\xc4\xe3\xba\xc3\n", "你好"},
		"JIS by its escape":     {"Subject: x\n\n\x1b$BF|K\\8l\x1b(B\n", "日本語"},
		"utf-7":                 {"Content-Type: text/plain; charset=utf-7\n\nCaf+AOk- +- 1\n", "Café + 1"},
		"UTF-16":                {"Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n\n//5oAGkA\n", "hi"},
		"meta charset":          {"Content-Type: text/html\n\n<meta charset=windows-1251><p>\xcf\xf0", "Пр"},
		"html said plain":       {"Content-Type: text/plain\n\n<!DOCTYPE html><html><p>a</p></html>", "a"},
		"forward as attachment": {"Content-Type: message/rfc822\n\nSubject: inner\n\ninner text\n", "inner text"},
		"bad content type":      {"Content-Type: text\n\nhello", "hello"},
		"emoji as a picture":    {"Content-Type: text/html\n\nyes <img src=x alt='👍'> <img src=y alt='Company logo'>", "yes 👍"},
		"preheader and pixel":   {"Content-Type: text/html\n\n<div style='display:none;max-height:0'>hidden &zwnj;</div><span style=\"mso-hide:all\">no</span>shown<img width=1 height=1 src=t>", "shown"},
		"crossed tags":          {"Content-Type: text/html\n\n<b><div>a</b>b</div><div>c</div>", "ab\nc"},
		"pre":                   {"Content-Type: text/html\n\n<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"},
		"Word's empty lines":    {"Content-Type: text/html\n\n<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>", "a\n\nb"},
	} {
		if got := strings.TrimSpace(read(c.raw).Text()); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

func TestAttachments(t *testing.T) {
	m := read(`Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html

<p>look <img src="cid:logo@x">
--b
Content-Type: image/png; name="logo.png"
Content-ID: <logo@x>
Content-Transfer-Encoding: base64

aGVsbG8=
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename*0*=iso-8859-1''Fr%F6; filename*1="sche.pdf"

x
--b
Content-Type: application/octet-stream; name="=?utf-8?Q?Caf=C3=A9?=.doc"
Content-Disposition: attachment

x
--b
Content-Type: image/jpeg
Content-Disposition: attachment; filename="C:\photos\me.jpg"

x
--b--
`)
	want := "[{logo.png image/png 5 true} {Frösche.pdf application/pdf 1 false} {Café.doc application/octet-stream 1 false} {me.jpg image/jpeg 1 false}]"
	if got := fmt.Sprint(m.Attachments); got != want {
		t.Errorf(" got %s\nwant %s", got, want)
	}
}

func TestKinds(t *testing.T) {
	for kind, raw := range map[string]string{
		"calendar":  "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n",
		"receipt":   "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nread\n--b\nContent-Type: message/disposition-notification\n\nx: y\n--b--\n",
		"feedback":  "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nabuse\n--b--\n",
		"encrypted": "Content-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\nx\n--b--\n",
		"tnef":      "Content-Type: application/ms-tnef; name=winmail.dat\n\nx",
		"":          "Content-Type: text/plain\n\nhello",
	} {
		if m := read(raw); m.Kind != kind {
			t.Errorf("%s: got %q", kind, m.Kind)
		}
	}
	invitation := "--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--b--\n"
	for text, kind := range map[string]string{
		"mixed":       "", // an invitation beside a text is an attachment
		"alternative": "calendar",
	} {
		if m := read("Content-Type: multipart/" + text + "; boundary=b\n\n--b\n\nWho can come?\n" + invitation); m.Kind != kind {
			t.Errorf("an invitation in multipart/%s: %q", text, m.Kind)
		}
	}
	both := "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nWho can come?\n--c\nContent-Type: text/html\n\n<p>Who can come?\n--c--\n"
	if m := read("Content-Type: multipart/mixed; boundary=b\n\n" + both + invitation); m.Kind != "" {
		t.Errorf("an invitation beside plain text and HTML: %q", m.Kind)
	}
	if m := read("Subject: x\n\n-----BEGIN PGP MESSAGE-----\nx\n"); m.Kind != "encrypted" {
		t.Errorf("inline PGP: %q", m.Kind)
	}
}

func TestReports(t *testing.T) {
	m := read(`From: MAILER-DAEMON@x.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; x.example

Final-Recipient: rfc822; late@y.example
Action: delayed
Status: 4.4.1

Final-Recipient: rfc822; <Gone@Y.example>
Action: failed
Status: 5.1.1 (no such user)
Diagnostic-Code: smtp; 550 5.1.1
  no such user

--b
Content-Type: message/rfc822

Message-ID: <ours@x.example>
Subject: digest

text
--b--
`)
	if m.Kind != "report" || m.Report == nil {
		t.Fatalf("kind %q, report %v", m.Kind, m.Report)
	}
	want := "{[{gone@y.example  failed 5.1.1 550 5.1.1 no such user} {late@y.example  delayed 4.4.1 }] <ours@x.example>}"
	if got := fmt.Sprint(*m.Report); got != want {
		t.Errorf(" got %s\nwant %s", got, want)
	}
	m = read("From: Mail Delivery System <Mailer-Daemon@x.example>\nX-Failed-Recipients: gone@y.example\n\nMessage-ID: <ours@x.example>\n")
	if m.Report == nil || m.Report.Recipients[0].Address != "gone@y.example" || m.Report.MessageID != "<ours@x.example>" {
		t.Errorf("exim: %+v", m.Report)
	}
	m = read("From: postmaster@x.example\n\nSorry.\nFinal-Recipient: rfc822;gone@y.example\nAction: failed\nStatus: 5.0.0\n")
	if m.Report == nil || fmt.Sprint(m.Report.Recipients) != "[{gone@y.example  failed 5.0.0 }]" {
		t.Errorf("prose: %+v", m.Report)
	}
	if m = read("From: priya@x.example\nSubject: mail problem\n\nFinal-Recipient: rfc822;gone@y.example\nAction: failed\n"); m.Report != nil {
		t.Errorf("a person's words taken for a report: %+v", m.Report)
	}
}

func TestIdentifiers(t *testing.T) {
	m := read("Message-ID: bare@x.example\nIn-Reply-To: <a@b> (comment)\nReferences: <a@b>\n <c@d><e @f>\nDate: Sat, 21 Nov 2026 07:30:00 +0100 (CET)\n\nx")
	if m.MessageID != "<bare@x.example>" || fmt.Sprint(m.InReplyTo) != "[<a@b>]" || fmt.Sprint(m.References) != "[<a@b> <c@d> <e@f>]" {
		t.Errorf("%s %v %v", m.MessageID, m.InReplyTo, m.References)
	}
	if m.Date.Unix() != 1795242600 {
		t.Errorf("date %v %d", m.Date, m.Date.Unix())
	}
	if h := read("X-A: one\nx-a: two\n\n").Header; h.Get("X-a") != "one" || len(h.All("X-A")) != 2 || !h.Has("x-A") || h.Has("B") {
		t.Error("fields by name")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>x\n--b--\n"))
	f.Add([]byte("Subject: =?utf-8?B?Q2Fmw6k?=\nContent-Transfer-Encoding: base64\n\naGk=\nfooter\n"))
	f.Add([]byte("From: \"a <b@c>, (d <e\nTo: x:<@a,@b:c@d>;\n\nFinal-Recipient: rfc822; x\n"))
	f.Add([]byte("Content-Type: text/plain; charset=utf-7; name*0*=utf-8''a%; name*1=b\n\n+AOk-+\x1b$B"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := parse.Read(raw, parse.Standard())
		all := m.Text() + m.HTML + m.Plain + m.Subject + m.MessageID + fmt.Sprint(m.From, m.To, m.Attachments, m.Header, m.InReplyTo, m.Report)
		if !utf8.ValidString(all) || strings.ContainsRune(all, 0) {
			t.Errorf("not clean: %q", all)
		}
		if strings.ContainsAny(m.Subject+fmt.Sprint(m.From), "\r\n") {
			t.Error("a line break in one line")
		}
	})
}

func BenchmarkRead(b *testing.B) {
	all := raws(b)
	size := 0
	for _, raw := range all {
		size += len(raw)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for _, raw := range all {
			parse.Read(raw, parse.Standard())
		}
	}
}
