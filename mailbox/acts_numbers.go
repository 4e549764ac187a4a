package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// run is numbers that are spoken of together, and what is said of them.
type run struct {
	numbers []int64
	clauses []*clause
	denied  bool // "not 17"
}

// runs groups the clauses around the numbers that they name. Clauses before the
// first number are the preface; they speak of numbers of which nothing else is
// said ("I can help with: 17, 19").
func (u *understanding) runs(r *reading) (preface []*clause, runs []run) {
	for i := range r.clauses {
		c := &r.clauses[i]
		if len(c.numbers) == 0 {
			if len(runs) == 0 {
				preface = append(preface, c)
			} else {
				last := &runs[len(runs)-1]
				last.clauses = append(last.clauses, c)
			}
			continue
		}
		if u.joins(r, i, runs) {
			last := &runs[len(runs)-1]
			for _, n := range c.numbers {
				if !slices.Contains(last.numbers, n) {
					last.numbers = append(last.numbers, n)
				}
			}
			last.clauses = append(last.clauses, c)
			continue
		}
		runs = append(runs, run{numbers: slices.Clone(c.numbers), clauses: []*clause{c}, denied: c.notFirst})
	}
	return preface, runs
}

// joins says whether the numbers of clause i belong to the last run: "17 and
// 19", "14 and 15 are sorted".
func (u *understanding) joins(r *reading, i int, runs []run) bool {
	c := &r.clauses[i]
	if len(runs) == 0 || c.joiner == "but" || c.notFirst || r.clauses[i-1].sentence != c.sentence || len(r.clauses[i-1].numbers) == 0 {
		return false
	}
	last := runs[len(runs)-1]
	if last.denied {
		return c.joiner == "and" && u.silent([]*clause{c}) // "not 17 or 19"
	}
	if !u.silent(last.clauses) {
		says := c.joiner == "" && u.volunteers(last.clauses) < 0 && (c.has("courtesy", "okay", "available") || slices.ContainsFunc(c.tokens, func(t words.Token) bool { return however(t.Fold) })) // "I can't do 17, 19 is fine"
		return u.silent([]*clause{c}) && !says                                                                                                                                                     // "I can help with 17 and 19"
	}
	return u.silent([]*clause{c}) || c.joiner == "and" || u.polarity(c) >= 0
}

// however says whether a word says yes to a number behind one that was denied:
// "19 geen tijd, 11 wel".
func however(w string) bool {
	switch w {
	case "wel", "schon", "yes", "yep", "yeah", "ja", "oui", "si", "can", "kann", "kan", "puedo", "peux":
		return true
	}
	return false
}

// silent says whether the clauses name numbers and say nothing of them.
func (u *understanding) silent(clauses []*clause) bool {
	return u.volunteers(clauses) == 0 && !anyHas(clauses, "close", "withdraw", "unoffer", "reopen", "extend", "thanks", "refer", "metoo", "change", "meant", "reveal")
}

// byNumber is what the message does to the asks whose numbers it names.
func (u *understanding) byNumber(r *reading, via string) ([]store.Act, string) {
	preface, runs := u.runs(r)
	var acts []store.Act
	var unknown, known, open []int64
	reasons := map[string]bool{}
	for _, run := range runs {
		for _, n := range run.numbers {
			if _, ok := u.view.Asks[n]; !ok {
				unknown = append(unknown, n)
				continue
			}
			known = append(known, n)
			said := run
			if first := run.clauses[0]; first.joiner != "but" && (u.silent(run.clauses) || len(preface) > 0 && preface[len(preface)-1].sentence == first.sentence) {
				said.clauses = append(slices.Clone(preface), run.clauses...)
			}
			act, reason := u.toAsk(n, said)
			reasons[reason] = true
			if act.Kind == store.ActUnclear {
				open = append(open, n)
				continue
			}
			if act.Kind == "" || act.Kind == store.ActChat {
				continue
			}
			act.Ask, act.Via = n, via
			act.Text = u.share(r, run, len(runs), act)
			if act.Kind == store.ActRefer && u.passesOn(n, said) {
				acts = appendAct(acts, store.Act{Kind: store.ActWithdraw, Ask: n, Text: act.Text, Via: via})
			}
			acts = appendAct(acts, act)
			if act.Kind == store.ActClose && u.thanksFor(n, said.clauses) {
				acts = appendAct(acts, store.Act{Kind: store.ActThanks, Ask: n, Text: act.Text, Via: via})
			}
		}
	}
	u.tell("numbers named: %d known, %d unknown", len(known), len(unknown))
	return u.settleNumbers(acts, unknown, open, known, reasons)
}

// passesOn says whether a helper gives up his own offer while he names somebody
// else: "8 not me after all, ask Anna".
func (u *understanding) passesOn(n int64, said run) bool {
	return u.role(n) == store.RoleHelper && (said.denied || anyHas(said.clauses, "unoffer") ||
		slices.ContainsFunc(said.clauses, func(c *clause) bool { return u.polarity(c) < 0 && !u.limited(c) }))
}

// settleNumbers turns what was found about numbers into the answer.
func (u *understanding) settleNumbers(acts []store.Act, unknown, open, known []int64, reasons map[string]bool) ([]store.Act, string) {
	switch {
	case len(acts) == 0 && len(open) > 0:
		for _, reason := range [...]string{ReasonQuestion, ReasonNotYours} {
			if reasons[reason] {
				return u.unclear(open, reason)
			}
		}
		return u.unclear(open, ReasonNotUnderstood)
	case len(acts) == 0 && len(unknown) > 0:
		return u.unclear(u.offered(), ReasonUnknownNumber)
	case len(acts) == 0 && reasons[ReasonCannotHelp]:
		return u.chat(0, ReasonCannotHelp)
	case len(acts) == 0 && len(known) == 0:
		return u.unclear(u.offered(), ReasonNotUnderstood) // numbers that turned out to be none
	case len(acts) == 0:
		return u.chat(known[0], ReasonTalk)
	case len(unknown) > 0:
		others := slices.DeleteFunc(u.offered(), func(n int64) bool { return slices.Contains(known, n) })
		a, _ := u.unclear(others, ReasonUnknownNumber)
		return append(acts, a...), ReasonSeveral
	case len(acts) > 1:
		return acts, ReasonSeveral
	}
	return acts, reasonOf(acts[0])
}

// share is the part of the text that belongs to one run of numbers: all of it
// when there is one, else its own sentences.
func (u *understanding) share(r *reading, own run, runs int, a store.Act) string {
	if runs == 1 {
		return r.text
	}
	var parts []string
	last := -1
	for _, c := range own.clauses {
		if c.sentence != last && c.sentence < len(r.sentences) {
			parts = append(parts, r.sentences[c.sentence])
			last = c.sentence
		}
	}
	if len(parts) == 0 {
		return r.text
	}
	return strings.Join(parts, " ")
}
