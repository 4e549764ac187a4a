package authres_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"askfirst/mailbox/authres"
)

var long = flag.Bool("long", false, "a million generated fields instead of twenty thousand")

// generator writes fields: valid ones in every dress, hostile ones, and mutants.
type generator struct{ r *rand.Rand }

func (g *generator) of(list ...string) string { return list[g.r.IntN(len(list))] }

// blank is CFWS, often nothing.
func (g *generator) blank() string {
	switch g.r.IntN(9) {
	case 0:
		return " "
	case 1:
		return "\t"
	case 2:
		return "\r\n " + g.blank()
	case 3:
		return g.comment(0)
	}
	return ""
}

// gap is CFWS that is not nothing.
func (g *generator) gap() string {
	return g.of(" ", "  ", "\r\n\t", "\n ", " "+g.comment(0), g.comment(0))
}

func (g *generator) comment(depth int) string {
	inner := g.of("", "p=none dis=none", "google.com: domain of a@b designates 192.0.2.1 as permitted sender", "; dkim=pass header.d=carpenter.example", `\)`, `\(`, `"`, `a\\`, "é", "=;.@")
	if depth < 3 && g.r.IntN(4) == 0 {
		inner += g.comment(depth+1) + g.of("", "x")
	}
	return "(" + inner + ")"
}

func (g *generator) word() string {
	return g.of("dkim", "spf", "dmarc", "DMARC", "arc", "auth", "iprev", "x-tls", "compauth", "none", "pass", "fail", "a_b", "1", "smtp", "header", "policy", "from", "d", "i", "b", "mailfrom", "remote-ip", "reason")
}

func (g *generator) value() string {
	switch g.r.IntN(6) {
	case 0:
		return `"` + g.of("", "a b", "x; dmarc=pass header.from=carpenter.example", `a\"b`, `\\`, "(", ")", "é", "a@b.example") + `"`
	case 1:
		return `"` + g.of("", "priya nair", "; dkim=pass", `\"; dkim=pass header.d=x`) + `"@` + g.of("evil.example", "carpenter.example", "x", "")
	}
	return g.of("pass", "carpenter.example", "priya@carpenter.example", "@carpenter.example", "2001:db8::1", "abc/def+12=", "a=b@c", "<>", "192.0.2.1", "1", "ü.example", "a.b", "x--y")
}

func (g *generator) field() string {
	var b strings.Builder
	b.WriteString(g.blank() + g.of("mx.carpenter.example", "MX.Carpenter.Example", "mx", `"mx.carpenter.example"`, "mx2", "mx3", "mx4", "mx5", "a=b", "", g.value()))
	if g.r.IntN(5) == 0 {
		b.WriteString(g.gap() + g.of("1", "1", "2", "1.0"))
	}
	b.WriteString(g.blank())
	for range g.r.IntN(5) {
		b.WriteString(";" + g.blank())
		if g.r.IntN(12) == 0 {
			b.WriteString(g.of("none", "", "NONE "))
			continue
		}
		b.WriteString(g.word() + g.blank())
		if g.r.IntN(8) == 0 {
			b.WriteString("/" + g.blank() + g.of("1", "1", "2") + g.blank())
		}
		b.WriteString("=" + g.blank() + g.word())
		for range g.r.IntN(4) {
			b.WriteString(g.gap() + g.word())
			if g.r.IntN(5) > 0 {
				b.WriteString(g.blank() + "." + g.blank() + g.word())
			}
			b.WriteString(g.blank() + "=" + g.blank() + g.value())
		}
		b.WriteString(g.blank())
	}
	b.WriteString(g.of("", "", "", "", "", "", "", "", "", ";", "\r\n", "; ", ")", `"`, "\\"))
	return b.String()
}

// mutant damages a field at a few octets.
func (g *generator) mutant(s string) string {
	const odd = " \t\r\n;=()\"\\.@,/1a-_<\x00\x7f\xff"
	b := []byte(s)
	for range 1 + g.r.IntN(3) {
		at := g.r.IntN(len(b) + 1)
		switch g.r.IntN(3) {
		case 0:
			b = append(b[:at:at], append([]byte{odd[g.r.IntN(len(odd))]}, b[at:]...)...)
		case 1:
			b = append(b[:at:at], b[min(at+1, len(b)):]...)
		case 2:
			from := g.r.IntN(len(b) + 1)
			b = append(b[:at:at], b[min(at, from):max(at, from)]...)
		}
	}
	return string(b)
}

// The parser and its slow reference read every field alike: the same result of
// the same words, or both refuse it.
func TestParserAgainstReference(t *testing.T) {
	count := 20_000
	if *long {
		count = 1_000_000
	}
	g := &generator{rand.New(rand.NewPCG(5, 8601))}
	valid, results := 0, 0
	for i := range count {
		s := g.field()
		if i%2 == 1 {
			s = g.mutant(s)
		}
		if why := disagreement(s); why != "" {
			t.Fatalf("field %d: %q: %s", i, s, why)
		}
		if f, err := authres.Parse(s); err == nil {
			valid++
			results += len(f.Results)
		}
	}
	t.Logf("%d fields, %d of them valid with %d results", count, valid, results)
	if valid < count/8 {
		t.Errorf("only %d of %d generated fields are valid", valid, count)
	}
}

// disagreement is how the two differ; "" when they do not.
func disagreement(s string) string {
	got, err := authres.Parse(s)
	want, ok := reference(s)
	switch {
	case ok != (err == nil):
		return fmt.Sprintf("parsed: %v, the reference says %v", err, ok)
	case !ok && len(got.Results) > 0:
		return "refused, and yet it has results"
	case ok && (got.ID != want.ID || len(got.Results) != len(want.Results)):
		return fmt.Sprintf("got %+v, want %+v", got, want)
	}
	for i := range want.Results {
		if !reflect.DeepEqual(got.Results[i], want.Results[i]) {
			return fmt.Sprintf("got %+v, want %+v", got.Results[i], want.Results[i])
		}
	}
	return ""
}

func FuzzParse(f *testing.F) {
	g := &generator{rand.New(rand.NewPCG(1, 2))}
	for range 200 {
		f.Add(g.field())
	}
	f.Fuzz(func(t *testing.T, s string) {
		if why := disagreement(s); why != "" {
			t.Errorf("%q: %s", s, why)
		}
	})
}
