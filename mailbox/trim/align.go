package trim

import (
	"sort"
	"strconv"
	"strings"

	"askfirst/mailbox/parse"
)

// The lengths that count, in words.
const (
	quoteRun = 12 // a run of ours as long as this starts a quote
	sentRun  = 4  // below its start, a run as long as this is ours
	manySent = 40 // as many words of ours in long runs are a quote wherever they stand
	nearby   = 40 // how far a short run may lie ahead of the one before it
)

// form is one form of a letter of ours: its words and the item each stands in.
type form struct {
	letter int
	words  []int32
	items  []int64
	used   []bool
	heads  map[int]bool // the words an item begins with
	grams  map[[sentRun]int32][]int32
	begins []bool // by word: whether a gram begins with it, since most words begin none
}

// vocabulary numbers the words of our letters; 0 is a word we never sent.
type vocabulary map[string]int32

func (v vocabulary) add(w string) int32 {
	n, ok := v[w]
	if !ok {
		n = int32(len(v) + 1)
		v[w] = n
	}
	return n
}

// newForm takes a letter's text apart.
func (v vocabulary) newForm(letter int, text string, asks []int64) *form {
	ls := strings.Split(text, "\n")
	items := itemLines(ls, asks)
	f := &form{letter: letter, heads: map[int]bool{}, grams: map[[sentRun]int32][]int32{}}
	last := -1
	for _, t := range tokens(ls) {
		if t.line != last && itemNumber(strings.TrimSpace(ls[t.line])) > 0 {
			f.heads[len(f.words)] = true
			f.heads[len(f.words)+1] = true // people leave the number away
		}
		last = t.line
		f.words = append(f.words, v.add(t.word))
		f.items = append(f.items, items[t.line])
	}
	f.used = make([]bool, len(f.words))
	for i := 0; i+sentRun <= len(f.words); i++ {
		g := [sentRun]int32(f.words[i : i+sentRun])
		f.grams[g] = append(f.grams[g], int32(i))
		for int(g[0]) >= len(f.begins) {
			f.begins = append(f.begins, false)
		}
		f.begins[g[0]] = true
	}
	return f
}

// itemLines says for every line of a letter which ask's item it stands in. An
// item begins at "#17 …" and goes on until the next, a heading (a short line
// alone), or the footer. A link's label is as short and as alone as a heading:
// while the number of the item is still to come, it goes on.
func itemLines(ls []string, asks []int64) []int64 {
	known := map[int64]bool{}
	for _, a := range asks {
		known[a] = true
	}
	out := make([]int64, len(ls))
	var item int64
	for i, l := range ls {
		if strings.TrimRight(l, " ") == "--" {
			break
		}
		l = strings.TrimSpace(l)
		if n := itemNumber(l); n > 0 && known[n] {
			item = n
		} else if item > 0 && l != "" && heading(ls, i) && !comes(ls[i+1:], item) {
			item = 0
		}
		out[i] = item
	}
	return out
}

// comes says whether one of the next lines names the item, before another item
// begins.
func comes(ls []string, item int64) bool {
	const near = 8
	digits := strconv.FormatInt(item, 10)
	for _, l := range ls[:min(len(ls), near)] {
		l = strings.TrimSpace(l)
		if itemNumber(l) > 0 || l == "--" {
			return false
		}
		for f := range strings.FieldsSeq(l) {
			if strings.TrimPrefix(strings.TrimRight(f, ".,:"), "#") == digits {
				return true
			}
		}
	}
	return false
}

// itemNumber is the number a line begins with as items do: "#17 …"; 0: none.
func itemNumber(l string) int64 {
	l = strings.TrimLeft(l, "-*• \t")
	if !strings.HasPrefix(l, "#") {
		return 0
	}
	var n int64
	i := 1
	for ; i < len(l) && i < 12 && l[i] >= '0' && l[i] <= '9'; i++ {
		n = n*10 + int64(l[i]-'0')
	}
	if i < len(l) && l[i] != ' ' && l[i] != ':' && l[i] != '\t' && l[i] != '\r' {
		return 0
	}
	return n
}

// heading says whether a line stands alone between empty lines, short and
// without a number.
func heading(ls []string, i int) bool {
	l := strings.TrimSpace(ls[i])
	alone := (i == 0 || strings.TrimSpace(ls[i-1]) == "") && (i+1 == len(ls) || strings.TrimSpace(ls[i+1]) == "")
	return alone && len(l) <= 60 && digits(l) == 0 && !strings.HasSuffix(l, ".")
}

// aligned is how a message lies on a letter of ours.
type aligned struct {
	letter int // -1: on none
	start  int // the line where the quote begins
	first  int // the token where it begins
	at     int // the word of the letter there, where headed
	headed int // how many words there are a line of ours apart from the rest
	tokens []token
	ids    []int32
	best   *form
	others []*form
}

// align finds the letter that a message quotes most of, and where that begins.
func align(ls []line, letters []Letter) *aligned {
	a := &aligned{letter: -1}
	if len(letters) == 0 {
		return a
	}
	texts := make([]string, len(ls))
	for i, l := range ls {
		texts[i] = l.text
	}
	a.tokens = tokens(texts)
	v := vocabulary{}
	var forms []*form
	for i, l := range letters {
		if i >= 60 {
			break
		}
		if l.Text != "" {
			forms = append(forms, v.newForm(i, l.Text, l.Asks))
		}
		if l.HTML != "" {
			forms = append(forms, v.newForm(i, parse.Text(l.HTML), l.Asks))
		}
	}
	a.ids = make([]int32, len(a.tokens))
	for i, t := range a.tokens {
		a.ids[i] = v[t.word]
	}
	most := 0
	for _, f := range forms {
		covered, first := a.coverage(f)
		if covered > most {
			most, a.best, a.first = covered, f, first
		}
	}
	if a.best == nil {
		return a
	}
	for _, f := range forms {
		if f != a.best {
			a.others = append(a.others, f)
		}
	}
	a.settleStart(ls)
	if most >= manySent || a.quoted(ls) {
		a.letter = a.best.letter
	}
	return a
}

// quoted says whether a short stretch of our words is a quote by its place: it
// is marked, it stands below a border, or it begins where the letter or one of
// its items does. Otherwise a person repeats words, an ask of last week perhaps.
func (a *aligned) quoted(ls []line) bool {
	l := ls[a.start]
	if l.depth > 0 || l.why != "" || l.mark != parse.NoMark || lineDepth(l, 1) > 0 {
		return true
	}
	at, _ := a.run(a.best, a.first, 0, false)
	if at < sentRun || a.best.heads[at] {
		return true
	}
	for i := a.start - 1; i >= 0 && i >= a.start-14; i-- {
		if !ls[i].blank() && borderAt(ls, i).kind != "" {
			return true
		}
	}
	return false
}

// need is how long a run has to be to start a quote of this form: less for
// letters that are hardly longer than that themselves.
func (f *form) need() int { return min(quoteRun, max(6, len(f.words)*2/3)) }

// coverage counts the words of a message that lie in long runs of a form.
func (a *aligned) coverage(f *form) (covered, first int) {
	first = -1
	need := f.need()
	hint := 0
	for i := 0; i+sentRun <= len(a.ids); {
		at, n := a.run(f, i, hint, false)
		if n < need {
			i++
			continue
		}
		if first < 0 {
			first = i
		}
		covered += n
		i += n
		hint = at + n
	}
	return covered, first
}

// run finds the longest run of a form's words that begins at a token. Of equal
// ones it takes the next behind hint. With fresh, words already consumed end it.
func (a *aligned) run(f *form, i, hint int, fresh bool) (at, n int) {
	const tries = 12
	if i+sentRun > len(a.ids) || a.ids[i] == 0 || int(a.ids[i]) >= len(f.begins) || !f.begins[a.ids[i]] {
		return 0, 0
	}
	places := f.grams[[sentRun]int32(a.ids[i:i+sentRun])]
	k := sort.Search(len(places), func(k int) bool { return int(places[k]) >= hint })
	for t := 0; t < min(tries, len(places)); t++ {
		p := int(places[(k+t)%len(places)])
		m := 0
		for i+m < len(a.ids) && p+m < len(f.words) && a.ids[i+m] == f.words[p+m] && !(fresh && f.used[p+m]) {
			m++
		}
		if m > n {
			at, n = p, m
		}
	}
	return at, n
}

// settleStart finds the line where the quote begins. A person who edits an ask
// repeats words of ours above the quote: where a border follows and the letter
// begins anew below it, the border decides.
func (a *aligned) settleStart(ls []line) {
	first := a.first
	for i := a.tokens[first].line + 1; i < len(ls); i++ {
		if ls[i].blank() {
			continue
		}
		b := borderAt(ls, i)
		if ls[i].why == whyAttribution || ls[i].why == whyQuote { // the program marked it in the HTML
			b = border{kind: ls[i].why}
		}
		if b.kind == "" || b.kind == "forward" {
			continue
		}
		after := sort.Search(len(a.tokens), func(k int) bool { return a.tokens[k].line >= i+b.lines })
		const soon = 60 // words: a header of the program and blank lines of nested tables lie between, too
		for t := after; t < len(a.tokens) && t < after+soon; t++ {
			if at, n := a.run(a.best, t, 0, false); n >= a.best.need() && at < nearby {
				first = t
				break
			}
		}
		break
	}
	a.first = first
	a.start = a.tokens[first].line
	at, _ := a.run(a.best, first, 0, false)
	a.climb(ls, at)
}

// climb moves the start up over lines that are the words right before it in
// the letter: headings and single lines that make no long run themselves.
func (a *aligned) climb(ls []line, at int) {
	for a.first > 0 && at > 0 {
		n := a.tokens[a.first-1].line
		from := a.first
		for from > 0 && a.tokens[from-1].line == n {
			from--
		}
		count := a.first - from
		p := -1
		for q := at - count; q >= 0 && q >= at-count-nearby; q-- {
			m := 0
			for m < count && a.best.words[q+m] == a.ids[from+m] {
				m++
			}
			if m == count {
				p = q
				break
			}
		}
		if p < 0 || count < 3 && p != at-count || n < a.start-4 {
			a.overAnswer(ls, at)
			return
		}
		a.first, a.start, at = from, n, p
	}
}

// overAnswer moves the start up over an answer that stands between the first
// lines of the letter and the rest, where a border says that these are quoted.
func (a *aligned) overAnswer(ls []line, at int) {
	const near = 12 // lines
	border := a.start - 1
	for ; border >= 0 && borderAt(ls, border).kind == "" && ls[border].why != whyAttribution; border-- {
		if border < a.start-near {
			return
		}
	}
	if border < 0 {
		return
	}
	from := sort.Search(len(a.tokens), func(k int) bool { return a.tokens[k].line > border })
	for q := 0; q < at && q < nearby; q++ {
		n, whole := 0, 0
		for from+n < a.first && q+n < at && a.best.words[q+n] == a.ids[from+n] {
			if n++; from+n == a.first || a.tokens[from+n].line != a.tokens[from+n-1].line {
				whole = n
			}
		}
		if whole > 1 || whole == 1 && q == 0 {
			a.first, a.start, a.at, a.headed = from, a.tokens[from].line, q, whole
			return
		}
	}
}
