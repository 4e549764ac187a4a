package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
)

// What numbers mean depends on those beside them: "yes 17, no 19" answers two
// asks, and "1. a stapler, 2. a hole punch" none.

// yesNo reads "Yes 17, no 19": beside a yes, "no" is no number's mark.
func (r *reading) yesNo() {
	opens := func(c *clause, words ...string) bool {
		return len(c.tokens) >= 2 && len(c.numbers) > 0 && c.tokens[1].Number() && slices.Contains(words, c.tokens[0].Fold)
	}
	if !slices.ContainsFunc(r.clauses, func(c clause) bool { return opens(&c, "yes", "yep", "yeah", "si", "sure", "ok") }) {
		return
	}
	for i := range r.clauses {
		if c := &r.clauses[i]; opens(c, "no") {
			c.notFirst = true
		}
	}
}

// dropList takes the numbers off a list of the writer's own, "1. a stapler, 2.
// a hole punch", line by line: it counts, and says nothing of the asks that
// happen to have these numbers.
func (u *understanding) dropList(r *reading) {
	var items []int
	for i := range r.clauses {
		c := &r.clauses[i]
		if len(c.numbers) == 0 || !c.tokens[0].Number() || marked(r.text, c.tokens[0].Start) {
			continue
		}
		if n, _ := askNumber(c.tokens[0].Fold); n != int64(len(items)+1) || !listItem(r.text, c.tokens[0]) {
			return
		}
		items = append(items, i)
	}
	if len(items) < 2 || !u.silent(r.all()[items[0]:]) {
		return
	}
	for _, i := range items {
		r.clauses[i].numbers = nil
	}
}

// listItem says whether a number stands at the beginning of a line, with a dot
// or a bracket and some words behind it.
func listItem(text string, t words.Token) bool {
	line := text[strings.LastIndexByte(text[:t.Start], '\n')+1 : t.Start]
	rest, _, _ := strings.Cut(text[t.End:], "\n")
	return strings.Trim(line, " \t(*-•") == "" && strings.IndexAny(rest, ".)") == 0 && strings.TrimSpace(rest[1:]) != ""
}
