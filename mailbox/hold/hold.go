// Package hold finds in an ask what colleagues should perhaps not read: phone
// and account numbers, passwords, numbers that name a person, where somebody
// lives, and the names of pupils and patients. What it finds is asked about, not
// refused, and one word of the writer's lets it pass: so it may err on the side
// of asking, but seldom enough that the question is still read. It is pure.
//
// Words are data, one file a language, in the form of package words; given names
// stand in names.txt. Everything runs in time linear in the text.
package hold

import (
	"cmp"
	"embed"
	"slices"
	"strconv"
	"strings"
	"sync"

	"askfirst/mailbox/words"
)

//go:embed *.txt
var files embed.FS

// Code is what kind of thing was found.
type Code string

// The codes, the gravest first.
const (
	Password Code = "password" // also codes of doors and alarms
	Account  Code = "account"  // IBAN, sort code and account, card
	ID       Code = "id"       // national numbers, dates of birth
	Pupil    Code = "pupil"    // also patients and their families
	Phone    Code = "phone"
	Address  Code = "address" // where somebody lives
	Word     Code = "word"    // of the configuration
)

// Codes lists every code, the gravest first.
func Codes() []Code { return []Code{Password, Account, ID, Pupil, Phone, Address, Word} }

// Finding is one thing found. It does not repeat the words.
type Finding struct {
	Code Code
	Line int // of the text, from 1; 0: the title
}

// String is the finding as it is remembered: "phone/2".
func (f Finding) String() string { return string(f.Code) + "/" + strconv.Itoa(f.Line) }

// Join is findings in one string, "" for none; Parse reads it.
func Join(findings []Finding) string {
	all := make([]string, len(findings))
	for i, f := range findings {
		all[i] = f.String()
	}
	return strings.Join(all, " ")
}

// Detector looks for everything that is not switched off.
type Detector struct {
	words *words.Vocabulary
	own   ownWords
	off   map[Code]bool
}

// Standard is the detector without additions.
var Standard = sync.OnceValue(func() *Detector {
	vocabulary, err := words.Load(files)
	if err != nil {
		panic(err) // the embedded files are tested
	}
	return &Detector{words: vocabulary}
})

// How many bytes of a text and of a title are looked at: several times what the
// letters show of them.
const (
	readable      = 16 << 10
	readableTitle = 400
)

// mostFindings is how many findings of a text are told apart.
const mostFindings = 8

// Find looks at an ask. known says whether a folded word is part of a
// colleague's name: what names colleagues names nobody who must be protected.
func (d *Detector) Find(title, text string, known func(word string) bool) []Finding {
	if known == nil {
		known = func(string) bool { return false }
	}
	var all []Finding
	for i, part := range []string{head(title, readableTitle), text} {
		s := d.scan(part, known)
		s.secrets()
		s.numbers()
		s.homes()
		s.ours()
		for _, h := range s.hits {
			line := 0
			if i == 1 {
				line = 1 + strings.Count(s.text[:min(h.at, len(s.text))], "\n")
			}
			if f := (Finding{h.code, line}); !d.off[h.code] && !slices.Contains(all, f) && len(all) < mostFindings {
				all = append(all, f)
			}
		}
	}
	rank := Codes()
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(rank, a.Code), slices.Index(rank, b.Code)), cmp.Compare(a.Line, b.Line))
	})
	return all
}

// Names are the folded words in an ask that would be let pass if they named a
// colleague: those the book should be asked about.
func (d *Detector) Names(title, text string) []string {
	var names []string
	for _, part := range []string{head(title, readableTitle), text} {
		d.scan(part, func(word string) bool {
			if !slices.Contains(names, word) && len(names) < 50 {
				names = append(names, word)
			}
			return false
		})
	}
	return names
}

// scanned is one text being looked at.
type scanned struct {
	d      *Detector
	text   string
	known  func(string) bool
	tokens []words.Token
	found  []words.Match
	covers [][]words.Match // by token
	names  []person        // by token; before it was looked at its start is -1
	worry  []int           // tokens where a phrase of the class "concern" begins
	hits   []hit
}

type hit struct {
	code Code
	at   int // in bytes
}

func (s *scanned) hit(code Code, at int) { s.hits = append(s.hits, hit{code, at}) }

// scan reads a text and finds the people in it.
func (d *Detector) scan(text string, known func(string) bool) *scanned {
	text = head(strings.ReplaceAll(text, "\r\n", "\n"), readable)
	s := &scanned{d: d, text: text, known: known}
	if text == "" {
		return s
	}
	s.tokens = words.Tokens(text)
	s.found = d.words.Find(s.tokens)
	s.covers, s.names = make([][]words.Match, len(s.tokens)), make([]person, len(s.tokens))
	for i := range s.names {
		s.names[i].start = -1
	}
	for _, m := range s.found {
		if m.Class == "concern" {
			s.worry = append(s.worry, m.Start)
		}
		for i := m.Start; i < m.End; i++ {
			s.covers[i] = append(s.covers[i], m)
		}
	}
	slices.Sort(s.worry)
	s.people()
	return s
}

// head is the first n bytes, not splitting a character.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// is says whether a token is an entry of a class.
func (s *scanned) is(i int, class words.Class) bool {
	return i >= 0 && i < len(s.tokens) && s.d.words.Is(class, s.tokens[i].Fold)
}

// within says whether a token belongs to a phrase of a class.
func (s *scanned) within(i int, class words.Class) bool {
	if i < 0 || i >= len(s.covers) {
		return false
	}
	for _, m := range s.covers[i] {
		if m.Class == class {
			return true
		}
	}
	return false
}

// between is what stands between two neighbouring tokens.
func (s *scanned) between(i, j int) string {
	if i < 0 || j >= len(s.tokens) || i > j {
		return "\n"
	}
	return s.text[s.tokens[i].End:s.tokens[j].Start]
}

// opens says whether a token is the first of a sentence or line.
func (s *scanned) opens(i int) bool {
	if i == 0 {
		return true
	}
	gap := s.between(i-1, i)
	if strings.ContainsAny(gap, "!?\n:•*") {
		return true
	}
	return strings.Contains(gap, ".") && !s.is(i-1, "title")
}

// line is the rest of the line from a byte on.
func (s *scanned) line(from int) string {
	rest := s.text[from:]
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	return head(rest, 200)
}
