package store

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// copied is the book as a backup has it, opened beside it.
func (s *scene) copied(now time.Time) *scene {
	s.Helper()
	path := filepath.Join(s.TempDir(), "copy.db")
	if err := s.Backup(s.Context(), path); err != nil {
		s.Fatal(err)
	}
	book, err := Open(s.Context(), path, s.settings, now)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { book.Close() })
	return &scene{TB: s.TB, Book: book, uid: s.uid}
}

// forgetsAgain is what a restore does with what stands beside the book.
func (s *scene) forgetsAgain(list []oblivion, now time.Time) int {
	s.Helper()
	n, err := s.Book.forgetAgain(s.Context(), list, now)
	if err != nil {
		s.Fatal(err)
	}
	s.audited()
	return n
}

// A backup that is restored forgets again, by number and joining or by address;
// whoever came back and began anew since is not forgotten once more, and nobody
// else is.
func TestRestoredBooksForgetAgain(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	now := at(t, "2026-11-20 14:00")
	before := s.copied(now)
	for _, who := range []string{mark, priya} {
		if _, err := s.Forget(t.Context(), who, now, say); err != nil {
			t.Fatal(err)
		}
	}
	list, err := readForgotten(s.path)
	if err != nil || len(list) != 2 || list[0].Member+list[1].Member != 3 || len(list[0].hashes)+len(list[1].hashes) != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	s.check(before.forgetsAgain(list, now), 2)
	s.check(before.number(`SELECT count(*) FROM forgotten WHERE member IN (1, 2)`), 2)
	s.check(before.number(`SELECT count(*) FROM member WHERE name <> ''`), 2)
	s.check(before.number(`SELECT count(*) FROM forgotten_address WHERE member IS NOT NULL`), 3)
	s.check(before.forgetsAgain(list, now), 0)
	s.check(before.number(`SELECT count(*) FROM forgotten_address WHERE member IS NOT NULL`), 3) // they stay each other's

	// One address alone lets both of Mark's back, in the restored book, too.
	if known, err := before.Return(t.Context(), "M.Evans@home.example"); !known || err != nil {
		t.Error(known, err)
	}
	s.check(before.number(`SELECT count(*) FROM forgotten_address`), 1)
	if known, err := before.Return(t.Context(), mark); known || err != nil {
		t.Error("he is back already", err)
	}
	joins := at(t, "2026-11-20 15:00")
	if _, err := before.Staff(t.Context(), people, joins); err != nil {
		t.Fatal(err)
	}
	s.check(before.number(`SELECT count(*) FROM member WHERE on_staff = 1`), 3)
	s.check(before.number(`SELECT id FROM member WHERE email = ?`, mark), 5)
	later := before.copied(joins)
	s.check(later.forgetsAgain(list, joins), 0)
	s.check(later.number(`SELECT count(*) FROM member WHERE name = 'Mark Evans'`), 1)
	if passed, err := later.StillListed(t.Context(), people); err != nil || len(passed) != 1 || passed[0] != 0 {
		t.Errorf("passed over: %v, %v", passed, err)
	}
	// Forgotten once more, he is so in that copy, too.
	again := at(t, "2026-11-20 16:00")
	if _, err := before.Forget(t.Context(), mark, again, say); err != nil {
		t.Fatal(err)
	}
	twice, err := readForgotten(before.path)
	if err != nil || len(twice) != 3 {
		t.Fatalf("%+v, %v", twice, err)
	}
	slices.Reverse(twice)
	s.check(later.forgetsAgain(twice, again), 1)
	s.check(later.number(`SELECT count(*) FROM member WHERE name <> ''`), 2)

	// The number or the joining alone is somebody else's; an address is his.
	other := newScene(t, "2026-11-20 12:00").copied(now)
	at := millis(now)
	for _, c := range []struct {
		o    oblivion
		want int
	}{
		{oblivion{1, 7, at, nil}, 0},
		{oblivion{77, int64(other.number(`SELECT joined_at FROM member WHERE id = 1`)), at, nil}, 0},
		{oblivion{77, 7, at, []string{other.addressHash("x@home.example")}}, 0},
		{oblivion{77, 7, at, []string{other.addressHash(ana)}}, 1},
		{oblivion{2, int64(other.number(`SELECT joined_at FROM member WHERE id = 2`)), at, nil}, 1}, // who has another address by now
	} {
		s.check(other.forgetsAgain([]oblivion{c.o}, now), c.want)
	}
	s.check(other.number(`SELECT count(*) FROM member WHERE name = 'Ana Silva'`), 0)
	joined := int64(other.number(`SELECT joined_at FROM member WHERE id = 3`)) // forgotten, back, and forgotten once more
	s.check(other.forgetsAgain([]oblivion{{77, 7, joined + 5, []string{other.addressHash(sam)}}, {78, 7, joined - 5, []string{other.addressHash(sam)}}}, now), 1)
}

// Somebody who came back is known by an alias of the staff list as well.
func TestCameBackByAlias(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	now := at(t, "2026-11-20 14:00")
	if _, err := s.Forget(t.Context(), mark, now, say); err != nil {
		t.Fatal(err)
	}
	list, err := readForgotten(s.path)
	if err != nil {
		t.Fatal(err)
	}
	if passed, err := s.StillListed(t.Context(), []Person{{Email: "new@carpenter.example", Aliases: []string{"x@home.example", mark}}, {Email: ana}}); err != nil || len(passed) != 1 {
		t.Errorf("%v, %v", passed, err)
	}
	if _, err := s.Return(t.Context(), mark); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Staff(t.Context(), []Person{{Name: "Mark Evans", Email: "new@carpenter.example", Aliases: []string{mark}}}, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	s.check(s.forgetsAgain(list, now.Add(time.Hour)), 0)
	s.check(s.number(`SELECT count(*) FROM forgotten_address WHERE hash = ?`, s.addressHash(mark)), 0)
}

// What stands beside the book: a line once, whatever was cut, and nothing that
// anybody else could read or use.
func TestFileOfForgotten(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	path := s.path + forgottenSuffix
	if err := s.KeepForgotten(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file, and nobody is forgotten")
	}
	if _, err := s.Forget(t.Context(), priya, at(t, "2026-11-20 14:00"), say); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Forget(t.Context(), mark, at(t, "2026-11-20 15:00"), say); err != nil {
		t.Fatal(err)
	}
	read := func() string {
		t.Helper()
		if err := s.KeepForgotten(t.Context()); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	whole := read()
	lines := strings.Split(whole, "\n")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || len(lines) != 3 || !strings.HasPrefix(lines[0], "m1 ") || len(strings.Fields(lines[0])) != 4 || len(strings.Fields(lines[1])) != 5 {
		t.Errorf("%q", whole)
	}
	if read() != whole {
		t.Error("written twice")
	}
	for name, c := range map[string]struct {
		text string
		want []int64
	}{
		"cut in a hash":            {whole[:len(whole)-9], []int64{1, 2, 2}},
		"cut in a number":          {lines[0] + "\nm2 17", []int64{1, 2}},
		"cut in the name":          {lines[0] + "\nm", []int64{1, 2}},
		"another joining":          {lines[0] + "\n" + strings.Replace(lines[1], "m2 1", "m2 2", 1) + "\n", []int64{1, 2, 2}},
		"another number":           {lines[0] + "\n" + strings.Replace(lines[1], "m2 ", "m3 ", 1) + "\n", []int64{1, 3, 2}},
		"not a line of this":       {"what is this\n" + whole, []int64{1, 2}},
		"one with a line and more": {whole + "\n\n", []int64{1, 2}},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		after := read()
		list, err := readForgotten(s.path)
		var members []int64
		for _, o := range list {
			members = append(members, o.Member)
			for _, h := range o.hashes {
				if len(h) != 32 {
					t.Errorf("%s: %q is a hash", name, h)
				}
			}
		}
		if !slices.Equal(members, c.want) || err != nil || !strings.Contains(after, lines[0]+"\n") || !strings.Contains(after, lines[1]+"\n") {
			t.Errorf("%s: members %v, want %v, %v:\n%s", name, members, c.want, err, after)
		}
	}
	another := newScene(t, "2026-11-20 12:00")
	if another.addressHash(priya) == s.addressHash(priya) || s.addressHash("Priya@carpenter.example") != s.addressHash(priya) {
		t.Error("a hash is that of another book, or of a spelling")
	}
}
