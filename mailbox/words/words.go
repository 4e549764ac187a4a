// Package words holds what people write: the phrases by which they offer,
// thank, close, pause, and the names of days and months, as data, one file a
// language, misspellings included. It finds phrases in a text; what they mean
// in a message is decided elsewhere. It is pure.
//
// A data file consists of sections, "[offer]", and of phrases in them, several
// on a line between commas. Case, accents and apostrophes do not matter. In a
// phrase "_" is any one word, "@" a name (a capitalised word or an address),
// ".." up to three words (the rest at the end of a phrase), a leading "^" means that nothing but small talk comes
// before, a trailing "$" that nothing but small talk follows. A section "[=verb]"
// names a group of single words; "=verb" in a phrase below it is any of them, and
// "?word" or "?=verb" may be missing. In the sections of
// values ("1: monday, mon") the number before the colon is what the words mean.
package words

import (
	"bufio"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.txt
var files embed.FS

// Class is what a phrase is used for: the name of its section.
type Class string

// phrase is one entry of a section, its words folded.
type phrase struct {
	class  Class
	tongue string // the file it stands in, without ".txt"; "own": the configuration
	parts  []string
	first  bool // only at the beginning
	last   bool // only at the end
	anchor int  // index of the first part that is a word
}

// Vocabulary is the phrases of all languages.
type Vocabulary struct {
	phrases map[string][]phrase        // by the first word that is one
	slots   map[string][]phrase        // those with a name in them, likewise
	sets    map[Class]map[string]bool  // phrases of one word
	values  map[Class]map[string]int   // sections of values
	tongue  string                     // of what is being read
	lines   map[Class]map[string]bool  // whole phrases, joined by blanks
	begins  map[string][]Class         // by the first words of phrases and values
	groups  map[string]map[string]bool // words by the group's name in phrases
}

// Standard is the vocabulary that comes with the program.
var Standard = sync.OnceValue(func() *Vocabulary {
	v, err := Load(files)
	if err != nil {
		panic(err) // the embedded files are tested
	}
	return v
})

// Load reads every .txt file of a folder.
func Load(dir fs.FS) (*Vocabulary, error) {
	v := &Vocabulary{
		phrases: map[string][]phrase{},
		slots:   map[string][]phrase{},
		sets:    map[Class]map[string]bool{},
		values:  map[Class]map[string]int{},
		lines:   map[Class]map[string]bool{},
		begins:  map[string][]Class{},
		groups:  map[string]map[string]bool{},
	}
	names, err := fs.Glob(dir, "*.txt")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		if err := v.read(name, string(text)); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *Vocabulary) read(name, text string) error {
	class := Class("")
	v.tongue, _, _ = strings.Cut(strings.TrimSuffix(name, ".txt"), "-") // "fr-patterns.txt" is French too
	scanner := bufio.NewScanner(strings.NewReader(text))
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, ";") {
			continue
		}
		if strings.HasPrefix(line, "[") {
			class = Class(strings.Trim(line, "[]"))
			continue
		}
		if class == "" {
			return fmt.Errorf("%s:%d: a phrase before the first section", name, n)
		}
		if err := v.line(class, line); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return scanner.Err()
}

func (v *Vocabulary) line(class Class, line string) error {
	value, rest, isValue := strings.Cut(line, ":")
	n, err := strconv.Atoi(value)
	isValue = isValue && err == nil
	if isValue {
		line = rest
	}
	for entry := range strings.SplitSeq(line, ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		if isValue {
			if v.values[class] == nil {
				v.values[class] = map[string]int{}
			}
			v.values[class][Fold(entry)] = n
			v.begin(class, Fold(entry))
			continue
		}
		if name, ok := strings.CutPrefix(string(class), "="); ok {
			if err := v.addToGroup(name, entry); err != nil {
				return err
			}
			continue
		}
		for _, variant := range variants(entry) {
			if err := v.add(class, variant); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *Vocabulary) add(class Class, entry string) error {
	p := phrase{class: class, tongue: v.tongue, anchor: -1}
	p.first = strings.HasPrefix(entry, "^")
	p.last = strings.HasSuffix(entry, "$")
	for i, word := range strings.Fields(strings.Trim(entry, "^$ ")) {
		if name, ok := strings.CutPrefix(word, "="); ok {
			word = v.groupName(name)
			if v.groups[word] == nil {
				return fmt.Errorf("%q names a group that is not there yet", entry)
			}
			if p.anchor < 0 {
				p.anchor = i
			}
		} else if word != "_" && word != "@" && word != ".." {
			word = Fold(word)
			if p.anchor < 0 {
				p.anchor = i
			}
		} else if word == ".." && p.anchor < 0 {
			return fmt.Errorf("%q begins with a gap", entry)
		}
		p.parts = append(p.parts, word)
	}
	if p.anchor < 0 {
		return fmt.Errorf("%q has no word", entry)
	}
	p.anchor = v.rarest(p)
	for _, word := range v.members(p.parts[p.anchor]) {
		v.phrases[word] = append(v.phrases[word], p)
		if slices.Contains(p.parts, "@") {
			v.slots[word] = append(slices.Clip(v.slots[word]), p) // another vocabulary may share them
		}
	}
	for _, word := range v.members(p.parts[0]) {
		v.begin(class, word)
	}
	if len(p.parts) == 1 {
		if v.sets[class] == nil {
			v.sets[class] = map[string]bool{}
		}
		v.sets[class][p.parts[0]] = true
	}
	if v.lines[class] == nil {
		v.lines[class] = map[string]bool{}
	}
	v.lines[class][strings.Join(p.parts, " ")] = true
	return nil
}

func (v *Vocabulary) begin(class Class, entry string) {
	first, _, _ := strings.Cut(entry, " ")
	if !slices.Contains(v.begins[first], class) {
		v.begins[first] = append(slices.Clip(v.begins[first]), class) // another vocabulary may share them
	}
}

// Begins says whether an entry of one of the classes begins with a folded word.
func (v *Vocabulary) Begins(word string, classes ...Class) bool {
	for _, class := range v.begins[word] {
		if slices.Contains(classes, class) {
			return true
		}
	}
	return false
}

// Is says whether one folded word is an entry of the class.
func (v *Vocabulary) Is(class Class, word string) bool { return v.sets[class][word] }

// IsLine says whether folded words, joined by blanks, are an entry of the class.
func (v *Vocabulary) IsLine(class Class, line string) bool { return v.lines[class][line] }

// Value is what a folded word means in a section of values.
func (v *Vocabulary) Value(class Class, word string) (int, bool) {
	n, ok := v.values[class][word]
	return n, ok
}

// Size is how many phrases a class has.
func (v *Vocabulary) Size(class Class) int { return len(v.lines[class]) + len(v.values[class]) }
