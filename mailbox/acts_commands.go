package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// Words about the digest itself act only as the first words or as a line of
// their own, or as the subject, and only when nothing else in the mail says
// more: "Stop by my room, I can help" stops nothing.

// command is such a word.
type command struct {
	kind  store.ActKind
	until store.Date
	text  string
}

// commandOf reads tokens that consist of a command and small talk.
func (u *understanding) commandOf(tokens []words.Token) (command, bool) {
	if len(tokens) == 0 || len(tokens) > 16 {
		return command{}, false
	}
	lead, tail := 0, len(tokens)
	for lead < tail && (u.words.Is("small", tokens[lead].Fold) || u.words.Is("greeting", tokens[lead].Fold)) {
		lead++
	}
	for tail > 0 && u.words.Is("small", tokens[tail-1].Fold) {
		tail--
	}
	found := u.words.Find(tokens)
	for _, m := range found {
		kind, ok := commandKind(m.Class)
		if !ok || m.Start > lead && !u.leadsTo(kind, tokens[:m.Start]) || within(found, m) {
			continue
		}
		c := command{kind: kind}
		if m.Class == "weekly" {
			c.text = "weekly"
		} else if m.Class == "daily" {
			c.text = "daily"
		}
		if kind == store.ActPause {
			c.until = u.until(tokens)
		}
		if kind == store.ActResume && m.End < tail {
			if day := u.backOn(tokens[m.End:tail]); !day.IsZero() {
				return command{kind: store.ActPause, until: day}, true // "back 14 December"
			}
		}
		if day := u.until(tokens[m.Start:]); kind == store.ActStop && u.view.Today.Before(day) {
			return command{kind: store.ActPause, until: day}, true // "leave me off until 5 January"
		}
		if m.End >= tail || kind == store.ActPause && (!c.until.IsZero() && u.onlyDate(tokens[m.End:tail]) || u.someday(tokens[m.End:tail])) {
			return c, true
		}
	}
	return command{}, false
}

// leadsTo says whether tokens are what stands politely before a wish about the
// writer's own data: "could you please", "ich möchte, dass ihr". Such a wish must
// not become an ask that everybody reads.
func (u *understanding) leadsTo(kind store.ActKind, tokens []words.Token) bool {
	if kind != store.ActData && kind != store.ActForget {
		return false
	}
	for len(tokens) > 0 {
		n := 0
		for _, m := range u.words.Find(tokens) {
			if m.Class == "rightslead" && m.Start == 0 {
				n = max(n, m.End)
			}
		}
		if n == 0 && u.words.Is("small", tokens[0].Fold) {
			n = 1
		}
		if n == 0 {
			return false
		}
		tokens = tokens[n:]
	}
	return true
}

// within says whether a match is part of a longer friendly phrase: "weiter so".
func within(found []words.Match, m words.Match) bool {
	for _, f := range found {
		if (f.Class == "courtesy" || f.Class == "idiom") && f.Start <= m.Start && f.End >= m.End && f.End-f.Start > m.End-m.Start {
			return true
		}
	}
	return false
}

// commandKind is the act of a class of commands.
func commandKind(class words.Class) (store.ActKind, bool) {
	switch class {
	case "pause":
		return store.ActPause, true
	case "resume":
		return store.ActResume, true
	case "weekly", "daily":
		return store.ActFrequency, true
	case "stop":
		return store.ActStop, true
	case "help":
		return store.ActHelp, true
	case "status":
		return store.ActStatus, true
	case "data":
		return store.ActData, true
	case "forget":
		return store.ActForget, true
	case "undo":
		return store.ActUndo, true
	}
	return "", false
}

// someday says whether the tokens name a time that has no date: "the end of
// term". It lasts until the writer is back.
func (u *understanding) someday(tokens []words.Token) bool {
	if len(tokens) > 8 {
		return false
	}
	return slices.ContainsFunc(u.words.Find(tokens), func(m words.Match) bool { return m.Class == "someday" && m.End == len(tokens) })
}

// onlyDate says whether the tokens are a date with small words around it.
func (u *understanding) onlyDate(tokens []words.Token) bool {
	dates := findDates(u.words, tokens, u.reckoning())
	rest := len(tokens)
	for _, d := range dates {
		rest -= d.last - d.first
	}
	for _, t := range tokens {
		if u.words.Is("by", t.Fold) || u.words.Is("dayprep", t.Fold) || u.words.Is("small", t.Fold) {
			rest--
		}
	}
	return len(dates) > 0 && rest <= 2
}

// commands looks for a command in the text and in the subject.
func (u *understanding) commands() ([]store.Act, string, bool) {
	said := u.says(u.text)
	lines := u.lines()
	if c, ok := u.firstWords(said, lines); ok {
		return u.obey(c)
	}
	if u.subject == "" || u.talking() {
		return nil, "", false
	}
	c, ok := u.commandOf(words.Tokens(head(u.subject, 300)))
	if !ok {
		return nil, "", false
	}
	quiet := u.courtesy(u.text) || strings.EqualFold(u.text.text, u.subject)
	switch c.kind {
	case store.ActHelp, store.ActStatus, store.ActData, store.ActUndo:
		if !quiet {
			return nil, "", false // "Help" above an ask is an ask
		}
	default:
		if !quiet && u.saysMore(said) {
			return nil, "", false
		}
		if c.kind == store.ActPause && c.until.IsZero() {
			c.until = u.until(u.text.tokens)
		}
	}
	return u.obey(c)
}

// commandInSubject is for mails without text, such as those that a mail
// program's "unsubscribe" button writes.
func (u *understanding) commandInSubject() ([]store.Act, string, bool) {
	c, ok := u.commandOf(words.Tokens(head(u.subject, 300)))
	if !ok {
		return nil, "", false
	}
	u.text = u.readText(u.subject, nil)
	return u.obey(c)
}

// lines are the text's lines with words, each read as tokens.
func (u *understanding) lines() [][]words.Token {
	var lines [][]words.Token
	for line := range strings.Lines(u.text.text) {
		if tokens := words.Tokens(line); len(tokens) > 0 {
			lines = append(lines, tokens)
		}
		if len(lines) == 40 {
			break
		}
	}
	return lines
}

// firstWords finds a command in the first clause or on a line of its own.
func (u *understanding) firstWords(said []*clause, lines [][]words.Token) (command, bool) {
	if u.talking() {
		// Between two people "back" and "help" are talk; only a mail that is
		// nothing else speaks to us.
		c, ok := u.commandOf(u.text.tokens)
		paused := ok && c.kind == store.ActPause && u.words.IsLine("pause", u.text.tokens[0].Fold)
		return c, paused || ok && (c.kind == store.ActStop || c.kind == store.ActFrequency || c.kind == store.ActUndo)
	}
	c, ok := u.commandOf(u.text.tokens)
	rights := c.kind == store.ActData || c.kind == store.ActForget // "ik wil …" offers nothing there
	if ok && (rights || u.volunteers(said) <= 0) && !u.hasNumbers(u.text) {
		return c, true
	}
	if len(said) > 0 {
		first := said[0].tokens
		rest := said[1:]
		c, ok := u.commandOf(first)
		if !ok && len(rest) > 0 && len(first) <= 2 && (u.courteous(said[0]) || u.polarity(said[0]) < 0) {
			c, ok = u.commandOf(rest[0].tokens) // "Sorry, please stop"
			rest = rest[1:]
		}
		if ok && c.kind == store.ActStop && u.numbered(first) {
			ok = false // "take me off 17" leaves the list for no one
		}
		if ok && u.mayFollow(c, rest) {
			if c.kind == store.ActPause && c.until.IsZero() {
				c.until = u.until(u.text.tokens)
			}
			return c, true
		}
	}
	for i := 1; i < min(len(said), 3); i++ { // "on a course, please pause until Friday"
		rest := slices.Concat(said[:i], said[i+1:])
		if c, ok := u.commandOf(said[i].tokens); ok && u.standsLater(c, said[i]) && !u.saysMore(rest) {
			return c, true
		}
	}
	if u.volunteers(said) > 0 {
		return command{}, false
	}
	return u.loneLine(lines)
}

// mayFollow says whether the rest of a mail leaves the command standing.
func (u *understanding) mayFollow(c command, rest []*clause) bool {
	switch c.kind {
	case store.ActHelp, store.ActStatus, store.ActResume, store.ActUndo:
		for _, r := range rest {
			again, ok := u.commandOf(r.tokens)
			if !u.courteous(r) && !(ok && again.kind == c.kind) {
				return false
			}
		}
		return true
	}
	return !u.saysMore(rest)
}

// saysMore says whether clauses do something beside a command.
func (u *understanding) saysMore(clauses []*clause) bool {
	for _, c := range clauses {
		if len(c.numbers) > 0 || u.polarity(c) > 0 || c.has("asking", "close", "withdraw", "refer", "metoo", "reopen") {
			return true
		}
	}
	return false
}

// loneLine finds a command on a line of its own in an otherwise polite mail.
func (u *understanding) loneLine(lines [][]words.Token) (command, bool) {
	found, at := command{}, -1
	for i, line := range lines {
		if c, ok := u.commandOf(line); ok && !u.namesAsk(line) {
			found, at = c, i
			break
		}
	}
	if at < 0 {
		return command{}, false
	}
	for i, line := range lines {
		if i != at && len(line) > 3 && !u.courtesy(u.readText(joinRaw(line), nil)) {
			return command{}, false
		}
	}
	return found, true
}

// namesAsk says whether one of the tokens is a number that counts as an ask's in
// the text: "pause the music, 17 is mine" pauses nothing.
func (u *understanding) namesAsk(tokens []words.Token) bool {
	return slices.ContainsFunc(tokens, func(t words.Token) bool {
		n, ok := askNumber(t.Fold)
		return ok && slices.ContainsFunc(u.text.clauses, func(c clause) bool { return slices.Contains(c.numbers, n) })
	})
}

// numbered says whether one of the tokens is the number of an ask that was listed.
func (u *understanding) numbered(tokens []words.Token) bool {
	listed := u.barelyNamed()
	return slices.ContainsFunc(tokens, func(t words.Token) bool {
		n, ok := askNumber(t.Fold)
		return ok && t.Number() && listed[n]
	})
}

func joinRaw(tokens []words.Token) string {
	raw := make([]string, len(tokens))
	for i, t := range tokens {
		raw[i] = t.Raw
	}
	return strings.Join(raw, " ")
}

// talking says whether the message belongs to the talk of two people who were
// introduced.
func (u *understanding) talking() bool {
	return u.letter != nil && u.letter.Kind == store.KindIntroduction
}

// obey turns a command into an act.
func (u *understanding) obey(c command) ([]store.Act, string, bool) {
	act := store.Act{Kind: c.kind, Until: c.until, Text: u.words0()}
	if c.kind == store.ActFrequency {
		act.Text = c.text
	}
	u.tell("the words are a command: %s", c.kind)
	if c.kind == store.ActUndo {
		return u.undo(), ReasonUndo, true
	}
	return []store.Act{act}, ReasonCommand, true
}
