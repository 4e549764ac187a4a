package digest

import (
	"fmt"
	"strconv"
	"strings"

	"askfirst/store"
)

// A letter is a list of blocks; text and HTML are two drawings of them.
type blockKind string

const (
	blockTitle   blockKind = "title"   // the heading of a digest, with a line below
	blockHeading blockKind = "heading" // of a section
	blockPara    blockKind = "para"
	blockQuote   blockKind = "quote" // a person's words
	blockCard    blockKind = "card"  // an ask in full
	blockLine    blockKind = "line"  // an ask in one line
	blockPoint   blockKind = "point" // one of a list
	blockButtons blockKind = "buttons"
)

type block struct {
	kind    blockKind
	text    string   // title, heading, para, point; line: what follows the title
	sub     string   // title: the line below
	paras   []string // quote
	card    card     // card, line
	buttons []button // buttons; line: the tap beside it
}

// card is an ask as colleagues see it.
type card struct {
	Number  int64
	Title   string
	Body    string
	Meta    string
	Buttons []button
	Same    string // that answering with the number does the same
}

// button is a link that opens a new mail, ready to send.
type button struct {
	Label string
	Link  string
}

// Blocks are made by methods that a template calls while it is executed. What
// the method returns is a mark in the template's output; no person's text can
// contain one, since clean removes control characters.
const (
	markOpen  = "\x02"
	markClose = "\x03"
)

func (p *page) add(b block) string {
	p.blocks = append(p.blocks, b)
	return markOpen + strconv.Itoa(len(p.blocks)-1) + markClose
}

func (p *page) item(ask int64) {
	for _, i := range p.items {
		if i.Ask == ask {
			return
		}
	}
	p.items = append(p.items, store.Item{Position: len(p.items) + 1, Ask: ask})
}

// subjectField opens every letter's template.
const subjectField = "Subject:"

// assemble reads a template's output: the subject on the first line, then
// paragraphs divided by blank lines, in which marks stand for blocks.
func (p *page) assemble(output string) (subject string, blocks []block, err error) {
	head, rest, _ := strings.Cut(strings.TrimLeft(output, "\n "), "\n")
	subject, found := strings.CutPrefix(head, subjectField)
	subject = fold(subject)
	if !found || subject == "" {
		return "", nil, fmt.Errorf("templates: %s: the first line must be %q and the subject", p.name, subjectField)
	}
	for para := range strings.SplitSeq(rest, "\n\n") {
		for para != "" {
			text, after, marked := strings.Cut(para, markOpen)
			if text = strings.Join(strings.Fields(text), " "); text != "" {
				blocks = append(blocks, block{kind: blockPara, text: text})
			}
			if !marked {
				break
			}
			index, tail, _ := strings.Cut(after, markClose)
			n, err := strconv.Atoi(index)
			if err != nil || n < 0 || n >= len(p.blocks) {
				return "", nil, fmt.Errorf("templates: %s: a block stands inside other text", p.name)
			}
			b := p.blocks[n]
			if last := len(blocks) - 1; b.kind == blockButtons && last >= 0 && blocks[last].kind == blockButtons {
				blocks[last].buttons = append(blocks[last].buttons[:len(blocks[last].buttons):len(blocks[last].buttons)], b.buttons...)
			} else {
				blocks = append(blocks, b)
			}
			para = tail
		}
	}
	return subject, blocks, nil
}
