package hold

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"askfirst/mailbox/words"
)

// Names of pupils, patients and their families. A name alone says nothing about
// whose it is; what stands beside it does: "pupil", a class, "mum", an age. A
// name the list of given names knows needs less beside it than one it does not,
// and a word that is also a name ("Will", "May") needs more.

// classShape is a class by its short name: 4b, y11, 10c, 5eb, 7.
var classShape = regexp.MustCompile(`^(?:y|yr|ks)?\d{1,2}(?:st|nd|rd|th|er?|eme|o)?[a-z]?$`)

func (s *scanned) people() {
	for _, m := range s.found {
		switch m.Class {
		case "pupil", "nounpupil":
			s.pupil(m)
		case "pupils":
			s.several(m)
		case "patient":
			s.patient(m)
		case "kin":
			s.kin(m)
		}
	}
	for i := range s.tokens {
		if s.phrase(i, "mine") > 0 { // "Kayden in my form"
			if p := s.name(i - 1); p.at(i-1) && !s.opens(i-1) && !s.is(i-2, "single") && s.between(i-1, i) == " " && upper(s.tokens[i-1].Raw) && !s.is(i-1, "common") {
				s.hit(Pupil, s.tokens[i-1].Start)
			}
		}
		if n := s.name(i); n.at(i) && n.given {
			s.beside(n)
		}
	}
}

// person is a name in the text: tokens[start:end].
type person struct {
	start, end int
	given      bool // a given name of the list
	doubtful   bool // that is a word as well
	full       bool // another capitalised word follows
	genitive   bool // "Jack's", "Lenas"
}

func (p person) at(i int) bool { return p.end > i }

// mostParticles is how many small words may stand before a surname: "van der".
const mostParticles = 4

// name is the person that tokens from i on could be; end is 0 when they are none.
// A name that is a colleague's names nobody else.
func (s *scanned) name(i int) person {
	if i < 0 || i >= len(s.tokens) {
		return person{}
	}
	if s.names[i].start < 0 {
		s.names[i] = s.readName(i)
	}
	return s.names[i]
}

func (s *scanned) readName(i int) person {
	if s.masked(i) {
		return person{}
	}
	t := s.tokens[i]
	fold, genitive := stem(t)
	p := person{start: i, end: i + 1, genitive: genitive}
	p.given = s.given(fold)
	if !p.given && !genitive && strings.HasSuffix(fold, "s") && s.given(strings.TrimSuffix(fold, "s")) { // "Lenas Mutter"
		fold, p.given, p.genitive = strings.TrimSuffix(fold, "s"), true, true
	}
	p.doubtful = s.d.words.Is("doubtful", fold)
	capital := upper(t.Raw)
	if !capital && (!p.given || p.doubtful || len(fold) < 4) || s.d.words.Is("nonames", fold) || t.Number() || strings.Contains(t.Raw, "@") {
		return person{}
	}
	if !p.given && (utf8.RuneCountInString(fold) < 3 && t.After != '.' || strings.ToUpper(t.Raw) == t.Raw && utf8.RuneCountInString(t.Raw) > 1 && t.After != '.') {
		return person{} // "TV", "SEN"
	}
	last := ""
	if j := i + 1; !p.genitive && j < len(s.tokens) && nameGap(s.between(i, j)) {
		for j+1 < len(s.tokens) && j-i < mostParticles && s.is(j, "particle") {
			j++
		}
		after, gen := stem(s.tokens[j])
		if upper(s.tokens[j].Raw) && !s.d.words.Is("nonames", after) && !s.tokens[j].Number() && !s.masked(j) && (p.given || strings.ToUpper(s.tokens[j].Raw) != s.tokens[j].Raw || len(after) == 1) {
			p.full, p.end, p.genitive, last = true, j+1, gen, after
		}
	}
	if s.known(fold) && (last == "" || len(last) == 1 || s.known(last)) {
		return person{}
	}
	return p
}

// given says whether a folded word, or the first part of a hyphenated one, is a
// given name.
func (s *scanned) given(fold string) bool {
	first, _, hyphen := strings.Cut(fold, "-")
	return s.d.words.Is("given", fold) || hyphen && s.d.words.Is("given", first)
}

// stem is a folded word without the 's of a genitive.
func stem(t words.Token) (fold string, genitive bool) {
	for _, mark := range []string{"'s", "’s", "`s", "´s", "'S", "’S"} {
		if raw, ok := strings.CutSuffix(t.Raw, mark); ok {
			return words.Fold(raw), true
		}
	}
	return t.Fold, t.After == '\'' || t.After == '’'
}

func upper(raw string) bool {
	r, _ := utf8.DecodeRuneInString(raw)
	return unicode.IsUpper(r)
}

// nameGap is what may stand between given name and surname.
func nameGap(gap string) bool {
	return strings.Trim(gap, " .\u00a0") == "" && strings.Count(gap, ".") <= 1
}

// masked says whether a token belongs to a book, an author, a feast.
func (s *scanned) masked(i int) bool {
	return s.within(i, "famous") || i > 0 && s.is(i-1, "by") && !s.is(i-2, "pupil")
}

// pupil reads what follows "pupil": a name, or "called" and a name.
func (s *scanned) pupil(m words.Match) {
	i := m.End
	noun := s.tokens[m.End-1]
	gap := s.between(i-1, i)
	if p := s.name(i); p.at(i) && len(gap) <= 4 && !strings.ContainsAny(gap, "?!\n") && (!strings.Contains(gap, ".") || s.is(i-1, "title")) {
		marked := strings.ContainsAny(gap, ",:(\"“'-–")
		capitals := upper(noun.Raw) && m.Class == "pupil" && !(s.opens(m.Start) && s.is(p.end, "state"))
		initial := utf8.RuneCountInString(s.tokens[i].Fold) == 1
		switch {
		case p.given && !p.doubtful, initial && s.tokens[i].After == '.':
			s.hit(Pupil, s.tokens[i].Start)
		case p.given && p.full && !capitals:
			s.hit(Pupil, s.tokens[i].Start)
		case capitals || s.is(i, "common") || strings.Contains(gap, "-"): // "Student Union", "pupil-friendly"
		case m.Class == "nounpupil" && !s.is(m.Start-1, "single") && !marked: // nouns have capitals there
		case p.doubtful && (p.full || marked || s.is(p.end, "state")):
			s.hit(Pupil, s.tokens[i].Start)
		case m.Class == "nounpupil" && !p.full && !marked && !s.is(p.end, "state"):
		case p.full && !p.doubtful || s.is(p.end, "state") || marked && s.closed(p) && !s.is(i, "common"):
			s.hit(Pupil, s.tokens[i].Start)
		}
	}
	s.called(i)
}

// closed says whether a name ends a sentence or an aside: "my pupil, Zuri, has".
func (s *scanned) closed(p person) bool {
	if p.end >= len(s.tokens) {
		return true
	}
	return strings.ContainsAny(s.between(p.end-1, p.end), ",.)\n!?;–") || s.is(p.end, "in")
}

// called finds the name after "called", not far from the noun.
func (s *scanned) called(i int) {
	plain := true // between stand only words that speak of the pupil
	for j := i; j < min(len(s.tokens), i+9); j++ {
		if strings.ContainsAny(s.between(j-1, j), ".!?") {
			return
		}
		if p := s.name(j); p.at(j) && p.given && s.phrase(p.end, "called") > 0 { // "die Youssef heet"
			s.hit(Pupil, s.tokens[j].Start)
			return
		}
		if end := s.phrase(j, "called"); end > 0 {
			p := s.name(end)
			if p.at(end) && (p.given || p.full || plain) {
				s.hit(Pupil, s.tokens[end].Start)
			}
			return
		}
		if p := s.name(j); plain && j > i && p.at(j) && p.given && !p.doubtful && strings.Contains(s.between(j-1, j), ",") { // "mon élève de 5e, Inès"
			s.hit(Pupil, s.tokens[j].Start)
			return
		}
		plain = plain && (s.is(j, "aside") || s.is(j, "in") || s.is(j, "class") || classShape.MatchString(s.tokens[j].Fold))
	}
}

// phrase is where a phrase of a class that begins at token i ends; 0: none does.
func (s *scanned) phrase(i int, class words.Class) int {
	if i < 0 || i >= len(s.covers) {
		return 0
	}
	for _, m := range s.covers[i] {
		if m.Class == class && m.Start == i {
			return m.End
		}
	}
	return 0
}

// several reads "two pupils, Maya and Jack".
func (s *scanned) several(m words.Match) {
	i := m.End
	if p := s.name(i); p.at(i) && p.given && !p.doubtful && len(s.between(i-1, i)) <= 4 && !strings.ContainsAny(s.between(i-1, i), ".?!") {
		s.hit(Pupil, s.tokens[i].Start)
	}
	for j := i; j < min(len(s.tokens), i+4); j++ {
		if end := s.phrase(j, "called"); end > 0 {
			if p := s.name(end); p.at(end) && p.given {
				s.hit(Pupil, s.tokens[end].Start)
			}
			return
		}
	}
}

// patient reads "patient Mrs Hart", "the resident John".
func (s *scanned) patient(m words.Match) {
	i := m.End
	gap := s.between(i-1, i)
	if len(gap) > 3 || strings.ContainsAny(gap, ".?!\n") {
		return
	}
	titled := s.is(i, "title")
	for s.is(i, "title") {
		i++
	}
	p := s.name(i)
	if !p.at(i) {
		return
	}
	if titled || p.given && !p.doubtful || p.full && !upper(s.tokens[m.Start].Raw) {
		s.hit(Pupil, s.tokens[i].Start)
	}
}

// kin reads "Maya's mum", "the mother of Jack", "la maman de Léa", "Lenas Mutter",
// "Familie Yılmaz".
func (s *scanned) kin(m words.Match) {
	if i := m.Start - 1; i >= 0 && strings.TrimSpace(s.between(i, i+1)) == "" || i >= 0 && s.between(i, i+1) == "' " || i >= 0 && s.between(i, i+1) == "’ " {
		start := i
		if i > 0 && upper(s.tokens[i-1].Raw) && s.given(s.tokens[i-1].Fold) {
			start = i - 1
		}
		if p := s.name(start); p.at(start) && p.end == i+1 && p.genitive && (p.given && !p.doubtful || p.full || !s.opens(start) && !upper(s.tokens[m.Start].Raw) && !p.doubtful && s.tokens[i].Raw != s.tokens[i].Fold) {
			s.hit(Pupil, s.tokens[start].Start)
			return
		}
	}
	i := m.End
	if s.is(m.Start, "family") {
		for s.is(i, "particle") {
			i++
		}
		if p := s.name(i); p.at(i) && !p.doubtful && !s.is(i, "common") && s.between(i-1, i) == " " && !s.is(m.Start-1, "famous") && (p.given || s.single(i)) {
			s.hit(Pupil, s.tokens[i].Start)
		}
	}
	if !s.is(i, "of") {
		return
	}
	for s.is(i, "of") || s.is(i, "title") || s.is(i, "aside") {
		i++
	}
	p := s.name(i)
	if p.at(i) && (p.given && !p.doubtful || p.full && !s.is(i, "common") && !upper(s.tokens[m.Start].Raw)) {
		s.hit(Pupil, s.tokens[i].Start)
	}
}

// single says whether a capitalised word after "Familie" can be a surname: what
// follows is a verb, a mark or the end.
func (s *scanned) single(i int) bool {
	return i+1 >= len(s.tokens) || s.is(i+1, "state") || strings.ContainsAny(s.between(i, i+1), ",.()\n!?:") || s.is(i+1, "in")
}

// beside reads what stands behind a given name: a class, an age, what schools
// write about children.
func (s *scanned) beside(p person) {
	i := p.end
	gap := s.between(i-1, i)
	aside := strings.ContainsAny(gap, "(,")
	certain := !p.doubtful || p.full && !s.opens(p.start)
	if initial := p.full && utf8.RuneCountInString(s.tokens[i-1].Fold) == 1; initial { // "Jack S. in Y4"
		gap = strings.Replace(gap, ".", "", 1)
	}
	if i < len(s.tokens) && !strings.ContainsAny(gap, ".!?\n:") {
		end := s.inClass(i, aside)
		if end == 0 && !upper(s.tokens[p.start].Raw) && !p.doubtful && !s.is(i, "state") {
			end = s.inClass(i+1, false) // "jack smith in 4b"
		}
		inClass := end > 0 && !p.genitive && (certain || !s.opens(p.start) && upper(s.tokens[p.start].Raw) || s.is(end, "state"))
		if inClass || certain && s.aged(i, aside) {
			s.hit(Pupil, s.tokens[p.start].Start)
			return
		}
	}
	if certain && upper(s.tokens[p.start].Raw) && s.schooling(p) {
		s.hit(Pupil, s.tokens[p.start].Start)
	}
}

// inClass is where "in 4B", "(Year 6)" or "7C" at a token ends; 0: it is none.
func (s *scanned) inClass(i int, aside bool) int {
	linked := aside
	for n := 0; n < 3 && (s.is(i, "in") || s.is(i, "aside")) && !(s.is(i, "class") && n > 0); n++ {
		linked, i = linked || s.is(i, "in"), i+1
	}
	if i >= len(s.tokens) {
		return 0
	}
	next := ""
	if i+1 < len(s.tokens) && len(s.between(i, i+1)) <= 3 {
		next = s.tokens[i+1].Fold
	}
	t := s.tokens[i]
	switch shaped := classShape.MatchString(t.Fold); {
	case s.is(i, "class") && (classShape.MatchString(next) || len(next) == 1 || s.is(i+1, "classname")):
		if linked || i+2 >= len(s.tokens) || strings.Contains(s.between(i+1, i+2), "\n") {
			return i + 2
		}
	case linked && s.is(i, "classname"):
		return i + 1
	case shaped && linked && len(t.Fold) <= 4 && s.is(i+1, "class"): // "der 4. Klasse", "2nd grade"
		return i + 2
	case shaped && linked && t.Number() && len(t.Fold) <= 2 && len(next) == 1 && upper(s.tokens[i+1].Raw): // "5e B", "3 B"
		return i + 2
	case shaped && linked && !t.Number() && len(t.Fold) >= 2:
		return i + 1
	case shaped && !t.Number() && len(t.Fold) >= 2 && upper(t.Raw[len(t.Raw)-1:]): // "Jack 7C"
		return i + 1
	}
	return 0
}

// aged says whether an age stands at a token: "(9)", "9 years old", "de 8 ans".
func (s *scanned) aged(i int, aside bool) bool {
	for s.is(i, "of") || s.is(i, "aside") {
		i++
	}
	if i >= len(s.tokens) || !s.tokens[i].Number() || len(s.tokens[i].Fold) > 2 || s.tokens[i].Fold > "18" && len(s.tokens[i].Fold) == 2 {
		return false
	}
	return s.is(i+1, "age") || aside && (s.tokens[i].After == ')' || s.tokens[i].After == ',')
}

// schooling says whether a sentence with a given name speaks of what only
// concerns children and patients: a diagnosis, a detention.
func (s *scanned) schooling(p person) bool {
	const far = 14
	first, _ := slices.BinarySearch(s.worry, p.start-far)
	for _, i := range s.worry[first:] {
		if i >= p.end+far {
			break
		}
		end := s.phrase(i, "concern")
		from, to := min(i, p.start), max(end, p.end)
		stretch := s.text[s.tokens[from].Start:s.tokens[to-1].End]
		next := i >= p.end && s.is(i, "whose") && s.opens(i) && strings.Count(stretch, "\n") == 0 // "Ethan? His mum …"
		if ends := strings.Count(stretch, ".") + strings.Count(stretch, "!") + strings.Count(stretch, "?") + strings.Count(stretch, "\n"); ends == 0 || next && ends == 1 {
			return true
		}
	}
	return false
}
