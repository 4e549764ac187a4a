package digest

import (
	"fmt"
	"slices"
	"strings"

	"askfirst/store"
)

// day is what composing one day's digests need not do twice: equal editions
// are composed once, equal cards drawn once.
type day struct {
	letters map[string]store.Letter
	drawn   drawn
	asks    map[int64][]store.Ask // every ask met so far, by number
	thanks  map[int64][]store.Thanks
}

func newDay() *day {
	return &day{map[string]store.Letter{}, drawn{}, map[int64][]store.Ask{}, map[int64][]store.Thanks{}}
}

// content names everything of an edition that its words depend on: two editions
// of the same name read the same. Asks and thanks are told apart by comparing
// them with those met before, which is quick where they share their words.
func (d *day) content(e store.Edition) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%s|%t|%d", e.Date, e.Since, e.First, e.Asked)
	for _, section := range [][]store.Ask{e.Yours, e.New, e.Waiting, e.Also} {
		b.WriteByte('|')
		for _, a := range section {
			known := d.asks[a.Number]
			i := slices.IndexFunc(known, func(k store.Ask) bool { return sameAsk(k, a) })
			if i < 0 {
				i = len(known)
				d.asks[a.Number] = append(known, a)
			}
			fmt.Fprintf(&b, "%d.%d ", a.Number, i)
		}
	}
	b.WriteByte('|')
	for _, t := range e.Thanks {
		known := d.thanks[t.ID]
		i := slices.IndexFunc(known, func(k store.Thanks) bool { return sameThanks(k, t) })
		if i < 0 {
			i = len(known)
			d.thanks[t.ID] = append(known, t)
		}
		fmt.Fprintf(&b, "%d.%d ", t.ID, i)
	}
	return b.String()
}

// sameAsk says whether two asks read the same in a digest.
func sameAsk(a, b store.Ask) bool {
	return a.Number == b.Number && a.Title == b.Title && a.Body == b.Body && a.State == b.State && samePerson(a.Asker, b.Asker) &&
		a.ListedAt.Equal(b.ListedAt) && a.CreatedAt.Equal(b.CreatedAt) && a.NeededBy == b.NeededBy && a.Published == b.Published && len(a.MeToo) == len(b.MeToo) &&
		slices.EqualFunc(a.Offers, b.Offers, func(x, y store.Offer) bool { return x.State == y.State })
}

func sameThanks(a, b store.Thanks) bool {
	return a.ID == b.ID && a.Words == b.Words && samePerson(a.From, b.From) && slices.EqualFunc(a.To, b.To, samePerson)
}

func samePerson(a, b store.Member) bool {
	return a.Name == b.Name && a.Email == b.Email && a.Group == b.Group
}
