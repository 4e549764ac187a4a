package mailbox

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"askfirst/store"
)

func sampleStamp() Stamp {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return Stamp{
		Exchange:  store.Exchange{Name: "Carpenter Elementary", Address: "help@carpenter.example", Admin: "it@carpenter.example", Language: "en"},
		MessageID: "<x1.abc@carpenter.example>",
		Date:      time.Date(2026, 7, 1, 6, 30, 0, 0, time.UTC),
		Location:  london,
		BookID:    "book-17",
	}
}

func sampleLetter(kind string) store.Letter {
	return store.Letter{
		Key: kind + "/2026-07-01", Kind: kind,
		To:      store.Recipient{Member: 42, Name: "Priya Nair", Email: "priya@carpenter.example"},
		Subject: "3 asks: microscope by Thursday, a spelling app, +1 (Wed 1 Jul)",
		Text:    "Hello Priya\n\n#17 Borrow a microscope\n> not a quote\nFrom here on it is stuffed\n indented\n.dot\n-- \nSent on school days\n",
		HTML:    "<html lang=\"en\"><body><p>Hello Priya</p>\n<p>Bücher</p></body></html>\n",
	}
}

// parsed is a letter read back by other people's code.
type parsed struct {
	header mail.Header
	text   string
	html   string
	types  []string
}

func readBack(t *testing.T, raw []byte) parsed {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	p := parsed{header: m.Header}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind == "text/plain" {
		p.types = append(p.types, m.Header.Get("Content-Type"))
		p.text = decodeQP(t, m.Body)
		return p
	}
	if kind != "multipart/alternative" {
		t.Fatalf("Content-Type %s", kind)
	}
	reader := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			return p
		}
		if err != nil {
			t.Fatal(err)
		}
		if enc := part.Header.Get("Content-Transfer-Encoding"); enc != "quoted-printable" {
			t.Fatalf("Content-Transfer-Encoding %q", enc)
		}
		p.types = append(p.types, part.Header.Get("Content-Type"))
		body := decodeQP(t, part)
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			p.html = body
		} else {
			p.text = body
		}
	}
}

func decodeQP(t *testing.T, r io.Reader) string {
	t.Helper()
	body, err := io.ReadAll(quotedprintable.NewReader(r))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(body), "\r\n", "\n")
}

func render(t *testing.T, letter store.Letter, stamp Stamp) []byte {
	t.Helper()
	raw, err := Render(letter, stamp)
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, raw)
	return raw
}

// wellFormed holds every letter to what the wire asks for.
func wellFormed(t *testing.T, raw []byte) {
	t.Helper()
	p := Parcel{From: "a@b.example", To: "c@d.example", Data: raw}
	if err := p.check(); err != nil {
		t.Fatalf("%v in\n%q", err, raw)
	}
	if !ascii(raw) {
		t.Fatalf("octets above 127 in\n%q", raw)
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 {
			t.Fatalf("line of %d octets", len(line))
		}
	}
}

func TestDigestHeaders(t *testing.T) {
	raw := render(t, sampleLetter(store.KindDigest), sampleStamp())
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	var got []string
	for _, line := range strings.Split(head, "\r\n") {
		if !strings.HasPrefix(line, " boundary=") {
			got = append(got, line)
		}
	}
	want := []string{
		"Date: Wed, 01 Jul 2026 07:30:00 +0100",
		"Message-ID: <x1.abc@carpenter.example>",
		"To: Priya Nair <priya@carpenter.example>",
		"From: Carpenter Elementary Help Exchange <help@carpenter.example>",
		"Auto-Submitted: auto-generated",
		"List-Help: <mailto:help@carpenter.example?subject=help>",
		"List-Id: <help.carpenter.example>",
		"List-Unsubscribe: <mailto:help@carpenter.example?subject=stop>",
		"MIME-Version: 1.0",
		"Precedence: bulk",
		"Subject: 3 asks: microscope by Thursday, a spelling app, +1 (Wed 1 Jul)",
		"X-Askfirst-Loop: book-17",
		"X-Auto-Response-Suppress: OOF, AutoReply",
		"Content-Type: multipart/alternative;",
	}
	if !slices.Equal(got, want) {
		t.Errorf("headers\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAnswersThreadAndSayAutoReplied(t *testing.T) {
	letter := sampleLetter(store.KindIntroduction)
	letter.ReplyTo = []store.Recipient{{Name: "Priya Nair", Email: "priya@carpenter.example"}, {Name: "Mark, the Helper", Email: "mark@carpenter.example"}}
	letter.Thread = []string{"<first@x.example>", "not an id", "<evil\r\nBcc: all@x.example>", "<second@x.example>"}
	p := readBack(t, render(t, letter, sampleStamp()))
	check := func(field, want string) {
		if got := p.header.Get(field); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
	check("Auto-Submitted", "auto-replied")
	check("In-Reply-To", "<second@x.example>")
	check("References", "<first@x.example> <second@x.example>")
	for _, absent := range []string{"Precedence", "List-Id", "List-Unsubscribe", "Bcc", "User-Agent", "X-Mailer", "List-Post"} {
		check(absent, "")
	}
	to, err := p.header.AddressList("Reply-To")
	if err != nil || len(to) != 2 || to[1].Name != "Mark, the Helper" || to[1].Address != "mark@carpenter.example" {
		t.Errorf("Reply-To %v, %v", to, err)
	}
}

func TestBodiesComeBackUnchanged(t *testing.T) {
	letter := sampleLetter(store.KindDigest)
	p := readBack(t, render(t, letter, sampleStamp()))
	want := "Hello Priya\n\n#17 Borrow a microscope\n > not a quote\n From here on it is stuffed\n  indented\n.dot\n-- \nSent on school days\n"
	if p.text != want {
		t.Errorf("text\n%q\nwant\n%q", p.text, want)
	}
	if p.html != letter.HTML {
		t.Errorf("html %q", p.html)
	}
	if len(p.types) != 2 || p.types[0] != "text/plain; format=flowed; charset=UTF-8" || p.types[1] != "text/html; charset=UTF-8" {
		t.Errorf("types %q", p.types)
	}
}

func TestTextOnly(t *testing.T) {
	letter := sampleLetter(store.KindNotStaff)
	letter.HTML = ""
	p := readBack(t, render(t, letter, sampleStamp()))
	if p.html != "" || !strings.HasPrefix(p.text, "Hello Priya\n") {
		t.Errorf("%+v", p)
	}
}

// Names, subjects and addresses come from other people's mail.
func TestNothingInjects(t *testing.T) {
	evil := []string{
		"x\r\nBcc: everyone@evil.example", "x\nBcc: everyone@evil.example", "x\rBcc: e@evil.example", "x\x00y",
		"x\u2028Bcc: e@evil.example", "x\u0085Bcc: e@evil.example", "=?utf-8?q?x=0D=0ABcc:_e@evil.example?=", "\"<e@evil.example>, \"",
		"a@evil.example, b", "\u202egnp.exe", "\xff\xfe", strings.Repeat("long ", 400), strings.Repeat("ü", 300), "placeholder", "x: placeholder",
	}
	for _, bad := range evil {
		letter, stamp := sampleLetter(store.KindDigest), sampleStamp()
		letter.Subject, letter.To.Name, stamp.Exchange.Name, stamp.BookID = bad, bad, bad, bad
		letter.Text, letter.HTML = "text "+bad, "<p>"+bad+"</p>"
		letter.ReplyTo = []store.Recipient{{Name: bad, Email: "priya@carpenter.example"}}
		letter.Thread = []string{bad, "<" + bad + ">"}
		raw := render(t, letter, stamp)
		p := readBack(t, raw)
		head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		if p.header.Get("Bcc") != "" || bytes.Contains(head, []byte("\r\nBcc")) {
			t.Errorf("%q injected a header:\n%s", bad, raw)
		}
		for _, field := range []string{"From", "To", "Reply-To"} {
			list, err := p.header.AddressList(field)
			if err != nil || len(list) != 1 || strings.Contains(list[0].Address, "evil") {
				t.Errorf("%q: %s: %v %v", bad, field, list, err)
			}
		}
		decoded, err := new(mime.WordDecoder).DecodeHeader(p.header.Get("Subject"))
		if err != nil || decoded != headerText(bad) || strings.ContainsAny(decoded, "\r\n\x00\u202e") {
			t.Errorf("%q: subject %q, %v", bad, decoded, err)
		}
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	for _, bad := range []string{"", "x", "@x.example", "x@", "a b@x.example", "a@x.example\r\nBcc: b@x.example", "a@x.example>", "<a@x.example",
		"a,b@x.example", "\"a\"@x.example", "a@b@x.example", "a@x.example\u2028", "a@x y", strings.Repeat("a", 250) + "@x.example"} {
		letter := sampleLetter(store.KindDigest)
		letter.To.Email = bad
		if raw, err := Render(letter, sampleStamp()); err == nil {
			t.Errorf("%q was accepted:\n%s", bad, raw)
		}
		stamp := sampleStamp()
		stamp.Exchange.Address = bad
		if _, err := Render(sampleLetter(store.KindDigest), stamp); err == nil {
			t.Errorf("%q was accepted as the exchange's address", bad)
		}
		letter = sampleLetter(store.KindDigest)
		letter.ReplyTo = []store.Recipient{{Email: bad}}
		if _, err := Render(letter, sampleStamp()); err == nil {
			t.Errorf("%q was accepted as Reply-To", bad)
		}
	}
	for _, bad := range []string{"", "x", "<>", "<a b@x>", "<a@x>\r\nBcc: b@x", "<a\n@x>"} {
		stamp := sampleStamp()
		stamp.MessageID = bad
		if _, err := Render(sampleLetter(store.KindDigest), stamp); err == nil {
			t.Errorf("%q was accepted as a Message-ID", bad)
		}
	}
}

func TestNamesInOtherScripts(t *testing.T) {
	letter, stamp := sampleLetter(store.KindDigest), sampleStamp()
	letter.To.Name, stamp.Exchange.Name = "Zoë Müller-Østergård", "École élémentaire Saint-Étienne, annexe \"Nord\""
	letter.Subject = "2 asks: プロジェクター, ein Mikroskop für Jahrgang 8 – bis Donnerstag, und noch viel mehr davon"
	stamp.Exchange.Address = "hilfe@schüle.example"
	p := readBack(t, render(t, letter, stamp))
	to, err := p.header.AddressList("To")
	if err != nil || to[0].Name != letter.To.Name {
		t.Errorf("To %v, %v", to, err)
	}
	from, err := p.header.AddressList("From")
	if err != nil || from[0].Name != stamp.Exchange.Name+" Help Exchange" || from[0].Address != "hilfe@xn--schle-mva.example" {
		t.Errorf("From %v, %v", from, err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(p.header.Get("Subject"))
	if err != nil || subject != letter.Subject {
		t.Errorf("Subject %q, %v", subject, err)
	}
}

func TestExchangeName(t *testing.T) {
	for name, want := range map[string]string{
		"Carpenter": "Carpenter Help Exchange", "The Carpenter help exchange": "The Carpenter help exchange", "": "Help Exchange",
	} {
		if got := exchangeName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestSameLetterSameBytes(t *testing.T) {
	letter := sampleLetter(store.KindDigest)
	first := render(t, letter, sampleStamp())
	for range 20 {
		if !bytes.Equal(first, render(t, letter, sampleStamp())) {
			t.Fatal("the same letter gave other bytes")
		}
	}
	letter.Text += "x"
	if bytes.Equal(first, render(t, letter, sampleStamp())) {
		t.Fatal("another letter gave the same bytes")
	}
}

// A copy from a sheet is what rendering it alone gives.
func TestSheetCopiesAreWholeLetters(t *testing.T) {
	letter, stamp := sampleLetter(store.KindDigest), sampleStamp()
	sheet, err := NewSheet(letter, stamp)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		letter.To = store.Recipient{Name: fmt.Sprintf("Member %d", i), Email: fmt.Sprintf("m%d@carpenter.example", i)}
		stamp.MessageID = fmt.Sprintf("<m%d@carpenter.example>", i)
		copied, err := sheet.For(letter.To, letter.ReplyTo, stamp.MessageID, stamp.Date)
		if err != nil {
			t.Fatal(err)
		}
		if whole := render(t, letter, stamp); !bytes.Equal(copied, whole) {
			t.Errorf("copy\n%s\nwhole\n%s", copied, whole)
		}
	}
}

func TestLongThreadsKeepFirstAndLast(t *testing.T) {
	letter := sampleLetter(store.KindIntroduction)
	for i := range 100 {
		letter.Thread = append(letter.Thread, fmt.Sprintf("<%d.%s@x.example>", i, strings.Repeat("y", 60)))
	}
	raw := render(t, letter, sampleStamp())
	ids := strings.Fields(readBack(t, raw).header.Get("References"))
	if len(ids) != maximumThread || !strings.HasPrefix(ids[0], "<0.") || !strings.HasPrefix(ids[len(ids)-1], "<99.") {
		t.Errorf("%d ids, %s … %s", len(ids), ids[0], ids[len(ids)-1])
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(line) > 100 {
			t.Errorf("header line of %d octets: %s", len(line), line)
		}
	}
}

func TestFlowed(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb\rc":        "a\nb\nc\n",
		"soft \nbreak":     "soft \nbreak\n",
		"two  \nblanks":    "two\nblanks\n",
		"a\n-- \nname":     "a\n-- \nname\n",
		"a\n--\t\nname":    "a\n--\nname\n",
		" a\n>b\nFrom c":   " " + " a\n >b\n From c\n",
		"a\x00b\x07\n \nc": "ab\n\nc\n",
		"\n\n":             "",
	} {
		if got := flowed(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestEmptyLetterIsRefused(t *testing.T) {
	letter := sampleLetter(store.KindDigest)
	letter.Text = " \n"
	if _, err := Render(letter, sampleStamp()); err == nil {
		t.Fatal("a letter without text was composed")
	}
}

// FuzzRender looks for words that get out of their place.
func FuzzRender(f *testing.F) {
	f.Add("subject", "Name", "text\n-- \nx", "<p>x</p>", "<a@b>")
	f.Add("=?utf-8?b?Cgo=?=", "a\r\nBcc: x", "\r\n.\r\n", "\x00", "<a\r\n@b>")
	f.Fuzz(func(t *testing.T, subject, name, text, html, id string) {
		letter, stamp := sampleLetter(store.KindDigest), sampleStamp()
		letter.Subject, letter.To.Name, stamp.Exchange.Name, letter.HTML, letter.Thread = subject, name, name, html, []string{id}
		letter.Text = "Hello\n" + text
		letter.ReplyTo = []store.Recipient{{Name: name, Email: "priya@carpenter.example"}}
		raw := render(t, letter, stamp)
		p := readBack(t, raw)
		if len(p.header) > 18 {
			t.Errorf("%d header fields", len(p.header))
		}
		for _, field := range []string{"From", "To", "Reply-To"} {
			if list, err := p.header.AddressList(field); err != nil || len(list) != 1 || !strings.HasSuffix(list[0].Address, "@carpenter.example") {
				t.Errorf("%s: %v, %v", field, list, err)
			}
		}
		decoded, err := new(mime.WordDecoder).DecodeHeader(p.header.Get("Subject"))
		if err != nil || decoded != headerText(subject) {
			t.Errorf("subject %q came back as %q, %v", headerText(subject), decoded, err)
		}
		if want := flowed(letter.Text); p.text != want && p.text != want+"\n" {
			t.Errorf("text %q, want %q", p.text, want)
		}
	})
}

func BenchmarkRender(b *testing.B) {
	letter, stamp := sampleLetter(store.KindDigest), sampleStamp()
	letter.HTML = strings.Repeat(letter.HTML, 60)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Render(letter, stamp); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSheet(b *testing.B) {
	letter, stamp := sampleLetter(store.KindDigest), sampleStamp()
	letter.HTML = strings.Repeat(letter.HTML, 60)
	sheet, err := NewSheet(letter, stamp)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sheet.For(letter.To, nil, stamp.MessageID, stamp.Date); err != nil {
			b.Fatal(err)
		}
	}
}
