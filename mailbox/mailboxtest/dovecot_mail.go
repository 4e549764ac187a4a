package mailboxtest

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func (d *Dovecot) mail(user string) string { return filepath.Join(d.dir, "mail", user) }

func (d *Dovecot) makeMaildir(name string) {
	for _, folder := range []string{"", "tmp", "new", "cur"} {
		path := filepath.Join(d.mail(name), folder)
		if err := os.MkdirAll(path, 0o700); err != nil {
			d.t.Fatal(err)
		}
		d.own(path)
	}
}

// Deliver puts a message into a user's INBOX as a delivery agent does: written
// in tmp, renamed into new.
func (d *Dovecot) Deliver(user string, raw []byte) error {
	name := fmt.Sprintf("%d.%010d_%d.localhost", time.Now().Unix(), d.serial.Add(1), os.Getpid())
	path := filepath.Join(d.mail(user), "tmp", name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return fmt.Errorf("deliver to %s: %w", user, err)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(path, d.uid, d.gid); err != nil {
			return fmt.Errorf("deliver to %s: %w", user, err)
		}
	}
	return os.Rename(path, filepath.Join(d.mail(user), "new", name))
}

// Has says whether a user has a mailbox here.
func (d *Dovecot) Has(user string) bool {
	info, err := os.Stat(d.mail(user))
	return user != "" && err == nil && info.IsDir()
}

// Messages reads a folder ("INBOX" or "Askfirst/Done") straight from the
// Maildir, in the order of delivery.
func (d *Dovecot) Messages(user, folder string) [][]byte {
	d.t.Helper()
	var messages [][]byte
	for _, path := range d.files(user, folder) {
		raw, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // moved between listing and reading
		}
		if err != nil {
			d.t.Fatal(err)
		}
		messages = append(messages, raw)
	}
	return messages
}

// Seen is how many messages of a folder carry the flag \Seen.
func (d *Dovecot) Seen(user, folder string) int {
	n := 0
	for _, path := range d.files(user, folder) {
		if _, flags, ok := strings.Cut(filepath.Base(path), ":2,"); ok && strings.Contains(flags, "S") {
			n++
		}
	}
	return n
}

func (d *Dovecot) files(user, folder string) []string {
	base := d.mail(user)
	if !strings.EqualFold(folder, "INBOX") && folder != "" {
		base = filepath.Join(base, "."+strings.ReplaceAll(folder, "/", "."))
	}
	var paths []string
	for _, sub := range []string{"cur", "new"} {
		entries, err := os.ReadDir(filepath.Join(base, sub))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			d.t.Fatal(err)
		}
		for _, e := range entries {
			paths = append(paths, filepath.Join(base, sub, e.Name()))
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return compareNames(filepath.Base(a), filepath.Base(b)) })
	return paths
}

// compareNames orders files of a Maildir by arrival. Dovecot's own deliveries
// have the microseconds in their names, without leading zeros.
func compareNames(a, b string) int {
	secondA, restA, _ := strings.Cut(a, ".")
	secondB, restB, _ := strings.Cut(b, ".")
	if secondA != secondB {
		return strings.Compare(secondA, secondB)
	}
	microsA, microsB := 0, 0
	_, errA := fmt.Sscanf(restA, "M%d", &microsA)
	_, errB := fmt.Sscanf(restB, "M%d", &microsB)
	if errA == nil && errB == nil && microsA != microsB {
		return cmp.Compare(microsA, microsB)
	}
	return strings.Compare(restA, restB)
}

// Renumber throws a user's index away, so that the INBOX has another UIDVALIDITY
// when it is next opened. Nobody may be connected.
func (d *Dovecot) Renumber(user string) {
	d.t.Helper()
	matches, err := filepath.Glob(filepath.Join(d.mail(user), "dovecot*"))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, path := range matches {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			d.t.Fatal(err)
		}
	}
	// UIDVALIDITY is the time in seconds; it must not come out the same.
	time.Sleep(1100 * time.Millisecond)
}
