package digest

import (
	"testing"

	"askfirst/store"
)

func TestThanksLine(t *testing.T) {
	v := voice(t)
	p := &page{lang: v.languages["en"]}
	priya, mark, sam := store.Member{Name: "Priya Nair"}, store.Member{Name: "Mark Evans"}, store.Member{Name: "Sam"}
	for _, c := range []struct {
		to          []store.Member
		words, want string
	}{
		{[]store.Member{mark}, "who lent a projector", "Priya N. thanks Mark E., who lent a projector."},
		{[]store.Member{mark}, "For staying late!", "Priya N. thanks Mark E. for staying late!"},
		{[]store.Member{mark, sam}, "You are stars.\n\nReally.", "Priya N. thanks Mark E. and Sam: \"You are stars. Really.\""},
		{[]store.Member{mark, sam, priya}, "", "Priya N. thanks Mark E., Sam and Priya N."},
		{nil, "Lovely people", "Priya N. thanks everybody who helped: \"Lovely people\""},
		{[]store.Member{mark}, "\"Wonderful\"", "Priya N. thanks Mark E.: \"Wonderful\""},
		{[]store.Member{mark}, "Who", "Priya N. thanks Mark E.: \"Who\""},
	} {
		got, err := p.thanksLine(store.Thanks{From: priya, To: c.to, Words: c.words})
		if err != nil || got != c.want {
			t.Errorf("%q: %q, %v; want %q", c.words, got, err, c.want)
		}
	}
}
