package parse_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
)

// bombs are small or large messages made to cost much.
func bombs() map[string]string {
	rep := strings.Repeat
	var nested, open strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	nested.WriteString("Content-Type: text/plain\n\nhello\n")
	for range 5000 {
		open.WriteString("Content-Type: multipart/mixed; boundary=b\n\n--b\n")
	}
	html := "Subject: x\nContent-Type: text/html\n\n"
	return map[string]string{
		"nested multiparts":         "Subject: x\n" + nested.String(),
		"nested, one boundary":      "Subject: x\n" + open.String(),
		"nested messages":           rep("Content-Type: message/rfc822\n\n", 5000) + "Subject: x\n\nhello\n",
		"nested, each 10 MB":        rep("Content-Type: message/rfc822\n\n", 30) + "Subject: x\n\n" + rep("hello there -- \n--\n", 500_000),
		"100,000 parts":             "Content-Type: multipart/mixed; boundary=b\n\n" + rep("--b\n\n", 100_000),
		"100,000 texts":             "Content-Type: multipart/mixed; boundary=b\n\n" + rep("--b\nContent-Type: text/html\n\n<p>x\n", 100_000),
		"500,000 addresses":         "From: a@b.example\nTo: " + rep("<a@b.example>, ", 500_000) + "\n\nx",
		"addresses on folded lines": "From: a@b.example\n" + rep("To: "+rep("a@b.example, ", 20)+"\n", 900) + "\nx",
		"open brackets":             "From: " + rep("<", 250_000) + "\n\nx",
		"open quotes":               "From: " + rep(`"`, 250_001) + "\nTo: " + rep(`"a`, 100_001) + "\n\nx",
		"open comments":             "From: " + rep("(", 250_000) + "\n\nx",
		"10 MB header line":         "Subject: " + rep("x", 10<<20) + "\n\nx",
		"10 MB of folded header":    "Subject: x\n" + rep(" y\n", 3<<20) + "\n\nx",
		"10 MB of junk header":      "Subject: x\n" + rep("no field here\n", 700_000),
		"a million fields":          rep("X: y\n", 1_000_000) + "\nx",
		"10 MB body line":           "Subject: x\n\n" + rep("x", 10<<20),
		"10 MB of empty lines":      "Subject: x\n\n" + rep("\r\n", 5<<20),
		"10 MB of bare CR":          "Subject: x\n\n" + rep("\r", 10<<20) + "\n",
		"encoded words":             "Subject: " + rep("=?utf-8?Q?a?= ", 100_000) + "\n\nx",
		"half encoded words":        "Subject: " + rep("=?utf-8?Q?", 25_000) + "\n\nx",
		"parameters":                "Content-Type: text/plain" + rep("; a*0*=b", 30_000) + "\n\nx",
		"a million entities":        html + rep("&amp;", 1_000_000),
		"broken entities":           html + rep("&", 5_000_000),
		"deep HTML":                 html + rep("<div>", 2_000_000),
		"deep quotes":               html + rep("<blockquote>", 800_000) + "x",
		"unmatched ends":            html + rep("<table><span><div>", 60) + rep("</td></b></i></ul></li>", 400_000),
		"attributes":                html + "<div " + rep("a=b ", 2_000_000) + ">x",
		"comments":                  html + rep("<!--", 2_000_000),
		"spaces":                    html + rep(" ", 10<<20) + "x",
		"many lines":                html + rep("a<br>", 2_000_000),
		"table cells":               html + rep("<tr><td>a", 1_000_000),
		"base64":                    "Content-Transfer-Encoding: base64\n\n" + rep("aGVsbG8g", 1_300_000),
		"quoted-printable":          "Content-Transfer-Encoding: quoted-printable\n\n" + rep("=\n", 3_000_000),
		"qp blanks":                 "Content-Transfer-Encoding: quoted-printable\n\n" + rep("= ", 3_000_000),
		"flowed":                    "Content-Type: text/plain; format=flowed\n\n" + rep("> a \n", 2_000_000),
		"delivery status":           "From: mailer-daemon@x.example\nContent-Type: message/delivery-status\n\n" + rep("Final-Recipient: rfc822; a@b.example\n\n", 200_000),
		"bounce prose":              "From: mailer-daemon@x.example\n\n" + rep("a@b.example\n", 800_000),
		"boundary lines":            "Content-Type: multipart/mixed; boundary=" + rep("-", 60) + "\n\n" + rep("-", 10<<20),
		"content ids":               "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n" + rep("cid:", 2_000_000) + "\n--b\nContent-Type: image/png\nContent-ID: <x>\n\nx\n--b--\n",
		"charset guess":             "Subject: x\n\n" + rep("\xe4\xf6\x80", 3_000_000),
		"utf-7":                     "Content-Type: text/plain; charset=utf-7\n\n" + rep("+", 5_000_000),
	}
}

// parcels are bombs hidden in encodings, in many parts, or in reports.
func parcels() map[string]string {
	rep := strings.Repeat
	html := "Subject: x\nContent-Type: text/html\n\n"
	html64 := base64.StdEncoding.EncodeToString([]byte(rep("<p>hello</p>\n", 19)))
	return map[string]string{
		"base64 of HTML":          "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n" + rep(lined(html64), 10<<20/len(lined(html64))),
		"base64 of cells":         "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n" + rep(lined(base64.StdEncoding.EncodeToString([]byte(rep("<tr><td>a", 19)))), 40_000),
		"base64 in base64":        inBase64(18, rep("hello there\n", 300_000)),
		"pictures in HTML":        html + rep("<img src=\"data:image/png;base64,"+rep("A", 1<<20)+"\">", 9),
		"three hundred big texts": "Content-Type: multipart/mixed; boundary=b\n\n" + rep("--b\nContent-Type: text/plain\n\n"+rep("\xcf\xf0\xe8\xe2\xe5\xf2 ", 4_500)+"\n", 300),
		"three hundred big HTML":  "Content-Type: multipart/mixed; boundary=b\n\n" + rep("--b\nContent-Type: text/html\n\n"+rep("<p>x", 8_000)+"\n", 300),
		"alternatives":            "Content-Type: multipart/alternative; boundary=b\n\n" + rep("--b\nContent-Type: text/plain\n\n"+rep("word ", 6_000)+"\n", 300),
		"plain and HTML by turns": "Content-Type: multipart/mixed; boundary=b\n\n" + rep("--b\nContent-Type: text/plain\n\n"+rep("word ", 6_000)+"\n--b\nContent-Type: text/html\n\n"+rep("<p>x", 7_500)+"\n", 150),
		"utf-16":                  "Content-Type: text/plain; charset=utf-16\n\n" + rep("\x4e\x2d", 5_000_000),
		"two bytes unlabelled":    "Subject: x\n\n" + rep("\xb5\xc4\xd2\xbb", 2_500_000),
		"bounce of quotes":        "From: mailer-daemon@x.example\n\n" + rep(" > Final-Recipient: rfc822; a@b.example\n", 250_000),
		"bounce of JSON":          "From: no-reply@x.example\n\n{\"notificationType\":\"Bounce\"," + rep("\"emailAddress\":", 600_000),
		"bounce of many":          "From: mailer-daemon@x.example\nSubject: Undelivered\nX-Failed-Recipients: " + rep("a@b.example, ", 18_000) + "\n\n" + rep("no such thing\n", 700_000),
	}
}

// lined is base64 in lines as mail has it.
func lined(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return b.String() + s + "\r\n"
}

// inBase64 hides a text in messages within messages, each encoded once more.
func inBase64(depth int, text string) string {
	for range depth {
		if len(text) > 7<<20 {
			break
		}
		text = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lined(base64.StdEncoding.EncodeToString([]byte(text)))
	}
	return text
}

// Every bomb costs at most 250 ms and 64 MiB, text included.
func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("bombs take seconds")
	}
	all := bombs()
	maps.Copy(all, parcels())
	for name, bomb := range all {
		raw := []byte(bomb)
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		m := parse.Read(raw, parse.Standard())
		text := m.Text()
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		for range 30 { // a busy machine, not the reader: the best of thirty
			if took > 200*time.Millisecond {
				start = time.Now()
				m = parse.Read(raw, parse.Standard())
				text = m.Text()
				took = min(took, time.Since(start))
			}
		}
		allocated := (after.TotalAlloc - before.TotalAlloc) >> 20 // more than was ever in use at once
		if allocated > 64 {
			allocated = mailboxtest.Peak(func() { parse.Read(raw, parse.Standard()).Text() }) >> 20
		}
		if took > 250*time.Millisecond*slow || allocated > 64 {
			t.Errorf("%s: %v, %d MiB allocated", name, took, allocated)
		}
		t.Logf("%-26s %8.1f ms %4d MiB allocated", name, float64(took.Microseconds())/1000, allocated)
		runtime.KeepAlive(m)
		runtime.KeepAlive(text)
		if name == "500,000 addresses" && len(m.To)+len(m.From) != parse.Standard().Addresses {
			t.Errorf("%d addresses", len(m.To)+len(m.From))
		}
	}
}
