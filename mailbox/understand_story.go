package mailbox

import (
	"fmt"
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// The story of how a message was understood, for `askfirst explain`. Nothing in
// it is ever sent or logged.

// longestStory is how many lines are kept.
const longestStory = 80

// tell adds a line to the story.
func (u *understanding) tell(format string, args ...any) {
	if len(u.event.Trace) < longestStory {
		u.event.Trace = append(u.event.Trace, fmt.Sprintf(format, args...))
	}
}

// detail adds a line that only the curious want: `explain --trace`. It is
// indented.
func (u *understanding) detail(format string, args ...any) { u.tell("  "+format, args...) }

// tellRead tells what there was to read.
func (u *understanding) tellRead() {
	var parts []string
	if n := len(strings.Fields(head(u.m.Plain, longestPlain))); n > 0 {
		parts = append(parts, "a plain text of "+counted(n, "word"))
	}
	if u.m.HTML != "" {
		parts = append(parts, fmt.Sprintf("an HTML text of %d kB", (len(u.m.HTML)+1023)/1024))
	}
	if len(parts) == 0 {
		parts = append(parts, "no text")
	}
	if n := len(u.m.Attachments); n > 0 {
		parts = append(parts, counted(n, "attachment"))
	}
	u.tell("it has %s", strings.Join(parts, ", "))
	if u.m.Kind != "" {
		u.tell("it is a mail of the kind %s", u.m.Kind)
	}
	if _, after, ok := strings.Cut(contentType(u.m), "charset="); ok {
		charset, _, _ := strings.Cut(strings.TrimLeft(after, `"' `), ";")
		u.detail("its characters are said to be %s", head(strings.Trim(charset, `"' `), 40))
	}
	for _, p := range u.m.Problems[:min(5, len(u.m.Problems))] {
		u.tell("reading it was odd: %s", head(p, 120))
	}
}

// cutName is what a piece that was cut off is, in a sentence.
func cutName(why string) string {
	switch why {
	case "sent":
		return "our own words"
	case "quote":
		return "a quote"
	case "attribution":
		return "the line above a quote"
	case "header_block":
		return "the header of a quoted mail"
	case "signature":
		return "a signature"
	case "disclaimer":
		return "a legal notice"
	case "banner":
		return "a warning that a mail server put in"
	}
	return why
}

// tellCuts tells what was taken away, each kind once with its first words.
func (u *understanding) tellCuts() {
	var kinds, details []string
	count, first := map[string]int{}, map[string]string{}
	for i, cut := range u.trimmed.Cuts {
		if count[cut.Why]++; count[cut.Why] == 1 {
			kinds, first[cut.Why] = append(kinds, cut.Why), cut.Text
		}
		if i < 20 {
			details = append(details, fmt.Sprintf("left out as %s: %q", cutName(cut.Why), shorten(cut.Text, 120)))
		}
	}
	for _, why := range kinds {
		more := ""
		if count[why] > 1 {
			more = fmt.Sprintf(", and %d more such pieces", count[why]-1)
		}
		u.tell("left out as %s: %q%s", cutName(why), shorten(first[why], 60), more)
	}
	for _, d := range details {
		u.detail("%s", d)
	}
}

// tellWords tells which words acted, and in which language they are.
func (u *understanding) tellWords(acts []store.Act) {
	if u.text == nil {
		return
	}
	var told []string
	for i := range u.text.clauses {
		c := &u.text.clauses[i]
		for _, m := range c.found {
			meaning := classMeaning(m.Class)
			if meaning == "" || slices.Contains(told, meaning) || len(told) == 6 {
				continue
			}
			told = append(told, meaning)
			from, to := c.tokens[m.Start].Start, c.tokens[m.End-1].End
			u.tell("%q says %s%s", shorten(u.text.text[from:to], 60), meaning, tongueName(m.Tongue))
		}
	}
	for _, a := range acts {
		if a.Via != "" && a.Ask != 0 {
			u.tell("#%d was found by %s", a.Ask, viaName(a.Via))
		}
	}
}

// classMeaning is what the phrases of a class say, in quotes or as a command; "":
// nothing that a reader of the story wants to know.
func classMeaning(class words.Class) string {
	switch class {
	case "offer":
		return "“I can help”"
	case "assent":
		return "“yes”"
	case "refuse":
		return "“no, I cannot”"
	case "close":
		return "“it is sorted”"
	case "reopen":
		return "“it is still open”"
	case "withdraw":
		return "“take it back”"
	case "unoffer":
		return "“I cannot after all”"
	case "refer":
		return "“ask somebody else”"
	case "metoo":
		return "“me too”"
	case "thanks":
		return "“thank you”"
	case "advance":
		return "“thank you” beforehand, which thanks nobody"
	case "praise", "positive":
		return "that it was good"
	case "negative", "failed":
		return "that it was not good"
	case "asking", "ownneed":
		return "“I need something”"
	case "decline", "private":
		return "“keep it private”"
	case "extend", "notyet":
		return "“later”"
	case "pause", "resume", "weekly", "daily", "stop", "help", "status", "data", "forget", "undo":
		return string(class)
	}
	return ""
}

// tongueName is the language of a phrase, in brackets.
func tongueName(tongue string) string {
	switch tongue {
	case "en":
		return " (English)"
	case "de":
		return " (German)"
	case "fr":
		return " (French)"
	case "es":
		return " (Spanish)"
	case "nl":
		return " (Dutch)"
	case "own":
		return " (a phrase from the configuration)"
	}
	return ""
}

// viaName is a tie in words.
func viaName(via string) string {
	switch via {
	case "number":
		return "its number in the text"
	case "subject":
		return "its number in the subject"
	case "letter":
		return "the letter that is answered"
	case "only":
		return "being the only one in the letter"
	case "quoted":
		return "the quoted lines above the answer"
	case "title":
		return "words of its title"
	case "name":
		return "a name"
	case "place":
		return "its place in the letter"
	case "question":
		return "the answer to our question"
	case "own":
		return "being the writer's own"
	}
	return via
}

// counted is "1 word", "2 words".
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return itoa(int64(n)) + " " + noun
}

// asksNamed is "#17 and #19", or "none".
func asksNamed(asks []int64) string {
	if len(asks) == 0 {
		return "none"
	}
	parts := make([]string, len(asks))
	for i, n := range asks {
		parts[i] = "#" + itoa(n)
	}
	return strings.Join(parts, " and ")
}
