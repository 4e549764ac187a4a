package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/store"
)

// Malformed mail through all of the program: every message of the public corpora,
// and what broken transport, bad gateways and worse intentions make of it.

// mutants are so many messages, half of them from colleagues. The same seed makes
// the same ones.
func mutants(t *testing.T, seed uint64, count int) [][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repositoryRoot(t), "..", "shared", "corpora", "raw", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 1000 {
		t.Skip("no corpora at ../shared/corpora beside the repository; nothing to break")
	}
	slices.Sort(files)
	raws := make([][]byte, len(files))
	for i, f := range files {
		if raws[i], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(seed, 2026))
	out := make([][]byte, 0, count)
	for i := range count {
		raw := raws[i%len(raws)]
		if i >= len(raws) { // each once as it is
			raw = raws[r.IntN(len(raws))]
			raw = broken(r, raw, raws[r.IntN(len(raws))])
		}
		if i%2 == 1 {
			raw = slices.Concat(fmt.Appendf(nil, "From: Colleague <colleague%d@carpenter.example>\r\n", i/2%300), bytes.Replace(raw, []byte("\nFrom:"), []byte("\nX-From:"), 1))
		}
		out = append(out, raw[:min(len(raw), 256<<10)])
	}
	return out
}

// broken is a message after one to five accidents.
func broken(r *rand.Rand, raw, other []byte) []byte {
	out := slices.Clone(raw)
	for range 1 + r.IntN(5) {
		if len(out) < 2 {
			return out
		}
		i := r.IntN(len(out))
		j := min(len(out), i+1+r.IntN(300))
		switch r.IntN(9) {
		case 0: // bits flip
			for range 1 + r.IntN(20) {
				out[r.IntN(len(out))] ^= 1 << r.IntN(8)
			}
		case 1: // the end is missing
			out = out[:i]
		case 2: // the lines of the header are shuffled
			head, body, _ := bytes.Cut(out, []byte("\n\n"))
			lines := bytes.Split(head, []byte("\n"))
			r.Shuffle(len(lines), func(a, b int) { lines[a], lines[b] = lines[b], lines[a] })
			out = slices.Concat(bytes.Join(lines, []byte("\n")), []byte("\n\n"), body)
		case 3: // a boundary where none belongs, or one that ends everything
			if _, rest, ok := bytes.Cut(out, []byte("boundary=")); ok {
				name, _, _ := bytes.Cut(bytes.Trim(rest[:min(len(rest), 70)], "\"\r\n; "), []byte("\n"))
				mark := slices.Concat([]byte("\r\n--"), bytes.Trim(name, "\"\r;"), [][]byte{[]byte("\r\n"), []byte("--\r\n"), []byte(" \r\n\r\n")}[r.IntN(3)])
				out = slices.Insert(out, i, mark...)
			}
		case 4: // nested in others like it
			for range 1 + r.IntN(30) {
				out = slices.Concat([]byte("Content-Type: message/rfc822\r\n\r\n"), out)
			}
			out = slices.Concat([]byte("Subject: nested\r\nMIME-Version: 1.0\r\n"), out)
		case 5: // a piece of another
			if len(other) > 0 {
				k := r.IntN(len(other))
				out = slices.Insert(out, i, other[k:min(len(other), k+400)]...)
			}
		case 6: // a piece twice, a piece missing
			out = append(slices.Insert(slices.Clone(out[:j]), i, out[i:j]...), out[min(len(out), j+r.IntN(100)):]...)
		case 7: // the other encoding of lines, NULs, lone CRs
			from, to := []byte("\r\n"), [][]byte{[]byte("\n"), []byte("\r"), []byte("\r\r\n"), []byte("\x00\r\n")}[r.IntN(4)]
			out = bytes.ReplaceAll(out, from, to)
		case 8:
			out = slices.Insert(out, i, "\r\n:;=?\"<>()-\x00 \t\x80\xff\u202e"[r.IntN(18)])
		}
	}
	return out
}

// outcome is what became of a message.
type outcomeOf struct{ state, reason, acts string }

// swallow takes messages in and decides them, some hundreds at a time, and
// returns what became of each, by its bytes.
func (t *town) swallow(mails [][]byte) map[string]outcomeOf {
	t.Helper()
	now := t.time("2026-11-22 12:00")
	d := t.daemon(now)
	d.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	for start := 0; start < len(mails); start += 500 {
		now = now.Add(12 * time.Hour) // so that nobody has sent too many
		var in []store.Incoming
		for i, raw := range mails[start:min(start+500, len(mails))] {
			in = append(in, store.Incoming{Mailbox: "x", UIDValidity: 1, UID: uint32(start + i + 1), Size: int64(len(raw)), Sender: senderOf(raw), Raw: raw})
		}
		if _, err := d.book.Receive(t.Context(), in, now); err != nil {
			t.Fatal(err)
		}
		if _, err := d.decide(t.Context(), now, func() {}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.publish(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", t.beside("askfirst.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT uid, state, reason, acts FROM intake`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]outcomeOf{}
	n := 0
	for rows.Next() {
		var uid int
		var o outcomeOf
		if err := rows.Scan(&uid, &o.state, &o.reason, &o.acts); err != nil {
			t.Fatal(err)
		}
		found[fmt.Sprintf("%d %s", uid, store.Sum(mails[uid-1])[:12])] = o
		n++
	}
	if err := rows.Err(); err != nil || n != len(mails) {
		t.Fatalf("%d of %d messages are in the ledger: %v", n, len(mails), err)
	}
	return found
}

// TestGarbageLong: none panics, each comes to exactly one end, the book does not
// contradict itself, and another book comes to the same ends.
func TestGarbageLong(t *testing.T) {
	grounded(t)
	if testing.Short() {
		t.Skip("thousands of messages")
	}
	count, again := 3500, 500
	if *long {
		count, again = 21_500, 5000
	}
	mails := mutants(t, 4, count)
	town, _ := openTown(t, mailboxtest.Options{})
	town.crowd(300)
	first := town.swallow(mails)
	verdicts := map[string]int{}
	for key, o := range first {
		verdicts[o.state]++
		switch {
		case o.state == string(store.Pending) || o.state == string(store.Quarantined) || o.reason == "":
			t.Errorf("%s came to %+v", key, o)
		case o.state == string(store.Accepted) && strings.TrimSpace(o.acts) == "" && testing.Verbose():
			t.Logf("%s was accepted without an act: %s", key, o.reason)
		}
	}
	town.audited()
	t.Logf("%d messages: %v", count, verdicts)
	other, _ := openTown(t, mailboxtest.Options{})
	other.crowd(300)
	for key, o := range other.swallow(mails[:again]) {
		if first[key] != o {
			t.Errorf("%s came to %+v at first, and then to %+v", key, first[key], o)
		}
	}
}
