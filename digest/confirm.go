package digest

import "askfirst/store"

// sayingView is a message that waits for a yes.
type sayingView struct{ what, words string }

// setSayings says what waits. Words that a letter must not repeat are missing;
// then only what they would do is named.
func (p *page) setSayings(f store.Fact) error {
	p.Waiting, p.Unshown, p.code = f.Count, f.Count-len(f.Sayings), f.Code
	for _, s := range f.Sayings {
		name := "saying." + string(s.Kind)
		if p.lang.set.Lookup(name) == nil {
			name = "saying.other"
		}
		what, err := p.lang.say(name, nil)
		if err != nil {
			return err
		}
		if s.Words == "" {
			if what, err = p.lang.say("saying.unshown", what); err != nil {
				return err
			}
		}
		p.Sayings = append(p.Sayings, sayingView{what, s.Words})
	}
	return nil
}

// Said shows a message that waits: what it is, and how it begins.
func (p *page) Said(s sayingView) string {
	marks := p.add(block{kind: blockPara, text: s.what})
	if paras := paragraphs(s.words); len(paras) > 0 {
		marks += "\n\n" + p.add(block{kind: blockQuote, paras: paras})
	}
	return marks
}

// Tap makes a tap whose new mail carries the letter's code in its subject: that
// is what ties the answer to this question.
func (p *page) Tap(name string) (string, error) {
	var parts [3]string
	for i, suffix := range []string{"", ".subject", ".body"} {
		s, err := p.lang.say("button."+name+suffix, nil)
		if err != nil {
			return "", err
		}
		parts[i] = s
	}
	b := button{Label: parts[0], Link: mailto(p.exchange.Address, coded(parts[1], p.code), "", parts[2])}
	return p.add(block{kind: blockButtons, buttons: []button{b}}), nil
}

// coded is a subject with a code behind it.
func coded(subject, code string) string {
	if code == "" {
		return subject
	}
	return subject + " [" + code + "]"
}
