package mailbox

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// allowed is what a bomb may cost beside other work; on a quiet machine it is
// 250 ms (docs/PROMISES.md, Intake).
const allowed = 400 * time.Millisecond

// spent is the processor time this program has taken: other work on the machine
// does not count.
func spent(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A hostile text costs no more than a long one.
func TestUnderstandIsLinear(t *testing.T) {
	for name, text := range map[string]string{
		"numbers":   strings.Repeat("17 ", 20000),
		"unknown":   strings.Repeat("#18 ", 20000),
		"list":      strings.Repeat("17, 19 and ", 5000),
		"offers":    strings.Repeat("I can help with 17. ", 3000),
		"sentences": strings.Repeat("a. ", 20000),
		"lines":     strings.Repeat("stop\n", 10000),
		"commas":    strings.Repeat(",", 60000),
		"one word":  strings.Repeat("x", 60000),
		"dotted":    strings.Repeat("7.12.", 12000),
		"slashes":   strings.Repeat("1/", 30000),
		"at":        strings.Repeat("a@", 30000),
		"marks":     strings.Repeat("e\u0301", 20000),
		"weeks":     strings.Repeat("two more weeks ", 4000),
		"thanks":    strings.Repeat("thank you ", 6000),
		"names":     strings.Repeat("Ben ", 15000),
		"quoted":    strings.Repeat("> #17 x\n\n yes\n", 3000),
		"huge":      strings.Repeat("I can help with 17. ", 500000),
	} {
		for _, letter := range []string{"", "digest", "acknowledgement/23", "introduction/21"} {
			if testing.Short() && letter != "digest" {
				continue
			}
			v := testWorld(mark, letter)
			m := written(mark, v, "", text)
			best := time.Hour
			var e store.Event
			for n := 0; n < 3 && best > allowed; n++ {
				start := spent(t)
				RefsOf(m, exchangeAddress)
				e = Understand(m, v, Policy{Verify: "none"})
				best = min(best, spent(t)-start)
			}
			if best > allowed/2 {
				t.Logf("%s in answer to %q takes %v", name, letter, best)
			}
			if best > allowed*slow {
				t.Errorf("%s in answer to %q takes %v", name, letter, best)
			}
			if problem := sound(e); problem != "" {
				t.Errorf("%s in answer to %q: %s", name, letter, problem)
			}
		}
	}
}

// Ten megabytes of text cost no more than PROMISES.md allows for a bomb.
func TestLongestTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("ten megabytes a text take seconds")
	}
	for name, piece := range map[string]string{
		"offers": "I can help with 17. ", "numbers": "17 ", "marks": "e\u0301", "lines": "stop\r\n", "quotes": "> a\r\n",
		"attributions": "On Fri, wrote:\r\n", "headers": "From: a@b\r\nTo: x\r\n", "closings": "-- \r\nMark\r\n", "ours": strings.ReplaceAll(digestText, "\n", "\r\n"),
		"HTML offers": "<p>I can help with 17.</p>", "HTML quotes": "<blockquote>17", "HTML": "<div>", "HTML ours": "<p>#17 Borrow a microscope for Year 8 on Thursday</p>",
	} {
		kind := "plain"
		if strings.HasPrefix(name, "HTML") {
			kind = "html"
		}
		raw := []byte("From: mark@green.example\r\nTo: help@green.example\r\nSubject: x\r\nContent-Type: text/" + kind + "; charset=utf-8\r\n\r\n" + strings.Repeat(piece, (10<<20-500)/len(piece)))
		v := testWorld(mark, "digest")
		best := time.Hour
		var e store.Event
		if most := mailboxtest.Peak(func() {
			m := parse.Read(raw, parse.Standard())
			RefsOf(m, exchangeAddress)
			e = Understand(m, v, Policy{Verify: "none"})
		}); most > 64<<20 {
			t.Errorf("%s: %d MiB in use at once", name, most>>20)
		} else {
			t.Logf("%-14s %3d MiB in use at once", name, most>>20)
		}
		for range 5 { // the machine is not always in the same mood
			start := spent(t)
			m := parse.Read(raw, parse.Standard())
			RefsOf(m, exchangeAddress)
			e = Understand(m, v, Policy{Verify: "none"})
			if best = min(best, spent(t)-start); best < allowed {
				break
			}
		}
		if best > allowed*slow {
			t.Errorf("%s: %v", name, best)
		}
		if story := strings.Join(e.Trace, "\n"); !strings.Contains(story, "is not looked at") {
			t.Errorf("%s: the story does not say that the rest was left alone:\n%s", name, story)
		}
	}
}

func BenchmarkUnderstand(b *testing.B) {
	v := testWorld(mark, "digest")
	m := written(mark, v, "", quotingStyles()["gmail"]("I can help with #17, and Ben may know about 19.\n\nBest wishes, Mark", digestText))
	b.ReportAllocs()
	for b.Loop() {
		Understand(m, v, Policy{Verify: "none"})
	}
}

func BenchmarkUnderstandAsk(b *testing.B) {
	v := testWorld(mark, "")
	m := written(mark, v, "Laminator for a week", "Hello everyone,\n\nI need a laminator for one week, A3 if possible, to make timetable cards for my class.\nI can collect it on Monday.\n\nThanks in advance\nMark\n")
	b.ReportAllocs()
	for b.Loop() {
		Understand(m, v, Policy{Verify: "none"})
	}
}
