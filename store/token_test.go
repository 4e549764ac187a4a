package store

import (
	"encoding/base32"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
)

// minted are tokens of the scene's letters to members as they stand now.
func (s *scene) minted(now time.Time) map[string]Outgoing {
	s.Helper()
	ctx := s.Context()
	if err := s.RotateTokens(ctx, now); err != nil {
		s.Fatal(err)
	}
	if err := s.SetTrial(ctx, Trial{Address: s.settings.Exchange.Address, Plus: true}); err != nil {
		s.Fatal(err)
	}
	tags, err := s.Tags(ctx)
	if err != nil || tags == nil {
		s.Fatal(tags, err)
	}
	claimed, err := s.Claim(ctx, now, 100)
	if err != nil {
		s.Fatal(err)
	}
	tokens := map[string]Outgoing{}
	for _, o := range claimed {
		if address := tags.ReplyTo(o); address != "" {
			_, token, _ := strings.Cut(strings.Split(address, "@")[0], "+")
			tokens[token] = o
		}
	}
	return tokens
}

// proves is the number of the letter that a token names.
func (s *scene) proves(now time.Time, token string) (letter int64) {
	s.Helper()
	err := s.transact(s.Context(), func(tx *sqlx.Tx) (err error) {
		t := &Tx{ctx: s.Context(), tx: tx, book: s.Book, now: now}
		letter, err = t.letterOf(token)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return letter
}

// tokenScene is a book with some letters to members, and their tokens.
func tokenScene(t *testing.T) (*scene, time.Time, map[string]Outgoing) {
	s := newScene(t, "2026-11-20 12:00")
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	s.mail("2026-11-22 15:00", mark, Act{Kind: ActOffer, Ask: 1})
	s.publish("2026-11-23 07:30")
	now := at(t, "2026-11-23 07:31")
	if err := s.RotateTokens(t.Context(), at(t, "2026-11-20 12:00")); err != nil {
		t.Fatal(err)
	}
	tokens := s.minted(now)
	if len(tokens) < 3 {
		t.Fatalf("%d tokens", len(tokens))
	}
	return s, now, tokens
}

// A token names its letter for thirty days, in whatever case it comes back, and
// the same letter always has the same one.
func TestTokenNamesItsLetter(t *testing.T) {
	s, now, tokens := tokenScene(t)
	tags, err := s.Tags(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for token, o := range tokens {
		for days, want := range map[int]int64{0: o.ID, 29: o.ID, 30: o.ID, 31: 0, 400: 0, -1: 0} {
			if got := s.proves(o.At.AddDate(0, 0, days), token); got != want {
				t.Errorf("after %d days: %d, want %d", days, got, want)
			}
		}
		if s.proves(now, strings.ToUpper(token)) != o.ID {
			t.Errorf("not in capitals")
		}
		if again := tags.ReplyTo(o); !strings.Contains(again, token) {
			t.Errorf("another token the second time: %s", again)
		}
	}
	if err := s.RotateTokens(t.Context(), now.Add(tokenRotation+24*time.Hour)); err != nil { // a younger key
		t.Fatal(err)
	}
	if tags, err = s.Tags(t.Context()); err != nil || len(tags.keys) != 2 {
		t.Fatal(tags, err)
	}
	for token, o := range tokens {
		if again := tags.ReplyTo(o); !strings.Contains(again, token) {
			t.Errorf("another token once there is another key: %s", again)
		}
	}
}

// Keys follow one another, two live at a time, and no letter loses its token
// before its time.
func TestTokenKeysRotate(t *testing.T) {
	s, now, tokens := tokenScene(t)
	for day := range 400 {
		when := now.AddDate(0, 0, day)
		if err := s.RotateTokens(t.Context(), when); err != nil {
			t.Fatal(err)
		}
		var keys int
		if err := s.read.Get(&keys, `SELECT count(*) FROM token_key`); err != nil || keys < 1 || keys > 2 {
			t.Fatalf("day %d: %d keys, %v", day, keys, err)
		}
		for token, o := range tokens {
			good := tokenDay(when)-tokenDay(o.At) <= tokenDays
			if (s.proves(when, token) == o.ID) != good {
				t.Fatalf("day %d: good %v", day, good)
			}
		}
	}
	// A clock that was wrong for a while leaves no key behind that signs later.
	for _, when := range []time.Time{now.AddDate(10, 0, 0), now.AddDate(1, 1, 10)} {
		if err := s.RotateTokens(t.Context(), when); err != nil {
			t.Fatal(err)
		}
	}
	var ahead int
	if err := s.read.Get(&ahead, `SELECT count(*) FROM token_key WHERE since > ?`, millis(now.AddDate(2, 0, 0))); err != nil || ahead != 0 {
		t.Errorf("%d keys from the future, %v", ahead, err)
	}
}

// A hundred thousand forged tokens: bits flipped, parts exchanged, other days,
// other keys, other books, cut short, and made up.
func TestForgedTokens(t *testing.T) {
	s, now, tokens := tokenScene(t)
	other, _, foreign := tokenScene(t)
	var good [][]byte
	for token := range tokens {
		raw, err := base32.StdEncoding.DecodeString(strings.ToUpper(token))
		if err != nil {
			t.Fatal(err)
		}
		good = append(good, raw)
	}
	r := rand.New(rand.NewPCG(5, 3))
	accepted, tried, most := 0, 0, 100_000
	if testing.Short() {
		most = 2_000
	}
	try := func(token string) {
		if _, honest := tokens[strings.ToLower(token)]; honest {
			return
		}
		tried++
		if s.proves(now, token) != 0 {
			accepted++
			t.Errorf("accepted: %s", token)
		}
	}
	err := s.transact(t.Context(), func(tx *sqlx.Tx) error { // one transaction: it is the comparing that is tried
		view := &Tx{ctx: t.Context(), tx: tx, book: s.Book, now: now}
		for tried < most {
			raw := append([]byte{}, good[r.IntN(len(good))]...)
			switch r.IntN(7) {
			case 0:
				raw[r.IntN(len(raw))] ^= 1 << r.IntN(8)
			case 1: // another letter's head with this one's signature
				copy(raw[:tokenHead], good[r.IntN(len(good))])
			case 2:
				raw[0] = byte(r.Uint32())
			case 3:
				raw[1], raw[2] = byte(r.Uint32()), byte(r.Uint32())
			case 4:
				raw[7] = byte(r.IntN(40))
			case 5:
				for i := range raw {
					raw[i] = byte(r.Uint32())
				}
			case 6:
				copy(raw[tokenHead:], make([]byte, tokenOctets))
			}
			token := base32Lower(raw)
			if _, honest := tokens[token]; honest {
				continue
			}
			tried++
			if letter, err := view.letterOf(token); err != nil || letter != 0 {
				accepted++
				t.Errorf("accepted: %s (%v)", token, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for token := range tokens {
		for n := range token {
			try(token[:n])
		}
		for _, odd := range []string{token + "a", token + "=", " " + token, token[:31] + "=", token[:31] + "1", strings.Repeat("=", 32), token + token} {
			try(odd)
		}
	}
	for token := range foreign {
		try(token)
	}
	if err := other.RotateTokens(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d forged tokens, %d accepted", tried, accepted)
}

// After the restore of a backup a number may be another letter's: the token of
// what is no longer there names nothing.
func TestTokenOfALetterThatIsNotThere(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	if err := s.RotateTokens(t.Context(), at(t, "2026-11-20 12:00")); err != nil {
		t.Fatal(err)
	}
	s.mail("2026-11-22 15:00", priya, Act{Kind: ActAsk, Title: "A", Text: "a"})
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := s.backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	s.mail("2026-11-22 15:10", mark, Act{Kind: ActHelp})
	tokens := s.minted(at(t, "2026-11-22 15:11"))
	book, err := OpenExisting(t.Context(), copied, s.settings)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	restored := &scene{TB: t, Book: book, uid: 100}
	restored.mail("2026-11-22 15:10", ana, Act{Kind: ActHelp}) // the number of Mark's letter
	named := 0
	for token := range tokens {
		if restored.proves(at(t, "2026-11-22 15:12"), token) != 0 {
			named++
		}
	}
	if named != len(tokens)-1 {
		t.Errorf("%d of %d tokens name a letter in the older book, want all but one", named, len(tokens))
	}
}

// An address whose local part would become too long gets no tag, nor does what
// needs none.
func TestUntaggedLetters(t *testing.T) {
	s, _, tokens := tokenScene(t)
	tags, err := s.Tags(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range tokens {
		for _, local := range []string{strings.Repeat("h", 32), "help+office"} {
			if tag := (&Tags{address: local + "@x.example", keys: tags.keys}).ReplyTo(o); tag != "" {
				t.Errorf("%s", tag)
			}
		}
		longest := (&Tags{address: strings.Repeat("h", 31) + "@x.example", keys: tags.keys}).ReplyTo(o)
		if local, _, _ := strings.Cut(longest, "@"); len(local) != longestLocal {
			t.Errorf("%d octets", len(local))
		}
		o.Letter.To.Member = 0
		if tag := tags.ReplyTo(o); tag != "" {
			t.Errorf("a stranger's letter: %s", tag)
		}
	}
	if err := s.SetTrial(t.Context(), Trial{Address: "old@carpenter.example", Plus: true}); err != nil {
		t.Fatal(err)
	}
	if tags, err := s.Tags(t.Context()); err != nil || tags != nil {
		t.Errorf("tagged, though another address was tried: %v", err)
	}
}

func FuzzToken(f *testing.F) {
	f.Add("aeaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	f.Add("")
	f.Add(strings.Repeat("A", 32))
	f.Fuzz(func(t *testing.T, token string) {
		k := tokenKey{ID: 1, Secret: strings.Repeat("ab", 32)}
		raw, err := base32.StdEncoding.DecodeString(strings.ToUpper(token))
		if err != nil || len(token) != tokenLetters || len(raw) != tokenOctets {
			return
		}
		if got := base32Lower(raw); got != strings.ToLower(token) {
			t.Errorf("two writings of one token: %s and %s", token, got)
		}
		if string(k.sign(raw[:tokenHead], "x")) == string(raw[tokenHead:]) {
			t.Errorf("a lucky guess")
		}
	})
}

// The tag that an address book has kept says nothing about a colleague's new
// mail; about a stranger's it says that a letter was passed on.
func TestTokensOfMailThatAnswersNothing(t *testing.T) {
	s, now, tokens := tokenScene(t)
	for token := range tokens {
		for _, row := range []struct {
			from   string
			quotes bool
			want   int
		}{{ana, true, 1}, {ana, false, 0}, {"x@else.example", false, 1}, {"x@else.example", true, 1}} {
			err := s.Rehearse(t.Context(), []byte("x"), people, now, func(tx *Tx) error {
				v, err := tx.View(Refs{From: row.from, MessageID: "<v@mail>", Tokens: []string{token}, Quotes: row.quotes})
				if len(v.Letters) != row.want {
					t.Errorf("%v: %d letters", row, len(v.Letters))
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
