package mailbox

import (
	"testing"

	"askfirst/mailbox/words"
)

// The nicknames are folded, and nobody stands for himself.
func TestNicknames(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"kate", "katherine", true}, {"katherine", "kate", true}, {"kate", "katharina", false}, {"bob", "robert", true}, {"john", "jan", false},
		{"uli", "ulrike", true}, {"paco", "francisco", true}, {"henk", "hendrik", true}, {"robert", "herbert", false}, {"zed", "zed", false},
	} {
		if got := nickname(row.a, row.b); got != row.want {
			t.Errorf("%s, %s: %t", row.a, row.b, got)
		}
	}
	for name := range otherNames() {
		if words.Fold(name) != name {
			t.Errorf("%q is not folded", name)
		}
	}
}

func BenchmarkNamesOf(b *testing.B) {
	v := words.Standard()
	text := "I can help with 17, mine is in lab 2 and you can have it on Monday. Otherwise ask Ben in Science.\n\nMany thanks, Mark\n\n" + digestText
	for b.Loop() {
		namesOf(v, "Re: "+digestSubject, text)
	}
}
