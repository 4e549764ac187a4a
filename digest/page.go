package digest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"askfirst/store"
)

// page is what a template sees of one fact: cleaned words to print and methods
// that make blocks. Nothing raw is exported: every string a person wrote has
// been through clean before a template can reach it.
type page struct {
	lang     *language
	now      moment
	exchange store.Exchange
	name     string // of the template
	blocks   []block
	items    []store.Item

	To         person
	Ask        askView
	Helper     person
	Connector  person   // introduction: who thought of the helper; First "": nobody
	People     []person // which_person: to choose from
	Persons    string   // hint_passed_on: their first names, "Ben and Priya"
	Name       string   // as somebody wrote it
	Joined     []askView
	Helpers    string // "Mark", "Mark and Sam"
	Words      string // the writer's words on one line; "" when there are none
	Candidates []askView
	Asks       []askView
	Helping    []askView
	Until      string // "Monday 1 December"; "" when no date was named
	Publish    string // "tomorrow at 07:30"
	Published  bool   // there is an edition to come that carries it
	Private    bool
	Readers    int
	Limit      string // "10 MB"
	Reason     string
	Seen       []string // held: what was seen, and where
	Change     bool     // held: a change of an ask that stays as it is
	Files      int
	Revealed   bool // introduction: the asker of an anonymous ask gave their name; relay_held: wants to
	Connected  bool // relay_to_asker: a colleague thought of the helper
	Helped     bool // somebody was introduced and has not been thanked yet
	ToAsker    bool // introduction: this copy goes to the asker
	Reachable  bool // answer: the letter is answered to the asker
	ToldAsker  bool // offer_withdrawn: the asker gets a letter about it, too
	Next       bool // helper_left: somebody else is introduced at once
	Edition    editionView
	Data       dataView // data

	Waiting int          // confirm: mails that wait for a yes
	Sayings []sayingView // confirm: the first of them
	Unshown int          // confirm: how many more there are

	code    string // confirm: what ties an answer to it
	words   string // as written, cleaned by Quote
	letters []store.Letter
	More    int // together: letters that are not even named
}

// moment is the instant and the calendar by which dates are said.
type moment struct {
	today store.Date
	late  bool // today's digest has left already
	cal   store.Calendar
}

// person is a member as others see him.
type person struct{ First, Short, Name, Group, Email string }

// askView is an ask as a template sees it.
type askView struct {
	Number   int64
	Title    string // at most 70 characters
	Brief    string // the title, short enough for a subject or a sentence
	Asker    person
	State    string
	Offers   int
	Same     int // colleagues who need the same, the asker aside
	Waiting  int // working days
	NoDate   bool
	Nameless bool // asked anonymously
	Terse    bool // the words leave open what exactly would help

	ask   store.Ask
	brief bool // to be shown in one line: the digest would become too long
}

const (
	titleLimit = 70
	briefLimit = 50
	gistLimit  = 220
	wordsLimit = 4000 // of a person's words in a letter; the whole stays in the book
)

func (p *page) person(m store.Member) (person, error) {
	if m.Name == "" && m.Email == "" {
		somebody, err := p.lang.say("somebody", nil)
		return person{First: somebody, Short: somebody, Name: somebody}, err
	}
	m.Name = shorten(fold(m.Name), 60)
	if m.Name == "" {
		m.Name, _, _ = strings.Cut(m.Email, "@")
	}
	return person{First: m.FirstName(), Short: m.ShortName(), Name: m.Name, Group: shorten(fold(m.Group), 40), Email: fold(m.Email)}, nil
}

func (p *page) view(a store.Ask) (askView, error) {
	asker, err := p.person(a.Asker)
	if err != nil || a.Number == 0 {
		return askView{Asker: asker}, err
	}
	title, err := p.barely(fold(a.Title))
	if err != nil {
		return askView{}, err
	}
	secret := strings.Contains(a.Held, "password") // is not printed back
	if title == "" && !secret {
		if title, err = p.barely(shorten(fold(a.Body), 10*titleLimit)); err != nil {
			return askView{}, err
		}
	}
	if title == "" || secret {
		if title, err = p.lang.say("untitled", nil); err != nil {
			return askView{}, err
		}
	}
	v := askView{Number: a.Number, Title: shorten(title, titleLimit), Brief: shorten(strings.TrimRight(title, " .!"), briefLimit), Asker: asker, State: string(a.State), Nameless: a.Asker.Veil, ask: a}
	v.NoDate = a.NeededBy.IsZero()
	for _, o := range a.Offers {
		if o.State != store.OfferWithdrawn {
			v.Offers++
		}
	}
	v.Same = len(a.MeToo)
	listed := a.ListedAt
	if listed.IsZero() {
		listed = a.CreatedAt
	}
	if !listed.IsZero() {
		v.Waiting = p.now.cal.Between(p.now.cal.Date(listed), p.now.today)
	}
	return v, nil
}

func (p *page) views(asks []store.Ask) ([]askView, error) {
	var out []askView
	for _, a := range asks {
		v, err := p.view(a)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Exchange is the help exchange's name in a sentence.
func (p *page) Exchange() (string, error) {
	name := fold(p.exchange.Name)
	if strings.Contains(strings.ToLower(name), "help") || strings.Contains(strings.ToLower(name), "exchange") {
		return name, nil
	}
	return p.lang.say("exchange", name)
}

// School is the exchange's name alone.
func (p *page) School() string { return fold(p.exchange.Name) }

// Address is where asks go.
func (p *page) Address() string { return p.exchange.Address }

// Admin is who looks after the exchange; "" when nobody is named.
func (p *page) Admin() string { return p.exchange.Admin }

// At is the time of day at which digests leave.
func (p *page) At() string { return p.now.cal.At.String() }

// Say prints a string of words.txt.
func (p *page) Say(name string, data ...any) (string, error) {
	if len(data) > 0 {
		return p.lang.say(name, data[0])
	}
	return p.lang.say(name, nil)
}

// Count prints a string of words.txt in the plural form for n.
func (p *page) Count(name string, n int) (string, error) { return p.lang.count(name, n) }

// Hello is the salutation.
func (p *page) Hello() (string, error) {
	if p.To.First == "" {
		return p.lang.say("hello", nil)
	}
	return p.lang.say("hello.name", p.To.First)
}

// Title makes the heading of a whole letter.
func (p *page) Title(text, sub string) string {
	return p.add(block{kind: blockTitle, text: text, sub: sub})
}

// Heading makes the heading of a section.
func (p *page) Heading(text string) string {
	return p.add(block{kind: blockHeading, text: text})
}

// Point makes one entry of a list.
func (p *page) Point(text string) string {
	return p.add(block{kind: blockPoint, text: strings.Join(strings.Fields(text), " ")})
}

// Quote shows the writer's words as they are.
func (p *page) Quote() (string, error) {
	paras := paragraphs(p.words)
	left := wordsLimit
	for i, para := range paras {
		para, err := p.links(para)
		if err != nil {
			return "", err
		}
		paras[i] = shortenAround(para, max(left, 2))
		if left -= len([]rune(para)); left <= 0 {
			paras = paras[:i+1]
			break
		}
	}
	if len(paras) == 0 {
		return "", nil
	}
	return p.add(block{kind: blockQuote, paras: paras}), nil
}

// Card shows an ask as it stands in the digest, without the taps.
func (p *page) Card(a askView) (string, error) {
	c, err := p.card(a, false)
	if err != nil {
		return "", err
	}
	p.item(a.Number)
	return p.add(block{kind: blockCard, card: c}), nil
}

// Line shows an ask in one line; note follows its title.
func (p *page) Line(a askView, note string) string {
	p.item(a.Number)
	return p.add(block{kind: blockLine, card: card{Number: a.Number, Title: a.Title}, text: note})
}

// Choice shows an ask in one line, with a tap that means it.
func (p *page) Choice(a askView, name string) (string, error) {
	b, err := p.button(name, a)
	if err != nil {
		return "", err
	}
	p.item(a.Number)
	return p.add(block{kind: blockLine, card: card{Number: a.Number, Title: a.Title}, buttons: []button{b}}), nil
}

// Button makes a tap: words.txt holds its label, subject and sentence under
// "button.NAME", "button.NAME.subject" and "button.NAME.body".
func (p *page) Button(name string, a askView) (string, error) {
	b, err := p.button(name, a)
	if err != nil {
		return "", err
	}
	return p.add(block{kind: blockButtons, buttons: []button{b}}), nil
}

func (p *page) button(name string, a askView) (button, error) {
	var parts [3]string
	for i, suffix := range []string{"", ".subject", ".body"} {
		s, err := p.lang.say("button."+name+suffix, a.Number)
		if err != nil {
			return button{}, err
		}
		parts[i] = s
	}
	return button{Label: parts[0], Link: mailto(p.exchange.Address, parts[1], a.Title, parts[2])}, nil
}

// card is the ask as colleagues see it, with or without its taps.
func (p *page) card(a askView, taps bool) (card, error) {
	body, err := p.links(p.lang.gist(a.ask.Body, a.ask.Title, a.Asker.Name))
	if err != nil {
		return card{}, err
	}
	c := card{Number: a.Number, Title: a.Title, Body: plainStart(shortenAround(body, gistLimit))}
	meta := []string{a.Asker.Short}
	if a.Asker.Group != "" {
		meta[0] += ", " + a.Asker.Group
	}
	if d := a.ask.NeededBy; !d.IsZero() {
		short, err := p.lang.short(d)
		if err != nil {
			return card{}, err
		}
		name := "needed.by"
		if d == p.now.today {
			name = "needed.today"
		}
		needed, err := p.lang.say(name, short)
		if err != nil {
			return card{}, err
		}
		meta = append(meta, needed)
	}
	if a.Same > 0 {
		same, err := p.lang.count("same.need", a.Same+1)
		if err != nil {
			return card{}, err
		}
		meta = append(meta, same)
	}
	if taps && a.Waiting > 0 && a.Offers == 0 && a.ask.State == store.AskOpen && a.ask.Published {
		waiting, err := p.lang.count("waiting", a.Waiting)
		if err != nil {
			return card{}, err
		}
		meta = append(meta, waiting)
	}
	c.Meta = upperFirst(strings.Join(meta, " / "))
	if !taps {
		return c, nil
	}
	for _, name := range []string{"help", "know"} {
		b, err := p.button(name, a)
		if err != nil {
			return card{}, err
		}
		c.Buttons = append(c.Buttons, b)
	}
	same, err := p.lang.say("same", a.Number)
	c.Same = same
	return c, err
}

// list joins names as people say them: "Mark", "Mark and Sam".
func (p *page) list(names []string) (string, error) {
	switch len(names) {
	case 0:
		return "", nil
	case 1:
		return names[0], nil
	}
	last := len(names) - 1
	return p.lang.say("and", []string{strings.Join(names[:last], ", "), names[last]})
}

// execute runs the letter's template and gives its subject and blocks.
func (p *page) execute() (string, []block, error) {
	var b bytes.Buffer
	if err := p.lang.set.ExecuteTemplate(&b, p.name, p); err != nil {
		return "", nil, fmt.Errorf("templates: %w", err)
	}
	return p.assemble(b.String())
}

// firstNames are the first names of members, each once.
func (p *page) firstNames(members []store.Member) ([]string, error) {
	var names []string
	for _, m := range members {
		v, err := p.person(m)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(names, v.First) {
			names = append(names, v.First)
		}
	}
	return names, nil
}
