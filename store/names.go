package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/jmoiron/sqlx"
	"golang.org/x/text/unicode/norm"
)

// Names. People name colleagues as they speak of them: by the first name, with
// or without accents, "Frau Müller", "Ben O.". The book keeps every word of
// every name in its spellings; who is meant among those it finds is decided by
// whoever understands the message.

// FoldName is a name without case, accents and apostrophes: "Łukasz O’Brien" is
// found by "lukasz obrien".
func FoldName(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		r = unicode.ToLower(r)
		switch r {
		case '\'', '’', '‘', '`', '´', 0xAD:
		case 'ß':
			b.WriteString("ss")
		case 'æ':
			b.WriteString("ae")
		case 'œ':
			b.WriteString("oe")
		case 'ø':
			b.WriteByte('o')
		case 'ł':
			b.WriteByte('l')
		case 'đ', 'ð':
			b.WriteByte('d')
		case 'þ':
			b.WriteString("th")
		case 'ı':
			b.WriteByte('i')
		case '‐', '‑':
			b.WriteByte('-')
		default:
			if !unicode.Is(unicode.Mn, r) {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// Honorific says whether a folded word stands before a name and is none.
func Honorific(word string) bool {
	switch word {
	case "mr", "mrs", "ms", "miss", "mx", "sir", "dr", "prof", "herr", "herrn", "frau", "monsieur", "madame", "mme", "mlle",
		"sr", "sra", "srta", "senor", "senora", "senorita", "dhr", "mevr", "mevrouw", "meneer", "mw", "juf", "meester", "don", "dona":
		return true
	}
	return false
}

// Particle says whether a folded word joins the parts of a surname: "van der Berg".
func Particle(word string) bool {
	switch word {
	case "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ten", "ter", "te", "zu", "zum", "zur", "al", "el", "bin", "ibn", "y", "e":
		return true
	}
	return false
}

// NameWords are the words of a name in their order, each in all the spellings by
// which it may be found. Titles are left out.
func NameWords(name string) [][]string {
	var all [][]string
	for _, word := range strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && !strings.ContainsRune("'’‘`´-‐‑", r)
	}) {
		fold := strings.Trim(FoldName(word), "-")
		if fold == "" || Honorific(fold) && len(strings.Fields(name)) > 1 {
			continue
		}
		spellings := []string{fold}
		add := func(s string) {
			if s != "" && !slices.Contains(spellings, s) {
				spellings = append(spellings, s)
			}
		}
		for _, f := range [...]string{fold, strings.Trim(FoldName(transliterated(word)), "-")} {
			add(f)
			if parts := strings.Split(f, "-"); len(parts) > 1 {
				add(strings.Join(parts, ""))
				for _, p := range parts {
					add(p)
				}
			}
		}
		all = append(all, spellings)
	}
	return all
}

// transliterated writes letters as people do who have no such key: "Mueller",
// "Soeren", "Aase".
func transliterated(s string) string {
	return strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ø", "oe", "å", "aa").Replace(strings.ToLower(norm.NFC.String(s)))
}

// setNames writes the words of these members' names anew; the book was empty of
// names until now: those of all members.
func setNames(ctx context.Context, tx *sqlx.Tx, changed []memberRow) error {
	var filled bool
	if err := tx.GetContext(ctx, &filled, `SELECT EXISTS (SELECT 1 FROM member_name)`); err != nil {
		return fmt.Errorf("names: %w", err)
	}
	if !filled {
		changed = nil
		if err := tx.SelectContext(ctx, &changed, `SELECT * FROM member`); err != nil {
			return fmt.Errorf("names: %w", err)
		}
	}
	var values []any
	for _, r := range changed {
		if filled {
			if _, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM member_name WHERE member = ?`), r.ID); err != nil {
				return fmt.Errorf("names: %w", err)
			}
		}
		for _, spellings := range NameWords(r.Name) {
			for _, part := range spellings {
				values = append(values, part, r.ID)
			}
		}
	}
	for rows := range slices.Chunk(values, 400) { // many rows a statement: a staff of thousands is listed at once
		query := `INSERT INTO member_name (part, member) VALUES (?, ?)` + strings.Repeat(`, (?, ?)`, len(rows)/2-1) + ` ON CONFLICT (part, member) DO NOTHING`
		if _, err := tx.ExecContext(ctx, tx.Rebind(query), rows...); err != nil {
			return fmt.Errorf("names: %w", err)
		}
	}
	return nil
}

// How many names a message is looked up by, and how many members they may mean.
const (
	mostNames = 40
	mostNamed = 50
)

// named are the members on the staff list whom the names may mean: a word of
// their name, its beginning where the name ends in "*", or an address. Those of
// whom several words fit come first.
func (t *Tx) named(names []string) ([]Member, error) {
	var exact, begin, addresses []string
	for _, n := range names[:min(len(names), mostNames)] {
		n = clean(n)
		switch start, open := strings.CutSuffix(n, "*"); {
		case strings.Contains(n, "@"):
			addresses = append(addresses, BareAddress(n))
		case open:
			begin = append(begin, start)
		default:
			exact = append(exact, n)
		}
	}
	found := []memberRow{}
	add := func(rows []memberRow) {
		for _, r := range rows {
			if len(found) < mostNamed && !slices.ContainsFunc(found, func(f memberRow) bool { return f.ID == r.ID }) {
				found = append(found, r)
			}
		}
	}
	rows := []memberRow{}
	if err := listIn(t, &rows, `SELECT m.* FROM member m JOIN member_address a ON a.member = m.id WHERE a.address IN (?) AND m.on_staff = 1 ORDER BY m.id`, addresses); err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	add(rows)
	rows = nil
	if err := listIn(t, &rows, `SELECT m.* FROM (SELECT member, count(*) AS fits FROM member_name WHERE part IN (?) GROUP BY member) f
		JOIN member m ON m.id = f.member WHERE m.on_staff = 1 ORDER BY f.fits DESC, m.id LIMIT ?`, exact, mostNamed); err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	add(rows)
	for _, start := range begin {
		rows = nil
		if err := t.list(&rows, `SELECT m.* FROM member m WHERE m.on_staff = 1 AND m.id IN (SELECT member FROM member_name WHERE part >= ? AND part < ?) ORDER BY m.id LIMIT ?`,
			start, start+"\uffff", mostNamed); err != nil {
			return nil, fmt.Errorf("names: %w", err)
		}
		add(rows)
	}
	members := make([]Member, len(found))
	for i, r := range found {
		members[i] = r.member()
	}
	return members, nil
}

// viewNamed looks up whom the message may name, and whom the question offers
// that it answers: the words that waited are read once more.
func (t *Tx) viewNamed(v *View, r Refs) error {
	t.names = r.Names
	names := r.Names
	var people []int64
	if q := v.Pending; q != nil {
		names = slices.Concat(names, q.names)
		people = q.People
	}
	if v.Writer == nil || len(names) == 0 && len(people) == 0 {
		return nil
	}
	offered := []memberRow{}
	if err := listIn(t, &offered, `SELECT * FROM member WHERE id IN (?) AND on_staff = 1 ORDER BY id`, people); err != nil {
		return err
	}
	for _, row := range offered {
		v.Named = append(v.Named, row.member())
	}
	found, err := t.named(names)
	for _, m := range found {
		if !slices.ContainsFunc(v.Named, func(n Member) bool { return n.ID == m.ID }) {
			v.Named = append(v.Named, m)
		}
	}
	return err
}
