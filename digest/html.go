package digest

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"
)

// layoutParts are the templates that layout.html must define: the page around
// a letter and one for each kind of block.
func layoutParts() []string {
	return []string{
		"page", string(blockTitle), string(blockHeading), string(blockPara), string(blockQuote),
		string(blockCard), string(blockLine), string(blockPoint), string(blockButtons),
	}
}

// htmlPage is what the layout's "page" sees.
type htmlPage struct {
	Lang, Dir, Subject string
	Body               template.HTML // drawn by the other parts of the layout
	Footer             []string
	Long               bool // there is a word in the footer, an address, that a phone must break
	// Outlook on the desktop draws with Word and needs a width in a comment of
	// its own; html/template takes comments out, so they come as values.
	OutlookOpen, OutlookClose template.HTML
}

// htmlBlock is what each other part sees.
type htmlBlock struct {
	Text, Sub string
	Paras     []string
	Card      card
	Buttons   []htmlButton
	Long      bool // there is a word in it, an address, that a phone must break
}

// longWord is the longest word for which there is room on every phone.
const longWord = 28

// long says whether texts have a word for which there is no room.
func long(texts ...string) bool {
	for _, s := range texts {
		for w := range strings.FieldsSeq(s) {
			if utf8.RuneCountInString(w) > longWord {
				return true
			}
		}
	}
	return false
}

type htmlButton struct {
	Label string
	Link  template.URL // built by mailto, every part of it percent-encoded
	First bool
}

// drawn remembers the HTML of cards and lines during one call of Letters: a
// day's digests show the same asks to everybody.
type drawn map[string]string

func (v *Voice) drawHTML(l *language, subject string, blocks []block, footer []string, cache drawn) (string, error) {
	var body bytes.Buffer
	for i := 0; i < len(blocks); i++ {
		b := blocks[i]
		key := ""
		if cache != nil && (b.kind == blockCard || b.kind == blockLine) {
			key = fmt.Sprintf("%s %q", l.tag, []any{b.kind, b.text, b.card, b.buttons})
			if done, ok := cache[key]; ok {
				body.WriteString(done)
				continue
			}
		}
		start := body.Len()
		view := htmlBlock{Text: b.text, Sub: b.sub, Paras: b.paras, Card: b.card, Long: long(b.text, b.sub, b.card.Title, b.card.Body, b.card.Meta) || long(b.paras...)}
		taps := b.buttons
		if b.kind == blockCard {
			taps = b.card.Buttons
		}
		for j, t := range taps {
			view.Buttons = append(view.Buttons, htmlButton{t.Label, template.URL(t.Link), j == 0})
		}
		if b.kind == blockPoint { // a list is one block of HTML
			view.Paras = []string{b.text}
			for i+1 < len(blocks) && blocks[i+1].kind == blockPoint {
				i++
				view.Paras = append(view.Paras, blocks[i].text)
				view.Long = view.Long || long(blocks[i].text)
			}
		}
		if err := v.layout.ExecuteTemplate(&body, string(b.kind), view); err != nil {
			return "", fmt.Errorf("templates: %w", err)
		}
		if key != "" {
			cache[key] = body.String()[start:]
		}
	}
	var out bytes.Buffer
	err := v.layout.ExecuteTemplate(&out, "page", htmlPage{
		Lang: l.tag, Dir: l.dir(), Subject: subject, Body: template.HTML(body.String()), Footer: footer, Long: long(footer...),
		OutlookOpen:  `<!--[if mso]><table role="presentation" width="600" align="center" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->`,
		OutlookClose: `<!--[if mso]></td></tr></table><![endif]-->`,
	})
	if err != nil {
		return "", fmt.Errorf("templates: %w", err)
	}
	return out.String(), nil
}
