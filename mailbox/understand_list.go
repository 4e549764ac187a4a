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

// besideListed reads "17 and 99", where nothing is listed as 99, as two numbers:
// whoever mistypes one of them hears of it. A clause counts that is a number and
// nothing else, in one breath with an ask's.
func (u *understanding) besideListed(r *reading, dated []bool) {
	at := 0
	for i := range r.clauses {
		c := &r.clauses[i]
		first := at
		at += len(c.tokens)
		if len(c.numbers) > 0 || c.question || c.joiner == "but" || r.clauses[0].has("anyone") {
			continue
		}
		beside := i > 0 && r.clauses[i-1].sentence == c.sentence && len(r.clauses[i-1].numbers) > 0 && !u.listedPlace(r, first) ||
			i+1 < len(r.clauses) && r.clauses[i+1].sentence == c.sentence && len(r.clauses[i+1].numbers) > 0 && r.clauses[i+1].joiner == "and"
		n, number := int64(0), -1
		for j, t := range c.tokens {
			if t.Number() && number < 0 {
				number = first + j
			} else if !(j == 0 && conjunction(r.tokens, first)) && !(number >= 0 && pleading(t.Fold)) {
				beside = false
			}
		}
		if !beside || number < 0 || dated[number] || len(r.tokens[number].Fold) > 3 || r.tokens[number].Before == ':' || r.tokens[number].After == ':' || !u.bareNumber(r, number, first, at) {
			continue
		}
		if i > 0 && !u.silentNumbers(&r.clauses[i-1]) {
			continue
		}
		n, _ = askNumber(r.tokens[number].Fold)
		c.numbers = []int64{n}
	}
}

// pleading says whether a word behind a number is but polite.
func pleading(w string) bool {
	switch w {
	case "please", "pls", "plz", "thanks", "bitte", "danke", "svp", "stp", "merci", "gracias", "aub", "graag", "bedankt", "x":
		return true
	}
	return false
}

// silentNumbers says whether a clause ends with the number that it names: what
// is counted behind "17 needs two" is no ask.
func (u *understanding) silentNumbers(c *clause) bool {
	return len(c.numbers) > 0 && c.tokens[len(c.tokens)-1].Number()
}
