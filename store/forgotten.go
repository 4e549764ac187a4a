package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Who was forgotten stays forgotten: in the book, and beside it in
// BOOK.forgotten, which no restore replaces. A line there is
//
//	m42 1793267400000 1798531200000 hash hash …
//
// the member's number and joining, which name one member in every backup of one
// book, when it was, and the HMACs of the addresses under the book's secret. It
// says nothing to anybody who does not have the book.

const forgottenSuffix = ".forgotten"

// addressHash stands for an address that must not be kept.
func (b *Book) addressHash(address string) string {
	mac := hmac.New(sha256.New, b.secret)
	mac.Write([]byte("forgotten " + BareAddress(address)))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// oblivion is one line.
type oblivion struct {
	Member   int64
	JoinedAt int64 `db:"joined_at"`
	At       int64
	hashes   []string
}

func (o oblivion) String() string {
	return strings.TrimSpace(fmt.Sprintf("m%d %d %d %s", o.Member, o.JoinedAt, o.At, strings.Join(o.hashes, " ")))
}

// oblivions are those that the book remembers.
func (b *Book) oblivions(ctx context.Context, q sqlx.QueryerContext) ([]oblivion, error) {
	list := []oblivion{}
	if err := sqlx.SelectContext(ctx, q, &list, `SELECT member, joined_at, at FROM forgotten ORDER BY at, member`); err != nil {
		return nil, fmt.Errorf("the forgotten: %w", err)
	}
	hashes := []struct {
		Hash   string
		Member *int64
	}{}
	if err := sqlx.SelectContext(ctx, q, &hashes, `SELECT hash, member FROM forgotten_address ORDER BY hash`); err != nil {
		return nil, fmt.Errorf("the forgotten: %w", err)
	}
	for _, h := range hashes {
		for i := range list {
			if h.Member != nil && list[i].Member == *h.Member {
				list[i].hashes = append(list[i].hashes, h.Hash)
			}
		}
	}
	return list, nil
}

// KeepForgotten writes beside the book who was forgotten, where it is not
// written yet. It may be called at any time.
func (b *Book) KeepForgotten(ctx context.Context) error {
	list, err := b.oblivions(ctx, b.write)
	if err != nil || len(list) == 0 {
		return err
	}
	path := b.path + forgottenSuffix
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the forgotten: %w", err)
	}
	var add bytes.Buffer
	if len(old) > 0 && old[len(old)-1] != '\n' {
		add.WriteByte('\n') // the end of a life cut the last line
	}
	for _, o := range list {
		if !o.writtenIn(old) {
			add.WriteString(o.String() + "\n")
		}
	}
	if add.Len() < 2 {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("the forgotten: %w", diskFault(err))
	}
	if _, err := file.Write(add.Bytes()); err != nil {
		return errors.Join(fmt.Errorf("the forgotten: %w", diskFault(err)), file.Close())
	}
	return errors.Join(notSynced(file.Sync()), file.Close(), syncFolder(filepath.Dir(path)))
}

// writtenIn says whether a file has the member with all the addresses.
func (o oblivion) writtenIn(text []byte) bool {
	there := bytes.Contains(append([]byte("\n"), text...), fmt.Appendf(nil, "\nm%d %d ", o.Member, o.JoinedAt))
	for _, h := range o.hashes {
		there = there && bytes.Contains(text, []byte(" "+h))
	}
	return there
}

// readForgotten reads the file beside a book. A line that the end of a life cut
// is passed over: the book it came from has it whole.
func readForgotten(path string) ([]oblivion, error) {
	text, err := os.ReadFile(path + forgottenSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the forgotten: %w", err)
	}
	var list []oblivion
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var o oblivion
		fields := strings.Fields(lines.Text())
		if len(fields) < 3 {
			continue
		}
		if n, err := fmt.Sscanf(strings.Join(fields[:3], " "), "m%d %d %d", &o.Member, &o.JoinedAt, &o.At); n != 3 || err != nil {
			continue
		}
		for _, h := range fields[3:] {
			if len(h) == 32 {
				o.hashes = append(o.hashes, h)
			}
		}
		list = append(list, o)
	}
	return list, nil
}

// forgetAgain forgets in a restored book whoever was forgotten since it was
// written. It returns how many that were.
func (b *Book) forgetAgain(ctx context.Context, list []oblivion, now time.Time) (n int, err error) {
	err = b.transact(ctx, func(tx *sqlx.Tx) error {
		n = 0
		t := &Tx{ctx: ctx, tx: tx, book: b, now: now}
		rows := []memberRow{}
		if err := t.list(&rows, `SELECT * FROM member WHERE id NOT IN (SELECT member FROM forgotten) ORDER BY id`); err != nil {
			return err
		}
		until := map[string]int64{} // when an address was forgotten last
		for _, o := range list {
			for _, h := range o.hashes {
				until[h] = max(until[h], o.At)
			}
		}
		back := b.cameBack(rows, until)
		for _, o := range list {
			for _, h := range o.hashes {
				if back[h] {
					continue
				}
				if err := t.exec(`INSERT INTO forgotten_address (hash, at) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING`, h, o.At); err != nil {
					return err
				}
			}
		}
		for _, r := range rows {
			at, known := until[b.addressHash(r.Email)]
			if !r.forgottenBy(list) && !(known && r.JoinedAt <= at) {
				continue
			}
			if _, err := t.forget(r.member(), nil); err != nil {
				return fmt.Errorf("forgetting member %d again: %w", r.ID, err)
			}
			n++
		}
		return nil
	})
	return n, err
}

// cameBack are the addresses of whoever was let onto the staff list again, and
// began anew, after they were forgotten.
func (b *Book) cameBack(rows []memberRow, until map[string]int64) map[string]bool {
	back := map[string]bool{}
	for _, r := range rows {
		for _, a := range append(fromJSON(r.Aliases), r.Email) {
			h := b.addressHash(a)
			if at, known := until[h]; known && r.JoinedAt > at {
				back[h] = true
			}
		}
	}
	return back
}

func (r memberRow) forgottenBy(list []oblivion) bool {
	for _, o := range list {
		if o.Member == r.ID && o.JoinedAt == r.JoinedAt {
			return true
		}
	}
	return false
}

// Return lets somebody who was forgotten be on the staff list again, as a new
// member without a past.
func (b *Book) Return(ctx context.Context, address string) (known bool, err error) {
	hash := b.addressHash(address)
	err = b.transact(ctx, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM forgotten_address WHERE hash = ? OR member IS NOT NULL AND member = (SELECT member FROM forgotten_address WHERE hash = ?)`), hash, hash)
		if err != nil {
			return fmt.Errorf("the forgotten: %w", err)
		}
		n, err := result.RowsAffected()
		known = n > 0
		return err
	})
	return known, err
}

// withoutForgotten are the people of a staff list whom nobody asked us to
// forget.
func (b *Book) withoutForgotten(ctx context.Context, q sqlx.QueryerContext, people []Person) (kept []Person, passed []int, err error) {
	hashes := []string{}
	if err := sqlx.SelectContext(ctx, q, &hashes, `SELECT hash FROM forgotten_address`); err != nil {
		return nil, nil, fmt.Errorf("the forgotten: %w", err)
	}
	if len(hashes) == 0 {
		return people, nil, nil
	}
	forgotten := map[string]bool{}
	for _, h := range hashes {
		forgotten[h] = true
	}
	for i, p := range people {
		gone := forgotten[b.addressHash(p.Email)]
		for _, a := range p.Aliases {
			gone = gone || forgotten[b.addressHash(a)]
		}
		if gone {
			passed = append(passed, i)
		} else {
			kept = append(kept, p)
		}
	}
	return kept, passed, nil
}

// StillListed are the people of a staff list who asked to be forgotten: they are
// passed over, and the list should lose them.
func (b *Book) StillListed(ctx context.Context, people []Person) ([]int, error) {
	_, passed, err := b.withoutForgotten(ctx, b.read, people)
	return passed, err
}

// passedName is the row of the book with how many of the staff list are passed
// over.
const passedName = "still_listed"

func notePassed(ctx context.Context, tx *sqlx.Tx, n int) error {
	query, args := `DELETE FROM book WHERE name = ?`, []any{passedName}
	if n > 0 {
		query, args = `INSERT INTO book (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value`, []any{passedName, fmt.Sprint(n)}
	}
	if _, err := tx.ExecContext(ctx, tx.Rebind(query), args...); err != nil {
		return fmt.Errorf("the forgotten: %w", err)
	}
	return nil
}

// PassedOver is how many people of the staff list were passed over when it was
// last read, because they asked to be forgotten.
func (b *Book) PassedOver(ctx context.Context) (n int, err error) {
	value, err := b.row(ctx, passedName)
	_, _ = fmt.Sscan(value, &n) // '' is none
	return n, err
}

// forgetBy runs queries in which each ? is the member.
func (t *Tx) forgetBy(member int64, queries []string) error {
	for _, query := range queries {
		if err := t.exec(query, eachIs(query, member)...); err != nil {
			return fmt.Errorf("forgetting member %d: %w", member, err)
		}
	}
	return nil
}

// eachIs are the arguments of a query in which each ? is the member.
func eachIs(query string, member int64) []any {
	args := make([]any, strings.Count(query, "?"))
	for i := range args {
		args[i] = member
	}
	return args
}
