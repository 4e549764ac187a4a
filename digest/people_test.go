package digest

import (
	"slices"
	"strings"
	"testing"

	"askfirst/store"
)

// Every variant of the letters about people reads well: no line begins like an
// answer, none is left empty, and what must be said is said.
func TestLettersAboutPeople(t *testing.T) {
	o := sample("en")
	facts := o.Facts
	of := func(kind string) store.Fact {
		return facts[slices.IndexFunc(facts, func(f store.Fact) bool { return f.Kind == kind })]
	}
	for _, c := range []struct {
		kind   string
		change func(f *store.Fact)
		subject,
		says string
	}{
		{store.KindReferred, func(f *store.Fact) { f.Reason = "known" }, "Mark: told already (#17)", "has heard of"},
		{store.KindReferred, func(f *store.Fact) { f.Helpers = append(f.Helpers, store.Member{ID: 8, Name: "Ana Silva"}) }, "Asked privately: Mark and Ana (#17)", "something for Mark and Ana"},
		{store.KindHintPassed, func(f *store.Fact) { f.Reason, f.Name = "nobody", "Zed" }, "Passed on: ", "Nobody called Zed is on the staff list, so nobody else has been written to"},
		{store.KindHintPassed, func(f *store.Fact) { f.Reason, f.People = "resting", []store.Member{{ID: 8, Name: "Ana Silva"}} }, "Passed on: ", "Ana cannot be asked from here just now, so nobody else"},
		{store.KindHintPassed, func(f *store.Fact) { f.Reason, f.People = "helped", []store.Member{{ID: 8, Name: "Ana Silva"}} }, "Passed on: ", "There is help for this already, so Ana was not asked"},
		{store.KindWhichPerson, func(f *store.Fact) { f.People, f.Name = nil, "Zed" }, "Who is Zed? (#17)", "answer with the whole name"},
		{store.KindWhichPerson, func(f *store.Fact) { f.Ask, f.Reason = store.Ask{}, "thanks" }, "Which Mark did you mean?", "- Mark Ito (Office)"},
		{store.KindMeToo, func(f *store.Fact) { f.Reason = "left" }, "That is fine: ", "will not hear how it ends"},
		{store.KindMeToo, func(f *store.Fact) { f.Reason = "already" }, "You hear how it ends: ", "counted already"},
		{store.KindAnswer, func(f *store.Fact) { f.Ask.State = store.AskWithdrawn }, "No longer on the list: ", "has been taken back"},
		{store.KindAnswer, func(f *store.Fact) { f.Ask.State = store.AskExpired }, "No longer on the list: ", "its time was over"},
		{store.KindAnswer, func(f *store.Fact) { f.Ask.Asker.Left = true }, "There is an answer: ", "Now it is sorted."},
		{store.KindIntroduction, func(f *store.Fact) { f.Connector = store.Member{ID: 9, Name: "Ruth Lee"} }, "Priya, meet Mark: ", "Ruth thought of Mark for this."},
		{store.KindGone, func(f *store.Fact) { f.Reason = "metoo" }, "No longer on the list: ", "as an ask of your own"},
		{store.KindMayIShare, func(f *store.Fact) { f.Ask = store.Ask{Asker: f.Ask.Asker} }, "May I share this?", "to Mark"},
		{store.KindThanksNoted, func(f *store.Fact) { f.Ask = store.Ask{Asker: f.Ask.Asker} }, "Passed on: your thanks to Mark", "Your words have gone to Mark"},
		{store.KindThankYou, func(f *store.Fact) { f.Ask = store.Ask{Asker: f.Ask.Asker} }, "Thank you from Priya", "Priya writes:"},
	} {
		f := of(c.kind)
		c.change(&f)
		o.Facts = []store.Fact{f}
		letters, err := voice(t).Letters(o)
		if err != nil {
			t.Errorf("%s %q: %v", c.kind, f.Reason, err)
			continue
		}
		l := letters[0]
		text := strings.Join(strings.Fields(l.Text), " ")
		if !strings.HasPrefix(l.Subject, c.subject) || !strings.Contains(text, c.says) {
			t.Errorf("%s %q: want %q and %q:\n%s\n\n%s", c.kind, f.Reason, c.subject, c.says, l.Subject, l.Text)
		}
		for line := range strings.Lines(l.Text) {
			if first, _, _ := strings.Cut(strings.TrimSpace(line), " "); acts.MatchString(first) && !strings.HasPrefix(line, ">") && !strings.HasPrefix(line, "#") && first != "I" {
				t.Errorf("%s %q: a line begins with %q: %s", c.kind, f.Reason, first, line)
			}
		}
		if (c.kind == store.KindAnswer) && (len(l.ReplyTo) > 0) != (f.Ask.State == store.AskClosed && !f.Ask.Asker.Left) {
			t.Errorf("answers go to %v", l.ReplyTo)
		}
	}
}

// How many need the same is told, and never who.
func TestSameNeed(t *testing.T) {
	e, o := sampleEdition()
	e.New[0].MeToo = []store.Member{{ID: 40, Name: "Quentin Quill"}, {ID: 41, Name: "Zelda Zorn"}}
	if len(e.Yours) > 0 {
		e.Yours[0].MeToo = e.New[0].MeToo[:1]
	}
	l, err := voice(t).Digest(e, o)
	if err != nil || !strings.Contains(l.Text, "3 colleagues need this") || strings.Contains(l.Text+l.HTML, "Quentin") {
		t.Errorf("%v\n%s", err, l.Text)
	}
	if len(e.Yours) > 0 && !strings.Contains(strings.Join(strings.Fields(l.Text), " "), "1 colleague needs the same.") {
		t.Errorf("the asker is not told:\n%s", l.Text)
	}
}
