package link

import (
	"strings"
	"testing"
)

// show draws pieces as the test reads them: an address in brackets with its
// doubt.
func show(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		if !p.Is {
			b.WriteString(p.Words)
			continue
		}
		b.WriteString("[" + p.Address.URL)
		if p.Address.Doubt != Clear {
			b.WriteString(" " + string(p.Address.Doubt))
		}
		if p.Address.As != "" {
			b.WriteString(":" + p.Address.As)
		}
		b.WriteString("]")
	}
	return b.String()
}

func TestSplit(t *testing.T) {
	own := []string{"greenfield.example", "school.test"}
	for _, test := range []struct{ text, want string }{
		// Plain ones stay as they are.
		{"see https://maths.example/sheets?year=8&x=1#top.", "see [https://maths.example/sheets?year=8&x=1#top]."},
		{"HTTPS://Maths.Example/Sheets", "[https://maths.example/Sheets]"},
		{"http://maths.example", "[http://maths.example]"},
		{"www.maths.example/x", "[http://www.maths.example/x]"},
		{"(https://maths.example/a_(b))", "([https://maths.example/a_(b)])"},
		{"(see https://maths.example/a)", "(see [https://maths.example/a])"},
		{"<https://maths.example/a>", "[https://maths.example/a]"},
		{"https://maths.example/a, https://maths.example/b; ok?", "[https://maths.example/a], [https://maths.example/b]; ok?"},
		{"\"https://maths.example/a\"", "\"[https://maths.example/a]\""},
		{"https://maths.example:443/a", "[https://maths.example/a]"},
		{"https://maths.example:8443/a", "[https://maths.example:8443/a]"},
		{"http://maths.example:80", "[http://maths.example]"},
		{"https://www.greenfield.example/x", "[https://www.greenfield.example/x]"},
		{"https://portal.greenfield.example/x", "[https://portal.greenfield.example/x]"},
		{"no link: 10.30 to 11.15, Year 8.Thanks.Ben", "no link: 10.30 to 11.15, Year 8.Thanks.Ben"},
		{"sheet.pdf and www. and http:// and https://", "sheet.pdf and www. and http:// and https://"},
		{"https://maths.example./a", "[https://maths.example/a]"},
		{"https://my_site.example/", "[https://my_site.example/]"},
		// What hides the host before an "@".
		{"https://greenfield.example@evil.example/login", "[https://evil.example/login posing:greenfield.example]"},
		{"https://greenfield.example:pw@evil.example", "[https://evil.example posing:greenfield.example]"},
		{"https://ben@evil.example/", "[https://evil.example/ posing]"},
		{"https://greenfield.example%2Flogin@evil.example/", "[https://evil.example/ posing:greenfield.example]"},
		{"https://a@b@evil.example/", "[https://evil.example/ posing]"},
		{"https://evil.example/@greenfield.example", "[https://evil.example/@greenfield.example]"},
		{"https://evil.example?@greenfield.example", "[https://evil.example?@greenfield.example]"},
		{"https://evil.example#@greenfield.example", "[https://evil.example#@greenfield.example]"},
		// Letters that look like others.
		{"https://xn--pple-43d.example/", "[https://xn--pple-43d.example/ foreign]"},
		{"https://аpple.example/", "[https://xn--pple-43d.example/ foreign]"},
		{"https://www.аpple.example/", "[https://www.xn--pple-43d.example/ foreign]"},
		{"go to аpple.example now", "go to [xn--pple-43d.example foreign] now"},
		{"xn--pple-43d.example", "[xn--pple-43d.example foreign]"},
		{"mail ben@grееnfield.example", "mail [ben@xn--grnfield-d8ga.example foreign]"},
		{"https://müller.example/", "[https://xn--mller-kva.example/ foreign]"},
		{"https://greenfìeld.example/", "[https://xn--greenfeld-b5a.example/ posing:greenfield.example]"},
		{"https://greеnfield.example/", "[https://xn--grenfield-i0h.example/ posing:greenfield.example]"},
		{"https://greenfie1d.example/", "[https://greenfie1d.example/ posing:greenfield.example]"},
		{"https://login.greenfie1d.example/", "[https://login.greenfie1d.example/ posing:greenfield.example]"},
		{"https://greenfield.example.evil.test/", "[https://greenfield.example.evil.test/ posing:greenfield.example]"},
		{"https://x.greenfield.example.evil.test/", "[https://x.greenfield.example.evil.test/ posing:greenfield.example]"},
		{"https://greenfield-example.evil.test/", "[https://greenfield-example.evil.test/ posing:greenfield.example]"},
		{"https://greenfield-example-login.test/", "[https://greenfield-example-login.test/ posing:greenfield.example]"},
		{"https://greenfields.example/", "[https://greenfields.example/]"},
		{"https://ｅｖｉｌ.example/", "[https://evil.example/]"},
		{"https://evil。example/", "[https://evil.example/]"},
		{"Schön.Danke and Привет.Мир", "Schön.Danke and Привет.Мир"},
		{"https://школа.example/", "[https://xn--80atdl2c.example/ foreign]"},
		// Numbers and hosts that nobody can read.
		{"http://192.0.2.7/x", "[http://192.0.2.7/x number]"},
		{"http://3221225991/x", "[http://192.0.2.7/x number]"},
		{"http://0xC0000207/", "[http://192.0.2.7/ number]"},
		{"http://0300.0.2.07/", "[http://192.0.2.7/ number]"},
		{"http://192.519/", "[http://192.0.2.7/ number]"},
		{"http://[2001:db8::1]/x", "[http://[2001:db8::1]/x number]"},
		{"http://[2001:db8::1]:8080/x", "[http://[2001:db8::1]:8080/x number]"},
		{"http://greenfield.example@192.0.2.7/", "[http://192.0.2.7/ posing:greenfield.example]"},
		{"https://%65vil.example/", "[https://evil.example/]"},
		{"https://greenfield.example%2F.evil.example/", "[ broken]"},
		{"https://greenfield.example\\@evil.example/", "[ broken]"},
		{"https://greenfield.example\\.evil.example/", "[ broken]"},
		{"https://evil.example:99999/", "[ broken]"},
		{"https://evil.example:0x50/", "[ broken]"},
		{"https://..evil.example/", "[ broken]"},
		{"https:///evil.example", "[ broken]"},
		{"https://\u00ad.example/", "[ broken]"},
		// Other schemes are no links of ours.
		{"javascript:alert(1)", "javascript:alert(1)"},
		{"data:text/html,hi", "data:text/html,hi"},
		{"ftp://files.example/", "ftp://files.example/"},
		// Words that say another address.
		{"https://bank.example <https://evil.example/x>", "[https://bank.example] ([https://evil.example/x posing:bank.example])"},
		{"https://bank.example<https://evil.example/x>", "[https://bank.example] ([https://evil.example/x posing:bank.example])"},
		{"www.bank.example (https://evil.example/x)", "[http://www.bank.example] ([https://evil.example/x posing:www.bank.example])"},
		{"bank.example (https://evil.example/x)", "bank.example ([https://evil.example/x posing:bank.example])"},
		{"bank.example (https://www.bank.example/x)", "bank.example ([https://www.bank.example/x])"},
		{"the sheet (https://maths.example/x)", "the sheet ([https://maths.example/x])"},
		{"the sheet <https://maths.example/x> and", "the sheet ([https://maths.example/x]) and"},
		{"sheet.pdf (https://maths.example/x)", "sheet.pdf ([https://maths.example/x])"},
		// Wrappers.
		{"https://eur03.safelinks.protection.outlook.com/?url=https%3A%2F%2Fmaths.example%2Fx&data=05%7C01", "[https://maths.example/x]"},
		{"https://safelinks.protection.outlook.com.evil.test/?url=https%3A%2F%2Fmaths.example", "[https://safelinks.protection.outlook.com.evil.test/?url=https%3A%2F%2Fmaths.example]"},
		{"https://urldefense.com/v3/__https://maths.example/x__;!!abc!def$", "[https://maths.example/x]"},
		{"https://urldefense.com/v3/__https:/maths.example/x__;!!abc!def$", "[https://maths.example/x]"},
		{"https://urldefense.proofpoint.com/v2/url?u=https-3A__maths.example_x-2Dy&d=abc", "[https://maths.example/x-y]"},
		{"https://www.google.com/url?q=https://maths.example/x&sa=D", "[https://maths.example/x]"},
		{"https://www.google.com/search?q=https://maths.example/x", "[https://www.google.com/search?q=https://maths.example/x]"},
		{"https://l.facebook.com/l.php?u=https%3A%2F%2Fmaths.example", "[https://maths.example]"},
		{"https://www.google.com/url?q=javascript:alert(1)", "[https://www.google.com/url?q=javascript:alert(1)]"},
		{"https://www.google.com/url?q=https%3A%2F%2Fbank.example%40evil.example%2F", "[https://evil.example/ posing:bank.example]"},
		{"https://eur03.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fmaths.example", "[https://maths.example]"},
		{"https://secure-web.cisco.com/1abc/https%3A%2F%2Fmaths.example%2Fx", "[https://maths.example/x]"},
		{"https://bank.example <https://eur03.safelinks.protection.outlook.com/?url=https%3A%2F%2Fbank.example%2F>", "[https://bank.example]"},
		// Long, and with what does not belong into an address.
		{"https://maths.example/" + strings.Repeat("a", 400), "[https://maths.example/…]"},
		{"https://maths.example/a\"onclick=x", "[https://maths.example/a]\"onclick=x"},
		{"https://maths.example/{x}|y", "[https://maths.example/%7Bx%7D%7Cy]"},
		{"www../x", "[ broken]"},
		{"https://maths.example./x", "[https://maths.example/x]"},
		{"https://maths.example/été", "[https://maths.example/été]"},
	} {
		if got := show(Split(test.text, own)); got != test.want {
			t.Errorf("%q\n got %s\nwant %s", test.text, got, test.want)
		}
	}
}

// FuzzSplit: no text is lost but around addresses, no address shows a host other
// than its own, and reading what is shown gives the same again.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{"see https://a.example/x.", "https://b@c.example", "www.d.example (https://e.example)", "http://[::1]:80/", "https://%65.example", "аpple.com", "https://urldefense.com/v3/__https://a.example__;!!x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, p := range Split(s, []string{"greenfield.example"}) {
			if !p.Is || p.Address.Doubt == Broken {
				continue
			}
			if strings.ContainsAny(p.Address.URL, " \t\n<>\"") {
				t.Fatalf("%q shows %q", s, p.Address.URL)
			}
			if !strings.Contains(p.Address.URL, "://") || strings.HasSuffix(p.Address.URL, "…") {
				continue
			}
			again, ok := Read(p.Address.URL)
			if !ok || again.Host != p.Address.Host || again.Doubt == Broken {
				t.Fatalf("%q shows %q, which is of %q, not of %q", s, p.Address.URL, again.Host, p.Address.Host)
			}
		}
	})
}
