package digest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"askfirst/store"
)

// Letters composes one letter for each fact, in the order of the facts.
func (v *Voice) Letters(o store.Outcome) ([]store.Letter, error) {
	letters := make([]store.Letter, 0, len(o.Facts))
	day := newDay()
	for _, f := range o.Facts {
		var l store.Letter
		var err error
		if f.Kind == store.KindDigest {
			if f.Edition == nil {
				return nil, fmt.Errorf("digest %s: the fact has no edition", f.Key)
			}
			l, err = v.edition(*f.Edition, o, f.To.Language, day)
		} else {
			l, err = v.letter(f, o)
		}
		if err != nil {
			return nil, fmt.Errorf("letter %s: %w", f.Key, err)
		}
		l.Key, l.Kind, l.To, l.Thread = f.Key, f.Kind, f.To, f.Thread
		letters = append(letters, l)
	}
	return letters, nil
}

// letter composes every kind of letter but the digest.
func (v *Voice) letter(f store.Fact, o store.Outcome) (store.Letter, error) {
	p, err := v.page(f, o)
	if err != nil {
		return store.Letter{}, err
	}
	subject, blocks, err := p.execute()
	if err != nil {
		return store.Letter{}, err
	}
	subject = upperFirst(subject)
	heading := block{kind: blockTitle, text: subject}
	if f.Ask.Number > 0 {
		p.item(f.Ask.Number)
		// Where the reply's headers are lost, the number in the subject is
		// what ties the answer to its ask.
		subject = fmt.Sprintf("%s (#%d)", subject, f.Ask.Number)
	}
	subject = coded(subject, f.Code)
	footer, err := p.footer("footer.letter")
	if err != nil {
		return store.Letter{}, err
	}
	html, err := v.drawHTML(p.lang, subject, append([]block{heading}, blocks...), footer, nil)
	if err != nil {
		return store.Letter{}, err
	}
	l := store.Letter{Subject: subject, Text: p.lang.drawText(blocks, footer), HTML: html, Items: p.items}
	for _, m := range talk(f) {
		if m.Email != "" {
			l.ReplyTo = append(l.ReplyTo, m.Recipient())
		}
	}
	return l, nil
}

// talk is who an answer to the letter goes to instead of the exchange: those
// who have it from here.
func talk(f store.Fact) []store.Member {
	if f.Ask.Asker.Veil {
		return nil // what is answered comes through us
	}
	switch f.Kind {
	case store.KindIntroduction:
		return []store.Member{f.Ask.Asker, f.Helper}
	case store.KindHint:
		return []store.Member{f.Helper}
	case store.KindAnswer:
		if f.Ask.State == store.AskClosed && !f.Ask.Asker.Left {
			return []store.Member{f.Ask.Asker}
		}
	}
	return nil
}

// page lays out what the templates may see of one fact.
func (v *Voice) page(f store.Fact, o store.Outcome) (*page, error) {
	p := &page{
		lang: v.language(f.To.Language, o.Exchange.Language), now: momentOf(o), exchange: o.Exchange, name: f.Kind,
		words: said(f.Words),
		Words: fold(said(f.Words)), Private: f.Private, Readers: f.Readers, Reason: fold(f.Reason),
		Published: !f.Publish.IsZero(), Files: max(len(f.Files), f.Ask.Files),
		letters: f.Letters, More: len(f.Carries) - len(f.Letters),
	}
	var err error
	if p.Words, err = p.links(p.Words); err != nil {
		return nil, err
	}
	if p.lang.set.Lookup(f.Kind) == nil {
		return nil, fmt.Errorf("templates: there is none for a letter of kind %q", f.Kind)
	}
	if f.Limit > 0 {
		p.Limit = fmt.Sprintf("%d MB", max(f.Limit>>20, 1))
	}
	if f.To.Name != "" {
		to, err := p.person(store.Member{Name: f.To.Name, Email: f.To.Email})
		if err != nil {
			return nil, err
		}
		p.To = to
	}
	p.Revealed, p.Connected = f.Reason == "reveal", f.Connector.ID != 0
	for _, list := range []struct {
		from []store.Ask
		to   *[]askView
	}{{f.Candidates, &p.Candidates}, {f.Asks, &p.Asks}, {f.Helping, &p.Helping}, {f.Joined, &p.Joined}} {
		views, err := p.views(list.from)
		if err != nil {
			return nil, err
		}
		*list.to = views
	}
	if p.Ask, err = p.view(f.Ask); err != nil {
		return nil, err
	}
	p.Ask.Terse = len(strings.Fields(p.lang.gist(f.Ask.Body, f.Ask.Title, p.Ask.Asker.Name))) < 8
	p.Helped = slices.ContainsFunc(f.Ask.Offers, func(o store.Offer) bool { return o.State == store.OfferIntroduced })
	p.ToAsker = f.Ask.Asker.ID != 0 && f.To.Member == f.Ask.Asker.ID
	p.Reachable = len(talk(f)) > 0
	p.ToldAsker, p.Next = alongside(o, f, store.KindHelperLeft), alongside(o, f, store.KindIntroduction)
	if err := p.setHelpers(f); err != nil {
		return nil, err
	}
	if err := p.setPeople(f); err != nil {
		return nil, err
	}
	if err := p.setData(f.Data); err != nil {
		return nil, err
	}
	if err := p.setSeen(f); err != nil {
		return nil, err
	}
	if err := p.setSayings(f); err != nil {
		return nil, err
	}
	return p, p.setDates(f)
}

// said is a person's words if there are any: a number alone is not worth quoting.
func said(words string) string {
	if strings.IndexFunc(words, unicode.IsLetter) < 0 {
		return ""
	}
	return words
}

// alongside says whether a letter of a kind about the same ask leaves as well.
func alongside(o store.Outcome, f store.Fact, kind string) bool {
	return slices.ContainsFunc(o.Facts, func(other store.Fact) bool {
		return other.Kind == kind && other.Ask.Number == f.Ask.Number
	})
}

// setHelpers names the helper a letter is about, or all who were introduced.
func (p *page) setHelpers(f store.Fact) error {
	helpers := f.Helpers
	if len(helpers) == 0 {
		helpers = f.Ask.Helpers()
	}
	toAll := f.Kind == store.KindThanksNoted || f.Kind == store.KindMayIShare
	if (f.Helper.ID != 0 || f.Helper.Name != "") && (!toAll || len(helpers) == 0) {
		helpers = []store.Member{f.Helper}
	}
	if len(helpers) > 0 {
		h, err := p.person(helpers[0])
		if err != nil {
			return err
		}
		p.Helper = h
	}
	names, err := p.firstNames(helpers)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		somebody, err := p.person(store.Member{})
		if err != nil {
			return err
		}
		p.Helper, names = somebody, []string{somebody.First}
	}
	p.Helpers, err = p.list(names)
	return err
}

// setPeople names those whom a letter speaks of beside asker and helper.
func (p *page) setPeople(f store.Fact) (err error) {
	if p.Name, err = p.barely(fold(f.Name)); err != nil {
		return err
	}
	p.Name = shorten(p.Name, longestNamed(f.Kind))
	if f.Connector.ID != 0 {
		if p.Connector, err = p.person(f.Connector); err != nil {
			return err
		}
	}
	for _, m := range f.People {
		one, err := p.person(m)
		if err != nil {
			return err
		}
		p.People = append(p.People, one)
	}
	names, err := p.firstNames(f.People)
	if err == nil {
		p.Persons, err = p.list(names)
	}
	return err
}

func (p *page) setDates(f store.Fact) (err error) {
	if !f.Until.IsZero() {
		if p.Until, err = p.lang.long(f.Until, p.now.today); err != nil {
			return err
		}
	}
	p.Publish, err = p.lang.when(f.Publish, p.now.today, p.now.cal.At, p.now.late)
	return err
}

// momentOf is the local date of the outcome. A calendar without a location can
// only come from a test; UTC is better than a panic.
func momentOf(o store.Outcome) moment {
	if o.Calendar.Location == nil {
		o.Calendar.Location = o.Now.UTC().Location()
	}
	today := o.Calendar.Date(o.Now)
	return moment{today: today, late: !o.Now.Before(o.Calendar.Instant(today, o.Calendar.At)), cal: o.Calendar}
}

// footer is what stands below the signature's mark, line by line.
func (p *page) footer(name string) ([]string, error) {
	s, err := p.lang.say(name, p)
	if err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}
