package trim_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"askfirst/mailbox/parse"
	"askfirst/mailbox/trim"
)

// Attributions in the languages staff write in, as their programs print them.
func TestAttributions(t *testing.T) {
	for _, a := range []string{
		"On Fri, 21 Nov 2026 at 07:30, Help <help@x.example> wrote:",
		"On 21/11/2026 07:30, Help wrote:",
		"On Nov 21, 2026, at 07:30, Help <help@x.example>\nwrote:",
		"On Fri, 21 Nov 2026 at 07:30, Greenfield Help Exchange <\nhelp@x.example>\nwrote:",
		"On Friday, November 21st, 2026 at 7:30 AM, Help <help@x.example> wrote:",
		"Am Fr., 21. Nov. 2026 um 07:30 Uhr schrieb Help <help@x.example>:",
		"Am 21.11.26 um 07:30 schrieb Help:",
		"Am 21.11.2026 um 07:30 schrieb Greenfield Help Exchange\n<help@x.example>:",
		"Help <help@x.example> schrieb am Fr., 21. Nov. 2026, 07:30:",
		"Le ven. 21 nov. 2026 à 07:30, Help <help@x.example> a écrit :",
		"Le 21/11/2026 à 07:30, Help a écrit :",
		"El vie, 21 nov 2026 a las 7:30, Help (<help@x.example>) escribió:",
		"El 21/11/26 a las 7:30, Help escribió:",
		"Il giorno ven 21 nov 2026 alle ore 07:30 Help <help@x.example> ha scritto:",
		"Il 21/11/26 07:30, Help ha scritto:",
		"Op vr 21 nov 2026 om 07:30 schreef Help <help@x.example>:",
		"Op 21 nov. 2026 om 07:30 heeft Help <help@x.example> het volgende geschreven:",
		"Em sex., 21 de nov. de 2026 às 07:30, Help <help@x.example> escreveu:",
		"Em 21/11/2026 07:30, Help escreveu:",
		"pt., 21 lis 2026 o 07:30 Help <help@x.example> napisał(a):",
		"W dniu 21.11.2026 o 07:30, Help pisze:",
		"Den fre 21 nov. 2026 kl 07:30 skrev Help <help@x.example>:",
		"Den 2026-11-21 kl. 07:30, skrev Help:",
		"fre. 21. nov. 2026 kl. 07:30 skrev Help <help@x.example>:",
		"Den 21.11.2026 07:30, skrev Help:",
		"pe 21. marrask. 2026 klo 7.30 Help (help@x.example) kirjoitti:",
		"Help kirjoitti 21.11.2026 klo 7.30:",
		"pá 21. 11. 2026 v 7:30 odesílatel Help <help@x.example> napsal:",
		"Dne 21. 11. 26 v 7:30 Help napsal(a):",
		"пт, 21 нояб. 2026 г. в 07:30, Help <help@x.example>:",
		"21.11.2026 07:30, Help пишет:",
		"пт, 21 лист. 2026 р. о 07:30 Help <help@x.example> пише:",
		"Help <help@x.example>, 21 Kas 2026 Cum, 07:30 tarihinde şunu yazdı:",
		"Help <help@x.example> 于2026年11月21日周五 07:30写道：",
		"在 2026年11月21日，07:30，Help <help@x.example> 写道：",
		"2026年11月21日(土) 7:30 Help <help@x.example>:",
		"2026/11/21 7:30、Help <help@x.example>のメール:",
		"2026년 11월 21일 (금) 오전 7:30, Help <help@x.example>님이 작성:",
		"في الجمعة، ٢١ نوفمبر ٢٠٢٦ ٧:٣٠ م Help <help@x.example> كتب:",
		"\u202bבתאריך יום ו׳, 21 בנוב׳ 2026 ב-7:30 מאת \u202aHelp\u202c\u200f <\u202ahelp@x.example\u202c\u200f>:\u202c",
	} {
		for _, quoted := range []string{"> Some words of theirs.\n> And more of them.\n", "Some words of theirs.\nAnd more of them.\n"} {
			got := trim.Trim(trim.Input{Plain: "Yes, I can.\n\n" + a + "\n\n" + quoted})
			if got.Text != "Yes, I can." {
				t.Errorf("%s\n got %q", a, got.Text)
			}
		}
	}
}

// Words that look like an attribution or a header block and are none.
func TestKeptWords(t *testing.T) {
	for _, s := range []string{
		"On Monday I wrote to the parents:\nnobody answered. Can anyone help?",
		"Dates for the trip:\n\nFrom: 9:00\nTo: 15:30\nDate: Thursday 27 November\n\nWho can come along?",
		"Date: Thursday\nPlace: hall\nCan anyone help with chairs?",
		"Subject: maths\nI need a tutor.",
		"Thanks, I can help.",
		"Thanks!",
		"Many thanks for asking. I can help on Tuesday.",
		"Sent from the office yesterday: one box. Has anyone seen it?",
		"From my window I see the van, so yes, I can help.",
		"I have two:\n\n- one in room 4\n- one in the lab\n\nBoth work.",
		"Options:\n---\nA or B?\n---\nTell me which.",
		"> is this the right sign for greater than?\n\nPlease tell me.",
		"External examiners are coming. Can someone cover Year 9?",
		"The letter is confidential, please ask me.",
		"Best of luck!\n\nPriya can help with this, ask her.",
	} {
		got := trim.Trim(trim.Input{Plain: s, Names: []string{"Mark Ellis"}})
		if collapse(got.Text) != collapse(s) {
			t.Errorf("%q\n got %q", s, got.Text)
		}
	}
}

func TestSignatures(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"I can help.\n\n-- \nMark Ellis\nPhysics", "I can help."},
		{"I can help.\n\nBest regards,\nMark Ellis", "I can help."},
		{"I can help.\n\nBest regards\n\nMark\nHead of Physics\nGreenfield School", "I can help."},
		{"I can help.\n\nMark", "I can help."},
		{"I can help.\nThanks, Mark", "I can help."},
		{"Thanks so much!\nMark", "Thanks so much!"},
		{"17\nM. Ellis", "17"},
		{"I can help.\nCheers\nMark xx", "I can help."},
		{"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nI can help.\n-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n-----END PGP SIGNATURE-----", "I can help."},
		{"Ich kann helfen.\n\nViele Grüße\nMark", "Ich kann helfen."},
		{"Ich kann helfen.\n\nLG Mark", "Ich kann helfen."},
		{"Oui, je peux.\n\nCordialement,\nMark Ellis", "Oui, je peux."},
		{"Ja, dat kan.\n\nMet vriendelijke groet,\n\nMark Ellis", "Ja, dat kan."},
		{"Sí, puedo.\n\nUn saludo,\nMark", "Sí, puedo."},
		{"Yes\n\nSent from my iPhone", "Yes"},
		{"Ja\n\nVon meinem iPhone gesendet", "Ja"},
		{"Oui\n\nEnvoyé de mon iPhone", "Oui"},
		{"Sí\n\nEnviado desde mi iPhone", "Sí"},
		{"Ja\n\nVerstuurd vanaf mijn iPhone", "Ja"},
		{"Sì\n\nInviato da iPhone", "Sì"},
		{"Ok\n\nGet Outlook for iOS<https://aka.ms/o0ukef>", "Ok"},
		{"Ok\n\nHolen Sie sich Outlook für Android", "Ok"},
		{"Tak\n\nWysłane z iPhone'a", "Tak"},
		{"Ok\n\niPhoneから送信", "Ok"},
		{"Ok\n\n发自我的iPhone", "Ok"},
		{"I can help.\n\nThis email and any attachments are confidential and intended solely for the addressee.\nIf you have received this email in error please notify the sender and delete it.", "I can help."},
		{"[EXTERNAL] This email originated from outside of the organisation. Do not click links or open attachments unless you recognise the sender.\n\nI can help.", "I can help."},
		{"CAUTION: This email originated from outside of the organization.\nDo not click links or open attachments.\n\nI can help.", "I can help."},
		{"You don't often get email from priya@x.example. Learn why this is important\n\nI can help.", "I can help."},
		{"ACHTUNG: Diese E-Mail stammt von einem externen Absender!\n\nIch kann helfen.", "Ich kann helfen."},
		{"Sent from my iPhone", "Sent from my iPhone"},
		{"Mark", "Mark"},
	} {
		got := trim.Trim(trim.Input{Plain: c.in, Names: []string{"Mark Ellis"}})
		if got.Text != c.want {
			t.Errorf("%q\n got %q\nwant %q", c.in, got.Text, c.want)
		}
	}
}

// What is forwarded is content; its header, with other people's addresses, is not.
func TestForwards(t *testing.T) {
	for name, in := range map[string]trim.Input{
		"gmail":        {Plain: "Can anyone help with this?\n\n---------- Forwarded message ---------\nFrom: Ann <ann@y.example>\nDate: Fri, 21 Nov 2026 at 07:30\nSubject: Laminator\nTo: Priya <priya@x.example>\n\nWe need a laminator.\n", Forward: true},
		"no subject":   {Plain: "Can anyone help with this?\n\n---------- Weitergeleitete Nachricht ---------\nVon: Ann <ann@y.example>\nGesendet: Freitag\nBetreff: Laminator\nAn: Priya <priya@x.example>\n\nWe need a laminator.\n"},
		"outlook":      {Plain: "Can anyone help with this?\n\n________________________________\nFrom: Ann <ann@y.example>\nSent: 21 November 2026 07:30\nTo: Priya\nSubject: Laminator\n\nWe need a laminator.\n", Forward: true},
		"apple":        {Plain: "Can anyone help with this?\n\n> Begin forwarded message:\n> \n> From: Ann <ann@y.example>\n> Subject: Laminator\n> Date: 21 November 2026 at 07:30:00 GMT\n> To: Priya <priya@x.example>\n> \n> We need a laminator.\n", Forward: true},
		"gmail html":   {HTML: `<div dir="ltr">Can anyone help with this?<br><br><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: <b>Ann</b> &lt;ann@y.example&gt;<br>Date: Fri<br>Subject: Laminator<br>To: Priya &lt;priya@x.example&gt;<br></div><br><br><div>We need a laminator.</div></div></div>`, Forward: true},
		"outlook html": {HTML: `<p class="MsoNormal">Can anyone help with this?</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal"><b>From:</b> Ann &lt;ann@y.example&gt;<br><b>Sent:</b> Friday<br><b>To:</b> Priya<br><b>Subject:</b> Laminator</p></div><p class="MsoNormal">We need a laminator.</p>`, Forward: true},
	} {
		got := trim.Trim(in)
		if want := "Can anyone help with this?\n\nWe need a laminator."; collapse(got.Text) != collapse(want) {
			t.Errorf("%s: got %q", name, got.Text)
		}
	}
}

// The HTML's border is preferred, and a text that is all quote is not lost.
func TestHTMLAndPlain(t *testing.T) {
	got := trim.Trim(trim.Input{
		Plain: "Yes I can\nHelp wrote\nSome words of theirs",
		HTML:  `<div>Yes I can</div><div class="gmail_quote"><div class="gmail_attr">Help wrote</div><blockquote class="gmail_quote">Some words of theirs</blockquote></div>`,
	})
	if got.Text != "Yes I can" || got.Whole {
		t.Errorf("got %+v", got)
	}
	got = trim.Trim(trim.Input{HTML: `<blockquote type="cite">All of it</blockquote>`})
	if got.Text != "All of it" || !got.Whole || got.Letter != -1 {
		t.Errorf("got %+v", got)
	}
	if got = trim.Trim(trim.Input{}); got.Text != "" || got.Letter != -1 || len(got.Fragments) != 0 {
		t.Errorf("nothing: %+v", got)
	}
}

// An asker who repeats the ask with a change, above the quoted acknowledgement,
// has written all of it.
func TestEditAboveTheQuote(t *testing.T) {
	ack := "Thank you, Priya. This goes to 84 colleagues tomorrow at 07:30:\n\n#17 Borrow a microscope for Year 8 on Thursday\nI need one working microscope (x100 or better) for a single lesson,\nThursday 27 Nov, period 3. I can collect and return it the same day.\n\nTo change it, just answer this mail.\n"
	edit := "I need one working microscope (x100 or better) for a single lesson, Friday 28 Nov, period 2. I can collect and return it the same day."
	in := trim.Input{Plain: edit + "\n\nOn Fri, 21 Nov 2026 at 07:30, Help <help@x.example> wrote:\n\n" + prefixed("> ", ack), Letters: []trim.Letter{{Text: ack, Asks: []int64{17}}}}
	got := trim.Trim(in)
	if got.Text != edit || got.Letter != 0 {
		t.Errorf("got %q (letter %d)", got.Text, got.Letter)
	}
}

// The same in the HTML of Gmail, where the ask stays as it was and more follows.
func TestEditAboveTheQuoteInHTML(t *testing.T) {
	body := "I need a laminator for one week, A3 if possible, to make timetable cards for my class."
	ack := "<h1>Got it: Laminator for a week</h1><table><tr><td><p>Hello Ana,</p><p>Your ask has arrived. Good that you wrote: every ask makes the next one easier for somebody else.</p><h3>#7 Laminator for a week</h3><p>" + body + "</p><p>Ana W.</p></td></tr></table><p>Anything to change? Just answer this mail.</p>"
	edit := body + " And a guillotine."
	reply := `<div dir="ltr">` + edit + `</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Fri, 20 Nov 2026 at 07:31, Help &lt;help@x.example&gt; wrote:<br></div><blockquote class="gmail_quote">` + ack + `</blockquote></div>`
	got := trim.Trim(trim.Input{HTML: reply, Letters: []trim.Letter{{Text: parse.Text(ack), HTML: ack, Asks: []int64{7}}}})
	if got.Text != edit || got.Letter != 0 {
		t.Errorf("got %q (letter %d)", got.Text, got.Letter)
	}
}

// The letter that is quoted is found among those that resemble it.
func TestWhichLetter(t *testing.T) {
	other := strings.NewReplacer("microscope", "projector", "#17", "#21", "Tigrinya", "Tamil", "Friday 21", "Thursday 20").Replace(digestText)
	letters := []trim.Letter{{Text: other, Asks: []int64{14, 21, 11, 8}}, digest()[0]}
	got := trim.Trim(trim.Input{Plain: "yes\n\n" + prefixed("> ", digestText), Letters: letters})
	if got.Letter != 1 || got.Text != "yes" {
		t.Errorf("letter %d, %q", got.Letter, got.Text)
	}
	got = trim.Trim(trim.Input{Plain: "We need a laminator for an hour. Who has one that works?", Letters: letters})
	if got.Letter != -1 || got.Whole {
		t.Errorf("a new ask: %+v", got)
	}
}

// An older mail of somebody else below ours is not new.
func TestOlderMailBelow(t *testing.T) {
	below := "\n\nFrom: Ben <ben@x.example>\nSent: Monday 17 November 2026 10:00\nTo: Mark\nSubject: Re: chairs\n\nThe chairs are in the hall.\nBen\n"
	got := trim.Trim(trim.Input{Plain: "17, gladly\n\nFrom: Help <help@x.example>\nSent: Friday\nTo: Mark\nSubject: 3 asks\n\n" + flattened + below, Letters: digest()})
	if got.Text != "17, gladly" {
		t.Errorf("got %q", got.Text)
	}
}

func TestLinear(t *testing.T) {
	rep := strings.Repeat
	letters := digest()
	for range 20 {
		letters = append(letters, digest()...)
	}
	for name, s := range map[string]string{
		"attributions":  rep("On Fri, 21 Nov 2026 at 07:30, Help <help@x.example>\n", 20000),
		"wrote":         rep("On wrote:\n", 100_000),
		"headers":       rep("From: a@b.example\n", 100_000),
		"one long line": "On " + rep("wrote: ", 200_000),
		"quotes":        rep(rep(">", 1000)+"\n", 2000),
		"digests":       rep(digestText, 300),
		"one word":      rep("17 ", 500_000),
		"our words":     rep("I can help with #17\n", 50_000),
		"brackets":      rep("<http", 300_000),
		"On On On":      rep("On Mon, ", 200_000) + "wrote:",
		"blank lines":   rep("\n", 1_000_000),
		"dashes":        rep("--\n", 100_000),
	} {
		start := time.Now()
		trim.Trim(trim.Input{Plain: s, Letters: letters, Names: []string{"Mark Ellis"}})
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("%s: %v", name, d)
		} else {
			t.Logf("%-14s %v", name, d)
		}
	}
}

func FuzzTrim(f *testing.F) {
	for _, s := range styles() {
		in := s.top("17 yes")
		f.Add(in.Plain, in.HTML, false)
	}
	f.Add("> a\nb\nOn Fri, 21 Nov 2026, Help <h@x> wrote:\n> c", "<blockquote type=cite>x", true)
	f.Fuzz(func(t *testing.T, plain, html string, forward bool) {
		got := trim.Trim(trim.Input{Plain: plain, HTML: html, Letters: digest(), Names: []string{"Mark Ellis"}, Forward: forward})
		if utf8.ValidString(plain+html) && !utf8.ValidString(got.Text) {
			t.Errorf("not UTF-8: %q", got.Text)
		}
		source := strings.ToValidUTF8(plain+"\n"+parse.Text(html), "\ufffd")
		for _, fr := range got.Fragments {
			if strings.TrimSpace(fr.Text) == "" {
				t.Errorf("an empty fragment in %+v", got)
			}
			for _, w := range strings.FieldsFunc(fr.Text, func(c rune) bool { return !unicode.IsLetter(c) }) {
				if !strings.Contains(source, w) {
					t.Errorf("%q is not in the input", w)
				}
			}
		}
		own := func(l string) bool { // a line that is not marked as somebody else's
			return !strings.HasPrefix(strings.TrimSpace(l), ">") && strings.ContainsFunc(l, func(c rune) bool { return c >= 'a' && c <= 'z' })
		}
		if got.Text == "" && got.Letter < 0 && slices.ContainsFunc(strings.Split(plain, "\n"), own) {
			t.Errorf("cut to nothing: %q", plain)
		}
	})
}

// Words of a letter that a person repeats, without any sign of a quote, are the
// person's words: last week's ask, asked again.
func TestRepeatedWords(t *testing.T) {
	ask := "Hello all,\n\nI need one working microscope (x100 or better) for a single lesson, again, this time on Friday."
	got := trim.Trim(trim.Input{Plain: ask, Letters: digest()})
	if got.Text != ask || got.Letter != -1 {
		t.Errorf("got %+v", got)
	}
	item := "#17 Borrow a microscope for Year 8 on Thursday\nI need one working microscope (x100 or better) for a single lesson,\n\nI have two of them."
	got = trim.Trim(trim.Input{Plain: item, Letters: digest()})
	if got.Text != "I have two of them." || got.Letter != 0 || got.Fragments[0].Ask != 17 {
		t.Errorf("got %+v", got)
	}
}

// Quotes by tab and bar end where the marks end, also of letters not ours.
func TestTabsAndBars(t *testing.T) {
	for _, mark := range []string{"\t", "| ", "> "} {
		got := trim.Trim(trim.Input{Plain: "Hello,\n\nHelp <help@x.example> wrote:\n\n" + prefixed(mark, "Some words of theirs.\nMore words.") + "\nYes, I can.\n"})
		if got.Text != "Hello,\n\nYes, I can." {
			t.Errorf("%q: got %q", mark, got.Text)
		}
	}
}

// Outlook's people answer between the lines of what is quoted below its border.
func TestInlineAnswerInOutlook(t *testing.T) {
	above, below, _ := strings.Cut(inner(), "<h2>Still waiting")
	for _, answer := range []string{`<p class="MsoNormal"><span style="color:#C00000">Mine is free that day.</span></p>`, `<div style="color:blue">Mine is free that day.</div>`} {
		got := trim.Trim(trim.Input{
			HTML: `<div class="WordSection1"><p class="MsoNormal">See below.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>From:</b> Help<br><b>Sent:</b> Friday<br><b>To:</b> Mark<br><b>Subject:</b> 3 asks</p></div>` +
				above + answer + "<h2>Still waiting" + below + `</div>`,
			Letters: digest(),
		})
		if len(got.Fragments) != 2 || got.Fragments[0].Text != "See below." || got.Fragments[1] != (trim.Fragment{Text: "Mine is free that day.", Ask: 17}) {
			t.Errorf("got %+v", got.Fragments)
		}
	}
}

// A phone lets people type inside the quote itself.
func TestInlineAnswerInsideTheBlockquote(t *testing.T) {
	above, below, _ := strings.Cut(inner(), "<h2>Still waiting")
	got := trim.Trim(trim.Input{
		HTML: `<div dir="auto"></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Fri, 21 Nov 2026, 07:30 Help, &lt;help@x.example&gt; wrote:<br></div><blockquote class="gmail_quote">` +
			above + `<div dir="auto">Mine is free that day.</div><h2>Still waiting` + below + `</blockquote></div>`,
		Letters: digest(),
	})
	if len(got.Fragments) != 1 || got.Fragments[0] != (trim.Fragment{Text: "Mine is free that day.", Ask: 17}) {
		t.Errorf("got %+v", got.Fragments)
	}
}

// Marked lines that are not ours right above our letter belong to the quote,
// and a signature below a bottom-posted answer is one.
func TestAroundTheMarks(t *testing.T) {
	got := trim.Trim(trim.Input{Plain: "> Gesendet: heute\n> Unser Hilfenetz:\n> \n" + prefixed("> ", digestText) + "\n17, I can.\n\nBest wishes,\nMark\n\n-- \nMark Ellis, Physics\n", Letters: digest(), Names: []string{"Mark Ellis"}})
	if got.Text != "17, I can." {
		t.Errorf("got %q", got.Text)
	}
	got = trim.Trim(trim.Input{Plain: "Hello Priya,\n\n> see\n\n17 is mine.\n\n" + prefixed("> ", digestText), Letters: digest()})
	if !strings.HasPrefix(got.Text, "Hello Priya,") || !strings.HasSuffix(got.Text, "17 is mine.") {
		t.Errorf("got %q", got.Text)
	}
}
