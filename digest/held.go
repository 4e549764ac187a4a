package digest

import (
	"slices"
	"strconv"
	"strings"

	"askfirst/store"
)

// setSeen says what was seen in an ask that waits for its writer's word, and
// where: never the words themselves, which may be a password.
func (p *page) setSeen(f store.Fact) error {
	codes := f.Held
	if codes == "" {
		codes = f.Ask.Held
	}
	if f.Kind == store.KindHeld || f.Kind == store.KindStillHeld || f.Kind == store.KindLetGo {
		p.Ask.Title, p.Ask.Brief = "", "" // a link carries the title
	}
	p.Change = f.Kind == store.KindHeld && f.Ask.State != store.AskHeld
	for seen := range strings.FieldsSeq(codes) {
		code, at, _ := strings.Cut(seen, "/")
		if p.lang.set.Lookup("held."+code) == nil {
			continue // of a version to come
		}
		s, err := p.lang.say("held."+code, nil)
		if err != nil {
			return err
		}
		line, err := strconv.Atoi(at)
		switch {
		case err != nil || f.Kind == store.KindMayIShare: // the words stand beside it
		case line == 0:
			s, err = p.lang.say("held.subject", s)
		case strings.Contains(strings.TrimSpace(f.Ask.Body), "\n") || line > 1:
			s, err = p.lang.say("held.line", struct {
				What string
				Line int
			}{s, line})
		}
		if err != nil {
			return err
		}
		if !slices.Contains(p.Seen, s) {
			p.Seen = append(p.Seen, s)
		}
	}
	return nil
}
