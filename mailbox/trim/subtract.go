package trim

import (
	"sort"
	"strings"

	"askfirst/mailbox/parse"
)

// apply takes away, from the start of the quote on, what we sent, in order and
// each word once, and ties what is left to the item above it.
func (a *aligned) apply(ls []line) {
	depth := quoteDepth(ls, a.start)
	sent := make([]bool, len(a.tokens))
	item := make([]int64, len(a.tokens)) // the item of the last word of ours up to a token
	hint, last := 0, int64(0)
	for i := a.first; i < len(a.tokens); {
		at, n := a.consume(ls, i, hint, depth)
		if i == a.first && a.headed > 0 {
			at, n = a.at, a.headed
		}
		if n == 0 && depth > 0 && i > a.first && sent[i-1] {
			at, n = a.broken(ls, i, hint)
		}
		// A marked line is no line of the writer's own, few as its words may be.
		l := ls[a.tokens[i].line]
		inQuote := depth > 0 && !l.html && lineDepth(l, depth) >= depth
		if n == 0 || !inQuote && n >= sentRun && a.stray(i, n, sent) {
			item[i] = last
			i++
			continue
		}
		for k := range n {
			sent[i+k] = true
			if at >= 0 {
				last = a.best.items[at+k]
			}
			item[i+k] = last
		}
		if at >= 0 {
			hint = at + n
		}
		i += n
	}
	a.lines(ls, sent, item, depth)
	nested(ls[a.start:])
}

// consume is the run of ours that begins at a token: a short one only where it
// follows in order and is quoted as the rest is; a long one anywhere, since
// programs quote a conversation twice. at is -1 for another letter's words.
func (a *aligned) consume(ls []line, i, hint, depth int) (at, n int) {
	at, n = a.run(a.best, i, hint, true)
	n = a.bounded(ls, i, n, depth)
	long := n >= a.best.need()
	if n >= sentRun && (long || at == hint && hint > 0 && depth > 0 || at >= hint && at <= hint+nearby && lineDepth(ls[a.tokens[i].line], depth) >= depth) {
		for k := range n {
			a.best.used[at+k] = true
		}
		return at, n
	}
	at, n = a.run(a.best, i, hint, false)
	if n = a.bounded(ls, i, n, depth); n >= a.best.need() {
		return at, n
	}
	for _, f := range a.others {
		if _, n := a.run(f, i, 0, false); n >= f.need() {
			return -1, a.bounded(ls, i, n, depth)
		}
	}
	return 0, 0
}

// broken is a short line without a mark that goes on with the very next words
// of the letter: the end of a marked line that was broken on the way.
func (a *aligned) broken(ls []line, i, hint int) (at, n int) {
	line := a.tokens[i].line
	if line == 0 || a.tokens[i-1].line != line-1 || ls[line].depth > 0 || ls[line].html {
		return 0, 0
	}
	for i+n < len(a.tokens) && a.tokens[i+n].line == line {
		if hint+n >= len(a.best.words) || a.best.words[hint+n] != a.ids[i+n] {
			return 0, 0
		}
		n++
	}
	return hint, n
}

// bounded shortens a run that goes on into a line of the writer's own: one
// outside the quote's marks, or one that merely begins with the same few words.
func (a *aligned) bounded(ls []line, i, n, depth int) int {
	line := a.tokens[i].line
	for k := 1; k < n; k++ {
		l := a.tokens[i+k].line
		if l == line {
			continue
		}
		if lineDepth(ls[l], depth) < depth && (ls[l-1].blank() || l+1 == len(ls) || ls[l+1].blank()) {
			return k
		}
		line = l
	}
	end := i + n
	if n == 0 || end == len(a.tokens) || a.tokens[end].line != line || line == a.tokens[i].line {
		return n
	}
	begin := end
	for begin > i && a.tokens[begin-1].line == line {
		begin--
	}
	enough := sentRun
	if ls[line].html || ls[line-1].blank() { // a paragraph of its own
		enough = 2 * sentRun
	}
	if end-begin >= enough {
		return n
	}
	if _, m := a.run(a.best, end, 0, false); m >= sentRun {
		return n
	}
	return begin - i
}

// stray says whether a run merely happens to be the same few words in a line of
// the writer's own: at its end, or at its beginning and then not ours any more.
func (a *aligned) stray(i, n int, sent []bool) bool {
	line := a.tokens[i].line
	here := 0 // words of the run in its first line
	for here < n && a.tokens[i+here].line == line {
		here++
	}
	own := i > 0 && a.tokens[i-1].line == line
	if own && !sent[i-1] && here < sentRun {
		return true
	}
	end := i + n
	if own || n >= 2*sentRun || end == len(a.tokens) || a.tokens[end].line != line {
		return false
	}
	_, m := a.run(a.best, end, 0, false)
	return m < sentRun
}

// quoteDepth is how deep the quote of our letter stands where it begins.
func quoteDepth(ls []line, start int) int {
	if d := ls[start].depth; d > 0 {
		return d
	}
	return lineDepth(ls[start], 1)
}

// lineDepth counts a tab or a bar at the beginning as a mark of a quote where
// the quote is marked at all: some programs use these.
func lineDepth(l line, depth int) int {
	if depth > 0 && l.depth == 0 && !l.html && (strings.HasPrefix(l.text, "\t") || strings.HasPrefix(strings.TrimPrefix(l.text, " "), "|")) {
		return 1
	}
	return l.depth
}

// lines decides for every line below the start what of it is new.
func (a *aligned) lines(ls []line, sent []bool, item []int64, depth int) {
	t := a.first
	for t > 0 && a.tokens[t-1].line == a.start {
		t--
	}
	last := int64(0)
	for i := a.start; i < len(ls); i++ {
		from := t
		for t < len(a.tokens) && a.tokens[t].line == i {
			t++
		}
		l := &ls[i]
		l.below = true
		ours := 0
		for k := from; k < t; k++ {
			if sent[k] {
				ours++
			}
		}
		l.ask = last
		if t > from {
			last = item[t-1]
		}
		if l.why != whySignature && l.why != whyHeaders || ours > 0 {
			l.why = ""
		}
		switch {
		case l.blank() && l.depth > 0:
			l.why = whySent
		case l.blank() || l.why != "":
		case t == from && lineDepth(*l, depth) < max(depth, 1) && wordless(l.bare):
			// the line of a signature, a smile: the writer's own
		case t == from || ours == t-from:
			l.why = whySent
		case ours > 0:
			l.remainder(a.tokens[from:t], sent[from:t])
			if l.keep != "" && i > a.start {
				l.ask = item[t-1]
			}
			if i == a.start && l.keep != "" {
				l.below = false
			}
		case !l.html && depth > 0 && lineDepth(*l, depth) == depth && a.typed(ls, i, sent):
			_, l.keep = unquoted(l.text)
			l.keep = strings.TrimLeft(l.keep, " \t|")
		case l.html && l.depth > max(depth, 0) && l.mark != parse.NoMark || !l.html && depth > 0 && lineDepth(*l, depth) >= depth:
			l.why = whyQuote
		case t-from > 0 && depth > 0 && l.mark == parse.Attribution:
			l.why = whyAttribution
		}
		if len(a.tokens) >= manyWords && i > a.tokens[len(a.tokens)-1].line {
			l.why = whyQuote
		}
	}
}

// typed says whether a marked line that is not ours was typed into the quote: it
// stands in the midst of our lines and is nothing a program makes.
func (a *aligned) typed(ls []line, i int, sent []bool) bool {
	const near = 4
	if strings.ContainsAny(ls[i].bare, "@<[") || strings.Contains(ls[i].bare, "://") || borderAt(ls, i).kind != "" {
		return false
	}
	first := sort.Search(len(a.tokens), func(k int) bool { return a.tokens[k].line >= i })
	after := sort.Search(len(a.tokens), func(k int) bool { return a.tokens[k].line > i })
	above, below := false, false
	for k := first - 1; k >= 0 && a.tokens[k].line >= i-near && k >= a.first; k-- {
		above = above || sent[k]
	}
	for k := after; k < len(a.tokens) && a.tokens[k].line <= i+near; k++ {
		below = below || sent[k]
	}
	return above && below
}

// wordless says whether a line without a word is written all the same: the line
// above a signature, or a smile.
func wordless(s string) bool {
	switch s {
	case "--", ":)", ":-)", ";)", ";-)", ":(", ":-(", "=)", "?", "??", "!", "+", "✓", "✔":
		return true
	}
	return false
}

// remainder keeps what a person wrote at the end (or the beginning) of a line
// of ours. What lies between words of ours is the work of a program.
func (l *line) remainder(ts []token, sent []bool) {
	tail := len(ts)
	for tail > 0 && !sent[tail-1] {
		tail--
	}
	head := 0
	for head < len(ts) && !sent[head] {
		head++
	}
	switch {
	case tail < len(ts) && tail > 0:
		l.keep = strings.TrimLeft(l.text[ts[tail-1].end:], " .,;:)>*_\t")
	case head > 0:
		l.keep = strings.TrimRight(strings.TrimLeft(l.text[:ts[head].start], "> \t|"), " (*_#<\t")
	}
	if l.keep == "" || l.depth > 0 && !l.html && !pointed(l.text, l.keep, tail < len(ts)) {
		l.why, l.keep = whySent, ""
	}
}

// pointed says whether words at the end of a quoted line are plainly a person's:
// behind an arrow, in stars or brackets, or in capitals. Anything else there may
// be what a program made of a link.
func pointed(line, kept string, atEnd bool) bool {
	if !atEnd || len(kept) > 120 || strings.ContainsAny(kept, "@/") {
		return false
	}
	before := strings.TrimSpace(strings.TrimSuffix(strings.TrimRight(line, " \t"), kept))
	for _, mark := range []string{"<-", "<--", "<---", "<=", "<==", "->", "-->", "=>", "***", "**", "[", "←", "<<", ">>"} {
		if strings.HasSuffix(before, mark) || strings.HasPrefix(kept, mark) {
			return true
		}
	}
	return kept == strings.ToUpper(kept) && kept != strings.ToLower(kept)
}

// nested cuts what is left of other people's headers and attributions below
// the start of the quote, up to the next words of ours.
func nested(ls []line) {
	for i := 0; i < len(ls); i++ {
		if ls[i].why != "" || ls[i].blank() || ls[i].keep != "" {
			continue
		}
		b := borderAt(ls, i)
		if b.kind == "" || b.prefix != "" {
			continue
		}
		j := i
		for j < len(ls) && (j < i+b.lines || ls[j].why != whySent) {
			if ls[j].why == "" {
				ls[j].why = whyQuote
				if j < i+b.lines {
					ls[j].why = b.kind
					if b.kind == "forward" {
						ls[j].why = whyHeaders
					}
				}
			}
			if b.kind == whyAttribution && j >= i+b.lines && ls[j].depth == 0 && ls[i].depth > 0 {
				ls[j].why = ""
				break
			}
			j++
		}
		i = j - 1
	}
}
