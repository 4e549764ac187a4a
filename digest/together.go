package digest

import "strings"

// Together shows the letters that waited: each under its subject, with its words
// but without salutation and footer.
func (p *page) Together() (string, error) {
	hello, err := p.Hello()
	if err != nil {
		return "", err
	}
	var marks strings.Builder
	for _, l := range p.letters {
		// A subject may begin with a word that acts in an answer, so it never
		// begins a line.
		title, err := p.lang.say("letter.named", fold(l.Subject))
		if err != nil {
			return "", err
		}
		if l.Text == "" {
			marks.WriteString(p.Point(title))
			continue
		}
		marks.WriteString(p.Heading(title))
		body, _, _ := strings.Cut(l.Text, "\n-- \n")
		for para := range strings.SplitSeq(body, "\n\n") {
			if b := retold(para); b.text != hello && (b.text != "" || len(b.paras) > 0) {
				marks.WriteString(p.add(b))
			}
		}
	}
	return marks.String(), nil
}

// retold is a paragraph of a text part as a block again.
func retold(para string) block {
	para = strings.TrimSpace(para)
	if quoted, ok := strings.CutPrefix(para, ">"); ok {
		b := block{kind: blockQuote}
		for part := range strings.SplitSeq(strings.ReplaceAll("\n"+quoted, "\n>", "\n"), "\n\n") {
			if part = fold(part); part != "" {
				b.paras = append(b.paras, part)
			}
		}
		return b
	}
	if point, ok := strings.CutPrefix(para, "- "); ok {
		return block{kind: blockPoint, text: fold(point)}
	}
	return block{kind: blockPara, text: fold(para)}
}
