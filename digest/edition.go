package digest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"askfirst/store"
)

// The limits of a digest: what fits into a minute's reading.
const (
	maxYours   = 3
	maxNew     = 8
	maxWaiting = 3
	maxAlso    = 6
	maxThanks  = 4

	subjectLimit = 60  // of a digest's subject, before the date
	thanksLimit  = 280 // of the words of one thank-you

	niceSize = 60 << 10 // of the HTML: beyond it, cards become lines
	hardSize = 85 << 10 // Gmail cuts a mail near 102 KB
)

// editionView is what the digest's template sees.
type editionView struct {
	Subject string
	Heading string // "3 colleagues asked for help today"
	Sub     string // exchange and date
	Since   string // "today", "since Friday"; "" before the first edition
	First   bool
	Asks    bool // there is somebody to help
	Yours   []askView
	New     []askView
	Waiting []askView
	Also    []askView
	More    bool // there are new asks that did not fit: the next digest brings them
	Thanks  []string
	Starter string

	thanks []int64
}

// Digest composes one member's digest. It says nothing that names the member,
// so that all who are told the same things get the same words.
func (v *Voice) Digest(e store.Edition, o store.Outcome) (store.Letter, error) {
	l, err := v.edition(e, o, e.Member.Language, newDay())
	l.Key, l.Kind, l.To = "digest/"+e.Date.String(), store.KindDigest, e.Member.Recipient()
	return l, err
}

func (v *Voice) edition(e store.Edition, o store.Outcome, tag string, d *day) (store.Letter, error) {
	lang := v.language(tag, o.Exchange.Language)
	key := lang.tag + " " + d.content(e)
	if l, ok := d.letters[key]; ok {
		return cloned(l), nil
	}
	now := momentOf(o)
	now.today = e.Date // a digest speaks of its own day, however late it leaves
	var l store.Letter
	// Every try shows fewer asks as cards; lines are all that is left in the end.
	for cards := maxNew + maxWaiting; ; cards -= 4 {
		p := &page{lang: lang, now: now, exchange: o.Exchange, name: store.KindDigest}
		if err := p.setEdition(e); err != nil {
			return store.Letter{}, err
		}
		p.Edition.limitCards(max(cards, 0))
		subject, blocks, err := p.execute()
		if err != nil {
			return store.Letter{}, err
		}
		footer, err := p.footer("footer.digest")
		if err != nil {
			return store.Letter{}, err
		}
		l = store.Letter{Subject: subject, Text: lang.drawText(blocks, footer), Items: p.items, Thanks: p.Edition.thanks}
		if l.HTML, err = v.drawHTML(lang, subject, blocks, footer, d.drawn); err != nil {
			return store.Letter{}, err
		}
		if len(l.HTML) <= niceSize || cards <= 0 {
			break
		}
	}
	if len(l.HTML) > hardSize {
		return store.Letter{}, fmt.Errorf("the digest of %s is %d bytes of HTML, the limit is %d: shorten the templates", e.Date, len(l.HTML), hardSize)
	}
	d.letters[key] = l
	return cloned(l), nil
}

// cloned keeps what one member's letter does with its lists from the others'.
func cloned(l store.Letter) store.Letter {
	l.Items, l.Thanks = slices.Clone(l.Items), slices.Clone(l.Thanks)
	return l
}

// setEdition fits the edition into the limits. A new ask that finds no card
// heads the list of what is also open; one that finds no room there either is
// not listed at all, and so counts as not told: the next digest brings it.
func (p *page) setEdition(e store.Edition) error {
	ev := &p.Edition
	ev.First = e.First
	for _, list := range []struct {
		from []store.Ask
		to   *[]askView
	}{{e.Yours, &ev.Yours}, {e.New, &ev.New}, {e.Waiting, &ev.Waiting}, {e.Also, &ev.Also}} {
		views, err := p.views(list.from)
		if err != nil {
			return err
		}
		*list.to = views
	}
	asked := max(e.Asked, len(ev.New))
	for _, t := range e.Thanks[:min(len(e.Thanks), maxThanks)] {
		line, err := p.thanksLine(t)
		if err != nil {
			return err
		}
		ev.Thanks = append(ev.Thanks, line)
		ev.thanks = append(ev.thanks, t.ID)
	}
	if err := p.setTitles(e, asked); err != nil {
		return err
	}
	ev.Yours = ev.Yours[:min(len(ev.Yours), maxYours)]
	news, waiting := min(len(ev.New), maxNew), min(len(ev.Waiting), maxWaiting)
	ev.Also = slices.Concat(ev.New[news:], ev.Waiting[waiting:], ev.Also)
	ev.New, ev.Waiting = ev.New[:news], ev.Waiting[:waiting]
	ev.Also = ev.Also[:min(len(ev.Also), maxAlso)]
	ev.More = asked > len(ev.New)+len(ev.Also)
	ev.Asks = len(ev.New)+len(ev.Waiting)+len(ev.Also) > 0
	return nil
}

// setTitles says when, and how much there is.
func (p *page) setTitles(e store.Edition, asked int) (err error) {
	ev := &p.Edition
	ev.Since, err = p.lang.say("today", nil)
	if err == nil && !e.Since.IsZero() && e.Since != e.Date.AddDays(-1) {
		ev.Since, err = p.lang.since(e.Since, e.Date)
	}
	if err != nil {
		return err
	}
	name, n := "heading.open", 0
	for _, h := range []struct {
		name   string
		n, say int
	}{
		{"heading.asked.", len(ev.New), asked}, {"heading.waiting.", len(ev.Waiting), len(ev.Waiting)},
		{"heading.thanks.", len(ev.Thanks), len(ev.Thanks)}, {"heading.yours.", len(ev.Yours), len(ev.Yours)},
	} {
		if h.n > 0 {
			name, n = h.name+p.lang.plural(h.say), h.say
			break
		}
	}
	if ev.Heading, err = p.lang.say(name, map[string]any{"N": n, "Since": ev.Since}); err != nil {
		return err
	}
	exchange, err := p.Exchange()
	if err != nil {
		return err
	}
	long, err := p.lang.long(e.Date, e.Date)
	if err != nil {
		return err
	}
	ev.Sub = exchange + ", " + long
	if ev.Starter, err = p.starter(e.Date); err != nil {
		return err
	}
	ev.Subject, err = p.digestSubject(e, asked)
	return err
}

// starter is one suggestion of what to ask; everybody has the same one on a day.
func (p *page) starter(d store.Date) (string, error) {
	s, err := p.lang.say("starters", nil)
	if err != nil {
		return "", err
	}
	lines := strings.Split(strings.TrimSpace(s), "\n")
	day := d.Year*366 + int(d.Month)*31 + d.Day
	return strings.TrimSpace(lines[day%len(lines)]), nil
}

// digestSubject puts the content first and the date last:
// "3 asks: microscope, a spelling app, +1 (Fri 21 Nov)". No number in it looks
// like an ask's.
func (p *page) digestSubject(e store.Edition, asked int) (string, error) {
	ev := p.Edition
	lead, titles, total := "", []string(nil), 0
	var err error
	switch {
	case len(ev.New) > 0:
		lead, err = p.lang.count("subject.asks", asked)
		titles, total = titlesOf(ev.New), asked
	case len(ev.Waiting) > 0:
		lead, err = p.lang.say("subject.waiting", nil)
		titles = titlesOf(ev.Waiting)
	case len(ev.Thanks) > 0:
		lead, err = p.subjectThanks(e.Thanks[0])
	case len(ev.Yours) > 0:
		lead, err = p.lang.count("subject.yours", len(ev.Yours))
		titles = titlesOf(ev.Yours)
	default:
		lead, err = p.lang.say("subject.open", nil)
	}
	if err != nil {
		return "", err
	}
	if len(titles) > 0 {
		lead += ": "
		lead += fit(titles, max(total, len(titles)), subjectLimit-utf8.RuneCountInString(lead))
	}
	date, err := p.lang.short(e.Date)
	return upperFirst(shorten(lead, subjectLimit)) + " (" + date + ")", err
}

func titlesOf(asks []askView) []string {
	var titles []string
	for _, a := range asks {
		titles = append(titles, strings.TrimRight(strings.ReplaceAll(a.Title, "#", ""), " .!…"))
	}
	return titles
}

// fit puts as many titles as can still be understood into one line and counts
// the rest of the total: "+2".
func fit(titles []string, total, room int) string {
	const least = 16 // characters of a title that still say something
	for k := min(3, len(titles)); ; k-- {
		rest := ""
		if k < total {
			rest = fmt.Sprintf(", +%d", total-k)
		}
		share := fairShare(titles[:k], room-len(rest)-2*(k-1))
		var shown []string
		for _, t := range titles[:k] {
			if share >= least || utf8.RuneCountInString(t) <= share || k == 1 {
				shown = append(shown, shorten(t, max(share, 2)))
			}
		}
		if len(shown) == k {
			return strings.Join(shown, ", ") + rest
		}
	}
}

// fairShare is how many characters each title may have so that all fit into
// the room: what a short one does not need, the long ones get.
func fairShare(titles []string, room int) int {
	var lengths []int
	for _, t := range titles {
		lengths = append(lengths, utf8.RuneCountInString(t))
	}
	slices.Sort(lengths)
	for i, n := range lengths {
		if share := room / (len(lengths) - i); n > share {
			return share
		}
		room -= n
	}
	return titleLimit
}

// limitCards turns all asks beyond the first n cards into lines.
func (ev *editionView) limitCards(n int) {
	for _, section := range [][]askView{ev.New, ev.Waiting} {
		for i := range section {
			section[i].brief = n <= 0
			n--
		}
	}
}

// Show shows an ask of a digest with its taps, or as a line when the digest
// would become too long.
func (p *page) Show(a askView) (string, error) {
	if a.brief {
		return p.Open(a)
	}
	c, err := p.card(a, true)
	if err != nil {
		return "", err
	}
	p.item(a.Number)
	return p.add(block{kind: blockCard, card: c}), nil
}

// Open shows an ask in one line, with what there is to know: offers, a date.
func (p *page) Open(a askView) (string, error) {
	var notes []string
	switch {
	case a.State == string(store.AskHeld):
		s, err := p.lang.say("held.waits", nil)
		if err != nil {
			return "", err
		}
		notes = append(notes, s)
	case a.State == string(store.AskHelped):
		s, err := p.lang.say("helped", nil)
		if err != nil {
			return "", err
		}
		notes = append(notes, s)
	case a.Offers > 0:
		s, err := p.lang.count("offers", a.Offers)
		if err != nil {
			return "", err
		}
		notes = append(notes, s)
	}
	if a.Same > 0 {
		s, err := p.lang.count("same.need", a.Same+1)
		if err != nil {
			return "", err
		}
		notes = append(notes, s)
	}
	if d := a.ask.NeededBy; !d.IsZero() {
		short, err := p.lang.short(d)
		if err == nil {
			short, err = p.lang.say("needed.by", short)
		}
		if err != nil {
			return "", err
		}
		notes = append(notes, short)
	}
	if len(notes) == 0 {
		return p.Line(a, ""), nil
	}
	return p.Line(a, " ("+strings.Join(notes, " / ")+")"), nil
}

// Own shows one of the reader's own asks and what can be answered.
func (p *page) Own(a askView) (string, error) {
	name, n := "yours.offers."+p.lang.plural(a.Offers), a.Offers
	if a.Offers == 0 {
		name = "yours.open"
	}
	s, err := p.lang.say(name, n)
	if err == nil && a.Same > 0 {
		var same string
		same, err = p.lang.count("yours.same", a.Same)
		s = same + " " + upperFirst(s)
	}
	if err != nil {
		return "", err
	}
	if strings.HasSuffix(a.Title, "?") || strings.HasSuffix(a.Title, "!") {
		return p.Line(a, " "+upperFirst(s)), nil
	}
	a.Title = strings.TrimRight(a.Title, " .:;,")
	return p.Line(a, ": "+s), nil
}
