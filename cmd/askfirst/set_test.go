package main

import (
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"askfirst/mailbox"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// The labelled set of replies: what people write (testdata/set), in every mail
// program (set_client_test.go), as an answer to letters that were really sent
// (set_world_test.go). What is wanted was decided by what the writer means and
// before anything was read by the program.
//
// One half of the utterances, by hash, was for finding faults; the other was only
// counted until that was over and its figure written down (docs/FIGURES.md). A
// second set was written and counted after that, then used as well; the third one
// is only counted, and must never be used for mending. `go test ./cmd/askfirst -run TestLabelledSet -v -set all` reads all of
// it, without the flag a tenth.

var (
	setSize  = flag.String("set", "tenth", "how much of the labelled set is read: all, tenth or batches, such as fr-1,es-1")
	setEvery = flag.Uint64("set-every", 1, "of these, only every nth case is read")
	setShow  = flag.Int("set-show", 0, "how many misread utterances are shown, those of the third set never")
)

// utterance is what somebody writes, and what it means.
type utterance struct {
	lang, kind, place string
	wants             [][]string // each is right
	subject           string     // of the writer's own
	renamed           bool       // there is one
	text              string
	later             string // which later set it belongs to; "": the first
}

func (u utterance) name() string { return u.lang + "/" + u.place + "/" + u.subject + "/" + u.text }

// heldOut says whether the utterance belongs to the half that is only counted.
func (u utterance) heldOut() bool { return setSum(u.name())>>7&1 == 1 }

func setUtterances(t testing.TB) []utterance {
	var all []utterance
	for _, lang := range []string{"en", "de", "fr", "es", "nl"} {
		for _, row := range setRows(t, lang+".txt", 4) {
			all = append(all, newUtterance(lang, row))
		}
	}
	for _, later := range []string{"second", "third"} {
		for _, row := range setRows(t, later+".txt", 5) {
			u := newUtterance(row[0], row[1:])
			u.later = later
			all = append(all, u)
		}
	}
	batches, err := filepath.Glob(filepath.Join("testdata", "set", "??-*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range batches {
		name := strings.TrimSuffix(filepath.Base(batch), ".txt")
		lang, _, _ := strings.Cut(name, "-")
		for _, row := range setRows(t, name+".txt", 4) {
			u := newUtterance(lang, row)
			u.later = name
			all = append(all, u)
		}
	}
	return all
}

// setWanted says whether the flag wants a case read: all of the set, a tenth of
// it, or the batches that it names ("fr-1,es-1").
func setWanted(c setCase) bool {
	switch *setSize {
	case "all":
		return true
	case "tenth":
		return setSum(c.name())%10 == 0
	}
	return slices.Contains(strings.Split(*setSize, ","), c.later)
}

// newUtterance reads a row: kind, place, what is wanted, words.
func newUtterance(lang string, row []string) utterance {
	u := utterance{lang: lang, kind: row[0], place: row[1], text: strings.ReplaceAll(row[3], `\n`, "\n")}
	if rest, ok := strings.CutPrefix(u.text, "[["); ok {
		u.subject, u.text, u.renamed = rest[:strings.Index(rest, "]]")], strings.TrimSpace(rest[strings.Index(rest, "]]")+2:]), true
	}
	for want := range strings.SplitSeq(row[2], " / ") {
		u.wants = append(u.wants, strings.Fields(want))
	}
	return u
}

// setCase is one utterance in one program.
type setCase struct {
	utterance
	client setClient
}

func (c setCase) name() string { return c.utterance.name() + "/" + c.client.name }

// mail lays the case out: where the words stand, the subject, the signature.
func (c setCase) mail(s *setTown, words map[string]string) (*setMail, []byte) {
	chance := setRandom(c.name())
	place, _, _ := strings.Cut(c.place, ":")
	who, letter := s.letter(place)
	m := &setMail{lang: c.lang, to: s.names[who], from: s.address(who), letter: letter, words: words, said: c.text, width: []int{72, 76, 0}[chance.IntN(3)]}
	if place == "inline" {
		m.said, m.under = "", c.items()
	}
	m.below = letter != nil && !c.client.top && !c.client.noQuote && chance.IntN(4) == 0
	switch chance.IntN(8) {
	case 0:
		m.sign = "-- \n" + m.to
	case 1:
		m.sign = m.phrase("card")
	case 2:
		m.sign = m.phrase("card") + "\n\n" + m.phrase("disclaimer")
	case 3:
		m.sign = strings.Fields(m.to)[0]
	}
	switch prefix := words["prefix"]; {
	case c.renamed && letter != nil && chance.IntN(2) == 0:
		m.subject = prefix + c.subject
	case c.renamed || letter == nil:
		m.subject = c.subject
	default:
		m.subject = prefix + letter.Subject
	}
	if c.client.name == "exchange banner" {
		m.subject = "[EXTERNAL] " + m.subject
	}
	return m, m.bytes(c.client, fmt.Sprintf("<%x@mail.example>", setSum(c.name())), chance)
}

// items are the answers of an inline reply by ask.
func (c setCase) items() map[int64]string {
	_, list, _ := strings.Cut(c.place, ":")
	under := map[int64]string{}
	said := strings.Split(c.text, " ## ")
	for i, number := range strings.Split(list, ",") {
		var n int64
		fmt.Sscan(number, &n)
		under[n] = said[i]
	}
	return under
}

// setResult is how a case came out.
type setResult int

const (
	setRight  setResult = iota
	setAsked            // it asked back
	setSilent           // it did less than was meant, and did not ask
	setLost             // the mail was ignored or refused
	setWrong            // it did something that was not meant
	setResults
)

// judged compares what was understood with what was meant.
func judged(e store.Event, wants [][]string) (setResult, string) {
	if e.Verdict != store.Accepted {
		return setLost, string(e.Verdict) + ":" + e.Reason
	}
	var got []string
	asked, excess := false, false
	for _, a := range e.Acts {
		s := string(a.Kind)
		if a.Ask != 0 && a.Kind != store.ActChat && a.Kind != store.ActUnclear {
			s += fmt.Sprintf("#%d", a.Ask)
		}
		if a.Kind == store.ActPause || a.Kind == store.ActExtend {
			s += "@" + a.Until.String()
		}
		if a.Private {
			s += "(private)"
		}
		got = append(got, s)
		asked = asked || a.Kind == store.ActUnclear
		excess = excess || a.Kind != store.ActUnclear && a.Kind != store.ActChat && !slices.ContainsFunc(wants, func(want []string) bool { return slices.Contains(want, s) })
	}
	shown := strings.Join(got, " ") + " (" + e.Reason + ")"
	got = slices.DeleteFunc(got, func(s string) bool { return s == "chat" && len(got) > 1 })
	slices.Sort(got)
	for _, want := range wants {
		if slices.Equal(got, slices.Sorted(slices.Values(want))) {
			return setRight, shown
		}
	}
	switch {
	case excess:
		return setWrong, shown
	case asked:
		return setAsked, shown
	}
	return setSilent, shown
}

// setTally counts results under a name.
type setTally map[string]*[setResults]int

func (t setTally) add(name string, r setResult) {
	if t[name] == nil {
		t[name] = &[setResults]int{}
	}
	t[name][r]++
}

func (t setTally) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-34s %6s %9s %6s %6s %6s %6s\n", "", "cases", "right", "asked", "silent", "lost", "wrong")
	for _, name := range slices.Sorted(maps.Keys(t)) {
		r, sum := t[name], 0
		for _, n := range r {
			sum += n
		}
		fmt.Fprintf(&b, "%-34s %6d %8.2f%% %6d %6d %6d %6d\n", name, sum, 100*float64(r[setRight])/float64(sum), r[setAsked], r[setSilent], r[setLost], r[setWrong])
	}
	return b.String()
}

// setFault gathers what one utterance came to.
type setFault struct {
	results [setResults]int
	got     map[string]string // by what was understood: a program
}

// setRun reads cases and counts.
type setRun struct {
	totals, tables setTally
	faults         map[string]*setFault
}

func (r *setRun) count(c setCase, result setResult, got string) {
	half := "first set, for mending"
	switch { // what stands for what: docs/FIGURES.md
	case c.later != "":
		half = c.later + " set"
	case c.heldOut():
		half = "first set, held out at first"
	}
	r.totals.add(half, result)
	for _, name := range []string{"by language: " + c.lang, "by kind: " + c.kind, "by program: " + c.client.name} {
		r.tables.add(name, result)
	}
	if c.later == "third" || result == setRight {
		return
	}
	name := fmt.Sprintf("%s %s %q %q, wanted %v", c.lang, c.place, c.subject, c.text, c.wants)
	if r.faults[name] == nil {
		r.faults[name] = &setFault{got: map[string]string{}}
	}
	r.faults[name].results[result]++
	r.faults[name].got[got] = c.client.name
}

func (r *setRun) town(t *testing.T, s *setTown, cases []setCase, words map[string]string) {
	err := s.reading(func(tx *store.Tx) error {
		for _, c := range cases {
			m, raw := c.mail(s, words)
			if m.under != nil && !strings.Contains(m.spokenAnywhere(c.client), strings.SplitN(c.text, " ## ", 2)[0]) {
				t.Errorf("%s: %s puts nothing under the item", c.name(), c.client.name)
			}
			message := parse.Read(raw, limits(s.config))
			view, err := tx.View(mailbox.RefsOf(message, s.config.Exchange.Address))
			if err != nil {
				return fmt.Errorf("%s: %w", c.name(), err)
			}
			event := mailbox.Understand(message, view, mailbox.Policy{Verify: s.config.Senders.Verify, MaxSize: s.config.Inbox.MaxSize})
			result, got := judged(event, c.wants)
			r.count(c, result, got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// spokenAnywhere is what the program would send, for checking that an inline
// answer is in it.
func (m *setMail) spokenAnywhere(c setClient) string {
	if c.text != nil {
		return c.text(m)
	}
	return strings.NewReplacer("&#39;", "'", "&#34;", `"`).Replace(c.html(m))
}

func TestLabelledSet(t *testing.T) {
	if testing.Short() {
		t.Skip("the labelled set is left out of the short tests")
	}
	cases, total := map[string][]setCase{}, 0
	for _, u := range setUtterances(t) {
		for _, client := range setClients() {
			c := setCase{u, client}
			if strings.HasPrefix(u.place, "inline") && client.noQuote || !setWanted(c) || setSum(c.name())/16%*setEvery != 0 {
				continue
			}
			cases[u.lang] = append(cases[u.lang], c)
			total++
		}
	}
	phrases := setPhrases(t)
	run := &setRun{totals: setTally{}, tables: setTally{}, faults: map[string]*setFault{}}
	for lang, town := range setTowns(t) {
		run.town(t, town, cases[lang], phrases[lang])
	}
	t.Logf("%d cases\n%v\n%v", total, run.totals, run.tables)
	run.show(t, *setShow)
	for name, r := range run.totals {
		sum := 0
		for _, n := range r {
			sum += n
		}
		if strings.HasPrefix(name, "first") && (r[setRight]*100 < 98*sum || r[setWrong]*500 > sum) {
			t.Errorf("%s: %d of %d right, %d wrong acts; -set-show 50 shows them", name, r[setRight], sum, r[setWrong])
		}
	}
}

// show prints the utterances that were misread most.
func (r *setRun) show(t *testing.T, most int) {
	badness := func(name string) int {
		f := r.faults[name]
		return 1000*f.results[setWrong] + 30*(f.results[setLost]+f.results[setSilent]) + f.results[setAsked]
	}
	names := slices.SortedFunc(maps.Keys(r.faults), func(a, b string) int { return badness(b) - badness(a) })
	for _, name := range names[:min(most, len(names))] {
		f := r.faults[name]
		t.Logf("%s\n  asked %d, silent %d, lost %d, wrong %d: %v", name, f.results[setAsked], f.results[setSilent], f.results[setLost], f.results[setWrong], f.got)
	}
}
