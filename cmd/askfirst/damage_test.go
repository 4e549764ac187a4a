package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"askfirst/mailbox/mailboxtest"
)

// A book that is damaged, or none, or of another time, is refused; the evidence
// stays as it was, and no letter leaves.

// evidence is what lies on the disk: the book, its log, its dots.
type evidence map[string][]byte

func (t *town) evidence() evidence {
	t.Helper()
	e := evidence{}
	for _, suffix := range []string{"", "-wal", ".dots"} {
		raw, err := os.ReadFile(t.book() + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if len(raw) > 0 {
			e[suffix] = raw
		}
	}
	return e
}

// lay puts the evidence in the place of the book.
func (t *town) lay(e evidence) {
	t.Helper()
	old, err := filepath.Glob(t.book() + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	for suffix, raw := range e {
		if err := os.WriteFile(t.book()+suffix, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// with is the evidence with one file replaced; nil: without it.
func (e evidence) with(suffix string, raw []byte) evidence {
	other := evidence{}
	for s, r := range e {
		other[s] = r
	}
	other[suffix] = raw
	if raw == nil {
		delete(other, suffix)
	}
	return other
}

// crashed is a town whose daemon was ended in the middle of its work, with a log
// beside the book and letters that wait.
func crashed(t testing.TB) (*town, *mailboxtest.PostOffice, evidence) {
	t.Helper()
	town, po := openTown(t, mailboxtest.Options{})
	town.once("2026-11-22 12:00")
	d := town.daemon(town.time("2026-11-22 15:00"))
	for i := range 12 {
		town.writes(townsfolk[i%len(townsfolk)], fmt.Sprintf("Borrow thing %d", i), strings.Repeat("A good one, please. ", 50))
	}
	if err := d.pass(t.Context(), town.time("2026-11-22 15:00")).status(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.publish(t.Context(), town.time("2026-11-23 07:30")); err != nil {
		t.Fatal(err)
	}
	e := town.evidence()
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	if len(e["-wal"]) == 0 || len(e[".dots"]) == 0 {
		t.Fatal("nothing is left beside the book")
	}
	return town, po, e
}

// mails counts what everybody has.
func (t *town) mails() (n int) {
	for _, who := range townsfolk {
		n += len(t.letters(who, ""))
	}
	return n
}

// refused tries a damaged book with a pass, and with commands that look. It says
// whether the pass refused it; must says that it has to.
func (t *town) refused(name string, e evidence, must bool, says string) bool {
	t.Helper()
	t.lay(e)
	before := t.mails()
	out, errs, code := t.run("once", "--at", "2026-11-23T07:35:00Z")
	if !must && !strings.Contains(errs, "nothing was changed") {
		if code > exitFailed || strings.Contains(errs, "panic") {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		}
		if code == exitFailed {
			t.Logf("%s: exit 1: %s", name, errs)
		}
		return false
	}
	if code != exitFailed || !strings.Contains(errs, says) {
		t.Errorf("%s: exit %d, want %d and a word of %q\n%s%s", name, code, exitFailed, says, out, errs)
	}
	if !strings.Contains(errs, "restore") && must {
		t.Errorf("%s: nobody is told how to go on: %s", name, errs)
	}
	if n := t.mails(); n != before {
		t.Errorf("%s: %d letters left a book that is refused", name, n-before)
	}
	if must {
		t.run("status")
		t.run("audit")
	}
	after := t.evidence()
	for suffix := range e {
		if !bytes.Equal(e[suffix], after[suffix]) {
			t.Errorf("%s: the evidence askfirst.db%s was changed", name, suffix)
		}
	}
	return true
}

func TestDamagedBook(t *testing.T) {
	town, _, whole := crashed(t)
	_, _, alien := crashed(t)
	book := whole[""]
	town.lay(whole)
	if _, errs, code := town.run("status"); code > exitFailed {
		t.Fatalf("undamaged: exit %d %s", code, errs)
	}
	settled := evidence{"": town.evidence()[""], ".dots": whole[".dots"]} // the log is in the book now
	if len(settled[""]) <= len(book) {
		t.Fatal("the log told nothing")
	}
	book = settled[""]

	header := bytes.Clone(book)
	clear(header[:100])
	noise := make([]byte, 8192)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	for _, c := range []struct {
		name, says string
		evidence   evidence
	}{
		{"zeroed header", "damaged", settled.with("", header)},
		{"half of it", "damaged", settled.with("", book[:len(book)/2])},
		{"less a page", "damaged", settled.with("", book[:len(book)-4096])},
		{"less a byte", "damaged", settled.with("", book[:len(book)-1])},
		{"ten bytes of it", "damaged", settled.with("", book[:10])},
		{"nothing of it", "empty or gone", settled.with("", nil)},
		{"nothing of it but its log", "empty or gone", whole.with("", nil).with(".dots", nil)},
		{"text", "damaged", settled.with("", []byte(strings.Repeat("Dear colleagues, ", 1000)))},
		{"noise", "damaged", settled.with("", noise)},
		{"without its log", "older", whole.with("-wal", nil)},
		{"a copy of yesterday", "older", settled.with("", whole[""])},
		{"another book's log", "log of another book", whole.with("-wal", alien["-wal"])},
		{"another book's log, beside a book with all in it", "log of another book", settled.with("-wal", alien["-wal"])},
		{"another program's", "not a book of askfirst", settled.with("", others(t, "CREATE TABLE lending (book TEXT); INSERT INTO lending VALUES ('x')"))},
		{"of a newer program", "newer askfirst", settled.with("", changed(t, book, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)"))},
		{"without its secret", "lost its id", settled.with("", changed(t, book, "DELETE FROM book WHERE name = 'secret'"))},
	} {
		town.refused(c.name, c.evidence, true, c.says)
	}
	town.flipped(settled)

	town.lay(settled)
	town.once("2026-11-23 07:40")
	town.audited()
}

// flipped flips bytes all over the book: what is noticed is refused, what is not
// lies in words or in space that is free, and ends nothing.
func (t *town) flipped(whole evidence) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 1))
	tried, noticed := 0, 0
	for page := 0; page*4096 < len(whole[""]); page++ {
		for _, at := range []int{0, 3, random.IntN(4096)} {
			if !*long && (page+at)%3 != 0 {
				continue
			}
			raw := bytes.Clone(whole[""])
			raw[page*4096+at] ^= 0x55
			tried++
			if t.refused(fmt.Sprintf("byte %d of page %d", at, page), whole.with("", raw), false, "") {
				noticed++
			}
		}
	}
	t.Logf("%d of %d flipped bytes were noticed", noticed, tried)
	if noticed < tried/3 {
		t.Errorf("only %d of %d flipped bytes were noticed", noticed, tried)
	}
}

// others is the file of another program.
func others(t testing.TB, statement string) []byte {
	t.Helper()
	return changed(t, nil, statement)
}

// changed is a database after a statement.
func changed(t testing.TB, raw []byte, statement string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sqlx.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if raw, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return raw
}
