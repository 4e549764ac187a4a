package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// The story of a reply: what was read, what was left out, which words acted and
// what would be sent, in sentences.
func TestExplainStory(t *testing.T) {
	town := inProcess(t)
	town.writes("priya", "Borrow a microscope", "One lesson on Thursday.")
	town.writes("sam", "Somebody who tunes pianos", "The hall piano is flat.")
	town.once("2026-11-20 09:00")
	town.once("2026-11-23 07:30")
	digest := town.letter("mark", "asks")
	reply := note{from: address("mark"), name: "Mark Example", subject: "Re: " + digest.Subject, text: "Das Mikroskop könnt ihr haben, mache ich gern.\n\nGesendet von meinem iPhone", answers: digest, id: "<r@mail>", at: town.time("2026-11-23 09:00")}
	reply.text += "\n\nAm 23.11.2026 um 07:30 schrieb Carpenter Elementary <" + townHelp + ">:\n\n> " + strings.ReplaceAll(digest.Plain, "\n", "\n> ")
	path := town.beside("reply.eml")
	writeFile(t, path, string(reply.bytes()))

	out, errs, code := town.run("explain", path)
	if code != exitDone || errs != "" {
		t.Fatalf("exit %d, %s", code, errs)
	}
	for _, want := range []string{
		"from      mark@carpenter.example (believed)",
		"new text  Das Mikroskop könnt ihr haben, mache ich gern.\n",
		"it has a plain text of ",
		"left out as our own words: \"",
		"left out as a signature: \"Gesendet von meinem iPhone\"",
		"it answers our letter digest/2026-11-23/m2 (by its Message-ID)",
		"no number, and no title, name or place that fits exactly one of the asks #1 and #2",
		"\"könnt ihr haben\" says “I can help” (German)",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "a place in the list fits") || strings.Count(out, "\n") > 30 {
		t.Errorf("details in\n%s", out)
	}

	steps, _, _ := town.run("explain", "--trace", path)
	if !strings.Contains(steps, "a place in the list fits none") || len(steps) <= len(out) {
		t.Errorf("no details in\n%s", steps)
	}

	plain, errs, _ := town.run("explain", "--json", path)
	traced, story, _ := town.run("explain", "--json", "--trace", path)
	if errs != "" || plain != traced || !strings.Contains(story, path+": it has a plain text") {
		t.Errorf("%q\n%q\n%s", plain, traced, story)
	}
	var e explanation
	if err := json.Unmarshal([]byte(plain), &e); err != nil || e.Action != "unclear" && e.Action != "offer" {
		t.Errorf("%v %+v", err, e)
	}
}

// Long texts are shortened, unless every step is wanted.
func TestExplainShortens(t *testing.T) {
	e := explanation{File: "x.eml", Action: "ask", Reason: "new_ask", Text: strings.Repeat("a line\n", 30) + strings.Repeat("x", 300)}
	var short, whole strings.Builder
	e.print(&short, false)
	e.print(&whole, true)
	if !strings.Contains(short.String(), "… and 19 more lines") || strings.Contains(short.String(), "xxx") || !strings.Contains(whole.String(), strings.Repeat("x", 300)) {
		t.Errorf("%s\n%s", short.String(), whole.String())
	}
	if strings.Contains(clip(strings.Repeat("ä", 400), false), "\ufffd") {
		t.Error("a character was split")
	}
}
