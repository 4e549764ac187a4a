// Package yesno reads the answer to "did you just write this?". It is pure, and
// strict: an answer lets go what somebody may have written in another's name, so
// whatever is neither a plain yes nor a plain no counts as neither.
package yesno

import (
	"embed"
	"slices"
	"strings"
	"sync"

	"askfirst/mailbox/words"
)

// Answer is what an answer says.
type Answer string

// The answers.
const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Neither Answer = "neither"
)

//go:embed yesno.txt
var files embed.FS

var phrases = sync.OnceValue(func() *words.Vocabulary {
	v, err := words.Load(files)
	if err != nil {
		panic(err) // the embedded file is tested
	}
	return v
})

// Bounds of what is looked at: a yes is short, and what contradicts it is near.
const (
	readable    = 2000 // bytes
	longestLine = 12   // words
	nearby      = 40   // words
	longest     = 5    // words of a phrase that are tried
)

// Read reads a newly written text. Its first sentence or line, after a greeting,
// must be a phrase of yes or of no with nothing but fillers around it: "Yes, we
// have received your mail" is what a machine writes. names are the folded words
// of the writer's name, which may stand beside it.
func Read(text string, names []string) Answer {
	answer, _ := Split(text, names)
	return answer
}

// Split is Read, and whatever the text says behind the sentence that answers.
func Split(text string, names []string) (Answer, string) {
	text = strings.ToValidUTF8(text, "")
	near := strings.ToValidUTF8(text[:min(len(text), readable)], "")
	tokens := words.Tokens(near)
	line, rest := sentence(near, tokens)
	for greets(line, names) && len(rest) > 0 {
		line, rest = sentence(near, rest)
	}
	if asks(near, line) {
		return Neither, ""
	}
	yes, no := says(line, "yes", names), says(line, "no", names)
	switch {
	case yes && no: // "no" is "no" in three languages; nothing is both
		return Neither, ""
	case yes && !against(tokens):
		return Yes, behind(text, line)
	case no && !repeats(rest, names):
		return No, behind(text, line)
	}
	return explained(text, line, rest, names, against(tokens))
}

// explained reads a sentence that goes on after its answer: "Yes, that was me, I
// wrote from home". Before the comma must stand who wrote, which no machine says,
// and behind it nothing that may take the answer back.
func explained(text string, line, rest []words.Token, names []string, denied bool) (Answer, string) {
	for end := len(line) - 1; end > 0; end-- {
		said := line[:end]
		if !strings.HasPrefix(text[said[end-1].End:], ",") || !has(said, "mine") {
			continue
		}
		yes, no := says(said, "yes", names), says(said, "no", names)
		switch {
		case yes && !no && !denied && !has(line[end:], "wavers"):
			if has(line[end:], "explains") && !has(line[end:], "wishes") {
				said = line // why it was written from elsewhere
			}
			return Yes, behind(text, said)
		case no && !yes && !repeats(rest, names):
			return No, behind(text, said)
		}
	}
	return Neither, ""
}

// behind is the text after a line, without what ends the line.
func behind(text string, line []words.Token) string {
	return strings.TrimSpace(strings.TrimLeft(text[line[len(line)-1].End:], ".!;:,\"')…\u00a0 \r\n\t"))
}

// sentence cuts off the first sentence or line.
func sentence(text string, tokens []words.Token) (line, rest []words.Token) {
	if len(tokens) == 0 {
		return nil, nil
	}
	end := 1
	for end < len(tokens) && !strings.ContainsAny(text[tokens[end-1].End:tokens[end].Start], ".!?;:\n") {
		end++
	}
	return tokens[:end], tokens[end:]
}

// asks says whether a question mark stands behind the words.
func asks(text string, line []words.Token) bool {
	if len(line) == 0 {
		return false
	}
	behind := strings.TrimLeft(text[line[len(line)-1].End:], " .!)\u00a0")
	return strings.HasPrefix(behind, "?") || strings.HasPrefix(behind, "？")
}

// greets says whether a line is nothing but a greeting or a name.
func greets(line []words.Token, names []string) bool {
	if len(line) == 0 || len(line) > 5 || says(line, "yes", names) || says(line, "no", names) {
		return false
	}
	for _, t := range line {
		if !filler(t, names) && !t.Name() {
			return false
		}
	}
	return true
}

// says says whether tokens are phrases of a class, one at least, with nothing but
// fillers around and between them.
func says(tokens []words.Token, class words.Class, names []string) bool {
	if len(tokens) == 0 || len(tokens) > longestLine {
		return false
	}
	// plain[i]: tokens[i:] are fillers; said[i]: they are phrases and fillers.
	plain, said := make([]bool, len(tokens)+1), make([]bool, len(tokens)+1)
	plain[len(tokens)] = true
	for i := len(tokens) - 1; i >= 0; i-- {
		if filler(tokens[i], names) {
			plain[i], said[i] = plain[i+1], said[i+1]
		}
		for n := 1; n <= min(longest, len(tokens)-i) && !said[i]; n++ {
			said[i] = (plain[i+n] || said[i+n]) && phrases().IsLine(class, folded(tokens[i:i+n]))
		}
	}
	return said[0]
}

// has says whether a word of a class is among tokens.
func has(tokens []words.Token, class words.Class) bool {
	return slices.ContainsFunc(tokens, func(t words.Token) bool { return phrases().Is(class, t.Fold) })
}

func filler(t words.Token, names []string) bool {
	return phrases().Is("filler", t.Fold) || slices.Contains(names, t.Fold)
}

// against says whether something near a yes says the opposite.
func against(tokens []words.Token) bool {
	found := phrases().Find(tokens[:min(len(tokens), nearby)])
	return slices.ContainsFunc(found, func(m words.Match) bool { return m.Class == "against" })
}

// repeats says whether a no is followed by a yes: "No. Yes, it was me."
func repeats(rest []words.Token, names []string) bool {
	return len(rest) > 0 && len(rest) <= longestLine && says(rest, "yes", names)
}

func folded(tokens []words.Token) string {
	all := make([]string, len(tokens))
	for i, t := range tokens {
		all[i] = t.Fold
	}
	return strings.Join(all, " ")
}
