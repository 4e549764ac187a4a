package parse_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"askfirst/mailbox/parse"
)

// What is read of HTML is clean, and no longer than what it was made of allows.
func FuzzHTML(f *testing.F) {
	f.Add("<p>Hello <b>you</b><br>there</p><blockquote type=cite>old</blockquote>")
	f.Add("<!--[if mso]><o:p>&nbsp;</o:p><![endif]--><div style='mso-hide:all;display:none'>x</div><table><tr><td>a<td>b")
	f.Add("<div id=divRplyFwdMsg><hr><b>From:</b> a</div><ul><li>x<li>y</ul><pre> a\n  b</pre><img alt=\U0001F44D>")
	f.Fuzz(func(t *testing.T, source string) {
		source = strings.ToValidUTF8(source, "")
		for _, l := range parse.Lines(source) {
			if !utf8.ValidString(l.Text) || strings.ContainsAny(l.Text, "\n\x00") {
				t.Errorf("line %q", l.Text)
			}
			if l.Quote < 0 {
				t.Errorf("quote depth %d", l.Quote)
			}
		}
		if text := parse.Text(source); len(text) > 8*len(source)+100 {
			t.Errorf("%d bytes of text from %d", len(text), len(source))
		}
	})
}

// A report names only addresses, actions and codes that are such.
func FuzzBounce(f *testing.F) {
	f.Add("mailer-daemon@x.example", "failure notice", "text/plain", "<a@b.example>:\n550 5.1.1 user unknown\n\n--- Below this line is a copy of the message.\n\nTo: a@b.example\nMessage-ID: <1@x>\n")
	f.Add("MicrosoftExchange@x.example", "Unzustellbar", "text/html", "<p>a@b.example</p><p>#550 5.1.10 not found ##")
	f.Add("no-reply@sns.example", "Notification", "text/plain", `{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"a@b.example","status":"5.1.1"}]}}`)
	f.Add("postmaster@x.example", "Undeliverable", "message/delivery-status", "Final-Recipient: rfc822; |/bin/x\nOriginal-Recipient: rfc822;a@b.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 552 quota\n\n")
	f.Add("mailer-daemon@x.example", "Delayed", "multipart/report; boundary=b", "--b\n\n> > Final-recipient: a\n--b\nContent-Type: message/rfc822\n\nReceived: by x for <a@b.example>;\nTo: c@d.example\n\n--b--\n")
	f.Fuzz(func(t *testing.T, from, subject, kind, body string) {
		m := parse.Read([]byte("From: "+from+"\nTo: help@x.example\nSubject: "+subject+"\nContent-Type: "+kind+"\n\n"+body), parse.Standard())
		if m.Report == nil {
			return
		}
		for _, r := range m.Report.Recipients {
			if r.Address != strings.ToLower(r.Address) || strings.ContainsAny(r.Address+r.Original+r.Action, " \n\x00") {
				t.Errorf("recipient %+v", r)
			}
			if p := strings.Split(r.Status, "."); r.Status != "" && (len(p) != 3 || p[0] != "2" && p[0] != "4" && p[0] != "5" || p[1] == "" || p[2] == "") {
				t.Errorf("status %q", r.Status)
			}
		}
		if all := fmt.Sprint(*m.Report); !utf8.ValidString(all) || strings.ContainsRune(all, 0) {
			t.Errorf("not clean: %q", all)
		}
		if id := m.Report.MessageID; id != "" && (id[0] != '<' || id[len(id)-1] != '>') {
			t.Errorf("identifier %q", id)
		}
	})
}
