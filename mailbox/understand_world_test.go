package mailbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

// The staff and the asks of these tests. It is Friday 20 November 2026.
var (
	priya     = store.Member{ID: 1, Name: "Priya Nair", Email: "priya@green.example"}
	mark      = store.Member{ID: 2, Name: "Mark Evans", Email: "mark@green.example"}
	sam       = store.Member{ID: 3, Name: "Sam Doyle", Email: "sam@green.example"}
	ben       = store.Member{ID: 4, Name: "Ben Okafor", Email: "ben@green.example"}
	maria     = store.Member{ID: 5, Name: "Maria Lopez", Email: "maria@green.example"}
	anna      = store.Member{ID: 6, Name: "Anna Weber", Email: "anna@green.example"}
	testToday = store.Date{Year: 2026, Month: time.November, Day: 20}
)

const exchangeAddress = "help@green.example"

const digestText = `3 colleagues asked for help today
Greenfield Help Exchange, Friday 20 November

To help, answer this mail and start with the number.
Your answer goes to the Help Exchange, not to everybody.

Yours

#14 Spare whiteboard pens: 2 offers. Sorted? Answer with the number
and the word sorted.

New today

#17 Borrow a microscope for Year 8 on Thursday
I need one working microscope (x100 or better) for a single lesson,
Thursday 26 Nov, period 3. I can collect and return it the same day.
Priya N., Science, Hill Road / needed by Thu 26 Nov

#19 A spelling app for the tablets
Which spelling app works without accounts? Twelve tablets.
Maria L., Year 4

#4 A piano tuner who comes to schools
The hall piano has lost its middle C.
Maria L., Music

Still waiting, be the first

#11 Someone who speaks Tigrinya for a 15-minute call
A new family joins us on Monday; a welcome in their own language.
Sam D., Admissions, Hill Road / needed by Mon 23 Nov / waiting 3 days

Also open

#8 A class set of Macbeth for two weeks (2 offers)

Thank you

Priya N. thanks Mark E., who lent a projector with an hour's notice
and stayed to plug it in.

Need something yourself?

Write one or two lines to help@green.example.

-- 
Sent on school days at 07:30 to staff of Greenfield Schools.
Answer pause, weekly, stop or help to change this.
`

const digestSubject = "3 asks: microscope by Thursday, a spelling app, +1 (Fri 20 Nov)"

// testAsks are the asks of the book, by the name of the writer of the mail.
func testAsks() map[int64]store.Ask {
	asks := map[int64]store.Ask{}
	add := func(n int64, asker store.Member, state store.AskState, published bool, title, body string, helpers ...store.Member) {
		a := store.Ask{Number: n, Title: title, Body: body, State: state, Asker: asker, Published: published, Wanted: 1}
		for _, h := range helpers {
			a.Offers = append(a.Offers, store.Offer{Helper: h, State: store.OfferIntroduced})
		}
		asks[n] = a
	}
	add(14, anna, store.AskOpen, true, "Spare whiteboard pens", "Does anyone have spare whiteboard pens?")
	add(17, priya, store.AskOpen, true, "Borrow a microscope for Year 8 on Thursday", "I need one working microscope (x100 or better) for a single lesson.")
	add(19, maria, store.AskOpen, true, "A spelling app for the tablets", "Which spelling app works without accounts?")
	add(4, maria, store.AskOpen, true, "A piano tuner who comes to schools", "The hall piano has lost its middle C.")
	add(11, sam, store.AskOpen, true, "Someone who speaks Tigrinya for a 15-minute call", "A new family joins us on Monday.")
	add(8, ben, store.AskHelped, true, "A class set of Macbeth for two weeks", "Thirty copies.", mark)
	add(21, anna, store.AskHelped, true, "Projector for the parents' evening", "Ours is broken.", mark)
	add(22, priya, store.AskHelped, true, "A guillotine for card", "A big one.", anna)
	add(23, anna, store.AskOpen, false, "Laminator for a week", "I need a laminator for one week, A3 if possible, to make timetable cards for my class.")
	add(2026, sam, store.AskOpen, true, "Chairs for the play", "Fifty chairs.")
	return asks
}

var digestItems = []store.Item{{Position: 1, Ask: 14}, {Position: 2, Ask: 17}, {Position: 3, Ask: 19}, {Position: 4, Ask: 4}, {Position: 5, Ask: 11}, {Position: 6, Ask: 8}}

// testLetter makes a letter of ours: "digest", "digest-one" or KIND/NUMBER.
func testLetter(name string) store.Sent {
	l := store.Sent{Key: name, Kind: name, MessageID: "<" + strings.ReplaceAll(name, "/", ".") + "@green.example>", Subject: "A letter of ours"}
	switch name {
	case "digest":
		l.Key, l.Subject, l.Text, l.Items = "digest/2026-11-20", digestSubject, digestText, digestItems
		return l
	case "digest-one":
		l.Kind, l.Subject = "digest", "1 ask: microscope by Thursday (Fri 20 Nov)"
		l.Text = "One colleague asked for help today\n\n#17 Borrow a microscope for Year 8 on Thursday\nI need one working microscope.\nPriya N."
		l.Items = []store.Item{{Position: 1, Ask: 17}}
		return l
	}
	kind, number, ok := strings.Cut(name, "/")
	l.Kind = kind
	if ok {
		var n int64
		fmt.Sscan(number, &n)
		l.Items = []store.Item{{Position: 1, Ask: n}}
		l.Subject = fmt.Sprintf("About %s (#%d)", testAsks()[n].Title, n)
		l.Text = "Something about " + testAsks()[n].Title
	}
	return l
}

// testWorld is what the book knows when a member writes in answer to a letter; ""
// is a mail that answers nothing.
func testWorld(writer store.Member, letter string) store.View {
	v := store.View{Today: testToday, Now: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), Asks: testAsks()}
	v.Exchange = store.Exchange{Name: "Greenfield", Address: exchangeAddress, Language: "en", Members: 84}
	if writer.ID != 0 {
		v.Writer = &writer
	}
	if letter == "recent" { // a mail that answers nothing, from somebody who had the digest
		v.Recent = []store.Sent{testLetter("digest")}
		return v
	}
	if letter != "" {
		v.Letters = []store.Sent{testLetter(letter)}
	}
	return v
}

// written is a message of a member, a reply when the view has a letter.
func written(writer store.Member, view store.View, subject, text string) *parse.Message {
	m := &parse.Message{From: []parse.Address{{Name: writer.Name, Email: writer.Email}}, To: []parse.Address{{Email: exchangeAddress}}, MessageID: "<m@green.example>", Subject: subject, Plain: text}
	if len(view.Letters) > 0 {
		m.InReplyTo = []string{view.Letters[0].MessageID}
		if subject == "" {
			m.Subject = "Re: " + view.Letters[0].Subject
		}
	}
	return m
}

// actsOf writes acts down shortly: "offer#17 withdraw#14".
func actsOf(e store.Event) string {
	if e.Verdict != store.Accepted {
		return string(e.Verdict) + ":" + e.Reason
	}
	var out []string
	for _, a := range e.Acts {
		s := string(a.Kind)
		if a.Ask != 0 {
			s += "#" + itoa(a.Ask)
		}
		if !a.Until.IsZero() {
			s += "@" + a.Until.String()
		}
		if a.Private {
			s += "(private)"
		}
		if a.Replace {
			s += "(replace)"
		}
		if a.Kind == store.ActFrequency {
			s += "(" + a.Text + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// sentenceRow is one row: who answers which letter with which words, and what it
// must mean.
type sentenceRow struct {
	writer  store.Member
	letter  string
	subject string // "": Re: the letter's
	text    string
	want    string
}

func checkSentences(t *testing.T, rows []sentenceRow) {
	t.Helper()
	wrong := 0
	for _, row := range rows {
		v := testWorld(row.writer, row.letter)
		e := Understand(written(row.writer, v, row.subject, row.text), v, Policy{Verify: "none"})
		if got := actsOf(e); got != row.want {
			wrong++
			t.Errorf("%s answers %q, subject %q, text %q:\n got %s (%s)\nwant %s\n%s", row.writer.FirstName(), row.letter, row.subject, row.text, got, e.Reason, row.want, strings.Join(e.Trace, "\n"))
		}
	}
	t.Logf("%d of %d rows", len(rows)-wrong, len(rows))
}
