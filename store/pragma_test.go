package store

import (
	"path/filepath"
	"strings"
	"testing"
)

// A book whose engine is not as durable as it must be does not open: a pragma
// that was misspelt is ignored in silence.
func TestPragmasAreVerified(t *testing.T) {
	b, err := Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), settings(t), at(t, "2026-11-22 12:00"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, p := range []struct{ pragma, bad, good string }{
		{"synchronous", "NORMAL", "FULL"}, {"foreign_keys", "0", "1"}, {"busy_timeout", "1", "10000"}, {"wal_autocheckpoint", "1000", "0"},
	} {
		set := func(value string) {
			t.Helper()
			if _, err := b.write.ExecContext(t.Context(), "PRAGMA "+p.pragma+" = "+value); err != nil {
				t.Fatal(err)
			}
		}
		set(p.bad)
		if err := b.verify(t.Context()); err == nil || !strings.Contains(err.Error(), p.pragma) {
			t.Errorf("%s: %v", p.pragma, err)
		}
		set(p.good)
		if err := b.verify(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
