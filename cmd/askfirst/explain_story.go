package main

import (
	"fmt"
	"io"
	"strings"
)

// What `explain` prints for people: who wrote, what was left out, what is new,
// what it means and by what, and which letters would leave. Long texts are
// shortened; --trace shows everything.

// explainForm is how an explanation is shown.
type explainForm struct {
	json, trace bool
}

// Bounds of what is shown without --trace.
const (
	shownLines = 12
	shownWidth = 160
)

func (e explanation) print(w io.Writer, trace bool) {
	fmt.Fprintf(w, "%s\n", e.File)
	row := func(label, format string, args ...any) {
		fmt.Fprintf(w, "  %-8s  %s\n", label, fmt.Sprintf(format, args...))
	}
	row("from", "%s (%s)", e.who(), e.Auth)
	if e.Subject != "" {
		row("subject", "%s", clip(e.Subject, trace))
	}
	for i, line := range e.lines(trace) {
		label := "new text"
		if i > 0 {
			label = ""
		}
		row(label, "%s", line)
	}
	if e.Text == "" {
		row("new text", "none")
	}
	label := "story"
	for _, line := range e.trace {
		if !trace && strings.HasPrefix(line, " ") {
			continue
		}
		row(label, "%s", clip(line, trace))
		label = ""
	}
	row("so", "%s", e.meaning())
	if len(e.Acts) > 1 {
		for _, a := range e.Acts {
			row("", "%s", actAndAsk(a))
		}
	}
	if len(e.Candidates) > 0 {
		row("perhaps", "%s", hashedAsks(e.Candidates))
	}
	if len(e.ReferTo) > 0 {
		row("asks", "%s", strings.Join(e.ReferTo, ", "))
	}
	if len(e.sends) == 0 {
		row("sends", "nothing")
	}
	label = "sends"
	for _, l := range e.sends {
		row(label, "%s", l)
		label = ""
	}
}

// printTrace writes the steps alone.
func (e explanation) printTrace(w io.Writer) {
	for _, line := range e.trace {
		fmt.Fprintf(w, "%s: %s\n", e.File, line)
	}
}

// who is the writer in words.
func (e explanation) who() string {
	switch {
	case e.From == "":
		return "nobody in particular"
	case e.Member == "":
		return e.From + ", who is not on the staff list"
	case e.Member != e.From:
		return e.From + ", an address of " + e.Member
	}
	return e.From
}

// lines are the new text's, shortened.
func (e explanation) lines(whole bool) []string {
	if e.Text == "" {
		return nil
	}
	lines := strings.Split(e.Text, "\n")
	rest := 0
	if !whole && len(lines) > shownLines {
		rest = len(lines) - shownLines
		lines = lines[:shownLines]
	}
	for i := range lines {
		lines[i] = clip(lines[i], whole)
	}
	if rest > 0 {
		lines = append(lines, fmt.Sprintf("… and %d more lines", rest))
	}
	return lines
}

// clip cuts a long line.
func clip(s string, whole bool) string {
	runes := []rune(s)
	if whole || len(runes) <= shownWidth {
		return s
	}
	return string(runes[:shownWidth-1]) + "…"
}

// meaning is the action, its asks and its reason.
func (e explanation) meaning() string {
	s := e.Action
	if len(e.Ask) > 0 {
		s += " " + hashedAsks(e.Ask)
	}
	return s + " (" + e.Reason + ")"
}

func actAndAsk(a explainedAct) string {
	if a.Ask == 0 {
		return a.Action
	}
	return fmt.Sprintf("%s #%d", a.Action, a.Ask)
}

// hashedAsks is "#17 #19".
func hashedAsks(asks []int64) string {
	parts := make([]string, len(asks))
	for i, n := range asks {
		parts[i] = fmt.Sprintf("#%d", n)
	}
	return strings.Join(parts, " ")
}
