package mailbox

import (
	"fmt"
	"strings"
	"testing"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

// prefixed quotes a text with a mark before every line.
func prefixed(text, mark string) string {
	return mark + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+mark) + "\n"
}

// quotingStyles are the ways in which mail programs put our letter under an
// answer.
func quotingStyles() map[string]func(answer, letter string) string {
	block := func(from, sent, to, subject string) func(string, string) string {
		return func(answer, letter string) string {
			return fmt.Sprintf("%s\n\n%s: Greenfield Help Exchange <help@green.example>\n%s: Freitag, 20. November 2026 07:30\n%s: Mark Evans <mark@green.example>\n%s: %s\n\n%s", answer, from, sent, to, subject, digestSubject, letter)
		}
	}
	return map[string]func(answer, letter string) string{
		"gmail": func(a, l string) string {
			return a + "\n\nOn Fri, 20 Nov 2026 at 07:30, Greenfield Help Exchange <help@green.example>\nwrote:\n\n" + prefixed(l, "> ")
		},
		"apple": func(a, l string) string {
			return a + "\n\n> On 20 Nov 2026, at 07:30, Greenfield Help Exchange <help@green.example> wrote:\n> \n" + prefixed(l, "> ")
		},
		"outlook": func(a, l string) string {
			return a + "\n\n-----Original Message-----\nFrom: Greenfield Help Exchange\nSent: 20 November 2026 07:30\nTo: Mark Evans\nSubject: " + digestSubject + "\n\n" + l
		},
		"outlook de": block("Von", "Gesendet", "An", "Betreff"),
		"outlook fr": block("De", "Envoyé", "À", "Objet"),
		"outlook nl": block("Van", "Verzonden", "Aan", "Onderwerp"),
		"outlook es": block("De", "Enviado el", "Para", "Asunto"),
		"s-nail": func(a, l string) string {
			return "Greenfield Help Exchange wrote in\n <x@green.example>:\n" + prefixed(l, "\t|") + "\n" + a
		},
		"bare": func(a, l string) string { return a + "\n\n" + l },
		"samsung": func(a, l string) string {
			return a + "\n\nSent from my Galaxy\n\n-------- Original message --------\nFrom: Greenfield Help Exchange <help@green.example>\nDate: 20/11/2026 07:30 (GMT+00:00)\nTo: Mark Evans <mark@green.example>\nSubject: " + digestSubject + "\n\n" + l
		},
		"iphone": func(a, l string) string {
			return a + "\n\nSent from my iPhone\n\n> On 20 Nov 2026, at 07:30, Greenfield Help Exchange <help@green.example> wrote:\n> \n> \uFEFF\n" + prefixed(l, "> ")
		},
		"below": func(a, l string) string {
			return "On 20/11/2026 07:30, Greenfield Help Exchange wrote:\n" + prefixed(l, "> ") + "\n" + a
		},
	}
}

// An answer means the same whatever the mail program puts around it.
func TestQuotedDigest(t *testing.T) {
	answers := map[string]string{
		"17":                                   "offer#17",
		"I can help with #17":                  "offer#17",
		"I can't help with 17 but can with 19": "offer#19",
		"Weekly please":                        "frequency(weekly)",
		"stop":                                 "stop",
		"Does anyone have a laminator?":        "ask",
		"I speak Tigrinya, happy to call on Monday.": "offer#11",
		"Thanks!":    "chat",
		"I can help": "unclear",
	}
	for style, quote := range quotingStyles() {
		for answer, want := range answers {
			for _, named := range []bool{true, false} {
				v := testWorld(mark, "digest")
				if !named {
					v.Letters, v.Recent = nil, v.Letters
				}
				m := written(mark, testWorld(mark, "digest"), "", quote(answer, digestText))
				if got := actsOf(Understand(m, v, Policy{Verify: "none"})); got != want {
					t.Errorf("%s (named by id: %v): %q is %s, want %s", style, named, answer, got, want)
				}
			}
		}
	}
}

// Our own words sent back do nothing, in whatever style: no button label and no
// line of a footer acts.
func TestNothingNew(t *testing.T) {
	for style, quote := range quotingStyles() {
		v := testWorld(mark, "digest")
		e := Understand(written(mark, v, "", quote("", digestText)), v, Policy{Verify: "none"})
		if e.Verdict != store.Ignored || e.Reason != ReasonNothingNew {
			t.Errorf("%s: %s %s %q", style, actsOf(e), e.Reason, e.Text)
		}
	}
}

// Answers under the quoted asks belong to their asks.
func TestInlineAnswers(t *testing.T) {
	quoted := prefixed(digestText, "> ")
	quoted = strings.Replace(quoted, "> Priya N., Science, Hill Road / needed by Thu 26 Nov\n", "> Priya N., Science, Hill Road / needed by Thu 26 Nov\n\nYes, I have one.\n\n", 1)
	quoted = strings.Replace(quoted, "> Maria L., Year 4\n", "> Maria L., Year 4\n\nSorry, no idea.\n\n", 1)
	quoted = strings.Replace(quoted, "> Sam D., Admissions", "\nHappy to do that!\n\n> Sam D., Admissions", 1)
	v := testWorld(mark, "digest")
	e := Understand(written(mark, v, "", "On 20/11/2026 07:30, Greenfield Help Exchange wrote:\n"+quoted), v, Policy{Verify: "none"})
	if got := actsOf(e); got != "offer#17 offer#11" {
		t.Errorf("%s\n%q\n%s", got, e.Text, strings.Join(e.Trace, "\n"))
	}
}

// Raw messages as programs write them, read by the real reader.
func TestRawMessages(t *testing.T) {
	raw := strings.Join([]string{
		"From: Mark Evans <Mark@Green.example>", "To: Help <help@green.example>", "Subject: AW: " + digestSubject,
		"Message-ID: <1@x>", "In-Reply-To: <digest@green.example>", "MIME-Version: 1.0",
		"X-Auto-Response-Suppress: DR, OOF, AutoReply", "Content-Type: text/html; charset=utf-8", "",
		`<html><body><div class="WordSection1"><p class="MsoNormal">Hallo zusammen,</p><p class="MsoNormal">die 17 kann ich gern &uuml;bernehmen.</p><p class="MsoNormal">Viele Gr&uuml;&szlig;e<br>Mark</p>`,
		`<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Von:</b> Greenfield Help Exchange<br><b>Gesendet:</b> Freitag<br><b>An:</b> Mark<br><b>Betreff:</b> x</p></div>`,
		"<p>" + strings.ReplaceAll(strings.ReplaceAll(digestText, "\n\n", "</p><p>"), "\n", " ") + "</p></div></body></html>", "",
	}, "\r\n")
	m := parse.Read([]byte(raw), parse.Standard())
	v := testWorld(mark, "digest")
	e := Understand(m, v, Policy{Verify: "none"})
	if actsOf(e) != "offer#17" || e.From != "mark@green.example" || e.Member != mark.ID || e.Auth != store.Believed || e.Answers != "digest/2026-11-20" {
		t.Errorf("%s %+v", actsOf(e), e)
	}
	if strings.Contains(e.Text, "Tigrinya") || !strings.Contains(e.Text, "übernehmen") {
		t.Errorf("the new text is %q", e.Text)
	}
}
